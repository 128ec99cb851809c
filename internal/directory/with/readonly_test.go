package with_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"tenure/internal/directory"
	"tenure/internal/directory/memory"
	"tenure/internal/directory/with"
)

// looking are the methods of a target that change nothing; whatever else is
// there, or comes, must be refused where nothing may be written.
func looking() []string {
	return []string{
		"Name", "Capabilities", "Account", "AccountsByEmployeeID", "AccountByUserName", "AccountsByAnchor", "DeletedAccounts", "DeletedByUserName", "Group", "Memberships",
		"Licenses", "Passes", "SignInFacts", "ListAccounts", "Protection", "Ownerships", "MemberOf", "Inspect",
	}
}

// TestReadOnlyRefusesWhateverIsNoLook calls every method of every ability.
func TestReadOnlyRefusesWhateverIsNoLook(t *testing.T) {
	t.Parallel()
	for name, guard := range map[string]func(directory.Target) directory.Target{"read only": with.ReadOnly, "stamp only": with.StampOnly} {
		target := guard(directory.Bundle(memory.New(memory.Options{})))
		seen := map[string]bool{}
		for field, ability := range reflect.ValueOf(target).Fields() {
			for i := range ability.Type().NumMethod() {
				method := ability.Type().Method(i).Name
				seen[method] = true
				refused := errors.Is(call(t, ability.Method(i)), with.ErrReadOnly)
				if want := !slices.Contains(looking(), method); refused != want {
					t.Errorf("%s: %s.%s is refused: %t, want %t", name, field.Name, method, refused, want)
				}
			}
		}
		for _, method := range looking() {
			if !seen[method] {
				t.Errorf("a target has no method %s", method)
			}
		}
	}
}

// call passes nothing but what a method needs to be called, and returns its
// error.
func call(t *testing.T, method reflect.Value) error {
	t.Helper()
	on := true
	var in []reflect.Value
	for parameter := range method.Type().Ins() {
		switch parameter {
		case reflect.TypeFor[context.Context]():
			in = append(in, reflect.ValueOf(t.Context()))
		case reflect.TypeFor[func(directory.Account) error]():
			in = append(in, reflect.ValueOf(func(directory.Account) error { return nil }))
		case reflect.TypeFor[directory.Change]():
			in = append(in, reflect.ValueOf(directory.Change{Enabled: &on})) // an empty one asks for nothing
		default:
			in = append(in, reflect.Zero(parameter))
		}
	}
	for _, out := range method.Call(in) {
		if err, failed := reflect.TypeAssert[error](out); failed {
			return err
		}
	}
	return nil
}

func TestStampOnlyWritesTheNumberAlone(t *testing.T) {
	t.Parallel()
	d := memory.New(memory.Options{})
	id := d.AddAccount(directory.Account{UserName: "zoe@contoso.example"})
	target := with.StampOnly(directory.Bundle(d))
	on := true
	number := map[string]string{directory.EmployeeIDAttribute: "E1"}
	for what, change := range map[string]directory.Change{
		"a title":              {Set: map[string]string{"jobTitle": "Lead"}},
		"a number and a title": {Set: map[string]string{directory.EmployeeIDAttribute: "E1", "jobTitle": "Lead"}},
		"a number and a gap":   {Set: number, Clear: []string{"department"}},
		"a number and a state": {Set: number, Enabled: &on},
		"no number any more":   {Clear: []string{directory.EmployeeIDAttribute}},
	} {
		if err := target.Writer.UpdateAccount(t.Context(), id, change); !errors.Is(err, with.ErrReadOnly) {
			t.Errorf("%s: error = %v, want it refused", what, err)
		}
	}
	if err := target.Writer.UpdateAccount(t.Context(), id, directory.Change{Set: number}); err != nil {
		t.Fatalf("write a number: %v", err)
	}
	if a, err := d.Account(t.Context(), id); err != nil || a.EmployeeID != "E1" || a.Enabled || len(a.Attributes) != 0 {
		t.Errorf("account = %+v, %v, want the number and nothing else", a, err)
	}
}
