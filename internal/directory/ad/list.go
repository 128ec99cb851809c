package ad

import (
	"context"
	"fmt"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
)

// pageSize is below the thousand that Active Directory answers at most.
const pageSize = 500

// ListAccounts reads all accounts and then visits them: a page cannot be asked
// for on another connection, and visit may take its time and call the directory.
func (d *Directory) ListAccounts(ctx context.Context, visit func(directory.Account) error) error {
	// Accounts that came with the domain are no people.
	filter := "(&" + people + "(!(" + attrCritical + "=TRUE)))"
	var list []object
	err := d.walk(ctx, directory.VerbListAccounts, func(l *link) error {
		entries, err := l.pages(d.cfg.Under, filter, d.wantedAttributes(), extendedDN())
		if err != nil {
			return err
		}
		list, err = d.exportAll(l, entries)
		return err
	})
	if err != nil {
		return err
	}
	for _, o := range list {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("%s: %w", directory.VerbListAccounts, err)
		}
		if err := visit(o.Account); err != nil {
			return err
		}
	}
	return nil
}

// pages makes a search page by page. A page that fails fails it all: half a
// list would be taken for the whole.
func (l *link) pages(base, filter string, attributes []string, controls ...ldap.Control) ([]*ldap.Entry, error) {
	var out []*ldap.Entry
	paging := ldap.NewControlPaging(pageSize)
	for {
		const noLimit = 0
		result, err := l.Search(ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, noLimit, noLimit, false,
			filter, attributes, append([]ldap.Control{paging}, controls...)))
		if err != nil {
			return nil, translate(err)
		}
		out = append(out, result.Entries...)
		next, ok := ldap.FindControl(result.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
		if !ok || len(next.Cookie) == 0 {
			return out, nil
		}
		paging.SetCookie(next.Cookie)
	}
}
