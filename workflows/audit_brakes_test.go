package workflows_test

import (
	"testing"

	"tenure/internal/directory"
	"tenure/workflows/contract"
)

// A pause that stops a leaver, then the same person's termination, is asked
// again every five minutes and not without end.
func TestS15AStoppedLineWithANewReasonWaitsAsWell(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.pauseAt("2027-03-31T21:00:00Z")
		s.expect("2027-03-31T22:12:30Z", "enabled").expectAttention("paused")
		s.say("2027-03-31T22:13:00Z", contract.Terminate, contract.Override{})
		s.expect("2027-03-31T22:30:30Z", "enabled").expectAttention("paused")
		s.resumeAt("2027-03-31T22:31:00Z").wakeAt("2027-03-31T22:31:01Z")
		s.expect("2027-03-31T22:32:00Z", "disabled").expectAttention("")
	})
}

// A security hold is a human's word about one person, as a termination is: no
// gate keeps the account open.
func TestS16SecurityHoldAsksNoGate(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		lastNight(s)
		s.say("2027-04-01T09:00:00Z", contract.Hold, kind(contract.HoldSecurity))
		s.expect("2027-04-01T09:01:00Z", "disabled")
	}, tiny())
}

// No hold and no order that waits keeps a termination from cutting access.
func TestS14AHeldLinkKeepsNoAccessOpen(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		id := s.dir.AddAccount(directory.Account{EmployeeID: s.key, UserName: "nora@contoso.example", Enabled: true})
		s.say("2026-11-05T08:00:00Z", contract.Hold, contract.Override{})
		s.hr("2026-11-05T08:00:01Z", hired("2020-12-01"))
		s.say("2026-11-06T08:31:00Z", contract.Link, contract.Override{Target: "entra", ObjectID: id})
		s.expect("2026-11-06T08:40:00Z", "enabled")
		s.say("2026-11-06T09:00:00Z", contract.Terminate, contract.Override{})
		s.expect("2026-11-06T10:00:00Z", "disabled")
	})
}

// What a human agreed to and a pause stopped is not asked about again.
func TestS15APauseForgetsNoAnswer(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.dir.AddAccount(directory.Account{EmployeeID: s.key, UserName: "nora@contoso.example"})
		s.hr("2026-11-05T08:00:01Z", hired("2020-12-01"))
		s.expect("2026-11-06T08:00:00Z", "disabled").expectAttention("adopted-state")
		s.pauseAt("2026-11-06T08:30:00Z")
		s.say("2026-11-06T09:00:00Z", contract.Approve, contract.Override{Key: "adopted-state"})
		s.expect("2026-11-06T09:01:00Z", "disabled").expectAttention("paused")
		s.resumeAt("2026-11-06T09:02:00Z").wakeAt("2026-11-06T09:02:01Z")
		s.expect("2026-11-06T09:03:00Z", "enabled").expectAttention("")
	})
}
