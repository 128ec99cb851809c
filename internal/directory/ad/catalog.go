package ad

import (
	"context"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
)

// freeInForest asks the global catalogue whether another account holds a user name:
// it is unique over the forest, and a controller knows its own domain alone. id is
// the account's own, "" for a new one. What was written elsewhere a moment ago the
// catalogue may not know yet; the forest refuses it then.
func (d *Directory) freeInForest(ctx context.Context, verb directory.Verb, userName, id string) error {
	if d.catalog == nil || userName == "" {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, d.cfg.CallTimeout)
	defer cancel()
	return named(ctx, verb, func() error {
		return d.catalog.use(limited, func(l *link) error {
			entries, err := l.entries("", ldap.ScopeWholeSubtree, equals(directory.UserNameAttribute, userName), []string{attrGUID})
			for _, e := range entries {
				if !strings.EqualFold(guidText(e.GetEqualFoldRawAttributeValue(attrGUID)), id) {
					return &directory.ConflictError{Attribute: directory.UserNameAttribute}
				}
			}
			return err
		})
	})
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
