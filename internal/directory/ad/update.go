package ad

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
	"tenure/internal/directory/ad/schema"
)

// update is a change sorted by how it is written.
type update struct {
	values map[string][]string // replaced as they are
	// rename and parent are the new common name and container, "" to keep them.
	rename, parent string
	wish           wish
	enabled        *bool
}

// needsLook tells whether what is there decides what to write.
func (u update) needsLook() bool {
	return u.rename != "" || u.parent != "" || u.enabled != nil || len(u.wish.filters()) > 0
}

// UpdateAccount writes a change: attributes in one request, then the place and
// the name in another. A repeated one changes nothing.
func (d *Directory) UpdateAccount(ctx context.Context, id string, change directory.Change) error {
	if change.IsEmpty() {
		return nil
	}
	if err := d.freeInForest(ctx, directory.VerbUpdateAccount, change.Set[directory.UserNameAttribute], id); err != nil {
		return err
	}
	return d.call(ctx, directory.VerbUpdateAccount, func(l *link) error {
		u, err := d.sorted(change)
		if err != nil {
			return err
		}
		at, err := byGUID(id)
		if err != nil {
			return err
		}
		if !u.needsLook() {
			if err := d.guard(l, at); err != nil {
				return err
			}
			return l.whyUnknown(at, u.values, l.replace(at, u.values))
		}
		o, err := d.at(l, at)
		if err != nil {
			return err
		}
		if err := d.refuse(o); err != nil {
			return err
		}
		if u.parent != "" && d.isProtected(u.parent) {
			return fmt.Errorf("%s: %w", roleContainer, directory.ErrProtected)
		}
		u.wish.id = o.ID
		if err := d.write(l, at, o, u); err != nil {
			return l.whyUnknown(at, u.values, err)
		}
		return d.place(l, o, u)
	})
}

// sorted checks a change.
func (d *Directory) sorted(change directory.Change) (update, error) {
	u := update{values: map[string][]string{}, enabled: change.Enabled}
	for _, name := range slices.Sorted(maps.Keys(change.Set)) {
		text := change.Set[name]
		v, err := wireValues(name, text)
		if err != nil {
			return u, err
		}
		switch schema.Find(name).Name {
		case schema.CommonName:
			u.rename = text
			continue
		case schema.Parent:
			u.parent = text
			continue
		case directory.UserNameAttribute:
			if err := d.checkUserName(text); err != nil {
				return u, err
			}
			u.wish.userName = text
		case schema.AccountName:
			u.wish.accountNames = []string{text}
		case schema.Mail:
			u.wish.mail = text
		}
		u.values[name] = v
	}
	for _, name := range change.Clear {
		switch schema.Find(name).Name {
		case directory.UserNameAttribute, schema.CommonName, schema.Parent, schema.AccountName:
			return u, invalid("%s cannot be cleared", name)
		case schema.Manager:
			return u, invalid("%s is written by a call of its own", name)
		}
		if schema.Forbidden(name) {
			return u, invalid("%s cannot be written", name)
		}
		u.values[name] = cleared(name)
	}
	return u, nil
}

// replace writes attributes in one request. A value that is there already costs
// the server nothing.
func (l *link) replace(at string, values map[string][]string) error {
	if len(values) == 0 {
		return nil
	}
	m := ldap.NewModifyRequest(at, nil)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		m.Replace(name, values[name])
	}
	return translate(l.Modify(m))
}

// whyUnknown finds out which attribute a refusal is about that names none: the
// forest's schema may lack what a policy writes, as Exchange's where there is none.
func (l *link) whyUnknown(at string, values map[string][]string, refused error) error {
	if !refusedWith(refused, ldap.LDAPResultNoSuchAttribute, ldap.LDAPResultUndefinedAttributeType) {
		return refused
	}
	entries, err := l.entries(at, ldap.ScopeBaseObject, "(objectClass=*)", []string{attrAllowed})
	if err != nil || len(entries) != 1 {
		return refused
	}
	known := entries[0].GetEqualFoldAttributeValues(attrAllowed)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !containsFold(known, name) {
			return &directory.UnknownAttributeError{Attribute: name}
		}
	}
	return refused
}

