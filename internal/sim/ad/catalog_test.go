package ad_test

import (
	"slices"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/sim/ad"
)

// TestCatalog tells of two domains, of each object a part, and takes no writes.
func TestCatalog(t *testing.T) {
	t.Parallel()
	corp := start(t)
	emea := start(t, func(o *ad.Options) { o.Domain = "emea.contoso.example" })
	gc, err := corp.StartCatalog(t.Context(), "127.0.0.1:0", emea.Server)
	if err != nil {
		t.Fatal(err)
	}
	one := corp.user("One", "one", "mail", "both@contoso.example", "title", "Clerk")
	emea.user("Two", "two", "mail", "both@contoso.example", "title", "Clerk")
	own := *corp
	own.dc = gc
	for _, name := range []string{corp.Administrator(), emea.Administrator()} {
		conn := own.bind(name, adminPass)
		ask := func(base string) (*ldap.SearchResult, error) {
			return conn.Search(ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, "(mail=both@contoso.example)", []string{"cn", "title"}, nil))
		}
		found, err := ask("")
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range found.Entries {
			names = append(names, e.GetAttributeValue("cn"))
			if e.GetAttributeValue("title") != "" {
				t.Errorf("%s: the catalogue shows a title", e.DN)
			}
		}
		if !slices.Equal(names, []string{"One", "Two"}) {
			t.Errorf("%s finds %v, want one of each domain", name, names)
		}
		if found, err = ask(corp.base); err != nil || len(found.Entries) != 1 {
			t.Errorf("below one domain: %v, %v", found, err)
		}
		m := ldap.NewModifyRequest(one, nil)
		m.Replace("title", []string{"Chief"})
		if err := conn.Modify(m); !ldap.IsErrorWithCode(err, ldap.LDAPResultUnwillingToPerform) {
			t.Errorf("write: %v, want unwilling", err)
		}
	}
	if err := own.dial().Bind(corp.Administrator(), "wrong"); !ldap.IsErrorWithCode(err, ldap.LDAPResultInvalidCredentials) {
		t.Errorf("wrong password: %v", err)
	}
	if _, err := own.dial().Search(ldap.NewSearchRequest("", ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, "(cn=One)", nil, nil)); err == nil {
		t.Error("nobody may look without a name")
	}
}
