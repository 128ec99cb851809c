package graph

import (
	"strings"
	"testing"
)

func TestFilterHolds(t *testing.T) {
	t.Parallel()
	o := object{
		"employeeId": "7", "department": "O'Neil", "accountEnabled": true, "mail": nil,
		"otherMails": []any{"a@contoso.example"}, "assignedLicenses": []any{object{"skuId": "05e9a617-0261-4cee-bb44-138d3ef5d965"}},
		"onPremisesExtensionAttributes": object{"extensionAttribute1": "x"}, "createdDateTime": "2026-03-02T09:00:00Z",
	}
	for in, want := range map[string]bool{
		`employeeId eq '7'`:       true,
		`EMPLOYEEID EQ '7'`:       true,
		`employeeId eq '8'`:       false,
		`department eq 'o''neil'`: true,
		`mail eq null`:            true,
		`accountEnabled eq true and not (employeeId eq '8')`:                      true,
		`employeeId eq '8' or employeeId eq '7' and mail eq 'x'`:                  false,
		`(employeeId eq '8' or employeeId eq '7') and mail eq null`:               true,
		`employeeId in ('1', '7')`:                                                true,
		`startswith(department,'o')`:                                              true,
		`endsWith(department,'neil')`:                                             true,
		`otherMails/any(m:m eq 'A@contoso.example')`:                              true,
		`otherMails/any(m:startsWith(m,'b'))`:                                     false,
		`assignedLicenses/any(x:x/skuId eq 05e9a617-0261-4cee-bb44-138d3ef5d965)`: true,
		`onPremisesExtensionAttributes/extensionAttribute1 eq 'x'`:                true,
		`createdDateTime ge 2026-03-02T09:00:00Z`:                                 true,
		`createdDateTime lt 2026-03-02T09:00:00Z`:                                 false,
		`employeeId ne '8'`:                                                       true,
	} {
		n, err := parseFilter(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if got := n.holds(o); got != want {
			t.Errorf("%s = %v, want %v", in, got, want)
		}
	}
}

func TestFilterRefuses(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"", "a", "a eq", "a eq 'x", "a zz 'x'", "(a eq 'x'", "a eq 'x')", "a eq 'x' and", "startsWith(a)", "startsWith(a,1",
		"a in ()", "a in ('x'", "a/any(x:x/any(y:y eq 'z'))", "'a' eq 'b'", "a eq 'x' b eq 'y'", strings.Repeat("(", 100) + "a eq 'x'",
	} {
		if _, err := parseFilter(in); err == nil {
			t.Errorf("parseFilter(%q) = nil, want an error", in)
		}
	}
}

func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		"employeeId eq '7'", "a eq 'O''Neil' and (b ne null or not c in ('x','y'))", "startsWith(a,'b')",
		"l/any(x:x/skuId eq 05e9a617-0261-4cee-bb44-138d3ef5d965)", "d ge 2026-03-02T09:00:00Z", "((", "a:b", "any(", "x/any(",
	} {
		f.Add(seed)
	}
	c := userCatalog()
	f.Fuzz(func(t *testing.T, in string) {
		n, err := parseFilter(in)
		if err != nil {
			return
		}
		if n == nil {
			t.Fatal("no error and no filter")
		}
		_ = n.holds(object{"employeeId": "7", "l": []any{"x", object{"skuId": "y"}}})
		_, _ = n.check(c)
	})
}
