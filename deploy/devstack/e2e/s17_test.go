package e2e_test

import (
	"slices"
	"testing"
	"time"

	"tenure/internal/plan"
	"tenure/internal/sim/graph"
)

// TestS17_ProtectedAndSyncedLeavers: who holds a role loses nothing by a feed,
// and who is mastered on premises loses what can be taken in the cloud.
func TestS17_ProtectedAndSyncedLeavers(t *testing.T) {
	b := begin(t, hooked(t))
	b.hireChief()
	t.Run("protected", func(t *testing.T) { protectedLeaver(b.with(t)) })
	t.Run("synced", func(t *testing.T) { syncedLeaver(b.with(t)) })
}

func protectedLeaver(b *bench) {
	admin := joiner(b.t, "7401", "Wilhelmina", "Stroud", -1)
	b.hire(admin)
	b.eventually("she works, with a group", func() bool {
		live, _ := b.accounts("7401")
		return len(live) == 1 && enabled(live[0]) && slices.Contains(live[0].Groups, allStaff)
	})
	b.idle(hooks, "7401")
	facts := graph.SignInFacts{Roles: []string{"Global Administrator"}}
	if err := b.Graph().SetSignInFacts(b.account("7401").ID, facts); err != nil {
		b.t.Fatal(err)
	}
	b.leaves(admin)
	if account := b.account("7401"); !enabled(account) || account.Revocations != 0 || !slices.Contains(account.Groups, allStaff) {
		b.t.Errorf("a feed took from an administrator: enabled %t, %d revocations, groups %v", enabled(account), account.Revocations, account.Groups)
	}
	told := func(attention []string) bool {
		return slices.Contains(attention, plan.AttentionProtected) || slices.Contains(attention, plan.AttentionProtectedOverdue)
	}
	if d := b.person(hooks, "7401"); !told(d.Attention) {
		b.t.Errorf("attention = %v, want a human asked about the protected account", d.Attention)
	}
}

func syncedLeaver(b *bench) {
	err := b.Graph().Seed(graph.Seed{Users: []graph.UserSeed{{Synced: true, Props: map[string]any{
		"userPrincipalName": "leif.thorsen@contoso.example", "displayName": "Leif Thorsen", "givenName": "Leif", "surname": "Thorsen",
		"employeeId": "7402", "accountEnabled": true,
	}}}})
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.Graph().Join(b.account("7402").ID, allStaff); err != nil {
		b.t.Fatal(err)
	}
	staff := joiner(b.t, "7402", "Leif", "Thorsen", -60)
	b.hire(staff)
	b.eventually("the account is linked", func() bool {
		d := b.person(hooks, "7402")
		return len(d.Accounts) == 1 && d.Accounts[0].ID == b.account("7402").ID
	})
	b.idle(hooks, "7402")
	b.leaves(staff)
	account := b.account("7402")
	if !enabled(account) || account.Revocations == 0 || slices.Contains(account.Groups, allStaff) {
		b.t.Errorf("a synced leaver: enabled %t, %d revocations, groups %v; want sessions and groups gone, and the rest left to his directory",
			enabled(account), account.Revocations, account.Groups)
	}
	if d := b.person(hooks, "7402"); !slices.Contains(d.Attention, plan.AttentionDisableOnPremises) {
		b.t.Errorf("attention = %v, want %s", d.Attention, plan.AttentionDisableOnPremises)
	}
}

// leaves states tomorrow as the last day and goes past it.
func (b *bench) leaves(h hired) {
	b.t.Helper()
	b.forward(hooks, h.Key, b.person(hooks, h.Key).Now.Add(time.Hour)) // a later truth than that of the hire
	h.Last = day(b.t, today(), 1)
	b.say(h.Key+"-leaves", h)
	end := berlin(b.t, day(b.t, today(), 2), "00:01")
	b.must("POST", "/v1/dev/people/"+hooks+"/"+h.Key+"/fast-forward",
		encode(b.t, map[string]string{"duration": end.Sub(b.person(hooks, h.Key).Now).String()}), nil)
	b.idle(hooks, h.Key)
}
