package e2e_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"tenure/internal/directory/ad/adtest"
)

// hybridPeople is how many people the hybrid organisation has; TENURE_HYBRID_PEOPLE
// says otherwise.
const hybridPeople = 18

// TestHybridOrganisation lets many people join, move and leave on Samba and the
// simulated tenant: nobody is lost, nobody doubled, and nothing waits in the end.
func TestHybridOrganisation(t *testing.T) {
	count := hybridPeople
	if text := os.Getenv("TENURE_HYBRID_PEOPLE"); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatalf("TENURE_HYBRID_PEOPLE: %v", err)
		}
	}
	o := &hybridOrganisation{hybrid: beginHybrid(t, adtest.Samba(t))}
	for i := range count {
		who := joiner(t, strconv.Itoa(5000+i), "Robin", fmt.Sprintf("Ångström %d", i), 20)
		who.Manager = ""
		o.people = append(o.people, who)
	}
	begun := time.Now()
	o.all("join the domain", func(h *hybrid, who *hired) {
		h.hire(*who)
		h.forward(hooks, who.Key, berlin(h.t, day(h.t, who.Start, -14), "06:01"))
		h.wantWait(who.Key, "the counterpart of the account in corp")
	})
	o.cycle()
	o.all("come to the cloud and work", func(h *hybrid, who *hired) {
		h.later(who.Key)
		h.wantWait(who.Key, "")
		h.forward(hooks, who.Key, berlin(h.t, who.Start, "00:01"))
		h.wantWait(who.Key, "the cloud to show the account enabled as in corp")
	})
	o.cycle()
	o.all("move or leave", func(h *hybrid, who *hired) {
		h.later(who.Key)
		switch roleOf(who) {
		case moves:
			who.Title = "Chief of " + who.Key
			h.say("moves-"+who.Key, *who)
			h.eventually("the title is written", func() bool { return h.account(who.Key).title == who.Title })
		case leaves:
			who.Last = day(h.t, who.Start, 10)
			h.say("leaves-"+who.Key, *who)
			h.forward(hooks, who.Key, berlin(h.t, day(h.t, who.Last, 1), "00:01"))
			h.wantWait(who.Key, "the cloud to show the account disabled as in corp")
		}
	})
	o.cycle()
	o.all("are deleted", func(h *hybrid, who *hired) {
		if roleOf(who) != leaves {
			return
		}
		h.later(who.Key)
		h.wantWait(who.Key, "")
		h.forward(hooks, who.Key, berlin(h.t, day(h.t, who.Last, 31), "00:01"))
	})
	o.cycle()
	o.all("rest", func(h *hybrid, who *hired) { h.rests(who) })
	t.Logf("%d people in %s", count, time.Since(begun).Round(time.Second))
	if n, want := len(o.place.Below(t)), count-count/3; n != want {
		t.Errorf("%d accounts in the domain, want %d", n, want)
	}
}

// What somebody does beside joining.
const (
	stays = iota
	moves
	leaves
)

func roleOf(who *hired) int {
	number, _ := strconv.Atoi(who.Key)
	return (number - 5000) % 3
}

type hybridOrganisation struct {
	*hybrid
	people []hired
}

// all does something for everybody, several at a time.
func (o *hybridOrganisation) all(what string, do func(h *hybrid, who *hired)) {
	o.t.Helper()
	o.t.Run(strings.ReplaceAll(what, " ", "-"), func(t *testing.T) {
		for i := range o.people {
			t.Run(o.people[i].Key, func(t *testing.T) {
				t.Parallel()
				own := *o.domain
				own.bench = o.with(t)
				do(&hybrid{domain: &own, sync: o.sync}, &o.people[i])
			})
		}
	})
	if o.t.Failed() {
		o.t.FailNow()
	}
}

func (o *hybridOrganisation) cycle() {
	o.t.Helper()
	result, err := o.sync.Cycle(o.t.Context())
	if err != nil || len(result.Refused) != 0 {
		o.t.Fatalf("synchronise: %+v, %v", result, err)
	}
	o.t.Logf("synchronised: %d made, %d changed, %d deleted", result.Created, result.Changed, result.Deleted)
}

// later lets the person's journey look again after a cycle.
func (h *hybrid) later(key string) {
	h.t.Helper()
	h.forward(hooks, key, h.person(hooks, key).Now.Add(20*time.Minute))
}

// rests: one account in each, as the person's role wants it, and nothing open.
func (h *hybrid) rests(who *hired) {
	t := h.t
	t.Helper()
	if roleOf(who) == leaves {
		h.later(who.Key)
	}
	live, deleted := h.accounts(who.Key)
	if d := h.person(hooks, who.Key); len(d.Parked) != 0 || len(d.Running) != 0 {
		t.Errorf("parked %+v, running %v", d.Parked, d.Running)
	}
	if roleOf(who) == leaves {
		if h.account(who.Key) != nil || len(live) != 0 || len(deleted) != 1 {
			t.Errorf("%+v in the domain, %d and %d deleted ones in the cloud, want one deleted", h.account(who.Key), len(live), len(deleted))
		}
		return
	}
	a := h.account(who.Key)
	if a == nil || !a.enabled || a.title != who.Title || len(a.groups) != 1 || len(live) != 1 || len(deleted) != 0 {
		t.Fatalf("%+v in the domain, %d and %d deleted ones in the cloud, want one in each", a, len(live), len(deleted))
	}
	if !enabled(live[0]) || live[0].Props["jobTitle"] != who.Title || len(live[0].Groups) != 1 || live[0].Props["onPremisesSyncEnabled"] != true {
		t.Errorf("%+v in the cloud, want it synchronised, enabled and in its group", live[0])
	}
}
