package ad

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
)

// Directory is one domain. It is safe for concurrent use.
type Directory struct {
	cfg        Config
	properties []directory.Attribute // the ones read into Attributes
	pool       *pool
	catalog    *pool // nil where none is configured
	replicas   []*replica
	// restorable is set once the forest has said that its recycle bin is on: it is
	// never turned off again.
	restorable atomic.Bool
}

var _ interface {
	directory.Directory
	directory.AccountWriter
	directory.AccountRemover
	directory.PasswordReplacer
	directory.AccessPassIssuer
	directory.GroupWriter
	directory.AccountLister
	directory.ProtectionReader
	directory.Inspector
} = (*Directory)(nil)

// New prepares a connection to a domain. Nothing is asked of it before the
// first call.
func New(cfg Config) (*Directory, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, fmt.Errorf("configure ad target %q: %w", cfg.Name, err)
	}
	d := &Directory{cfg: cfg, properties: cfg.properties()}
	d.pool, d.catalog, d.replicas = newPool(&d.cfg), catalogPool(d.cfg), newReplicas(d.cfg)
	return d, nil
}

// Close ends the idle connections. A call after it makes new ones.
func (d *Directory) Close() {
	d.pool.close()
	if d.catalog != nil {
		d.catalog.close()
	}
	for _, r := range d.replicas {
		r.pool.close()
	}
}

// Name is the target's name in the policy.
func (d *Directory) Name() string { return d.cfg.Name }

// Capabilities says that there are groups and passes, and whether a delete can be
// undone.
func (d *Directory) Capabilities() directory.Capabilities {
	return directory.Capabilities{Groups: true, AccessPasses: true, RestoreWindow: d.cfg.RestoreWindow}
}

// people is the filter for accounts of people; computers and contacts are none.
const people = "(objectCategory=person)(objectClass=user)"

// Account reads one live account.
func (d *Directory) Account(ctx context.Context, id string) (directory.Account, error) {
	return d.one(ctx, directory.VerbAccount, func(l *link) ([]object, error) {
		o, err := d.byID(l, id)
		if isNotFound(err) {
			return nil, nil
		}
		return []object{o}, err
	})
}

// AccountByUserName returns the account that holds a user name, anywhere in the
// domain.
func (d *Directory) AccountByUserName(ctx context.Context, userName string) (directory.Account, error) {
	return d.one(ctx, directory.VerbAccountByUserName, func(l *link) ([]object, error) {
		if userName == "" {
			return nil, nil
		}
		return d.search(l, d.cfg.BaseDN, ldap.ScopeWholeSubtree, "(&"+people+equals(directory.UserNameAttribute, userName)+")")
	})
}

// one is the account that a look finds.
func (d *Directory) one(ctx context.Context, verb directory.Verb, look func(*link) ([]object, error)) (directory.Account, error) {
	list, err := d.look(ctx, verb, look)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("%s: account: %w", verb, directory.ErrNotFound)
	}
	if err != nil {
		return directory.Account{}, err
	}
	return list[0].Account, nil
}

// look reads accounts at one controller. Where that knows of none, the others are
// asked before none is the answer.
func (d *Directory) look(ctx context.Context, verb directory.Verb, look func(*link) ([]object, error)) ([]object, error) {
	var out []object
	var host int
	err := d.call(ctx, verb, func(l *link) error {
		var err error
		host = l.host
		out, err = look(l)
		return err
	})
	if err != nil || len(out) > 0 {
		return out, err
	}
	return nil, named(ctx, verb, func() error {
		return d.elsewhere(ctx, host, func(l *link) (bool, error) {
			list, err := look(l)
			return len(list) > 0, err
		})
	})
}

// AccountsByEmployeeID returns the accounts with this employee number.
func (d *Directory) AccountsByEmployeeID(ctx context.Context, employeeID string) ([]directory.Account, error) {
	if employeeID == "" {
		return nil, fmt.Errorf("%s: %w", directory.VerbAccountsByEmployeeID, directory.ErrNoEmployeeID)
	}
	list, err := d.look(ctx, directory.VerbAccountsByEmployeeID, func(l *link) ([]object, error) {
		return d.search(l, d.cfg.Under, ldap.ScopeWholeSubtree, "(&"+people+equals(attrEmployeeID, employeeID)+")")
	})
	return accounts(list), err
}

