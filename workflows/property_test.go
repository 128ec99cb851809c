package workflows_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/person"
	"tenure/workflows/contract"
)

// A random story ends the same whether or not the journey is renewed meanwhile:
// nothing that counts lives outside the state.
func TestRenewalChangesNothing(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			plain := randomStory(t, seed, 0)
			renewed := randomStory(t, seed, 53*time.Hour)
			if diff := cmp.Diff(plain, renewed); diff != "" {
				t.Errorf("seed %d ends differently across renewals (-plain +renewed):\n%s", seed, diff)
			}
		})
	}
}

// ending is all that somebody could notice of a journey.
type ending struct {
	Standing, Groups, Attention, Phase string
	Person                             person.Merged
	Mails, Ledger                      []string
	Calls                              int
}

func randomStory(t *testing.T, seed uint64, every time.Duration) ending {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 7))
	s := newScenario(t, "2026-11-05T08:00:00Z")
	s.renewEvery = every
	s.manager("1002", "Tobias")
	s.manager("1003", "Uma")
	at := s.now
	for n := range 4 + random.IntN(8) {
		// Never at a full hour: stories are about orders that time decides.
		at = at.Add(time.Duration(1+random.IntN(500))*time.Hour + time.Duration(1+random.IntN(50))*time.Minute)
		s.randomEvent(random, n, at.Format(time.RFC3339))
	}
	s.until(at.Add(90 * 24 * time.Hour).Format(time.RFC3339))
	out := ending{
		Standing: s.standing(), Groups: s.groups(), Attention: s.attention(), Phase: string(s.view.Last.Phase),
		Person: s.state.Facts.Person, Calls: len(s.calls),
	}
	for _, message := range s.mail.messages {
		out.Mails = append(out.Mails, message.To.Address+": "+message.Subject)
	}
	slices.Sort(out.Mails)
	rows, err := s.store.Ledger(t.Context(), s.journey(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if row.Actor != "test" { // the renewals
			out.Ledger = append(out.Ledger, fmt.Sprintf("%s %s %s %s %s %s", row.At.UTC().Format(time.RFC3339), row.Kind, row.Actor, row.Run, row.Task, row.Outcome))
		}
	}
	slices.Sort(out.Ledger)
	s.verify()
	return out
}

// randomEvent is something that HR or a human says.
func (s *scenario) randomEvent(random *rand.Rand, n int, at string) {
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	starts := []string{"2026-11-20", "2026-12-01", "2026-12-15", "2027-02-01"}
	if n == 0 || random.IntN(2) == 0 {
		changes := []string{
			"assignment.department.name", pick("Engineering", "Sales", "Legal"),
			"assignment.jobTitle", pick("Engineer", "Lead"), managerValue, pick("1002", "1003", "1999"),
			status, pick("active", "active", "active", "terminated", "rescinded", "leave"),
		}
		if random.IntN(3) == 0 {
			changes = append(changes, lastDay, pick("2027-01-15", "2027-02-28", "2027-03-31"))
		}
		s.hr(at, hired(pick(starts...), changes...))
		return
	}
	kind, o := contract.Hold, contract.Override{}
	switch random.IntN(8) {
	case 0:
		o.HoldKind = pick("", contract.HoldLegal, contract.HoldSecurity, contract.HoldHRError)
	case 1, 2:
		kind = contract.Release
	case 3:
		kind, o.What = contract.Rescind, pick("hire", "termination")
	case 4:
		kind, o.On, o.Date = contract.SetDate, "lastDayOfWork", pick("2027-01-31", "2027-04-30")
	case 5:
		kind, o.Key = contract.Skip, runKey(pick("Welcome", "Prepare a new hire"), 1)
	case 6:
		kind, o.Key = contract.RunNow, runKey(pick("Welcome", "Prepare a new hire"), 1)
	case 7:
		kind = contract.Approve
	}
	// Refused or not: it must be so both ways, and the ledger tells.
	s.override(at, kind, o, func(contract.Answer, error) {})
}
