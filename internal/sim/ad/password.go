package ad

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf16"
)

// digest is what is kept of a password.
type digest struct {
	Salt, Sum string
	Sets      int // how often one was set
}

func (d digest) set() bool { return d.Sum != "" }

func (d digest) matches(password string) bool {
	return d.set() && subtle.ConstantTimeCompare([]byte(d.Sum), []byte(sum(d.Salt, password))) == 1
}

// with is the digest after one more password.
func (d digest) with(password string) digest {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails: crypto/rand ends the program instead
	out := digest{Salt: hex.EncodeToString(salt), Sets: d.Sets + 1}
	out.Sum = sum(out.Salt, password)
	return out
}

func sum(salt, password string) string {
	raw := sha256.Sum256([]byte(salt + "\x00" + password))
	return hex.EncodeToString(raw[:])
}

// decodePassword reads the value of unicodePwd: the password in quotes, in UTF-16 with the low octet first.
func decodePassword(raw string) (string, bool) {
	if len(raw)%2 != 0 {
		return "", false
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i]) | uint16(raw[2*i+1])<<8
	}
	text := string(utf16.Decode(units))
	inner, ok := strings.CutPrefix(text, `"`)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(inner, `"`)
}

// changePassword resets a password by a replace, or changes it by a delete of the old and an add of the new one.
func (ed *edit) changePassword(ch change) error {
	if !ed.c.session.secure {
		return unwilling("0000001F")
	}
	if len(ch.values) != 1 {
		return unwilling("00000057")
	}
	password, ok := decodePassword(ch.values[0])
	if !ok {
		return unwilling("0000001F")
	}
	if ch.op == changeDelete {
		if !ed.e.Password.matches(password) {
			return constraint("00000056", attrPassword)
		}
		return nil
	}
	if !ed.s.strong(ed.e, password) {
		return constraint("0000052D", attrPassword)
	}
	ed.e.Password = ed.e.Password.with(password)
	if !ed.touched[strings.ToLower(attrPwdLastSet)] {
		ed.e.setNumber(attrPwdLastSet, filetime(ed.s.now()))
	}
	return nil
}

// changesOwnPassword tells whether a request changes a password by the old one and does nothing else: everybody may.
func (s *Server) changesOwnPassword(c *call) bool {
	return len(c.changes) == 2 && isAttribute(c.changes[0].name, attrPassword) && isAttribute(c.changes[1].name, attrPassword) &&
		c.changes[0].op == changeDelete && c.changes[1].op == changeAdd && len(c.changes[0].values) == 1
}

// leastPart is how long a part of a name must be to be forbidden in a password.
const leastPart = 3

// strong applies the password policy: the length, three kinds of characters, and nothing of the name
// (MS-SAMR 3.1.1.7.2).
func (s *Server) strong(e *entry, password string) bool {
	if len([]rune(password)) < s.opts.MinPasswordLength {
		return false
	}
	var kinds [5]bool
	for _, r := range password {
		switch {
		case unicode.IsUpper(r):
			kinds[0] = true
		case unicode.IsLower(r):
			kinds[1] = true
		case r >= '0' && r <= '9':
			kinds[2] = true
		case unicode.IsLetter(r):
			kinds[3] = true
		default:
			kinds[4] = true
		}
	}
	n := 0
	for _, has := range kinds {
		if has {
			n++
		}
	}
	lower := strings.ToLower(password)
	if sam := strings.ToLower(e.first(attrSAM)); len([]rune(sam)) >= leastPart && strings.Contains(lower, sam) {
		return false
	}
	for _, part := range strings.FieldsFunc(strings.ToLower(e.first("displayName")), func(r rune) bool { return strings.ContainsRune(",.-_ #\t", r) }) {
		if len([]rune(part)) >= leastPart && strings.Contains(lower, part) {
			return false
		}
	}
	return n >= 3
}
