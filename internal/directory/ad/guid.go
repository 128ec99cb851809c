package ad

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/uuid"

	"tenure/internal/directory"
)

// guidLength is the length of an objectGUID.
const guidLength = 16

// guidText is the text of an objectGUID: its first three groups are stored with
// the least byte first.
func guidText(raw []byte) string {
	if len(raw) != guidLength {
		return ""
	}
	var id uuid.UUID
	binary.BigEndian.PutUint32(id[0:], binary.LittleEndian.Uint32(raw[0:]))
	binary.BigEndian.PutUint16(id[4:], binary.LittleEndian.Uint16(raw[4:]))
	binary.BigEndian.PutUint16(id[6:], binary.LittleEndian.Uint16(raw[6:]))
	copy(id[8:], raw[8:])
	return id.String()
}

// anchorOf is by what a synchronisation ties the account to the one that it makes
// of it: the octets as they are stored, of the attribute that outlives a move
// between forests where it is set.
func anchorOf(e *ldap.Entry) string {
	raw := e.GetEqualFoldRawAttributeValue(attrConsistency)
	if len(raw) == 0 {
		raw = e.GetEqualFoldRawAttributeValue(attrGUID)
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// byGUID names an object by its GUID where a distinguished name is asked for.
// Only a rename and a delete do not take it.
func byGUID(id string) (string, error) {
	parsed, err := uuid.Parse(id)
	if err != nil || len(id) != len(parsed.String()) {
		return "", fmt.Errorf("object ID is no GUID: %w", directory.ErrNotFound)
	}
	return "<GUID=" + parsed.String() + ">", nil
}

// splitExtended parts an extended distinguished name into GUID and name. A
// plain one has no GUID.
func splitExtended(name string) (guid, dn string) {
	for strings.HasPrefix(name, "<") {
		part, rest, ok := strings.Cut(name, ">;")
		if !ok {
			return guid, name
		}
		if value, ok := strings.CutPrefix(part, "<GUID="); ok {
			guid = strings.ToLower(value)
		}
		name = rest
	}
	return guid, name
}

// The shape of a security identifier.
const (
	sidHeader  = 8
	sidPart    = 4
	sidBuiltIn = 32
)

// sid is a security identifier.
type sid []byte

// rid is its last part, which tells objects of one domain apart.
func (s sid) rid() uint32 {
	if len(s) < sidHeader+sidPart {
		return 0
	}
	return binary.LittleEndian.Uint32(s[len(s)-sidPart:])
}

// builtIn tells whether it is one of those that every machine has.
func (s sid) builtIn() bool {
	return len(s) == sidHeader+2*sidPart && binary.LittleEndian.Uint32(s[sidHeader:]) == sidBuiltIn
}

// sibling is the identifier of another object of the domain, for a filter.
func (s sid) sibling(rid uint32) string {
	if len(s) < sidHeader+sidPart {
		return ""
	}
	other := append(sid(nil), s...)
	binary.LittleEndian.PutUint32(other[len(other)-sidPart:], rid)
	var b strings.Builder
	for _, c := range other {
		fmt.Fprintf(&b, `\%02x`, c)
	}
	return b.String()
}
