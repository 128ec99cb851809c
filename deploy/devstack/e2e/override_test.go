package e2e_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/internal/httpapi"
	"tenure/workflows/contract"
)

// TestOverridesOverHTTP steers journeys through the API and by the signals of
// the same names, and reads each back.
func TestOverridesOverHTTP(t *testing.T) {
	b := begin(t, hooked(t))
	b.hireChief()
	for name, test := range map[string]func(*bench){
		"hold and release": holdAndRelease, "terminate and rescind": terminateAndRescind, "set-date": setDate,
		"skip and postpone": skipAndPostpone, "run-now": runNow, "approve": approve, "renew": renew,
		"refusals": refusals, "signals": signals,
	} {
		t.Run(name, func(t *testing.T) { test(b.with(t)) })
	}
}

// with lets a subtest fail by itself.
func (b *bench) with(t *testing.T) *bench {
	t.Helper()
	out := *b
	out.t = t
	return &out
}

// steer sends an override that must be accepted.
func (b *bench) steer(key string, kind contract.Kind, o contract.Override) contract.Answer {
	b.t.Helper()
	answer, problem := b.override(hooks, key, kind, o)
	if problem != nil {
		b.t.Fatalf("%s of %s: %+v", kind, key, problem)
	}
	if answer.Text == "" {
		b.t.Errorf("%s of %s says nothing", kind, key)
	}
	return answer
}

// key finds the key of a task in the timeline.
func (b *bench) key(person, task string) string {
	b.t.Helper()
	for _, e := range b.timeline(hooks, person).Entries {
		if e.Key != "" && strings.Contains(e.Key, task) && e.Kind == httpapi.EntryTask {
			return e.Key
		}
	}
	b.t.Fatalf("the timeline of %s has no %s", person, task)
	return ""
}

// overridden is what the timeline says of overrides, with outcomes.
func (b *bench) overridden(person string) string {
	b.t.Helper()
	var out []string
	for _, e := range b.timeline(hooks, person).Entries {
		if e.Kind == httpapi.EntryOverride {
			out = append(out, e.Title+" "+e.State+" by "+e.Actor)
		}
	}
	return strings.Join(out, "; ")
}

func holdAndRelease(b *bench) {
	b.hire(joiner(b.t, "7101", "Oona", "Halvorsen", 20))
	b.steer("7101", contract.Hold, contract.Override{})
	b.forward(hooks, "7101", berlin(b.t, day(b.t, today(), 7), "12:00"))
	if live, _ := b.accounts("7101"); len(live) != 0 {
		b.t.Error("an account was made under a hold")
	}
	if d := b.person(hooks, "7101"); !d.Held || len(d.Overrides) != 1 || d.Overrides[0].Actor != "unverified: "+actor {
		b.t.Errorf("held %t, overrides %+v", d.Held, d.Overrides)
	}
	b.steer("7101", contract.Release, contract.Override{})
	b.eventually("the account is made after the release", func() bool { live, _ := b.accounts("7101"); return len(live) == 1 })
	b.eventually("the timeline shows both", func() bool {
		said := b.overridden("7101")
		return strings.Contains(said, "hold applied by unverified: kim") && strings.Contains(said, "release applied by unverified: kim")
	})
}

func terminateAndRescind(b *bench) {
	b.hire(joiner(b.t, "7102", "Ruben", "Castellanos", -1))
	b.eventually("he works", func() bool { live, _ := b.accounts("7102"); return len(live) == 1 && enabled(live[0]) })
	b.idle(hooks, "7102")
	b.steer("7102", contract.Terminate, contract.Override{})
	b.eventually("access is cut", func() bool { return !enabled(b.account("7102")) })
	if account := b.account("7102"); account.Revocations == 0 || len(account.Passes) != 0 {
		b.t.Errorf("terminated: %d revocations, passes %v", account.Revocations, account.Passes)
	}
	// HR cannot lift it (S4).
	h := joiner(b.t, "7102", "Ruben", "Castellanos", -1)
	h.Title = "Sales Lead"
	b.say("lift", h)
	if enabled(b.account("7102")) {
		b.t.Error("a record of HR lifted a termination by hand")
	}
	b.steer("7102", contract.Rescind, contract.Override{What: "termination"})
	b.eventually("access is back", func() bool { return enabled(b.account("7102")) })
}

