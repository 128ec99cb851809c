package contract_test

import (
	"testing"

	"tenure/workflows/contract"
)

func TestS19NamesOfOnePerson(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"olga", "Olga", " OLGA ", "oidc:olga", "unverified: olga", "unverified: oidc:Olga"} {
		if got := contract.Person(name); got != "olga" {
			t.Errorf("Person(%q) = %q, want olga", name, got)
		}
	}
	for _, name := range []string{"olga2", "ol ga", "oidc:olga@contoso.example", "ólga", ""} {
		if got := contract.Person(name); got == "olga" {
			t.Errorf("Person(%q) = %q, want somebody else", name, got)
		}
	}
}
