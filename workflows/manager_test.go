package workflows_test

import (
	"slices"
	"testing"

	"go.temporal.io/sdk/testsuite"

	"tenure/internal/directory"
	"tenure/internal/person"
	"tenure/workflows/contract"
)

const (
	directoryCreate = directory.VerbCreateAccount
	directoryUpdate = directory.VerbUpdateAccount
	directoryDelete = directory.VerbDeleteAccount
	managerValue    = "managerRef.value"
)

// existing puts an enabled account of the person there, made by somebody else.
func (s *scenario) existing(name, department string) string {
	s.t.Helper()
	id := s.dir.AddAccount(directory.Account{
		EmployeeID: s.key, UserName: "old.name@contoso.example", Enabled: true,
		Attributes: map[string]string{"displayName": name, "department": department},
	})
	s.dir.Join(id, engineers)
	return id
}

func (s *scenario) expectManager(want string) *scenario {
	s.t.Helper()
	account := s.account()
	if account == nil {
		s.t.Fatalf("at %s there is no account\n%s", s.now, s.story())
	}
	if account.ManagerID != want {
		s.t.Errorf("at %s the manager is %q, want %q\n%s", s.now, account.ManagerID, want, s.story())
	}
	return s
}

func TestLateManagerIsFoundBySafetyLook(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-11-19T08:00:00Z", "disabled").expectManager("")
		id := s.manager("1002", "Tobias")
		s.expect("2026-11-19T15:00:00Z", "disabled").expectManager(id) // within six hours
		s.expectOneAccount()
		// Nobody is looked for any more.
		calls := s.dir.Calls(directory.VerbAccountsByEmployeeID)
		s.expect("2026-11-23T08:00:00Z", "disabled")
		if got := s.dir.Calls(directory.VerbAccountsByEmployeeID); got != calls {
			s.t.Errorf("the manager was looked up %d times after being found", got-calls)
		}
	})
}

func TestLateManagerWakesWhoWaits(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-11-17T06:00:00Z", "disabled").expectManager("")
		boss := s.peer("1002")
		boss.hr("2026-11-17T06:10:00Z", hired("2026-11-20", "employeeId", "1002", "person.legalName.given", "Tobias", managerValue, "1001"))
		boss.expect("2026-11-17T06:20:00Z", "disabled")
		if want := []string{s.journey()}; !slices.Equal(boss.woken, want) {
			s.t.Fatalf("woken = %q, want %q\n%s", boss.woken, want, boss.story())
		}
		s.at("2026-11-17T06:20:00Z", func(env *testsuite.TestWorkflowEnvironment) {
			env.SignalWorkflow(contract.SignalManagerArrived, nil)
		})
		s.expect("2026-11-17T06:21:00Z", "disabled").expectManager(boss.account().ID)
		waiters, err := s.store.TakeWaiters(s.t.Context(), "entra", "main/employeeId:1002")
		if err != nil || len(waiters) != 0 {
			s.t.Errorf("waiters = %v, %v, want none left", waiters, err)
		}
	})
}

func TestManagerWhoIsThePerson(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01", managerValue, s.key))
		s.expect("2026-11-20T08:00:00Z", "disabled").expectManager("").expectAttention("manager-self")
		// HR corrects it: the question is gone by itself.
		id := s.manager("1002", "Tobias")
		s.hr("2026-11-21T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-11-21T09:00:00Z", "disabled").expectManager(id).expectAttention("")
	})
}

func TestManagerInACycle(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		row, err := s.store.Person(s.t.Context(), testRealm, "1002")
		if err != nil {
			s.t.Fatalf("read person: %v", err)
		}
		row.ManagerRef, row.Revision = "employeeId:"+s.key, row.Revision+1
		if _, err := s.store.UpsertPerson(s.t.Context(), row); err != nil {
			s.t.Fatalf("write person: %v", err)
		}
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-11-20T08:00:00Z", "disabled").expectManager("").expectAttention("manager-cycle")
	})
}

func TestManagerRemovedAndChanged(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		first, second := s.manager("1002", "Tobias"), s.manager("1003", "Uma")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2027-01-05T08:00:00Z", "enabled").expectManager(first)
		s.hr("2027-01-05T09:00:00Z", hired("2026-12-01", managerValue, "1003"))
		s.expect("2027-01-05T10:00:00Z", "enabled").expectManager(second)
		s.hr("2027-01-06T09:00:00Z", hired("2026-12-01", managerValue, ""))
		s.expect("2027-01-06T10:00:00Z", "enabled").expectManager("").expectAttention("")
	})
}

func TestS6_ChangedManagerGetsANewPass(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.manager("1003", "Uma")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-11-25T08:00:00Z", "disabled").expectPasses(1).expectMails(manager, 2)
		first := s.passID()
		s.hr("2026-11-25T09:00:00Z", hired("2026-12-01", managerValue, "1003"))
		s.expect("2026-11-25T10:00:00Z", "disabled").expectPasses(1).expectMails("uma@contoso.example", 1).expectMails(manager, 2)
		if s.passID() == first {
			s.t.Errorf("the pass that the former manager knows is still there\n%s", s.story())
		}
	})
}

func (s *scenario) passID() string {
	s.t.Helper()
	passes, err := s.dir.Passes(s.t.Context(), s.account().ID)
	if err != nil || len(passes) != 1 {
		s.t.Fatalf("passes = %v, %v, want one\n%s", passes, err, s.story())
	}
	return passes[0].ID
}

func TestS6_PassWaitsForAManagerThenFallsBack(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01", managerValue, "1999"))
		s.expect("2026-11-29T08:00:00Z", "disabled").expectPasses(0)
		s.expect("2026-12-01T06:00:00Z", "enabled").expectPasses(1)
		if got := s.mail.to("it-desk@contoso.example"); len(got) != 2 {
			s.t.Errorf("the desk got %q, want the reminder and the pass\n%s", got, s.story())
		}
	})
}

func TestS6_PassIsNotMailedToAManagerWhoHasLeft(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.phaseOf("1002", person.PhaseLeft)
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-11-25T08:00:00Z", "disabled").expectPasses(0)
		s.expect("2026-12-01T06:00:00Z", "enabled").expectPasses(1)
		for _, message := range s.mail.messages {
			if message.To.Address == manager {
				s.t.Errorf("a manager who has left got %q", message.Subject)
			}
		}
	})
}

// phaseOf changes the phase of a person in the index.
func (s *scenario) phaseOf(key string, phase person.Phase) {
	s.t.Helper()
	row, err := s.store.Person(s.t.Context(), testRealm, key)
	if err != nil {
		s.t.Fatalf("read person: %v", err)
	}
	row.Phase, row.Revision = string(phase), row.Revision+1
	if _, err := s.store.UpsertPerson(s.t.Context(), row); err != nil {
		s.t.Fatalf("write person: %v", err)
	}
}
