package plan_test

import (
	"slices"
	"testing"

	"tenure/internal/lifecycle"
	"tenure/internal/plan"
)

// toldAPassword is a journey in a domain whose joiners get an initial password a
// week ahead, which waits two days for the first logon.
func toldAPassword(t *testing.T) *journey {
	t.Helper()
	j := newJourney(t, "2026-11-10 12:00")
	text := domainPolicy + `      - removeUserFromAllGroups: {}
  - name: First day
    category: joiner
    trigger: {on: startDate, offset: -7d, at: "09:00"}
    tasks:
      - generateInitialPassword: {start: {on: startDate, at: "08:00"}, lifetime: 2d}
notifications: {via: smtp, from: it@contoso.example, fallback: desk@contoso.example, secret: env:S}
`
	policy, err := lifecycle.Load(lifecycle.Source{Name: "policy.yaml", Content: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	j.policy = policy
	return j
}

// TestS6_InitialPasswordEnds: nothing in a domain ends it, so the journey does.
func TestS6_InitialPasswordEnds(t *testing.T) {
	t.Parallel()
	j := toldAPassword(t).hears(stays)
	j.until("2026-11-24 09:00")
	if got := j.did(); !slices.Contains(got, "generateInitialPassword") {
		t.Fatalf("did %v, want an initial password", got)
	}
	pass := j.account(entra).Passes[0]
	if !pass.Start.Equal(at(t, "2026-12-01 08:00")) || !pass.Expires.Equal(at(t, "2026-12-03 08:00")) {
		t.Errorf("pass = %+v, want it for two days from the first morning", pass)
	}
	if line := j.domainLine("withdrawPass"); line.State != plan.Future || !line.Due.Equal(pass.Expires) {
		t.Errorf("its end: %s, want it foretold", plan.Explain(line))
	}
	j.until("2026-12-03 07:59")
	if slices.Contains(j.did(), "withdrawPass") {
		t.Error("it ended before its time")
	}
	j.until("2026-12-03 08:00").wantDid("withdrawPass")
	j.until("2027-01-31 12:00").wantDid()
}

// TestS6_InitialPasswordOfAMovedStart is given again.
func TestS6_InitialPasswordOfAMovedStart(t *testing.T) {
	t.Parallel()
	j := toldAPassword(t).hears(stays)
	j.until("2026-11-25 12:00").did()
	j.hears("start=2026-12-15 status=active kind=employee dept=Sales title=Clerk manager=7").wantDid("withdrawPass")
	j.until("2026-12-08 09:00").wantDid("generateInitialPassword")
	j.until("2026-12-14 12:00").wantDid()
	j.until("2026-12-17 08:00")
	if got := j.did(); !slices.Contains(got, "withdrawPass") {
		t.Errorf("did %v, want the end of the second one too", got)
	}
}

// TestS6_InitialPasswordOfALeaver is gone with the account's access.
func TestS6_InitialPasswordOfALeaver(t *testing.T) {
	t.Parallel()
	j := toldAPassword(t).hears(stays)
	j.until("2026-11-25 12:00").did()
	blocked := by(j)
	j.facts.Overrides.Blocked = &blocked
	j.run().wantDid("disable")
	j.until("2026-12-20 12:00").wantDid()
}
