package workflows_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/memory"
	"tenure/internal/notify"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

func faults(err error, n int) []memory.Fault {
	out := make([]memory.Fault, n)
	for i := range out {
		out[i] = memory.Fault{Before: err}
	}
	return out
}

func TestMailServerDownForADay(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.until("2026-11-24T07:00:00Z")
		s.mail.broken = notify.ErrUnavailable
		s.expect("2026-11-25T07:00:00Z", "disabled").expectGroups("all-staff engineering").expectMails(manager, 0).expectAttention("parked")
		s.mail.broken = nil
		s.expect("2026-11-25T14:00:00Z", "disabled").expectMails(manager, 2).expectPasses(1).expectAttention("")
	})
}

func TestThrottledForLongerThanTheBudget(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.dir.Inject(directory.VerbCreateAccount, memory.Fault{Before: &directory.ThrottledError{After: time.Hour}})
		s.expect("2026-11-17T05:59:00Z", "none")
		if calls := s.dir.Calls(directory.VerbCreateAccount); calls != 1 {
			s.t.Errorf("%d calls within the hour, want 1: the target asked for rest\n%s", calls, s.story())
		}
		s.expect("2026-11-17T06:01:00Z", "disabled").expectOneAccount()
	})
}

func TestLicenceSeatsExhausted(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.dir.AddLicense(skuE3, 0)
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-11-24T12:00:00Z", "disabled").expectGroups("all-staff engineering").expectLicenses(0)
		s.expectMails(manager, 2).expectAttention("parked") // the run went on, and somebody is told
		if got := s.parked(taskKey("Prepare a new hire", "assignLicensesToUser")); got.Code != "exhausted" {
			s.t.Errorf("parked = %+v, want code exhausted\n%s", got, s.story())
		}
		// Access is not held up by it.
		s.expect("2026-11-30T23:01:00Z", "enabled")
		s.dir.AddLicense(skuE3, 5)
		s.say("2026-12-01T06:00:00Z", contract.Retry, contract.Override{})
		s.expect("2026-12-01T06:30:00Z", "enabled").expectLicenses(1).expectMails(manager, 2).expectAttention("")
	})
}

// parked is how a task is parked at the end of the last run.
func (s *scenario) parked(key string) plan.Parked {
	for _, parked := range s.view.Facts.Parked {
		if parked.Key == key {
			return parked
		}
	}
	return plan.Parked{}
}

func TestContinueOnError(t *testing.T) {
	policy := replacing("      - sendOnboardingReminderEmail: {to: manager}\n", "      - sendOnboardingReminderEmail: {to: manager}\n        continueOnError: true\n")
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.mail.fail = []error{notify.ErrRejected}
		s.expect("2026-11-24T09:00:00Z", "disabled").expectGroups("all-staff engineering").expectLicenses(1).expectMails(manager, 1)
		s.expectPasses(1).expectAttention("task-failed")
		// It is in the ledger as failed, and can be run by hand.
		if rows := s.ledger(store.LedgerPlan, "failed"); len(rows) != 1 || rows[0].Reason != "mail-rejected" {
			s.t.Errorf("failures in the ledger = %+v, want mail-rejected", rows)
		}
		s.say("2026-11-25T06:00:00Z", contract.RunNow, contract.Override{Key: taskKey("Prepare a new hire", "sendOnboardingReminderEmail")})
		s.expect("2026-11-25T06:30:00Z", "disabled").expectMails(manager, 2).expectAttention("")
	}, policy)
}

func TestLeaverMailDownDoesNotStopTheCut(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.until("2027-03-31T20:00:00Z")
		s.mail.broken = notify.ErrUnavailable
		s.expect("2027-03-31T22:10:00Z", "disabled").expectGroups("").expectLicenses(0)
	})
}

func TestS5_ParkedRunDoesNotStopTheCut(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.until("2027-03-31T20:00:00Z")
		s.dir.Inject(directory.VerbMemberships, faults(directory.ErrDenied, 50)...)
		s.expect("2027-03-31T22:20:00Z", "disabled")
		if got := s.parked(taskKey("Last day", "removeUserFromAllGroups")); got.Code != "denied" {
			s.t.Errorf("parked = %+v, want code denied\n%s", got, s.story())
		}
	})
}

