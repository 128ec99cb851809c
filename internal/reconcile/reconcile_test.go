package reconcile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tenure/internal/directory"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/reconcile"
)

func holding(accounts ...directory.Account) *reconcile.Holding {
	h := reconcile.NewHolding()
	for _, account := range accounts {
		h.Add(account)
	}
	return h
}

func zoe() reconcile.Person {
	return reconcile.Person{Realm: "main", Key: "2001", EmployeeID: "2001", Phase: person.PhaseActive, ObjectID: "o-1", State: plan.AccountEnabled}
}

func account(change func(*directory.Account)) directory.Account {
	out := directory.Account{
		ID: "O-1", EmployeeID: "2001", UserName: "zoe@contoso.example", Enabled: true, ManagerID: "m-1",
		Attributes: map[string]string{"jobTitle": "Engineer"},
	}
	if change != nil {
		change(&out)
	}
	return out
}

// works is what a journey wants of somebody who works, changed.
func works(change func(*reconcile.Wanted)) reconcile.Wanted {
	out := reconcile.Wanted{ManagerID: "M-1"}
	out.Exists, out.Enabled, out.Written = true, true, true
	out.Attributes = plan.WantedAttributes{Set: map[string]string{"jobTitle": "Engineer"}, Clear: []string{"mobilePhone"}}
	if change != nil {
		change(&out)
	}
	return out
}

func left(w *reconcile.Wanted) {
	w.Exists, w.Enabled, w.Cut, w.Reason = false, false, true, "last day 2026-11-20"
}

func TestReconcilePeople(t *testing.T) {
	t.Parallel()
	asks := &plan.Line{Verb: plan.Enable, State: plan.Asks, Code: "disabled-elsewhere"}
	for name, tt := range map[string]struct {
		who     reconcile.Person
		account *directory.Account
		wanted  reconcile.Wanted
		want    string // "kind names: waits", joined by "; "
	}{
		"as wanted":           {zoe(), new(account(nil)), works(nil), ""},
		"left and enabled":    {zoe(), new(account(nil)), works(left), "active-should-be-disabled :"},
		"left and disabled":   {zoe(), new(account(func(a *directory.Account) { a.Enabled = false })), works(left), ""},
		"disabled":            {zoe(), new(account(func(a *directory.Account) { a.Enabled = false })), works(nil), "disabled-should-be-active :"},
		"disabled, and asked": {zoe(), new(account(func(a *directory.Account) { a.Enabled = false })), works(func(w *reconcile.Wanted) { w.Line = asks }), "disabled-should-be-active : the line enable asks (disabled-elsewhere)"},
		"being enabled now": {zoe(), new(account(func(a *directory.Account) { a.Enabled = false })), works(func(w *reconcile.Wanted) {
			w.Line = &plan.Line{Verb: plan.Enable, State: plan.Running}
		}), ""},
		"enabled without a reason to cut": {zoe(), new(account(nil)), works(func(w *reconcile.Wanted) { w.Enabled = false }), ""},
		"gone from the target":            {zoe(), nil, works(nil), "missing :"},
		"gone with the person":            {zoe(), nil, works(left), ""},
		"never linked":                    {unlinked(zoe()), nil, works(nil), "missing :"},
		"never linked, but there":         {unlinked(zoe()), new(account(func(a *directory.Account) { a.Enabled = false })), works(nil), ""},
		"left, never linked, enabled":     {unlinked(zoe()), new(account(nil)), works(left), "active-should-be-disabled :"},
		"another title":                   {zoe(), new(account(func(a *directory.Account) { a.Attributes["jobTitle"] = "Emperor" })), works(nil), "drifted jobTitle:"},
		"another title not yet written": {zoe(), new(account(func(a *directory.Account) { a.Attributes["jobTitle"] = "Emperor" })), works(func(w *reconcile.Wanted) {
			w.Written = false
		}), ""},
		"another title from on premises": {zoe(), new(account(func(a *directory.Account) {
			a.Attributes["jobTitle"], a.Synced = "Emperor", true
		})), works(nil), ""},
		"a value where none should be": {zoe(), new(account(func(a *directory.Account) { a.Attributes["mobilePhone"] = "1" })), works(nil), "drifted mobilePhone:"},
		"another manager":              {zoe(), new(account(func(a *directory.Account) { a.ManagerID = "m-2" })), works(nil), "drifted manager:"},
		"a manager nobody knows":       {zoe(), new(account(func(a *directory.Account) { a.ManagerID = "m-2" })), works(func(w *reconcile.Wanted) { w.ManagerID = "" }), ""},
		"disabled and drifted": {zoe(), new(account(func(a *directory.Account) {
			a.Enabled, a.ManagerID, a.Attributes["jobTitle"] = false, "", "Emperor"
		})), works(nil), "disabled-should-be-active :; drifted jobTitle,manager:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := holding()
			if tt.account != nil {
				h.Add(*tt.account)
			}
			h.Know(tt.who)
			var got []string
			for _, f := range tt.who.Differences(h, tt.wanted) {
				got = append(got, strings.TrimSuffix(fmt.Sprintf("%s %s: %s", f.Kind, strings.Join(f.Names, ","), f.Waits), " "))
				if f.Reason == "" || f.Realm != "main" || f.Key != "2001" {
					t.Errorf("finding = %+v, want who and why", f)
				}
			}
			if text := strings.Join(got, "; "); text != tt.want {
				t.Errorf("findings = %q, want %q", text, tt.want)
			}
		})
	}
}

