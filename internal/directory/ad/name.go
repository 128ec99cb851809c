package ad

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
	"tenure/internal/directory/ad/schema"
)

// maxCommonName is the longest common name.
const maxCommonName = 64

// commonName is a relative distinguished name. go-ldap leaves an equals sign
// alone, which no server reads as part of a value.
func commonName(cn string) string {
	return "CN=" + strings.ReplaceAll(ldap.EscapeDN(cn), "=", `\=`)
}

// parentOf is the container's part of a distinguished name, and rdnOf what
// stands before it, both as the server wrote them.
func parentOf(dn string) string {
	if i := firstComma(dn); i >= 0 {
		return dn[i+1:]
	}
	return ""
}

func rdnOf(dn string) string {
	if i := firstComma(dn); i >= 0 {
		return dn[:i]
	}
	return dn
}

func firstComma(dn string) int {
	for i := 0; i < len(dn); i++ {
		switch dn[i] {
		case '\\':
			i++
		case ',':
			return i
		}
	}
	return -1
}

// sameDN compares names as a server does, which may escape them differently
// from us.
func sameDN(a, b string) bool {
	x, errX := ldap.ParseDN(a)
	y, errY := ldap.ParseDN(b)
	return errX == nil && errY == nil && x.EqualFold(y)
}

// within tells whether an object is a container or lies in it.
func within(dn, container string) bool {
	x, errX := ldap.ParseDN(dn)
	y, errY := ldap.ParseDN(container)
	return errX == nil && errY == nil && (y.EqualFold(x) || y.AncestorOfFold(x))
}

// checkUserName refuses what a domain takes and nobody can use.
func (d *Directory) checkUserName(name string) error {
	local, domain, ok := strings.Cut(name, "@")
	if !ok || local == "" || domain == "" || strings.Contains(domain, "@") || strings.ContainsFunc(name, unicode.IsSpace) {
		return invalid("%s is not of the form name@domain", directory.UserNameAttribute)
	}
	if d.cfg.Domain != "" && !strings.EqualFold(domain, d.cfg.Domain) {
		return invalid("%s lies in another domain than the target's", directory.UserNameAttribute)
	}
	return nil
}

const forbiddenInAccountName = `"/\[]:;|=,+*?<>@`

// checkAccountName refuses what Active Directory refuses, or should.
func checkAccountName(name string) error {
	bad := func(r rune) bool { return unicode.IsControl(r) || strings.ContainsRune(forbiddenInAccountName, r) }
	switch {
	case name == "" || strings.TrimSpace(name) != name:
		return invalid("%s is empty or begins or ends with a blank", schema.AccountName)
	case utf8.RuneCountInString(name) > schema.MaxAccountName:
		return invalid("%s is longer than %d characters", schema.AccountName, schema.MaxAccountName)
	case strings.ContainsFunc(name, bad):
		return invalid("%s holds a character that is not allowed", schema.AccountName)
	case strings.HasSuffix(name, "."):
		return invalid("%s ends with a dot", schema.AccountName)
	}
	return nil
}

// accountNames are the account names made from a user name, in order of
// preference. The second is as unique as the user name.
func accountNames(userName string) []string {
	local, _, _ := strings.Cut(userName, "@")
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.IsSpace(r) || strings.ContainsRune(forbiddenInAccountName, r) {
			return -1
		}
		return r
	}, local)
	sum := sha256.Sum256([]byte(strings.ToLower(userName)))
	const digits = 6
	tail := "-" + hex.EncodeToString(sum[:])[:digits]
	first := strings.TrimRight(cut(clean, schema.MaxAccountName), ".")
	second := cut(clean, schema.MaxAccountName-len(tail)) + tail
	if first == "" {
		return []string{second}
	}
	return []string{first, second}
}

// commonNames are the common names for an account, in order of preference.
func commonNames(name, userName string) []string {
	local, _, _ := strings.Cut(userName, "@")
	if name == "" {
		return []string{cut(local, maxCommonName)}
	}
	first := strings.TrimSpace(cut(name, maxCommonName))
	return []string{first, apart(name, local)}
}

// apart is a common name beside one that is taken in the same container.
func apart(name, local string) string {
	tail := fmt.Sprintf(" (%s)", cut(local, maxCommonName/2))
	return strings.TrimSpace(cut(name, maxCommonName-utf8.RuneCountInString(tail))) + tail
}

// plainName takes off what apart added, so that a mapping finds the name that
// it wrote.
func plainName(cn, userName string) string {
	local, _, _ := strings.Cut(userName, "@")
	return strings.TrimSuffix(cn, fmt.Sprintf(" (%s)", cut(local, maxCommonName/2)))
}

// cut shortens a text to a number of characters.
func cut(text string, length int) string {
	if utf8.RuneCountInString(text) <= length {
		return text
	}
	return string([]rune(text)[:length])
}