func TestMailOfUnknownDeliveryWaitsForAHuman(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.until("2026-11-24T07:00:00Z")
		s.mail.fail = []error{notify.ErrUnknownDelivery}
		s.expect("2026-11-28T07:00:00Z", "disabled").expectMails(manager, 1).expectAttention("parked").expectPasses(0)
		key := taskKey("Prepare a new hire", "sendOnboardingReminderEmail")
		if got := s.parked(key); got.Code != "delivery-unknown" || !got.Retry.IsZero() {
			s.t.Errorf("parked = %+v, want delivery-unknown without a retry\n%s", got, s.story())
		}
		s.say("2026-11-28T08:00:00Z", contract.Retry, contract.Override{Key: key})
		s.expect("2026-11-28T08:10:00Z", "disabled").expectMails(manager, 3).expectPasses(1).expectAttention("")
		if a, b := s.mail.messages[0].MessageID(), s.mail.messages[1].MessageID(); a != b {
			s.t.Errorf("the message was sent again as %s, first as %s; want one ID", b, a)
		}
	})
}

func TestRetryWithoutAKeyDoesNotSendUnknownMailAgain(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.until("2026-11-24T07:00:00Z")
		s.mail.fail = []error{notify.ErrUnknownDelivery}
		s.until("2026-11-25T07:00:00Z")
		s.say("2026-11-25T08:00:00Z", contract.Retry, contract.Override{})
		s.expect("2026-11-26T08:00:00Z", "disabled").expectMails(manager, 1).expectAttention("parked")
		s.say("2026-11-26T09:00:00Z", contract.Skip, contract.Override{Key: taskKey("Prepare a new hire", "sendOnboardingReminderEmail")})
		s.expect("2026-11-26T10:00:00Z", "disabled").expectMails(manager, 2).expectPasses(1)
	})
}

func TestS6_PassMailOfUnknownDelivery(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.until("2026-11-24T07:00:00Z")
		s.mail.fail = []error{nil, notify.ErrUnknownDelivery, notify.ErrUnknownDelivery}
		s.expect("2026-11-24T09:00:00Z", "disabled").expectPasses(1).expectMails(manager, 4).expectAttention("")
		var secrets []string
		for _, message := range s.mail.messages[1:] {
			secrets = append(secrets, message.MessageID())
		}
		slices.Sort(secrets)
		if len(slices.Compact(secrets)) != 3 {
			s.t.Errorf("message IDs %q, want one for each pass", secrets)
		}
		if got := s.dir.Calls(directory.VerbIssuePass); got != 3 {
			s.t.Errorf("%d passes were issued, want one for each mail\n%s", got, s.story())
		}
	})
}

// Every verb of the directory on a joiner's and leaver's way loses its answer
// after success, once: one account, each group once, one pass.
func TestAnswerLostAfterSuccess(t *testing.T) {
	for _, verb := range []directory.Verb{
		directory.VerbAccountsByEmployeeID, directory.VerbCreateAccount, directory.VerbSetManager, directory.VerbUpdateAccount,
		directory.VerbAddToGroup, directory.VerbChangeLicenses, directory.VerbIssuePass, directory.VerbDeletePass,
		directory.VerbRevokeSessions, directory.VerbRemoveFromGroup, directory.VerbDeleteAccount,
	} {
		t.Run(string(verb), func(t *testing.T) {
			bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
				s.dir.Inject(verb, memory.Fault{LoseAnswer: true}, memory.Fault{LoseAnswer: true})
				leaver(s)
				s.expect("2026-12-05T08:00:00Z", "enabled").expectGroups("all-staff engineering").expectLicenses(1).expectOneAccount()
				s.expectMails(manager, 2).expectManager(s.managerID())
				s.expect("2027-04-01T08:00:00Z", "disabled").expectGroups("").expectLicenses(0).expectPasses(0)
				s.expect("2027-05-01T08:00:00Z", "deleted").expectMails(manager, 4).expectOneAccount()
				for _, task := range []string{"create", "enable", "disable", "delete", "addUserToGroups", "removeUserFromAllGroups"} {
					if got := s.times(task); len(got) != 1 {
						s.t.Errorf("%s is in the ledger %d times, want once\n%s", task, len(got), s.story())
					}
				}
			})
		})
	}
}

func (s *scenario) managerID() string {
	for _, account := range s.dir.Accounts() {
		if account.EmployeeID == "1002" {
			return account.ID
		}
	}
	return ""
}

