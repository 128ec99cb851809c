package e2e_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/internal/httpapi"
	"tenure/internal/plan"
	"tenure/workflows/contract"
)

// TestPolicyEditDeletesNobodyUnasked: who left ten days ago keeps the account for
// thirty days. An edit to seven shows whom it would delete, is refused without
// an answer, and once it is active deletes nobody before a human says so.
func TestPolicyEditDeletesNobodyUnasked(t *testing.T) {
	const (
		key   = "7001"
		month = "delete:  {on: terminationDate, offset: 30d, minimum: 14d}"
		week  = "delete:  {on: terminationDate, offset: 7d, minimum: 7d}"
	)
	text := hooked(t)
	b := begin(t, text)
	today := time.Now().UTC()
	day := func(days int) string { return today.AddDate(0, 0, days).Format(time.DateOnly) }
	b.hire(hired{Key: key, Given: "Ottilie", Family: "Brandauer", Start: day(-5), Last: day(3), Department: "Sales", Title: "Clerk"})
	b.forward(hooks, key, today.AddDate(0, 0, 14))
	if account := b.account(key); enabled(account) {
		t.Fatal("the account is enabled ten days after the last day")
	}

	name := filepath.Join(b.opts.Dir, "week.yaml")
	if err := os.WriteFile(name, []byte(replacing(month, week)(text)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, code := b.tenure("policy", "apply", name, "--reason", "shorter"); code == 0 {
		t.Error("the edit was applied without an answer")
	}
	if versions := b.versions(); versions != 1 {
		t.Errorf("%d versions after a question that nobody answered, want 1", versions)
	}
	preview := b.apply(name, "works council agreed to seven days")
	if change := changeOf(preview, key, "delete"); change.Change != "newly due" || !change.Asks {
		t.Errorf("the preview says %+v of the delete, want newly due, and that it asks", change)
	}
	b.eventually("the delete asks", func() bool { return slices.Contains(b.person(hooks, key).Attention, plan.AttentionPolicyChange) })
	b.forward(hooks, key, today.AddDate(0, 0, 20))
	if live, deleted := b.accounts(key); len(live) != 1 || len(deleted) != 0 {
		t.Fatalf("%d accounts and %d deleted ones before anybody answered, want one and none", len(live), len(deleted))
	}

	question := slices.IndexFunc(b.person(hooks, key).Questions, func(a httpapi.Attention) bool { return a.Code == plan.AttentionPolicyChange })
	if question < 0 {
		t.Fatal("there is no question to answer")
	}
	if _, problem := b.override(hooks, key, contract.Approve, contract.Override{Key: b.person(hooks, key).Questions[question].Key}); problem != nil {
		t.Fatalf("approve: %+v", problem)
	}
	b.eventually("the account is deleted", func() bool {
		live, deleted := b.accounts(key)
		return len(live) == 0 && len(deleted) == 1
	})
}

func (b *bench) versions() int {
	b.t.Helper()
	var versions []httpapi.PolicyVersion
	b.must("GET", "/v1/policies", nil, &versions)
	return len(versions)
}

// changeOf finds what a preview says of a person's line.
func changeOf(preview httpapi.PolicyPreview, key, task string) httpapi.LineChange {
	for _, person := range preview.People {
		for _, line := range person.Lines {
			if person.Key == key && strings.Contains(line.Key, task) {
				return line
			}
		}
	}
	return httpapi.LineChange{}
}
