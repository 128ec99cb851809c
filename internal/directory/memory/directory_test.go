package memory_test

import (
	"sync"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/dirtest"
	"tenure/internal/directory/memory"
)

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

func TestConformance(t *testing.T) {
	t.Parallel()
	dirtest.Run(t, dirtest.Harness{New: newFixture})
}

func newFixture(*testing.T) dirtest.Fixture {
	c := newClock()
	d := memory.New(memory.Options{Clock: c.Now})
	groups := map[directory.GroupKind]string{}
	for _, kind := range []directory.GroupKind{
		directory.GroupAssigned, directory.GroupDynamic, directory.GroupSynced,
		directory.GroupRoleAssignable, directory.GroupMailEnabled,
	} {
		groups[kind] = "group-" + string(kind)
		d.AddGroup(directory.Group{ID: groups[kind], Name: "Group " + string(kind), Kind: kind})
	}
	d.AddLicense("e3", 5)
	d.AddLicense("e5", 0)
	d.AddLicense("e1", 5)
	d.LicenseGroup(groups[directory.GroupAssigned], "e1")
	return dirtest.Fixture{
		Directory: d, Domain: "contoso.example", Groups: groups,
		SKU: "e3", ExhaustedSKU: "e5", GroupSKU: "e1", LicenseGroup: groups[directory.GroupAssigned],
		Inject: func(_ *testing.T, verb directory.Verb, fault dirtest.Fault) {
			d.Inject(verb, map[dirtest.Fault]memory.Fault{
				dirtest.Throttled:   {Before: &directory.ThrottledError{After: dirtest.ThrottleAfter}},
				dirtest.Unavailable: {Before: directory.ErrUnavailable},
				dirtest.LostAnswer:  {LoseAnswer: true},
			}[fault])
		},
		Advance:        func(_ *testing.T, by time.Duration) { c.Advance(by) },
		Now:            c.Now,
		SetSignInFacts: func(_ *testing.T, id string, f directory.SignInFacts) { d.SetSignInFacts(id, f) },
	}
}

func TestManagerComesBackWithTheRestore(t *testing.T) {
	t.Parallel()
	d := memory.New(memory.Options{})
	boss := d.AddAccount(directory.Account{UserName: "boss@contoso.example"})
	id := d.AddAccount(directory.Account{UserName: "zoe@contoso.example", ManagerID: boss})
	manager := func() string {
		a, err := d.Account(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return a.ManagerID
	}
	if err := d.DeleteAccount(t.Context(), boss); err != nil {
		t.Fatal(err)
	}
	if got := manager(); got != "" {
		t.Errorf("manager while deleted = %q, want none", got)
	}
	if _, err := d.RestoreAccount(t.Context(), boss, ""); err != nil {
		t.Fatal(err)
	}
	if got := manager(); got != boss {
		t.Errorf("manager after restore = %q, want %q", got, boss)
	}
}

func TestCallersCannotReachInside(t *testing.T) {
	t.Parallel()
	d := memory.New(memory.Options{})
	id := d.AddAccount(directory.Account{UserName: "zoe@contoso.example", Attributes: map[string]string{"jobTitle": "Lead"}})
	a, err := d.Account(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	a.Attributes["jobTitle"] = "changed"
	again, err := d.Account(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if got := again.Attributes["jobTitle"]; got != "Lead" {
		t.Errorf("jobTitle = %q, want what was stored", got)
	}
	if got := d.Calls(directory.VerbAccount); got != 2 {
		t.Errorf("calls = %d, want 2", got)
	}
}
