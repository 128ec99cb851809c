package plan_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/plan"
)

// tellsHR is a journey whose feed is told the mail address.
func tellsHR(t testing.TB, now string, change ...func(*lifecycle.WriteBack)) *journey {
	t.Helper()
	j := newJourney(t, now)
	j.policy = loadPolicy(t)
	rules := &lifecycle.WriteBack{
		Target: entra, Look: 24 * time.Hour,
		Mapping: []lifecycle.Mapping{{To: "contact.workEmail", Attribute: "mail"}},
	}
	for _, one := range change {
		one(rules)
	}
	j.policy.Feeds[0].WriteBack = rules
	return j
}

const told = "writeBack"

func (j *journey) times(task string) int {
	n := 0
	for _, line := range j.log {
		if strings.Contains(line, " done ") && strings.HasSuffix(line, "/"+task) {
			n++
		}
	}
	return n
}

// telling is the line that is to tell HR and is not done.
func (j *journey) telling() plan.Line {
	j.t.Helper()
	for _, line := range j.lines() {
		if line.Task == told && line.State != plan.Finished {
			return line
		}
	}
	j.t.Fatalf("no line tells HR at %s:\n%s", j.now, explainAll(j.lines()))
	return plan.Line{}
}

func TestHRIsToldOnceTheAccountIsThere(t *testing.T) {
	t.Parallel()
	j := tellsHR(t, "2026-11-05 09:00").hears("start=2026-12-01 kind=employee dept=Sales")
	line := j.line(told)
	if line.State != plan.Future || !line.Due.Equal(at(t, "2026-11-17 06:00")) || line.Target != entra {
		t.Errorf("line before the account is there: got %s at %s on %q, want it to come with the account", line.State, line.Due, line.Target)
	}
	j.until("2026-11-17 06:00")
	j.wantDid("create", told)
}

func TestHRIsToldAgainOnlyWhenSomethingChanged(t *testing.T) {
	t.Parallel()
	j := tellsHR(t, "2026-11-20 09:00").hears("start=2026-12-01 kind=employee dept=Sales")
	if got := j.times(told); got != 1 {
		t.Fatalf("told %d times after the create, want once", got)
	}
	j.log = nil
	j.run().run()
	if got := j.times(told); got != 0 {
		t.Errorf("told %d times though nothing happened", got)
	}
	j.hears("start=2026-12-01 kind=employee dept=Sales title=Clerk")
	j.wantDid("update", told)
}

func TestAnAccountIsLookedAtAgainForHR(t *testing.T) {
	t.Parallel()
	j := tellsHR(t, "2026-12-20 09:00").hears("start=2026-12-01 kind=employee dept=Sales")
	j.log = nil
	j.until("2026-12-23 09:00")
	if got := j.times(told); got != 3 {
		t.Errorf("looked %d times in three days, want once a day:\n%s", got, strings.Join(j.log, "\n"))
	}
	j.log, j.missing = nil, true
	j.until("2026-12-24 09:00")
	j.log = nil
	j.until("2026-12-25 10:00")
	if got := j.times(told); got < 1 || got > 2 {
		t.Errorf("an address that is missing for days was looked for %d times in a day, want once or twice", got)
	}
	fresh := tellsHR(t, "2026-12-20 09:00")
	fresh.missing = true
	fresh.hears("start=2026-12-01 kind=employee dept=Sales")
	fresh.log = nil
	fresh.until("2026-12-20 11:00")
	if got := fresh.times(told); got < 3 || got > 5 {
		t.Errorf("an address that is missing was looked for %d times in two hours, want a few times", got)
	}
}

func TestHRIsToldWhenAHumanAsksToLookAgain(t *testing.T) {
	t.Parallel()
	j := tellsHR(t, "2026-12-20 09:00").hears("start=2026-12-01 kind=employee dept=Sales")
	j.log = nil
	j.now = j.now.Add(time.Hour)
	j.facts.Overrides.Checks = []plan.Check{{By: by(j), Target: entra}}
	j.run()
	j.wantDid("update", told)
}