// call gives do a connection within the call's time and names the verb in its
// error.
func (d *Directory) call(ctx context.Context, verb directory.Verb, do func(*link) error) error {
	limited, cancel := context.WithTimeout(ctx, d.cfg.CallTimeout)
	defer cancel()
	return named(ctx, verb, func() error { return d.pool.use(limited, do) })
}

// walk gives do a connection that no other call waits for, for as long as the
// walk takes: each of its requests has its time.
func (d *Directory) walk(ctx context.Context, verb directory.Verb, do func(*link) error) error {
	return named(ctx, verb, func() error { return d.pool.apart(ctx, do) })
}

// named puts the verb before an error, which is the caller's context's where
// that has ended.
func named(ctx context.Context, verb directory.Verb, do func() error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	err := do()
	if cause := ctx.Err(); err != nil && cause != nil {
		err = cause
	}
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	return nil
}

// byID reads one live account.
func (d *Directory) byID(l *link, id string) (object, error) {
	base, err := byGUID(id)
	if err != nil {
		return object{}, fmt.Errorf("account: %w", err)
	}
	return d.at(l, base)
}

// at reads the account of a distinguished name.
func (d *Directory) at(l *link, dn string) (object, error) {
	list, err := d.search(l, dn, ldap.ScopeBaseObject, "(&"+people+")")
	if err != nil {
		return object{}, fmt.Errorf("account: %w", err)
	}
	if len(list) != 1 {
		return object{}, fmt.Errorf("account: %w", directory.ErrNotFound)
	}
	return list[0], nil
}

// search reads accounts.
func (d *Directory) search(l *link, base string, scope int, filter string, controls ...ldap.Control) ([]object, error) {
	entries, err := l.entries(base, scope, filter, d.wantedAttributes(), append(controls, extendedDN())...)
	if err != nil {
		return nil, err
	}
	return d.exportAll(l, entries)
}

// exportAll reads entries. Where the server does not extend names, managers are
// looked up.
func (d *Directory) exportAll(l *link, entries []*ldap.Entry) ([]object, error) {
	managers := map[string]string{}
	var out []object
	for _, e := range entries {
		o := d.export(e)
		if o.managerDN != "" && o.ManagerID == "" {
			if _, known := managers[o.managerDN]; !known {
				id, err := l.idOf(o.managerDN)
				if err != nil {
					return nil, fmt.Errorf("manager: %w", err)
				}
				managers[o.managerDN] = id
			}
			o.ManagerID = managers[o.managerDN]
		}
		out = append(out, o)
	}
	return out, nil
}

// entries makes one search. Referrals to other domains are not followed.
func (l *link) entries(base string, scope int, filter string, attributes []string, controls ...ldap.Control) ([]*ldap.Entry, error) {
	const noLimit = 0
	result, err := l.Search(ldap.NewSearchRequest(base, scope, ldap.NeverDerefAliases, noLimit, noLimit, false, filter, attributes, controls))
	if err != nil {
		return nil, translate(err)
	}
	return result.Entries, nil
}

// idOf is the GUID of a distinguished name, "" where nothing is there.
func (l *link) idOf(dn string) (string, error) {
	entries, err := l.entries(dn, ldap.ScopeBaseObject, "(objectClass=*)", []string{attrGUID})
	if isNotFound(err) || refusedWith(err, ldap.LDAPResultReferral) {
		return "", nil // nothing is there, or it lies in another domain
	}
	if err != nil || len(entries) != 1 {
		return "", err
	}
	return guidText(entries[0].GetEqualFoldRawAttributeValue(attrGUID)), nil
}

// equals is a filter on one attribute.
func equals(attribute, value string) string {
	return "(" + attribute + "=" + ldap.EscapeFilter(value) + ")"
}

func anyOf(filters ...string) string { return "(|" + strings.Join(filters, "") + ")" }

func accounts(list []object) []directory.Account {
	var out []directory.Account
	for _, o := range list {
		out = append(out, o.Account)
	}
	return out
}
