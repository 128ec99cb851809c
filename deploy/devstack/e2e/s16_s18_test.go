package e2e_test

import (
	"slices"
	"testing"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/plan"
	"tenure/workflows/contract"
)

// TestS16_HoldsOfAKind keeps what each kind of hold is for, and nothing else.
func TestS16_HoldsOfAKind(t *testing.T) {
	b := begin(t, hooked(t))
	b.hireChief()
	t.Run("legal", func(t *testing.T) { legalHold(b.with(t)) })
	t.Run("security", func(t *testing.T) { securityHold(b.with(t)) })
}

// legalHold: access ends, and what may be evidence stays until the release.
func legalHold(b *bench) {
	b.hire(joiner(b.t, "7201", "Imogen", "Farrow", -1))
	b.eventually("she works, with a group", func() bool {
		live, _ := b.accounts("7201")
		return len(live) == 1 && enabled(live[0]) && slices.Contains(live[0].Groups, allStaff)
	})
	b.idle(hooks, "7201")
	b.steer("7201", contract.Hold, contract.Override{HoldKind: string(plan.HoldLegal)})
	last := day(b.t, today(), 3)
	b.steer("7201", contract.SetDate, contract.Override{On: lifecycle.LastDayOfWork, Date: last})
	b.forward(hooks, "7201", berlin(b.t, day(b.t, last, 1), "00:01"))
	if account := b.account("7201"); enabled(account) || account.Revocations == 0 || !slices.Contains(account.Groups, allStaff) {
		b.t.Errorf("after the last day under a legal hold: enabled %t, %d revocations, groups %v; want her out, with her groups",
			enabled(account), account.Revocations, account.Groups)
	}
	b.steer("7201", contract.Release, contract.Override{HoldKind: string(plan.HoldLegal)})
	b.eventually("the groups go after the release", func() bool { return len(b.account("7201").Groups) == 0 })
}

// securityHold: out at once, and back when it is released.
func securityHold(b *bench) {
	b.hire(joiner(b.t, "7202", "Casper", "Lindholm", -1))
	b.eventually("he works", func() bool { live, _ := b.accounts("7202"); return len(live) == 1 && enabled(live[0]) })
	b.idle(hooks, "7202")
	b.steer("7202", contract.Hold, contract.Override{HoldKind: string(plan.HoldSecurity)})
	b.eventually("access is cut", func() bool { return !enabled(b.account("7202")) })
	if account := b.account("7202"); account.Revocations == 0 || !slices.Contains(account.Groups, allStaff) {
		b.t.Errorf("under a security hold: %d revocations, groups %v; want sessions ended and groups kept", account.Revocations, account.Groups)
	}
	moved := joiner(b.t, "7202", "Casper", "Lindholm", -1)
	moved.Title = "Sales Lead"
	b.say("7202-moved", moved)
	if enabled(b.account("7202")) {
		b.t.Error("a record of HR lifted a security hold")
	}
	b.steer("7202", contract.Release, contract.Override{HoldKind: string(plan.HoldSecurity)})
	b.eventually("access is back", func() bool { return enabled(b.account("7202")) })
}

// TestS18_GroupsByValueAndBack names groups through a value map, and gives back
// what a termination took that was rescinded.
func TestS18_GroupsByValueAndBack(t *testing.T) {
	b := begin(t, hooked(t,
		replacing("    licenses:\n", "    values:\n      departmentGroup: {from: assignment.department.name, values: {Sales: sales, Engineering: engineering}}\n    licenses:\n"),
		replacing("\n  - name: Welcome\n", `
  - name: Department group
    category: joiner
    trigger: {on: startDate, offset: -6d, at: "09:00"}
    tasks:
      - addUserToGroups: {groups: [departmentGroup]}

  - name: Welcome
`)))
	b.hireChief()
	engineer := joiner(t, "7301", "Ottoline", "Brandt", -1)
	engineer.Department = "Engineering"
	stranger := joiner(t, "7302", "Piers", "Holloway", -1)
	stranger.Department = "Falconry"
	for _, h := range []hired{engineer, stranger} {
		b.hire(h)
		b.eventually(h.Given+" works", func() bool { live, _ := b.accounts(h.Key); return len(live) == 1 && enabled(live[0]) })
		b.idle(hooks, h.Key)
	}
	if groups := b.account("7301").Groups; !slices.Contains(groups, engineering) {
		t.Errorf("groups of an engineer = %v, want that of her department", groups)
	}
	if d := b.person(hooks, "7302"); !slices.Contains(d.Attention, plan.AttentionValueUnmapped) || slices.Contains(b.account("7302").Groups, engineering) {
		t.Errorf("a department without a group: attention %+v, groups %v", d.Attention, b.account("7302").Groups)
	}

	before := slices.Sorted(slices.Values(b.account("7301").Groups))
	b.forward(hooks, "7301", b.person(hooks, "7301").Now.Add(time.Hour)) // a later truth than that of the hire
	engineer.Last = day(t, today(), 1)
	b.say("7301-leaves", engineer)
	b.forward(hooks, "7301", berlin(t, day(t, today(), 2), "00:01"))
	if account := b.account("7301"); enabled(account) || len(account.Groups) != 0 {
		t.Fatalf("after the last day: enabled %t, groups %v; want neither", enabled(account), account.Groups)
	}
	b.steer("7301", contract.Rescind, contract.Override{What: plan.RescindTermination})
	b.eventually("the groups are back", func() bool {
		account := b.account("7301")
		return enabled(account) && slices.Equal(slices.Sorted(slices.Values(account.Groups)), before)
	})
}