func unlinked(p reconcile.Person) reconcile.Person {
	p.ObjectID, p.State = "", plan.AccountUnknown
	return p
}

func TestReconcileAsksNoMoreThanItMust(t *testing.T) {
	t.Parallel()
	gone := zoe()
	gone.Phase, gone.State = person.PhaseLeft, plan.AccountDisabled
	disabled := account(func(a *directory.Account) { a.Enabled = false })
	for name, tt := range map[string]struct {
		who  reconcile.Person
		h    *reconcile.Holding
		want bool
	}{
		"works":             {zoe(), holding(account(nil)), true},
		"works, no account": {zoe(), holding(), true},
		"left, disabled":    {gone, holding(disabled), false},
		"left, deleted":     {gone, holding(), false},
		"left, enabled":     {gone, holding(account(nil)), true},
	} {
		if got := tt.who.NeedsFacts(tt.h); got != tt.want {
			t.Errorf("%s: asked %t, want %t", name, got, tt.want)
		}
	}
	if got := gone.Unanswered(holding(account(nil))); len(got) != 1 || got[0].Kind != reconcile.ActiveShouldBeDisabled {
		t.Errorf("a leaver's enabled account, and no answer: got %+v", got)
	}
	if got := zoe().Unanswered(holding(account(nil))); len(got) != 0 {
		t.Errorf("somebody who works, and no answer: got %+v", got)
	}
}

func TestReconcileUnowned(t *testing.T) {
	t.Parallel()
	h := holding(
		account(nil),
		directory.Account{ID: "o-2", UserName: "printer@contoso.example"},
		directory.Account{ID: "o-3", EmployeeID: "3003", UserName: "bela@contoso.example", Enabled: true},
		directory.Account{ID: "o-4", EmployeeID: "4004", Enabled: true}, directory.Account{ID: "o-5", EmployeeID: "4004", Enabled: true},
		directory.Account{ID: "o-6", EmployeeID: "2001", Enabled: true},
		directory.Account{ID: "o-7", Enabled: true},
	)
	h.Know(zoe())
	h.Know(reconcile.Person{Realm: "main", Key: "3003", EmployeeID: "3003"})
	h.Know(reconcile.Person{Realm: "main", Key: "4004", EmployeeID: "4004"})
	h.Claim("O-7")
	got := map[string]string{}
	for _, f := range h.Unowned() {
		got[f.ObjectID] = f.Key + " " + f.Reason
	}
	want := map[string]string{
		"o-2": " no journey claims it, and it carries no employee number; it is disabled",
		"o-3": "3003 no journey claims it; it carries the employee number of a person without an account",
		"o-4": " no journey claims it; its employee number fits more than one account or person",
		"o-5": " no journey claims it; its employee number fits more than one account or person",
		"o-6": " no journey claims it; its employee number is that of nobody without an account",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("unowned (-want +got):\n%s", diff)
	}
}

// Every account is either claimed or unowned, whatever the order in which the
// target tells of them.
func TestReconcileLosesNoAccount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(0, 20).Draw(t, "accounts")
		var accounts []directory.Account
		claimed := map[string]bool{}
		for i := range count {
			id := fmt.Sprintf("id-%d", i)
			accounts = append(accounts, directory.Account{ID: id, EmployeeID: rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "number")})
			claimed[id] = rapid.Bool().Draw(t, "claimed")
		}
		var first []reconcile.Finding
		for round := range 2 {
			h := reconcile.NewHolding()
			for _, a := range rapid.Permutation(accounts).Draw(t, "order") {
				h.Add(a)
				h.Add(a)
			}
			for id, is := range claimed {
				if is {
					h.Claim(strings.ToUpper(id))
				}
			}
			got := h.Unowned()
			if round == 0 {
				first = got
			}
			if diff := cmp.Diff(first, got); diff != "" {
				t.Fatalf("the order of accounts matters (-first +second):\n%s", diff)
			}
			for _, a := range accounts {
				told := slices.ContainsFunc(got, func(f reconcile.Finding) bool { return f.ObjectID == a.ID })
				if told == claimed[a.ID] {
					t.Fatalf("%s: unowned %t, claimed %t", a.ID, told, claimed[a.ID])
				}
			}
		}
	})
}

