package e2e_test

import (
	"strings"
	"testing"

	"tenure/internal/directory/ad/adtest"
	simulated "tenure/internal/sim/ad"
)

// TestDomainRehire hires somebody again whose account lies among the leavers, hidden
// and marked: on the first day it is none of that, where no mapping places it too.
func TestDomainRehire(t *testing.T) {
	t.Run("simulator", func(t *testing.T) {
		_, controller := adtest.Simulated(t, simulated.Options{Exchange: true})
		rehireJourney(t, controller, true)
	})
	t.Run("samba", func(t *testing.T) { rehireJourney(t, adtest.Samba(t), false) })
}

func rehireJourney(t *testing.T, controller *adtest.Controller, exchange bool) {
	t.Helper()
	const placed = "      parentDistinguishedName: "
	head, rest, _ := strings.Cut(domainPolicy, placed)
	_, tail, found := strings.Cut(rest, "\n")
	if !found {
		t.Fatal("the policy places nobody")
	}
	d := beginDomain(t, controller, head+tail)
	d.exchange = exchange
	h := joiner(t, "4003", "Ana", "Moreau", -1)
	h.Manager = ""
	d.hire(h)
	d.eventually("she works", func() bool { a := d.account(h.Key); return a != nil && a.enabled && !a.liesIn("Leavers") })
	before := d.account(h.Key)
	h.Last = day(t, h.Start, 10)
	d.say("leaves", h)
	d.forward(hooks, h.Key, berlin(t, day(t, h.Last, 1), "00:01"))
	if a := d.account(h.Key); a.enabled || !a.liesIn("Leavers") || a.info != "left "+h.Key {
		t.Fatalf("after the last day: %+v", a)
	}
	d.hides(&h)
	h.Start, h.Last = day(t, h.Last, 20), ""
	d.say("returns", h)
	d.forward(hooks, h.Key, berlin(t, h.Start, "08:01"))
	a := d.account(h.Key)
	if a == nil || !a.enabled || a.hidden != "" || a.info != "" || !strings.EqualFold(a.dn, before.dn) {
		t.Errorf("on the first day of the new stay: %+v, want %s with nothing left of the leave", a, before.dn)
	}
	if len(a.groups) != 1 {
		t.Errorf("groups %v, want what the joiner's tasks give", a.groups)
	}
}