func TestRestoreAnswerLost(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.expect("2027-05-01T10:00:00Z", "deleted")
		s.dir.Inject(directory.VerbRestoreAccount, memory.Fault{LoseAnswer: true})
		s.hr("2027-05-05T10:00:00Z", hired("2026-12-01"))
		s.expect("2027-05-05T11:00:00Z", "enabled").expectGroups("all-staff engineering").expectLicenses(1).expectOneAccount()
	})
}

func TestNameTakenByAStranger(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.dir.AddAccount(directory.Account{UserName: "Zoe.Muller@contoso.example", EmployeeID: "777", Enabled: true})
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-11-18T08:00:00Z", "disabled")
		if got := s.account().UserName; got != "z.muller@contoso.example" {
			s.t.Errorf("user name = %q, want the next form\n%s", got, s.story())
		}
	})
}

func TestTwoHiresOfOneName(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		names := []string{}
		all := []*scenario{s, s.peer("2002"), s.peer("2003"), s.peer("2004")}
		for _, one := range all {
			one.hr("2026-11-05T08:00:00Z", hired("2026-12-01", "employeeId", one.key))
			one.expect("2026-11-18T08:00:00Z", "disabled")
			names = append(names, one.account().UserName)
		}
		want := []string{"zoe.muller@contoso.example", "z.muller@contoso.example", "zoe.muller2@contoso.example", "zoe.muller3@contoso.example"}
		if !slices.Equal(names, want) {
			s.t.Errorf("names = %q, want %q", names, want)
		}
	})
}

func TestTwoRecordsWithOneEmployeeNumber(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-11-18T08:00:00Z", "disabled")
		other := s.peer("3001")
		other.hr("2026-11-19T08:00:00Z", hired("2026-12-01")) // employeeId 2001 too
		other.until("2026-11-20T08:00:00Z")
		if got := other.view.Facts.Parked; len(got) != 1 || got[0].Code != "account-of-another-person" {
			s.t.Errorf("parked = %+v, want one account-of-another-person\n%s", got, other.story())
		}
	})
}

func TestAccountDeletedBehindOurBack(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.expect("2027-03-10T08:00:00Z", "enabled")
		if err := s.dir.DeleteAccount(t.Context(), s.account().ID); err != nil {
			s.t.Fatal(err)
		}
		s.expect("2027-04-02T08:00:00Z", "deleted").expectMails(manager, 4)
		s.expect("2027-06-02T08:00:00Z", "deleted").expectAsleep()
	})
}

func TestAmbiguousEmployeeNumber(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		first := s.existing("One", "x")
		second := s.dir.AddAccount(directory.Account{EmployeeID: s.key, UserName: "two@contoso.example"})
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.until("2026-11-18T08:00:00Z")
		if got := s.parked(plan.TaskKey("account:entra", "s1", 0, "create")); got.Code != "ambiguous-account" {
			s.t.Errorf("parked = %+v, want ambiguous-account\n%s", got, s.story())
		}
		if got := s.dir.Calls(directory.VerbCreateAccount) + s.dir.Calls(directory.VerbUpdateAccount); got != 0 {
			s.t.Errorf("%d writes, want none", got)
		}
		// One is left: whether it is theirs only a human knows, not a retry (S14).
		if err := s.dir.DeleteAccount(t.Context(), second); err != nil {
			s.t.Fatal(err)
		}
		s.say("2026-11-18T09:00:00Z", contract.Retry, contract.Override{Key: plan.TaskKey("account:entra", "s1", 0, "create")})
		s.until("2026-11-18T09:30:00Z").expectAttention("proposed")
		s.say("2026-11-18T10:00:00Z", contract.Link, contract.Override{Target: "entra", ObjectID: first})
		s.until("2026-11-18T10:10:00Z").expectAttention("adopted-state").expectTimes("link", "2026-11-18 10:00")
		if got := s.account(); got == nil || got.ID != first || s.dir.Calls(directory.VerbCreateAccount) != 0 {
			s.t.Errorf("account = %+v, want %s linked and none made\n%s", got, first, s.story())
		}
	})
}