func TestWhatKeepsHRFromBeingTold(t *testing.T) {
	t.Parallel()
	never := func(t *testing.T, state plan.LineState, prepare func(j *journey)) {
		t.Helper()
		j := tellsHR(t, "2026-11-20 09:00")
		prepare(j)
		j.hears("start=2026-12-01 kind=employee dept=Sales")
		if got := j.times(told); got != 0 {
			t.Errorf("told %d times, want never", got)
		}
		if got := j.telling().State; got != state {
			t.Errorf("state: got %s, want %s", got, state)
		}
	}
	t.Run("mode", func(t *testing.T) {
		t.Parallel()
		never(t, plan.Observed, func(j *journey) { j.policy.Targets[0].Mode = lifecycle.ModeObserve })
	})
	t.Run("condition", func(t *testing.T) {
		t.Parallel()
		never(t, plan.OutOfScope, func(j *journey) {
			when := loadPolicy(t, "when: 'employment.kind != \"contingent\"'", "when: 'employment.kind == \"intern\"'").Workflows[0].Tasks[3].When
			j.policy.Feeds[0].WriteBack.When = when
		})
	})
	t.Run("begin", func(t *testing.T) {
		t.Parallel()
		never(t, plan.Future, func(j *journey) {
			j.policy.Feeds[0].WriteBack.Begin = &lifecycle.DateRule{On: plan.AnchorStart}
		})
	})
	t.Run("hold", func(t *testing.T) {
		t.Parallel()
		j := tellsHR(t, "2026-12-20 09:00").hears("start=2026-12-01 kind=employee dept=Sales")
		j.log = nil
		j.facts.Overrides.Holds = []plan.Hold{{By: by(j), Kind: plan.HoldHRError}}
		j.until("2026-12-24 09:00")
		if got, state := j.times(told), j.telling().State; got != 0 || state != plan.Held {
			t.Errorf("under a hold: told %d times, line %s; want never, held", got, state)
		}
	})
	t.Run("skip", func(t *testing.T) {
		t.Parallel()
		j := tellsHR(t, "2026-12-20 09:00").hears("start=2026-12-01 kind=employee dept=Sales")
		j.log, j.fail[plan.WriteBack] = nil, true
		j.hears("start=2026-12-01 kind=employee dept=Sales title=Clerk")
		j.facts.Overrides.Skips = []plan.KeyOverride{{By: by(j), Key: j.telling().Key}}
		delete(j.fail, plan.WriteBack)
		j.run()
		if got := j.times(told); got != 0 {
			t.Errorf("told %d times though it was skipped", got)
		}
		j.hears("start=2026-12-01 kind=employee dept=Sales title=Buyer")
		if got := j.times(told); got != 1 {
			t.Errorf("told %d times after another change, want once", got)
		}
	})
}

func TestWhoHasLeftIsNotToldOf(t *testing.T) {
	t.Parallel()
	j := tellsHR(t, "2026-12-20 09:00").hears("start=2026-12-01 last=2026-12-23 kind=employee dept=Sales")
	j.until("2026-12-24 00:00")
	j.log = nil
	j.until("2027-01-20 09:00")
	if got := j.times(told); got != 0 {
		t.Errorf("told %d times of somebody who has left", got)
	}
}

func TestARefusedWriteBackWaitsAndIsTriedWhenItIsMadeOfSomethingElse(t *testing.T) {
	t.Parallel()
	j := tellsHR(t, "2026-12-20 09:00")
	j.fail[plan.WriteBack] = true
	j.hears("start=2026-12-01 kind=employee dept=Sales")
	if got := j.telling().State; got != plan.ParkedState {
		t.Fatalf("state after a refusal: got %s, want parked", got)
	}
	if !slices.Contains(j.attention(), plan.AttentionParked) {
		t.Error("nobody is told that HR refuses")
	}
	delete(j.fail, plan.WriteBack)
	j.log = nil
	j.now = j.now.Add(time.Minute)
	j.run()
	j.wantDid()
	j.hears("start=2026-12-01 kind=employee dept=Sales title=Clerk")
	j.wantDid("update", told)
}

func TestARehireIsToldAnew(t *testing.T) {
	t.Parallel()
	j := tellsHR(t, "2026-12-20 09:00").hears("start=2026-12-01 last=2026-12-23 kind=employee dept=Sales")
	j.until("2027-03-01 09:00")
	j.log = nil
	j.hears("start=2027-04-01 kind=employee dept=Sales")
	j.until("2027-04-02 09:00")
	if got := j.times(told); got < 1 {
		t.Errorf("the new stay is told of %d times, want at least once", got)
	}
}
