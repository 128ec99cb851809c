package dirtest

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/directory"
)

// Attribute names that every target understands.
const (
	displayName   = "displayName"
	givenName     = "givenName"
	surname       = "surname"
	jobTitle      = "jobTitle"
	department    = "department"
	usageLocation = "usageLocation"
)

func needWriter() need {
	return need{"account writer", func(s suite) bool { return s.Writer != nil }}
}

func needRemover() need {
	return need{"account remover", func(s suite) bool { return s.Writer != nil && s.Remover != nil }}
}

func needRestore() need {
	return need{NeedRestore, func(s suite) bool { return s.Capabilities().RestoreWindow > 0 }}
}

func needThrottling() need {
	return need{NeedThrottling, func(s suite) bool { return !s.NoThrottling }}
}

func needGroups() need {
	return need{"assigned group", func(s suite) bool {
		return s.Target.Groups != nil && s.Fixture.Groups[directory.GroupAssigned] != ""
	}}
}

func needLicenses() need {
	return need{NeedLicenses, func(s suite) bool { return s.Licenses != nil && s.SKU != "" }}
}

func needPasses() need {
	return need{NeedPasses, func(s suite) bool { return s.Passes != nil }}
}

func needFaults() need {
	return need{NeedFaults, func(s suite) bool { return s.Writer != nil && s.Inject != nil }}
}

// person is a new account of an invented person.
func (s suite) person(local, employeeID string) directory.NewAccount {
	return directory.NewAccount{
		EmployeeID: employeeID,
		UserName:   local + "@" + s.Domain,
		Enabled:    true,
		Attributes: map[string]string{
			displayName: "Zoë O'Neil-Łukasik", givenName: "Zoë", surname: "O'Neil-Łukasik",
			jobTitle: "Ingénieure", department: "R&D", usageLocation: "DE",
		},
	}
}

func (s suite) create(t *testing.T, in directory.NewAccount) directory.Account {
	t.Helper()
	a, err := s.Writer.CreateAccount(t.Context(), in)
	if err != nil {
		t.Fatalf("create account: %v", err)
	}
	return a
}

func (s suite) read(t *testing.T, id string) directory.Account {
	t.Helper()
	a, err := s.Account(t.Context(), id)
	if err != nil {
		t.Fatalf("read account: %v", err)
	}
	return a
}

func (s suite) assigned() string { return s.Fixture.Groups[directory.GroupAssigned] }

func mustDo(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func wantErr(t *testing.T, what string, err error, want ...error) {
	t.Helper()
	if !slices.ContainsFunc(want, func(w error) bool { return errors.Is(err, w) }) {
		t.Errorf("%s: error = %v, want one of %v", what, err, want)
	}
}

func wantConflict(t *testing.T, what string, err error) {
	t.Helper()
	wantErr(t, what, err, directory.ErrConflict)
	var conflict *directory.ConflictError
	if !errors.As(err, &conflict) {
		t.Errorf("%s: error %v is no *ConflictError", what, err)
		return
	}
	if conflict.Attribute != directory.UserNameAttribute {
		t.Errorf("%s: attribute = %q, want %q", what, conflict.Attribute, directory.UserNameAttribute)
	}
}

// wantAttributes compares the named attributes; "" means without a value.
func wantAttributes(t *testing.T, got directory.Account, want map[string]string) {
	t.Helper()
	found := map[string]string{}
	for name := range want {
		found[name] = got.Attributes[name]
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("attributes differ (-want +got):\n%s", diff)
	}
}

func ids(list []directory.Account) []string {
	out := []string{}
	for _, a := range list {
		out = append(out, a.ID)
	}
	slices.Sort(out)
	return out
}

func groupIDs(list []directory.Group) []string {
	out := []string{}
	for _, g := range list {
		out = append(out, g.ID)
	}
	slices.Sort(out)
	return out
}
