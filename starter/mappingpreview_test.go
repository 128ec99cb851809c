package starter

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/directory"
	"tenure/internal/directory/memory"
	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
	"tenure/internal/plan"
)

// previewed gives the person an account, and says which requests the target got.
func previewed(t *testing.T, account directory.Account) (*bench, *memory.Directory) {
	t.Helper()
	b, d := withHire(t), memory.New(memory.Options{})
	b.target = func(context.Context, *lifecycle.Policy, string) (directory.Target, error) {
		return directory.Bundle(d), nil
	}
	if account.EmployeeID != "" {
		id := d.AddAccount(account)
		b.temporal.journey(t, "journey/main/E-1").facts.Accounts = []plan.Account{{Target: "entra", ID: id, State: plan.AccountDisabled}}
	}
	return b, d
}

func rowsOf(p httpapi.MappingPreview) map[string]httpapi.MappingRow {
	out := map[string]httpapi.MappingRow{}
	for _, row := range p.Rows {
		out[row.Attribute] = row
	}
	return out
}

func TestMappingPreviewComparesWithTheAccount(t *testing.T) {
	t.Parallel()
	b, d := previewed(t, directory.Account{
		EmployeeID: "E-1", UserName: "ada@contoso.example", Attributes: map[string]string{"displayName": "Eda Example", "department": "Sales"},
	})
	before, err := d.AccountByUserName(t.Context(), "ada@contoso.example")
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.MappingPreview(t.Context(), hire, "")
	if err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(got)
	want := map[string]httpapi.MappingRow{
		"displayName":       {Attribute: "displayName", Before: "Eda Example", After: "Ada Example", Change: httpapi.MappingSets},
		"department":        {Attribute: "department", Before: "Sales", After: "Sales", Change: httpapi.MappingNone},
		"userPrincipalName": {Attribute: "userPrincipalName", Before: "ada@contoso.example", After: "ada@contoso.example", Change: httpapi.MappingCreateOnly},
	}
	for name, row := range want {
		if diff := cmp.Diff(row, rows[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	after, err := d.AccountByUserName(t.Context(), "ada@contoso.example")
	if diff := cmp.Diff(before, after); diff != "" || err != nil {
		t.Errorf("the account was changed: %v\n%s", err, diff)
	}
}

// Without an account the rows are what it would be made with.
func TestMappingPreviewOfWhoHasNoAccount(t *testing.T) {
	t.Parallel()
	b, _ := previewed(t, directory.Account{})
	got, err := b.MappingPreview(t.Context(), hire, "entra")
	if err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(got)
	if got.ObjectID != "" || rows["displayName"].Change != httpapi.MappingSets || rows["displayName"].After == "" {
		t.Errorf("preview = %+v", got)
	}
	if names := rows["userPrincipalName"].Candidates; len(names) == 0 || !strings.HasPrefix(names[0], "ada") {
		t.Errorf("candidates = %v", names)
	}
}

func TestMappingPreviewSaysWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	b, _ := previewed(t, directory.Account{})
	_, err := b.MappingPreview(t.Context(), hire, "entar")
	wantProblem(t, err, httpapi.KindNotFound, `did you mean "entra"?`)
	b.target = func(context.Context, *lifecycle.Policy, string) (directory.Target, error) {
		return directory.Target{}, context.DeadlineExceeded
	}
	b.temporal.journey(t, "journey/main/E-1").facts.Accounts = []plan.Account{{Target: "entra", ID: "o-1", State: plan.AccountEnabled}}
	_, err = b.MappingPreview(t.Context(), hire, "")
	wantProblem(t, err, httpapi.KindUnavailable, "entra")
	b.temporal.queryErr = context.DeadlineExceeded
	_, err = b.MappingPreview(t.Context(), hire, "")
	wantProblem(t, err, httpapi.KindUnavailable, "")
}
