package memory_test

import (
	"sync"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/dirtest"
	"tenure/internal/directory/memory"
	"tenure/internal/directory/memory/memorytest"
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
	_, fixture := memorytest.Fixture(newClock())
	return fixture
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
