package ad

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
)

// passwordBytes are the random bytes of a password, more than anybody guesses.
const passwordBytes = 30

// setPassword gives an account a password that nobody is told, this process
// included: it is forgotten with the request.
func (l *link) setPassword(dn string, o object) error {
	return l.modifyPassword(dn, newPassword(o.accountName, o.displayName))
}

func (l *link) modifyPassword(dn, password string) error {
	m := ldap.NewModifyRequest(dn, nil)
	m.Replace(attrPassword, []string{encodedPassword(password)})
	return translate(l.Modify(m))
}

// replacedPasswords are as many as a domain takes a former password for, at a
// controller that has not heard of the change.
const replacedPasswords = 2

// ReplacePassword sets two passwords that nobody is told.
func (d *Directory) ReplacePassword(ctx context.Context, id string) error {
	return d.call(ctx, directory.VerbReplacePassword, func(l *link) error {
		at, err := byGUID(id)
		if err != nil {
			return fmt.Errorf("account: %w", err)
		}
		o, err := d.at(l, at)
		if err != nil {
			return err
		}
		if err := d.refuse(o); err != nil {
			return err
		}
		return l.replacePassword(at, o)
	})
}

// replacePassword makes a password and the one before it good for nothing.
func (l *link) replacePassword(at string, o object) error {
	for range replacedPasswords {
		if err := l.setPassword(at, o); err != nil {
			return fmt.Errorf("set a password: %w", err)
		}
	}
	return nil
}

// newPassword makes a password of every kind of character that holds none of
// the names' parts, which Active Directory refuses.
func newPassword(names ...string) string {
	for {
		b := make([]byte, passwordBytes)
		_, _ = rand.Read(b) // never fails
		password := base64.RawURLEncoding.EncodeToString(b)
		varied := strings.ContainsFunc(password, unicode.IsUpper) && strings.ContainsFunc(password, unicode.IsLower) &&
			strings.ContainsFunc(password, unicode.IsDigit)
		if varied && !holdsPart(password, names) {
			return password
		}
	}
}

func holdsPart(password string, names []string) bool {
	const shortest = 3
	for _, name := range names {
		parts := strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",.-_#", r) })
		for _, part := range append(parts, name) {
			if utf8.RuneCountInString(part) >= shortest && strings.Contains(strings.ToLower(password), strings.ToLower(part)) {
				return true
			}
		}
	}
	return false
}

// encodedPassword is the form in which a password is written: quoted, in
// UTF-16 with the least byte first.
func encodedPassword(password string) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(`"` + password + `"`)) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return string(out)
}
