package activities_test

import (
	"errors"
	"strings"
	"testing"

	"tenure/activities"
	"tenure/internal/directory"
	"tenure/internal/lifecycle"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// withMapping puts a version in force in which texts are replaced, old then new.
func (o *office) withMapping(replace ...string) int {
	o.t.Helper()
	active, err := o.store.ActivePolicy(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	text := string(active.Source)
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(text, replace[i]) {
			o.t.Fatalf("the policy has no %q", replace[i])
		}
		text = strings.Replace(text, replace[i], replace[i+1], 1)
	}
	source := lifecycle.Source{Name: "policy.yaml", Content: []byte(text)}
	version, _, err := o.store.SavePolicy(o.t.Context(), store.PolicyVersion{
		Number: active.Number + 1, Source: source.Content, Hash: lifecycle.Hash(source), Actor: "test", Reason: "test", AppliedAt: o.now,
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return version.Number
}

const displayNameMapping = "displayName: {attribute: person.displayName}"

func TestExpressionsAreWrittenWhereTheyDiffer(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	version := o.withMapping(displayNameMapping, `displayName: {expression: 'Join(", ", [surname], [givenName])'}
      companyName: {expression: 'Guid()', apply: create}
      state: {expression: 'Item([surname], 2)'}`)
	in := func(in *activities.TaskInput, _ *plan.Task) { in.PolicyVersion = version }
	created, account := o.change(plan.Create, in)
	live, err := o.dir.Account(t.Context(), account.ID)
	if err != nil || created.Status != activities.Done {
		t.Fatalf("create ended %+v, %v", created, err)
	}
	if got := live.Attributes["displayName"]; got != "Müller, Zoë" {
		t.Errorf("displayName = %q, want family name first", got)
	}
	drawn := live.Attributes["companyName"]
	if len(drawn) != len("b7e2a1c4-0000-4000-8000-000000000000") {
		t.Errorf("companyName = %q, want an identifier", drawn)
	}
	if _, found := live.Attributes["state"]; found {
		t.Error("an attribute was written whose expression has no value")
	}
	// Somebody else changes two attributes: only what is mapped always comes back.
	err = o.dir.UpdateAccount(t.Context(), account.ID, directory.Change{Set: map[string]string{"displayName": "Z", "companyName": "Y"}})
	if err != nil {
		t.Fatal(err)
	}
	updated, _ := o.change(plan.Update, func(in *activities.TaskInput, _ *plan.Task) { in.PolicyVersion, in.Account = version, account })
	live, err = o.dir.Account(t.Context(), account.ID)
	if err != nil || updated.Status != activities.Done || live.Attributes["displayName"] != "Müller, Zoë" || live.Attributes["companyName"] != "Y" {
		t.Errorf("update ended %+v, %v with %v", updated, err, live.Attributes)
	}
	writes := o.writes()
	o.now = o.now.AddDate(0, 0, 1)
	if again, _ := o.change(plan.Update, func(in *activities.TaskInput, _ *plan.Task) { in.PolicyVersion, in.Account = version, account }); again.Status != activities.Done {
		t.Errorf("the second update ended %+v", again)
	}
	if got := o.writes(); got != writes {
		t.Errorf("%d writes for an account that is as it should be", got-writes)
	}
}

func TestCreateNeedsWhatItsExpressionsMake(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`displayName: {expression: 'Item([surname], 2)'}`:                                  "displayName: line 1, column 1: Item",
		displayNameMapping + "\n      state: {expression: 'IgnoreObjectFlow'}":             "the mapping of state leaves this person out",
		displayNameMapping + "\n      state: {expression: 'Error(\"no\")', apply: create}": "state: line 1, column 1: Error: no",
	} {
		o := newOffice(t)
		version := o.withMapping(displayNameMapping, line)
		got, _ := o.change(plan.Create, func(in *activities.TaskInput, _ *plan.Task) { in.PolicyVersion = version })
		if got.Status != activities.Failed || got.Code != activities.CodeMapping || !strings.Contains(got.Detail, want) {
			t.Errorf("create ended %+v, want %q", got, want)
		}
		if o.writes() != 0 {
			t.Errorf("%d calls wrote", o.writes())
		}
	}
}

func TestSelectUniqueValueTakesTheFirstFreeName(t *testing.T) {
	t.Parallel()
	const unique = `userPrincipalName: {expression: 'SelectUniqueValue(ToLower([surname]) & "@" & DefaultDomain(), ToLower([givenName] & "." & [surname]) & "@" & DefaultDomain())', apply: create`
	for name, tt := range map[string]struct {
		taken    []string
		numbered bool
		want     string
	}{
		"the first":  {want: "müller@contoso.example"},
		"the second": {taken: []string{"MÜLLER"}, want: "zoë.müller@contoso.example"},
		"none":       {taken: []string{"müller", "zoë.müller"}},
		"a number":   {taken: []string{"müller", "zoë.müller", "zoë.müller2"}, numbered: true, want: "zoë.müller3@contoso.example"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			end := "}"
			if tt.numbered {
				end = ", numbered: true}"
			}
			version := o.withMapping("userPrincipalName: {unique: [given.family, g.family, given.family#], apply: create}", unique+end)
			for i, local := range tt.taken {
				o.dir.AddAccount(shown("9"+strings.Repeat("0", i), local, "Somebody Else"))
			}
			got, account := o.change(plan.Create, func(in *activities.TaskInput, _ *plan.Task) { in.PolicyVersion = version })
			if tt.want == "" {
				if got.Code != activities.CodeNoName {
					t.Errorf("create ended %+v, want %s", got, activities.CodeNoName)
				}
				return
			}
			if got.Status != activities.Done || account.UserName != tt.want {
				t.Errorf("create ended %+v as %q, want %q", got, account.UserName, tt.want)
			}
		})
	}
}

// A name is not given away while somebody else's account that had it can still be
// restored.
func TestNamesOfDeletedAccountsAreNotGivenAway(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	gone := o.dir.AddAccount(shown("9001", "zoe.muller", "Somebody Else"))
	if err := o.dir.DeleteAccount(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	got, account := o.change(plan.Create, nil)
	if got.Status != activities.Done || account.UserName != "z.muller@contoso.example" {
		t.Fatalf("create ended %+v as %q, want the second form", got, account.UserName)
	}
	if _, err := o.dir.RestoreAccount(t.Context(), gone, ""); err != nil {
		t.Errorf("restore of the other account: %v", err)
	}
	if _, err := o.store.Claim(t.Context(), "entra", "userPrincipalName", "zoe.muller@contoso.example"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the name stays claimed: %v", err)
	}
	// One's own name of before is no obstacle.
	own := newOffice(t)
	former := own.dir.AddAccount(shown(personKey, "zoe.muller", "Zoë Müller"))
	if err := own.dir.DeleteAccount(t.Context(), former); err != nil {
		t.Fatal(err)
	}
	if got, account := own.change(plan.Create, nil); got.Status != activities.Done || account.UserName != "zoe.muller@contoso.example" {
		t.Errorf("create ended %+v as %q, want the name of before", got, account.UserName)
	}
}