// What is mended as a finding says is found no more, and nobody is told two
// things that contradict each other.
func TestReconcileFindsNothingOnceMended(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, live, wanted := zoe(), account(nil), works(nil)
		values := rapid.SampledFrom([]string{"", "a", "b"})
		live.Enabled, wanted.Enabled = rapid.Bool().Draw(t, "is enabled"), rapid.Bool().Draw(t, "should be")
		wanted.Cut, wanted.Reason = !wanted.Enabled, "why"
		wanted.Exists = wanted.Enabled || rapid.Bool().Draw(t, "exists")
		wanted.Written = rapid.Bool().Draw(t, "written")
		live.Attributes = map[string]string{"x": values.Draw(t, "x"), "y": values.Draw(t, "y")}
		wanted.Attributes = plan.WantedAttributes{Set: map[string]string{"x": "a"}, Clear: []string{"y"}}
		live.ManagerID, wanted.ManagerID = values.Draw(t, "manager"), values.Draw(t, "wanted manager")
		there := rapid.Bool().Draw(t, "there")
		h := holding()
		if there {
			h.Add(live)
		}
		seen := map[reconcile.Kind]bool{}
		for _, f := range p.Differences(h, wanted) {
			if seen[f.Kind] {
				t.Fatalf("%s is told twice", f.Kind)
			}
			seen[f.Kind] = true
			switch f.Kind {
			case reconcile.ActiveShouldBeDisabled:
				live.Enabled = false
			case reconcile.DisabledShouldBeActive:
				live.Enabled = true
			case reconcile.Missing:
				live = account(func(a *directory.Account) {
					a.Enabled, a.Attributes, a.ManagerID = wanted.Enabled, map[string]string{"x": "a"}, wanted.ManagerID
				})
				there = true
			case reconcile.Drifted:
				live.Attributes = map[string]string{"x": "a"}
				if wanted.ManagerID != "" {
					live.ManagerID = wanted.ManagerID
				}
			default:
				t.Fatalf("unexpected %s", f.Kind)
			}
		}
		if seen[reconcile.ActiveShouldBeDisabled] && seen[reconcile.DisabledShouldBeActive] || seen[reconcile.Missing] && len(seen) > 1 {
			t.Fatalf("findings contradict each other: %v", seen)
		}
		mended := holding()
		if there {
			mended.Add(live)
		}
		if rest := p.Differences(mended, wanted); len(rest) != 0 {
			t.Fatalf("still found once mended: %+v", rest)
		}
	})
}

func TestReconcileIDs(t *testing.T) {
	t.Parallel()
	f := reconcile.Finding{Kind: reconcile.Drifted, Realm: "main", Key: "2001", ObjectID: "o-1", Names: []string{"jobTitle"}}
	same := f
	same.ObjectID, same.Names, same.Reason = "o-2", nil, "other"
	if f.ID("entra") != same.ID("entra") || len(f.ID("entra")) != 13 {
		t.Errorf("IDs of one difference: %s and %s", f.ID("entra"), same.ID("entra"))
	}
	other := f
	other.Kind = reconcile.Missing
	seen := map[string]bool{f.ID("entra"): true, f.ID("fabrikam"): true, other.ID("entra"): true}
	unowned := reconcile.Finding{Kind: reconcile.Unowned, ObjectID: "O-1", Key: "2001"}
	seen[unowned.ID("entra")] = true
	if len(seen) != 4 {
		t.Errorf("different differences share an ID: %v", seen)
	}
	unowned.ObjectID, unowned.Key = "o-1", ""
	if !seen[unowned.ID("entra")] {
		t.Error("an unowned account's ID depends on more than the account")
	}
	kinds := reconcile.Kinds()
	if kinds[0] != reconcile.ActiveShouldBeDisabled || reconcile.Kind("later").Rank() != len(kinds) {
		t.Errorf("kinds = %v, want the loud one first and an unknown one last", kinds)
	}
}