func setDate(b *bench) {
	b.hire(joiner(b.t, "7103", "Leocadia", "Winther", 40))
	date := day(b.t, today(), 10)
	b.steer("7103", contract.SetDate, contract.Override{On: "startDate", Date: date})
	b.eventually("the account is made for the earlier day", func() bool { live, _ := b.accounts("7103"); return len(live) == 1 })
	b.idle(hooks, "7103")
	b.forward(hooks, "7103", berlin(b.t, date, "00:01"))
	if !enabled(b.account("7103")) {
		b.t.Error("not enabled on the day that was set")
	}
	if d := b.person(hooks, "7103"); !slices.ContainsFunc(d.Overrides, func(o httpapi.InForce) bool { return strings.Contains(o.Detail, date) }) {
		b.t.Errorf("overrides = %+v, want one of %s", d.Overrides, date)
	}
}

func skipAndPostpone(b *bench) {
	b.hire(joiner(b.t, "7104", "Tancred", "Moreau", 12))
	b.idle(hooks, "7104")
	mail, pass := b.key("7104", "sendOnboardingReminderEmail"), b.key("7104", "generateTemporaryAccessPass")
	b.steer("7104", contract.Skip, contract.Override{Key: mail})
	b.steer("7104", contract.Postpone, contract.Override{Key: pass, To: berlin(b.t, day(b.t, today(), 11), "15:00")})
	b.forward(hooks, "7104", berlin(b.t, day(b.t, today(), 11), "14:59"))
	if account := b.account("7104"); len(account.Passes) != 0 || len(account.Groups) != 2 {
		b.t.Errorf("before the postponed instant: passes %v, groups %v", account.Passes, account.Groups)
	}
	b.forward(hooks, "7104", berlin(b.t, day(b.t, today(), 11), "15:01"))
	if account := b.account("7104"); len(account.Passes) != 1 {
		b.t.Errorf("after the postponed instant: passes %v", account.Passes)
	}
	if mails := b.mails("Tancred"); len(mails) != 1 || mails["Temporary access pass for Tancred Moreau"] != 1 {
		b.t.Errorf("mails = %v, want that of the pass", mails)
	}
}

func runNow(b *bench) {
	b.hire(joiner(b.t, "7105", "Ysolde", "Baptiste", 13))
	b.idle(hooks, "7105")
	groups := b.key("7105", "addUserToGroups")
	b.steer("7105", contract.RunNow, contract.Override{Key: groups})
	b.eventually("the group is added early", func() bool { return len(b.account("7105").Groups) > 0 })
	b.steer("7105", contract.RunNow, contract.Override{ID: "out-1", Workflow: "Sign out everywhere"})
	b.steer("7105", contract.RunNow, contract.Override{ID: "out-1", Workflow: "Sign out everywhere"})
	b.eventually("sessions are revoked on demand", func() bool { return b.account("7105").Revocations > 0 })
	b.idle(hooks, "7105")
	if count := b.account("7105").Revocations; count != 1 {
		b.t.Errorf("%d revocations: the repeated call counted", count)
	}
}

// approve: sixteen days late the preparation asks.
func approve(b *bench) {
	b.hire(joiner(b.t, "7106", "Caspian", "Oyelaran", -16))
	b.eventually("it asks", func() bool { return slices.Contains(b.person(hooks, "7106").Attention, "late") })
	b.idle(hooks, "7106")
	if account := b.account("7106"); len(account.Groups) != 0 {
		b.t.Errorf("groups %v before the answer", account.Groups)
	}
	groups := b.key("7106", "addUserToGroups")
	run := groups[:strings.LastIndex(groups, "/")]
	b.steer("7106", contract.Approve, contract.Override{Key: run})
	b.eventually("the approved run goes on", func() bool { return len(b.account("7106").Groups) == 2 })
}

