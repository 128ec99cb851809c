package ad

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
)

// A pass of a domain is an initial password: one that a person is told, and that
// the directory makes them replace when they first log on. Until then it is the
// pass; whatever replaces it, by whomever, ends it.

// mustChange is the time of a password that has to be replaced at the next logon.
const mustChange = fileTimeZero

// controlSmartcard is the bit of userAccountControl that lets nobody in by password.
const controlSmartcard = 0x40000

// What tells that somebody has logged on, and by what else than a password.
const (
	attrLastLogon  = "lastLogon" // of the controller that is asked alone
	attrLogonStamp = "lastLogonTimestamp"
	attrKeyLink    = "msDS-KeyCredentialLink"
)

const passPrefix = "password-"

// passID names a password by how many there were.
func (o object) passID() string { return passPrefix + strconv.Itoa(o.keyVersion) }

// passVersion is how many passwords there were with the one that a pass ID names, 0
// for what is none.
func passVersion(id string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(id, passPrefix))
	return n
}

// hasPass reports whether the account has a password that nobody has used yet and
// that must be replaced at the first logon.
func (o object) hasPass() bool { return o.passwordSet == mustChange && !o.withoutPassword() }

// Passes returns the initial password that waits for its first logon, if any: also
// one that a help desk gave. From when to when it is good the directory does not
// know.
func (d *Directory) Passes(ctx context.Context, id string) ([]directory.Pass, error) {
	var out []directory.Pass
	err := d.call(ctx, directory.VerbPasses, func(l *link) error {
		o, err := d.byID(l, id)
		if err == nil && o.hasPass() {
			out = []directory.Pass{{ID: o.passID(), Once: true, Usable: o.Enabled}}
		}
		return err
	})
	return out, err
}

// IssuePass sets an initial password. The account lets nobody in before it is
// enabled, and the password is good until it is deleted: the domain knows neither
// start nor lifetime.
func (d *Directory) IssuePass(ctx context.Context, id string, in directory.PassRequest) (directory.Pass, directory.Secret, error) {
	var out directory.Pass
	var secret directory.Secret
	err := d.call(ctx, directory.VerbIssuePass, func(l *link) error {
		o, err := d.byID(l, id)
		if err != nil {
			return err
		}
		if err := d.refuse(o); err != nil {
			return err
		}
		password := initialPassword(o.accountName, o.displayName)
		at, err := byGUID(id)
		if err != nil {
			return err
		}
		if err := l.modifyPassword(at, password); err != nil {
			return fmt.Errorf("set a password: %w", err)
		}
		m := ldap.NewModifyRequest(at, nil)
		m.Replace(attrPasswordSet, []string{mustChange})
		if err := translate(l.Modify(m)); err != nil {
			return fmt.Errorf("have the password changed at the first logon: %w", err)
		}
		if o, err = d.byID(l, id); err != nil {
			return err
		}
		out = directory.Pass{ID: o.passID(), Start: in.Start, Lifetime: in.Lifetime, Once: true, Usable: o.Enabled}
		secret = directory.NewSecret(password)
		return nil
	})
	if err != nil {
		return directory.Pass{}, directory.Secret{}, err
	}
	return out, secret, nil
}

// DeletePass replaces an initial password by one that nobody is told, unless the
// person or somebody else has replaced it.
func (d *Directory) DeletePass(ctx context.Context, id, passID string) error {
	return d.call(ctx, directory.VerbDeletePass, func(l *link) error {
		o, err := d.byID(l, id)
		if isNotFound(err) || err == nil && o.keyVersion < passVersion(passID) {
			// One who has not heard of the pass cannot say that it has ended.
			return l.during(func() error {
				return d.elsewhere(ctx, l.host, func(other *link) (bool, error) {
					there, err := d.byID(other, id)
					return err == nil && there.hasPass() && there.passID() == passID, unlessNotFound(err)
				})
			})
		}
		if err != nil {
			return err
		}
		if !o.hasPass() || o.passID() != passID {
			return nil
		}
		if err := d.refuse(o); err != nil {
			return err
		}
		at, err := byGUID(id)
		if err != nil {
			return err
		}
		return l.replacePassword(at, o)
	})
}

// SignInFacts tells whether the account was ever used, what else lets the person
// in, and whether it rules anything.
func (d *Directory) SignInFacts(ctx context.Context, id string) (directory.SignInFacts, error) {
	var out directory.SignInFacts
	protection, err := d.Protection(ctx, id)
	if err != nil {
		return out, err
	}
	out.HasRole = len(protection.Roles)+len(protection.RoleGroups) > 0
	err = d.call(ctx, directory.VerbSignInFacts, func(l *link) error {
		at, err := byGUID(id)
		if err != nil {
			return err
		}
		entries, err := l.entries(at, ldap.ScopeBaseObject, anything, []string{attrControl, attrLastLogon, attrLogonStamp, attrKeyLink})
		if err != nil {
			return err
		}
		for _, e := range entries {
			for _, name := range []string{attrLastLogon, attrLogonStamp} {
				instant := e.GetEqualFoldAttributeValue(name)
				out.SignedIn = out.SignedIn || instant != "" && instant != fileTimeZero
			}
			out.OtherMethods += len(e.GetEqualFoldAttributeValues(attrKeyLink))
			if number(e, attrControl)&controlSmartcard != 0 {
				out.OtherMethods++
			}
		}
		return nil
	})
	return out, err
}

// initialPassword makes a password that can be read aloud and typed: groups of
// characters that are not taken for one another, of every kind.
func initialPassword(names ...string) string {
	const (
		upper, lower, digits = "ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnpqrstuvwxyz", "23456789"
		groups               = 4
	)
	for {
		var parts []string
		for range groups {
			parts = append(parts, pick(upper)+pick(lower)+pick(lower)+pick(digits)+pick(upper+lower+digits))
		}
		if password := strings.Join(parts, "-"); !holdsPart(password, names) {
			return password
		}
	}
}

// pick draws one character.
func pick(from string) string {
	n, _ := rand.Int(rand.Reader, big.NewInt(int64(len(from)))) // never fails
	return from[n.Int64() : n.Int64()+1]
}