func TestS7_DeleteRefusesAnAccountThatSomebodyEnabled(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.expect("2027-04-10T08:00:00Z", "disabled")
		on := true
		if err := s.dir.UpdateAccount(t.Context(), s.account().ID, directory.Change{Enabled: &on}); err != nil {
			s.t.Fatal(err)
		}
		s.expect("2027-05-20T08:00:00Z", "enabled")
		if got := s.view.Facts.Parked; len(got) != 1 || got[0].Code != "delete-refused" || !got[0].Retry.IsZero() {
			s.t.Errorf("parked = %+v, want delete-refused for a human\n%s", got, s.story())
		}
		s.say("2027-05-20T09:00:00Z", contract.Retry, contract.Override{Key: s.view.Facts.Parked[0].Key})
		s.expect("2027-05-20T10:00:00Z", "deleted").expectAsleep()
	})
}

// awayStore fails as a database that cannot be reached.
type awayStore struct {
	*store.Store
	away atomic.Bool
}

var errAway = errors.New("connect to database: refused")

func (a *awayStore) UpsertPerson(ctx context.Context, row store.PersonRow) (bool, error) {
	if a.away.Load() {
		return false, errAway
	}
	return a.Store.UpsertPerson(ctx, row)
}

func (a *awayStore) AppendKnowing(ctx context.Context, journey string, witness store.LedgerHead, rows ...store.LedgerRow) error {
	if a.away.Load() {
		return errAway
	}
	return a.Store.AppendKnowing(ctx, journey, witness, rows...)
}

func TestStoreDownWhilePlanning(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		away := &awayStore{Store: s.store}
		s.planStore = away
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.until("2026-11-06T08:00:00Z")
		away.away.Store(true)
		s.hr("2026-11-07T08:00:00Z", hired("2026-12-01", "assignment.jobTitle", "Senior Engineer"))
		s.say("2026-11-07T09:00:00Z", contract.Hold, contract.Override{})
		s.say("2026-11-07T10:00:00Z", contract.Release, contract.Override{})
		// Time goes on and what is due is done.
		s.expect("2026-11-25T08:00:00Z", "disabled").expectGroups("all-staff engineering")
		if got := len(s.ledger(store.LedgerOverride, "")); got != 0 {
			s.t.Errorf("%d overrides in the ledger while the store is away", got)
		}
		away.away.Store(false)
		s.until("2026-11-25T09:00:00Z")
		if got := len(s.ledger(store.LedgerOverride, "applied")); got != 2 {
			s.t.Errorf("%d overrides in the ledger, want the two that waited\n%s", got, s.story())
		}
		if got := len(s.ledger(store.LedgerEvent, "applied")); got != 2 {
			s.t.Errorf("%d events in the ledger, want both\n%s", got, s.story())
		}
		if len(s.state.Notes) != 0 {
			s.t.Errorf("%d notes still wait", len(s.state.Notes))
		}
		s.verify()
	})
}

// verify checks the person's chain.
func (s *scenario) verify() {
	s.t.Helper()
	if err := s.store.Verify(s.t.Context(), s.journey()); err != nil {
		s.t.Errorf("verify ledger: %v\n%s", err, s.story())
	}
}

// S4: a disable whose answer was lost, and whose leave is taken back before it is
// tried again, is looked at: nobody who works is kept out by it.
func TestS4_LostDisableOfALeaveTakenBackIsLookedAt(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		leaver(s)
		s.until("2027-03-31T20:00:00Z")
		s.dir.Inject(directory.VerbRevokeSessions, faults(directory.ErrUnavailable, 500)...)
		s.expect("2027-03-31T22:30:00Z", "disabled")
		if got := s.view.Facts.Accounts[0].State; got != plan.AccountEnabled {
			s.t.Fatalf("the journey believes %s, want enabled: the disable has not answered\n%s", got, s.story())
		}
		s.say("2027-03-31T22:30:30Z", contract.Rescind, contract.Override{What: "termination"})
		s.expect("2027-03-31T23:30:00Z", "enabled")
		s.expect("2027-06-01T10:00:00Z", "enabled")
	})
}

// S4: a create that is cancelled in the very call by a rescinded hire leaves a
// trace: the account that it made is looked for.
func TestS4_CreateCancelledInTheCallIsLookedFor(t *testing.T) {
	t.Parallel()
	s := newScenario(t, "2026-12-02T08:00:00Z")
	s.manager("1002", "Tobias")
	s.mute.Store(true)
	s.hr("2026-12-02T08:00:00Z", hired("2026-12-01"))
	s.say("2026-12-02T08:01:00Z", contract.Rescind, contract.Override{What: "hire"})
	s.expect("2026-12-02T09:00:00Z", "disabled")
}
