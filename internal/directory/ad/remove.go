package ad

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
	"tenure/internal/directory/ad/schema"
)

// DeleteAccount removes the account, with what other systems hung below it.
func (d *Directory) DeleteAccount(ctx context.Context, id string) error {
	return d.call(ctx, directory.VerbDeleteAccount, func(l *link) error {
		o, err := d.byID(l, id)
		if isNotFound(err) {
			return l.during(func() error {
				return d.elsewhere(ctx, l.host, func(other *link) (bool, error) {
					_, err := d.byID(other, id)
					return err == nil, unlessNotFound(err)
				})
			})
		}
		if err != nil {
			return err
		}
		if err := d.refuse(o); err != nil {
			return err
		}
		err = translate(l.Del(ldap.NewDelRequest(o.dn, nil)))
		if refusedWith(err, ldap.LDAPResultNotAllowedOnNonLeaf) {
			// Exchange keeps the phones of a person below the account.
			err = translate(l.Del(ldap.NewDelRequest(o.dn, []ldap.Control{treeDelete()})))
		}
		if !isNotFound(err) {
			return err
		}
		// The name is gone: deleted meanwhile, or moved.
		if _, again := d.byID(l, id); !isNotFound(again) {
			return fmt.Errorf("account was moved meanwhile: %w", directory.ErrConflict)
		}
		return nil
	})
}

// DeletedAccounts returns what the recycle bin holds with this employee number.
func (d *Directory) DeletedAccounts(ctx context.Context, employeeID string) ([]directory.Account, error) {
	if employeeID == "" {
		return nil, fmt.Errorf("%s: %w", directory.VerbDeletedAccounts, directory.ErrNoEmployeeID)
	}
	return d.deletedWith(ctx, equals(attrEmployeeID, employeeID))
}

// DeletedByUserName returns what the recycle bin holds with this user name.
func (d *Directory) DeletedByUserName(ctx context.Context, userName string) ([]directory.Account, error) {
	return d.deletedWith(ctx, equals(directory.UserNameAttribute, userName))
}

func (d *Directory) deletedWith(ctx context.Context, filter string) ([]directory.Account, error) {
	var out []directory.Account
	err := d.call(ctx, directory.VerbDeletedAccounts, func(l *link) error {
		if !d.restores(l) {
			return nil
		}
		list, err := d.deleted(l, deletedObjects+d.cfg.BaseDN, ldap.ScopeWholeSubtree, filter)
		out = accounts(list)
		return err
	})
	return out, err
}

// deletedObjects is where a domain keeps what was deleted.
const deletedObjects = "CN=Deleted Objects,"

// deleted reads deleted accounts that lay where this target looks. Who may not
// read them is told of none.
func (d *Directory) deleted(l *link, base string, scope int, filter string) ([]object, error) {
	filter = "(&(isDeleted=TRUE)(!(isRecycled=TRUE))(objectClass=user)(!(objectClass=computer))" + filter + ")"
	attributes := append(d.wantedAttributes(), attrDeleted, attrChanged, attrLastParent, attrLastRDN)
	entries, err := l.entries(base, scope, filter, attributes, showDeleted(), extendedDN())
	if err != nil {
		return nil, err
	}
	list, err := d.exportAll(l, entries)
	if err != nil {
		return nil, err
	}
	var out []object
	for _, o := range list {
		if within(o.lastParent, d.cfg.Under) {
			out = append(out, o)
		}
	}
	return out, nil
}

// RestoreAccount brings a deleted account back to where it was.
func (d *Directory) RestoreAccount(ctx context.Context, id, userName string) (directory.Account, error) {
	var out object
	err := d.call(ctx, directory.VerbRestoreAccount, func(l *link) error {
		var err error
		if out, err = d.byID(l, id); !isNotFound(err) {
			return err
		}
		if !d.restores(l) {
			return fmt.Errorf("account: %w", directory.ErrNotFound)
		}
		base, err := byGUID(id)
		if err != nil {
			return err
		}
		list, err := d.deleted(l, base, ldap.ScopeBaseObject, "")
		if err != nil {
			return err
		}
		if len(list) != 1 {
			return fmt.Errorf("deleted account: %w", directory.ErrNotFound)
		}
		if d.isProtected(list[0].lastParent) {
			return fmt.Errorf("%s: %w", roleContainer, directory.ErrProtected)
		}
		// Its old name may be another's by now, in whatever domain.
		if err := l.during(func() error { return d.free(ctx, orDefault(userName, list[0].UserName), id) }); err != nil {
			return err
		}
		if err := d.undelete(l, list[0], userName); err != nil {
			return err
		}
		out, err = d.byID(l, id)
		return err
	})
	if err != nil {
		return directory.Account{}, err
	}
	return out.Account, nil
}

// undelete turns a deleted object into a live one in one request, with its new
// user name where it gets one: the old may be another's by now.
func (d *Directory) undelete(l *link, o object, userName string) error {
	if userName != "" {
		if err := d.checkUserName(userName); err != nil {
			return err
		}
	}
	named := orDefault(userName, o.UserName)
	local, _, _ := strings.Cut(named, "@")
	cn := orDefault(o.lastRDN, o.commonName)
	cn, _, _ = strings.Cut(cn, "\n") // what a deleted object's name has behind its own
	w := wish{
		id: o.ID, container: o.lastParent, userName: named, accountNames: []string{o.accountName},
		commonNames: []string{cn, apart(plainName(cn, o.UserName), local)},
	}
	if o.accountName == "" {
		w.accountNames = nil
	}
	held, err := d.holdings(l, w)
	if err != nil {
		return err
	}
	if held.accountNames[o.accountName] {
		// Somebody holds the account name too: another one will do.
		w.accountNames = accountNames(named)
		if held, err = d.holdings(l, w); err != nil {
			return err
		}
	}
	if err := held.taken(w); err != nil {
		return err
	}
	cn, _ = firstFree(w.commonNames, held.commonNames)
	m := ldap.NewModifyRequest(o.dn, []ldap.Control{showDeleted()})
	m.Delete(attrDeleted, []string{})
	m.Replace(attrDN, []string{commonName(cn) + "," + o.lastParent})
	if userName != "" {
		m.Replace(directory.UserNameAttribute, []string{userName})
	}
	if sam, ok := firstFree(w.accountNames, held.accountNames); ok && sam != o.accountName {
		m.Replace(schema.AccountName, []string{sam})
	}
	err = translate(l.Modify(m))
	switch {
	case err == nil:
		return nil
	case refusedWith(err, ldap.LDAPResultNoSuchAttribute):
		// It is no deleted object any more, or the controller cannot undelete, as
		// Samba 4.17: then nothing brings it back.
		if _, again := d.byID(l, o.ID); isNotFound(again) {
			return fmt.Errorf("the controller restores nothing: %w", directory.ErrNotFound)
		}
		return nil
	}
	return d.whyNot(l, w, "", err)
}
