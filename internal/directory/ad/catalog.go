package ad

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
)

// freeInForest asks the global catalogue whether another account holds a user name:
// it is unique over the forest, and a controller knows its own domain alone. id is
// the account's own, "" for a new one. What was written elsewhere a moment ago the
// catalogue may not know yet; the forest refuses it then.
func (d *Directory) freeInForest(ctx context.Context, verb directory.Verb, userName, id string) error {
	return named(ctx, verb, func() error { return d.free(ctx, userName, id) })
}

// free is freeInForest in the middle of a call.
func (d *Directory) free(ctx context.Context, userName, id string) error {
	if d.catalog == nil || userName == "" {
		return nil
	}
	return d.ask(ctx, func(l *link) error {
		entries, err := l.entries("", ldap.ScopeWholeSubtree, equals(directory.UserNameAttribute, userName), []string{attrGUID})
		for _, e := range entries {
			if !strings.EqualFold(guidText(e.GetEqualFoldRawAttributeValue(attrGUID)), id) {
				elsewhere := !strings.EqualFold(domainOf(e.DN), domainOf(d.cfg.BaseDN))
				return &directory.ConflictError{Attribute: directory.UserNameAttribute, Elsewhere: elsewhere}
			}
		}
		return err
	})
}

// nameInForest is the distinguished name of an account that may lie in another
// domain. A controller is to find it by its GUID too; one that does not takes
// the name.
func (d *Directory) nameInForest(ctx context.Context, id string) (dn string, err error) {
	if d.catalog == nil {
		return "", fmt.Errorf("it is not in this domain, and for other domains of the forest the configuration needs targets.%s.catalog: %w", d.cfg.Name, directory.ErrNotFound)
	}
	base, err := byGUID(id)
	if err != nil {
		return "", err
	}
	err = d.ask(ctx, func(l *link) error {
		entries, err := l.entries(base, ldap.ScopeBaseObject, "(&"+people+")", []string{attrGUID})
		if err == nil && len(entries) != 1 {
			err = fmt.Errorf("account: %w", directory.ErrNotFound)
		}
		if err == nil {
			dn = entries[0].DN
		}
		return err
	})
	return dn, err
}

// ask gives do a connection to the global catalogue within the time of a call.
func (d *Directory) ask(ctx context.Context, do func(*link) error) error {
	limited, cancel := context.WithTimeout(ctx, d.cfg.CallTimeout)
	defer cancel()
	err := d.catalog.use(limited, do)
	if isBroken(err) {
		// In the middle of a call this must not speak against the controller.
		return fmt.Errorf("look in the global catalogue: %s: %w", err.Error(), directory.ErrUnavailable)
	}
	return err
}

// catalogPool keeps the connections to the global catalogue, nil where none is
// configured.
func catalogPool(cfg Config) *pool {
	if len(cfg.Catalog) == 0 {
		return nil
	}
	cfg.Hosts = cfg.Catalog
	return newPool(&cfg)
}