func renew(b *bench) {
	b.hire(joiner(b.t, "7107", "Philippa", "Nordström", 33))
	c := b.dial(false)
	before := len(b.histories(c, hooks, "7107"))
	b.steer("7107", contract.Renew, contract.Override{})
	b.eventually("there is a new run", func() bool { return len(b.histories(c, hooks, "7107")) == before+1 })
	b.forward(hooks, "7107", berlin(b.t, day(b.t, today(), 19), "06:01"))
	b.account("7107")
}

func refusals(b *bench) {
	b.hire(joiner(b.t, "7108", "Fenna", "Adeyemi", 30))
	for _, tt := range []struct {
		name   string
		key    string
		kind   contract.Kind
		o      contract.Override
		status int
	}{
		{"nobody", "9999", contract.Hold, contract.Override{}, http.StatusNotFound},
		{"nothing held", "7108", contract.Release, contract.Override{}, http.StatusConflict},
		{"unknown key", "7108", contract.Skip, contract.Override{Key: "Prepare a new hare/s/1/t"}, http.StatusUnprocessableEntity},
		{"unknown workflow", "7108", contract.RunNow, contract.Override{ID: "x", Workflow: "Sign out nowhere"}, http.StatusUnprocessableEntity},
		{"no date", "7108", contract.SetDate, contract.Override{On: "startDate", Date: "tomorrow"}, http.StatusUnprocessableEntity},
		{"unknown override", "7108", "promote", contract.Override{}, http.StatusNotFound},
	} {
		_, problem := b.override(hooks, tt.key, tt.kind, tt.o)
		if problem == nil || problem.Status != tt.status {
			b.t.Errorf("%s: %+v, want %d", tt.name, problem, tt.status)
		}
	}
	b.forward(hooks, "7108", b.person(hooks, "7108").Now.Add(time.Minute))
	if said := b.overridden("7108"); strings.Contains(said, "applied") {
		b.t.Errorf("the timeline says %s", said)
	}
}

// signals come from the Temporal Web UI, where nobody waits for an answer.
func signals(b *bench) {
	b.hire(joiner(b.t, "7109", "Aurelio", "Brandstätter", -1))
	b.eventually("he works", func() bool { live, _ := b.accounts("7109"); return len(live) == 1 && enabled(live[0]) })
	b.idle(hooks, "7109")
	c := b.dial(false)
	signal := func(kind contract.Kind, o any) {
		b.t.Helper()
		if err := c.SignalWorkflow(b.t.Context(), contract.JourneyID(hooks, "7109"), "", string(kind), o); err != nil {
			b.t.Fatalf("signal %s: %v", kind, err)
		}
	}
	by := contract.Override{Actor: "ui", Reason: "for a test"}
	signal(contract.Hold, by)
	b.eventually("held by signal", func() bool { return b.person(hooks, "7109").Held })
	signal(contract.Release, by)
	b.eventually("released by signal", func() bool { return !b.person(hooks, "7109").Held })
	signal(contract.Hold, "not an override at all")
	const refused = "signal-refused"
	b.eventually("a bad signal is shown", func() bool { return slices.Contains(b.person(hooks, "7109").Attention, refused) })
	b.steer("7109", contract.Approve, contract.Override{Key: refused})
	b.eventually("it is acknowledged", func() bool { return !slices.Contains(b.person(hooks, "7109").Attention, refused) })
	signal(contract.Terminate, by)
	b.eventually("terminated by signal", func() bool { return !enabled(b.account("7109")) })
	b.eventually("the timeline names the actor as unverified", func() bool {
		said := b.overridden("7109")
		return strings.Contains(said, "terminate applied by unverified: ui") && strings.Contains(said, "hold refused by unverified")
	})
}
