package ad

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// guid identifies an object over renames, moves, a delete and a restore.
type guid [16]byte

// String writes the GUID as Windows does: the first three parts are little-endian.
func (g guid) String() string {
	return fmt.Sprintf("%08x-%04x-%04x-%x-%x", binary.LittleEndian.Uint32(g[:4]), binary.LittleEndian.Uint16(g[4:6]),
		binary.LittleEndian.Uint16(g[6:8]), g[8:10], g[10:])
}

// parseGUID reads the form of String, or the octets in hexadecimal.
func parseGUID(s string) (guid, bool) {
	var g guid
	raw, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	if err != nil || len(raw) != len(g) {
		return g, false
	}
	copy(g[:], raw)
	if strings.Count(s, "-") == 4 {
		binary.LittleEndian.PutUint32(g[:4], binary.BigEndian.Uint32(raw[:4]))
		binary.LittleEndian.PutUint16(g[4:6], binary.BigEndian.Uint16(raw[4:6]))
		binary.LittleEndian.PutUint16(g[6:8], binary.BigEndian.Uint16(raw[6:8]))
	}
	return g, true
}

// MarshalText writes the GUID for the state files.
func (g guid) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (g *guid) UnmarshalText(text []byte) error {
	read, ok := parseGUID(string(text))
	if !ok {
		return errors.New("not a GUID")
	}
	*g = read
	return nil
}

// sid is a security identifier below the NT authority.
type sid []uint32

func (s sid) bytes() string {
	out := []byte{1, byte(len(s)), 0, 0, 0, 0, 0, 5} //nolint:gosec // fifteen parts at most
	for _, part := range s {
		out = binary.LittleEndian.AppendUint32(out, part)
	}
	return string(out)
}

func (s sid) String() string {
	var out strings.Builder
	out.WriteString("S-1-5")
	for _, part := range s {
		out.WriteString("-" + strconv.FormatUint(uint64(part), 10))
	}
	return out.String()
}

// parseSID reads the form of String and returns the octets.
func parseSID(s string) (string, bool) {
	rest, ok := strings.CutPrefix(strings.ToUpper(s), "S-1-5-")
	if !ok {
		return "", false
	}
	var out sid
	for part := range strings.SplitSeq(rest, "-") {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil || len(out) > 14 {
			return "", false
		}
		out = append(out, uint32(n))
	}
	return out.bytes(), true
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

const (
	truthTrue  = "TRUE"
	truthFalse = "FALSE"

	never = math.MaxInt64 // accountExpires of who never expires
	// ticks from 1601 to 1970 in units of 100 ns.
	epochTicks     = 116_444_736_000_000_000
	ticksPerSecond = 10_000_000
	timeLayout     = "20060102150405.0Z"
)

// filetime is an instant as accounts keep it.
func filetime(t time.Time) int64 {
	return t.Unix()*ticksPerSecond + int64(t.Nanosecond()/100) + epochTicks
}

func fromFiletime(n int64) time.Time {
	n -= epochTicks
	return time.Unix(n/ticksPerSecond, n%ticksPerSecond*100).UTC()
}

func formatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

func parseTime(s string) (time.Time, bool) {
	for _, layout := range []string{timeLayout, "20060102150405Z"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// check refuses a value that the attribute cannot hold.
func (a *attribute) check(value string) error {
	if value == "" {
		return badSyntax(a.name)
	}
	size := len(value)
	switch a.syntax {
	case asInteger:
		if n, err := strconv.ParseInt(value, 10, 64); err != nil || n < math.MinInt32 || n > math.MaxUint32 {
			return badSyntax(a.name)
		}
		return nil
	case asLargeInteger:
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			return badSyntax(a.name)
		}
		return nil
	case asBoolean:
		if value != truthTrue && value != truthFalse {
			return badSyntax(a.name)
		}
		return nil
	case asText:
		if !utf8.ValidString(value) {
			return badSyntax(a.name)
		}
		size = len([]rune(value))
	default: // counted in octets
	}
	if a.upper > 0 && size > a.upper {
		return constraint("00002082", a.name)
	}
	return nil
}

// same tells whether two values are one by the attribute's syntax.
func (a *attribute) same(x, y string) bool {
	switch a.syntax {
	case asInteger, asLargeInteger:
		n, errN := strconv.ParseInt(x, 10, 64)
		m, errM := strconv.ParseInt(y, 10, 64)
		return errN == nil && errM == nil && n == m
	case asText, asClass:
		return x == y || fold(x) == fold(y)
	default:
		return x == y
	}
}
