package ad

import (
	"encoding/hex"
	"errors"
	"strings"
	"unicode/utf8"
)

var errDN = errors.New("not a distinguished name")

// rdn is one step of a name. A domain controller has no steps of several attributes.
type rdn struct{ attr, value string }

// dn is a distinguished name, the object first.
type dn []rdn

const dnSpecial = `,+"\<>;=`

// parseDN reads a distinguished name by RFC 4514. It is as strict as a domain controller: what has to be escaped must
// be, the equals sign too.
func parseDN(s string) (dn, error) {
	if s == "" {
		return dn{}, nil
	}
	if !utf8.ValidString(s) {
		return nil, errDN
	}
	var out dn
	for {
		step, rest, more, err := parseRDN(s)
		if err != nil {
			return nil, err
		}
		out = append(out, step)
		if !more {
			return out, nil
		}
		s = rest
	}
}

// parseRDN reads one step; more tells that a comma follows it.
func parseRDN(s string) (step rdn, rest string, more bool, err error) {
	attr, after, found := strings.Cut(s, "=")
	attr = strings.Trim(attr, " ")
	if !found || !isKeyword(attr) {
		return rdn{}, "", false, errDN
	}
	value, rest, more, err := parseValue(strings.TrimLeft(after, " "))
	if err != nil || value == "" {
		return rdn{}, "", false, errDN
	}
	return rdn{attr: attr, value: value}, rest, more, nil
}

func isKeyword(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (i == 0 || s[i] != '-' && s[i] != '.' && (s[i] < '0' || s[i] > '9')) {
			return false
		}
	}
	return s != ""
}

func parseValue(s string) (value, rest string, more bool, err error) {
	if strings.HasPrefix(s, "#") {
		return "", "", false, errDN // values in BER are not taken
	}
	var out []byte
	kept := 0 // blanks behind it are not part of the value
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			b, n, err := unescape(s[i+1:])
			if err != nil {
				return "", "", false, err
			}
			out = append(out, b)
			kept, i = len(out), i+n
		case c == ',' || c == ';':
			return string(out[:kept]), s[i+1:], true, valid(out[:kept])
		case strings.IndexByte(dnSpecial, c) >= 0 || c == 0:
			return "", "", false, errDN
		default:
			if out = append(out, c); c != ' ' {
				kept = len(out)
			}
		}
	}
	return string(out[:kept]), "", false, valid(out[:kept])
}

func valid(b []byte) error {
	if !utf8.Valid(b) {
		return errDN
	}
	return nil
}

// unescape reads what follows a backslash and tells how many octets it took.
func unescape(s string) (b byte, n int, err error) {
	if len(s) >= 2 {
		if raw, err := hex.DecodeString(s[:2]); err == nil {
			return raw[0], 2, nil
		}
	}
	if s == "" || strings.IndexByte(dnSpecial+" #", s[0]) < 0 {
		return 0, 0, errDN
	}
	return s[0], 1, nil
}

// String writes the name as a domain controller does.
func (d dn) String() string {
	var out strings.Builder
	for i, step := range d {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(step.attr + "=" + escape(step.value))
	}
	return out.String()
}

func escape(s string) string {
	var out strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '\n' || c == '\r' || c == 0:
			out.WriteString(`\0` + strings.ToUpper(hex.EncodeToString([]byte{c})[1:]))
		case strings.IndexByte(dnSpecial, c) >= 0, c == '#' && i == 0, c == ' ' && (i == 0 || i == len(s)-1):
			out.WriteString(`\` + string(rune(c)))
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// MarshalText writes the step for the state files.
func (r rdn) MarshalText() ([]byte, error) { return []byte(dn{r}.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (r *rdn) UnmarshalText(text []byte) error {
	step, _, more, err := parseRDN(string(text))
	if err == nil && more {
		err = errDN
	}
	*r = step
	return err
}

// key is the form in which steps are compared.
func (r rdn) key() string { return strings.ToLower(r.attr) + "=" + fold(r.value) }

// endsWith tells whether the name is tail or lies below it.
func (d dn) endsWith(tail dn) bool {
	if len(d) < len(tail) {
		return false
	}
	from := len(d) - len(tail)
	for i := range tail {
		if d[from+i].key() != tail[i].key() {
			return false
		}
	}
	return true
}
