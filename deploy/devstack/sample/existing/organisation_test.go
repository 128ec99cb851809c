package existing_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/deploy/devstack/sample/existing"
	"tenure/deploy/policy"
	"tenure/internal/catalog"
	"tenure/internal/hr/csv"
	"tenure/internal/lifecycle"
)

var day = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

func TestTenant(t *testing.T) {
	t.Parallel()
	o := existing.New(day)
	count := map[string]int{}
	names, numbers, displayed := map[string]bool{}, map[string]int{}, map[string]int{}
	for _, a := range o.Accounts {
		if names[a.UserName] {
			t.Errorf("two accounts are named %s", a.UserName)
		}
		names[a.UserName] = true
		displayed[a.DisplayName]++
		for what, holds := range map[string]bool{
			"without number": a.EmployeeID == "", "synced": a.Synced, "with a role": len(a.Roles) > 0, "disabled": !a.Enabled,
			"in the role-assignable group": slices.Contains(a.Groups, existing.Admins), "of nobody": a.Owner == "",
			"with a manager": a.Manager != "", "licensed": a.Licensed,
		} {
			if holds {
				count[what]++
			}
		}
		if a.EmployeeID != "" {
			numbers[a.EmployeeID]++
		}
		if a.Manager != "" && !names[a.Manager] && !slices.ContainsFunc(o.Accounts, func(b *existing.Account) bool { return b.UserName == a.Manager }) {
			t.Errorf("%s has a manager who does not exist: %s", a.UserName, a.Manager)
		}
	}
	for number, holders := range numbers {
		if holders > 1 {
			count["sharing a number"]++
			if holders > 2 {
				t.Errorf("%d accounts carry %s", holders, number)
			}
		}
	}
	for _, holders := range displayed {
		if holders > 1 {
			count["namesakes"]++
		}
	}
	t.Logf("%d accounts: %v", len(o.Accounts), count)
	if len(o.Accounts) != 300 {
		t.Errorf("%d accounts, want 300", len(o.Accounts))
	}
	for what, least := range map[string]int{
		"without number": 100, "synced": 50, "with a role": 3, "in the role-assignable group": 2, "disabled": 15, "of nobody": 20,
		"sharing a number": 2, "namesakes": 2, "with a manager": 200, "licensed": 200,
	} {
		if count[what] < least {
			t.Errorf("%d accounts %s, want at least %d", count[what], what, least)
		}
	}
}

// TestImport reads the export as the feed does: every row that must be rejected
// or remarked on is, with its text, and no other.
func TestImport(t *testing.T) {
	t.Parallel()
	o := existing.New(day)
	read := read(t, o)
	if len(read.Held) > 0 {
		t.Errorf("the file is held: %v", read.Held)
	}
	rejects, remarks := map[int][]string{}, map[int][]string{}
	for _, reject := range read.Rejects {
		rejects[reject.Line] = reject.Problems
	}
	for _, remark := range read.Remarks {
		remarks[remark.Line] = remark.Texts
	}
	for _, report := range o.Reports {
		said := map[existing.Where]map[int][]string{existing.AtImport: rejects, existing.Remarked: remarks}[report.Where]
		for i, line := range report.Lines {
			if said == nil {
				continue
			}
			if !strings.Contains(strings.Join(said[line], "\n"), report.Says) {
				t.Errorf("%s: of line %d, %s, the import says %q; want %q", report.Mistake, line, report.Keys[i], said[line], report.Says)
			}
			delete(said, line)
		}
	}
	for line, texts := range rejects {
		t.Errorf("line %d is rejected without a mistake: %q", line, texts)
	}
	for line, texts := range remarks {
		t.Errorf("line %d is remarked on without a mistake: %q", line, texts)
	}
	if keys := o.Keys(); len(keys) != read.Accepted {
		t.Errorf("%d rows are taken, want %d", read.Accepted, len(keys))
	}
	t.Logf("%d rows, %d rejected", read.Rows, read.Rejected)
}

func read(t *testing.T, o *existing.Organisation) *csv.Import {
	t.Helper()
	content, err := existing.Policy(policy.First(), o.Day, "https://badges.contoso.example/tenure")
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := catalog.Load(lifecycle.Source{Name: "policy.yaml", Content: content})
	if err != nil {
		t.Fatal(err)
	}
	feed, _ := loaded.Feed("hr")
	export, err := o.Export()
	if err != nil {
		t.Fatal(err)
	}
	read, err := csv.Read(bytes.NewReader(export), csv.Options{Feed: feed, AsOf: o.Day})
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestKinds(t *testing.T) {
	t.Parallel()
	o := existing.New(day)
	if len(o.Reports) < 20 || len(o.Reports) != len(existing.Mistakes()) {
		t.Errorf("%d kinds of mistakes are reported, %d are made, want 20 and more", len(o.Reports), len(existing.Mistakes()))
	}
	for i, kind := range existing.Mistakes() {
		report := o.Report(kind)
		if slices.Index(existing.Mistakes(), kind) != i || len(report.Keys) == 0 || report.Says == "" || report.Where == "" {
			t.Errorf("%q: %+v", kind, report)
		}
	}
	export, err := o.Export()
	if err != nil {
		t.Fatal(err)
	}
	again, err := existing.New(day.Add(time.Hour)).Export()
	if err != nil || !bytes.Equal(export, again) {
		t.Errorf("the export of one day is another an hour later: %v", err)
	}
}
