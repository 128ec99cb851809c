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

// Who ran a create before anybody had looked has not answered what it then asked,
// however often it looks again by itself, nor has who tries again what failed for
// another cause (S14, S19).
func TestS14OnlyWhoSawAQuestionAnswersIt(t *testing.T) {
	for name, fault := range map[string]error{"asked": nil, "failed first": directory.ErrDenied} {
		t.Run(name, func(t *testing.T) {
			bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
				create := contract.Override{Key: "account:entra/s1/0/create"}
				s.manager("1002", "Tobias")
				old := s.dir.AddAccount(directory.Account{EmployeeID: s.key, UserName: "nora.old@contoso.example"})
				if fault != nil {
					s.dir.Inject(directory.VerbAccountsByEmployeeID, faults(fault, 1)...)
				}
				s.hr("2026-11-05T08:00:01Z", hired("2026-12-01"))
				s.say("2026-11-06T08:00:00Z", contract.RunNow, create)
				if fault != nil {
					s.say("2026-11-06T08:10:00Z", contract.Retry, create)
				}
				s.until("2026-11-09T08:00:00Z")
				if got := len(s.numbered()); got != 1 {
					s.t.Fatalf("%d accounts carry the number, want %s alone: nobody had answered\n%s", got, old, s.story())
				}
				// A pause that stops what was answered forgets no answer.
				s.pauseAt("2026-11-09T08:30:00Z")
				s.say("2026-11-09T09:00:00Z", contract.Approve, create)
				s.resumeAt("2026-11-09T09:02:00Z").wakeAt("2026-11-09T09:02:01Z")
				s.until("2026-11-09T10:00:00Z")
				if got := len(s.numbered()); got != 2 {
					s.t.Errorf("%d accounts carry the number, want a new one too\n%s", got, s.story())
				}
			})
		})
	}
}

// numbered are the accounts that carry the person's number.
func (s *scenario) numbered() []directory.Account {
	s.t.Helper()
	hits, err := s.dir.AccountsByEmployeeID(s.t.Context(), s.key)
	if err != nil {
		s.t.Fatal(err)
	}
	return hits
}