// write writes the attributes and the state of an account.
func (d *Directory) write(l *link, at string, o object, u update) error {
	held, err := d.holdings(l, u.wish)
	if err != nil {
		return err
	}
	if err := held.taken(u.wish); err != nil {
		return err
	}
	if u.enabled != nil && *u.enabled != o.Enabled {
		if *u.enabled && o.withoutPassword() {
			if err := l.setPassword(at, o); err != nil {
				return fmt.Errorf("set a password: %w", err)
			}
		}
		u.values[attrControl] = []string{strconv.Itoa(o.control ^ controlDisabled)}
	}
	err = l.replace(at, u.values)
	if err != nil && u.enabled != nil && *u.enabled && o.passwordSet == fileTimeZero &&
		refusedWith(err, ldap.LDAPResultUnwillingToPerform, ldap.LDAPResultConstraintViolation) {
		// The server knows better than the counter: there is no password.
		if err := l.setPassword(at, o); err != nil {
			return fmt.Errorf("set a password: %w", err)
		}
		err = l.replace(at, u.values)
	}
	if err != nil && len(u.wish.filters()) > 0 {
		return d.whyNot(l, u.wish, "", err)
	}
	return err
}

// withoutPassword tells whether an account never had a password: a create that
// was cut short left it behind. One whose password must be changed at the next
// logon looks alike, but for the number of passwords that it had: to make it
// counts as the first.
func (o object) withoutPassword() bool {
	return o.passwordSet == fileTimeZero && o.keyVersion <= 1
}

// place moves and renames an account. Its own distinguished name was read just
// before, since a server takes no GUID here.
func (d *Directory) place(l *link, o object, u update) error {
	rdn, superior, parent := rdnOf(o.dn), "", parentOf(o.dn)
	if u.parent != "" && !sameDN(u.parent, parent) {
		superior, parent = u.parent, u.parent
	}
	base := plainName(o.commonName, o.UserName)
	userName := orDefault(u.wish.userName, o.UserName)
	// Case alone is a rename too, but a name made apart from another is not
	// taken back.
	if u.rename != "" && u.rename != base {
		base, rdn = u.rename, commonName(u.rename)
	}
	if superior == "" && rdn == rdnOf(o.dn) {
		return nil
	}
	local, _, _ := strings.Cut(userName, "@")
	w := wish{id: o.ID, container: parent, commonNames: []string{base, apart(base, local)}}
	held, err := d.holdings(l, w)
	if err != nil {
		return err
	}
	if held.commonNames[w.commonNames[0]] {
		rdn = commonName(w.commonNames[1])
	}
	err = translate(l.ModifyDN(ldap.NewModifyDNRequest(o.dn, rdn, true, superior)))
	if err == nil {
		return nil
	}
	return fmt.Errorf("move: %w", d.whyNot(l, w, "", err))
}

// SetManager links or unlinks the manager, who may have their account in another
// domain of the forest.
func (d *Directory) SetManager(ctx context.Context, id, managerID string) error {
	return d.call(ctx, directory.VerbSetManager, func(l *link) error {
		at, err := byGUID(id)
		if err != nil {
			return fmt.Errorf("account: %w", err)
		}
		if err := d.guard(l, at); err != nil {
			return err
		}
		manager := []string{}
		if managerID != "" {
			link, err := byGUID(managerID)
			if err != nil {
				return fmt.Errorf("manager: %w", err)
			}
			manager = []string{link}
		}
		err = l.replace(at, map[string][]string{attrManager: manager})
		if err == nil || managerID == "" || isBroken(err) {
			return err
		}
		// Servers say in different ways that one of the two is missing.
		if _, missing := d.byID(l, id); missing != nil {
			return missing
		}
		switch _, missing := d.byID(l, managerID); {
		case missing == nil:
			return err
		case !isNotFound(missing):
			return missing
		}
		var dn string
		unknown := l.during(func() (err error) {
			dn, err = d.nameInForest(ctx, managerID)
			return err
		})
		if unknown != nil {
			return fmt.Errorf("manager: %w", unknown)
		}
		return l.replace(at, map[string][]string{attrManager: {dn}})
	})
}
