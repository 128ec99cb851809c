package workflows_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/store"
)

// renewOften is shorter than any wait of the shipped policy, so that every wait
// is cut by a renewal.
const renewOften = 36 * time.Hour

// bothWays tells a story twice: in as few runs as the journey likes, and
// renewed every day and a half. Both must end the same.
func bothWays(t *testing.T, start string, tell func(s *scenario), edits ...func(string) string) {
	t.Helper()
	t.Parallel()
	for _, way := range []struct {
		name  string
		every time.Duration
	}{{"as it likes", 0}, {"renewed often", renewOften}} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			s := newScenario(t, start, edits...)
			s.renewEvery = way.every
			tell(s)
		})
	}
}

func (s *scenario) expectGroups(want string) *scenario {
	s.t.Helper()
	if got := s.groups(); got != want {
		s.t.Errorf("groups at %s = %q, want %q\n%s", s.now, got, want, s.story())
	}
	return s
}

// expectMails compares the templates' subjects by their number.
func (s *scenario) expectMails(address string, want int) *scenario {
	s.t.Helper()
	if got := s.mail.to(address); len(got) != want {
		s.t.Errorf("at %s %s has %d mails %q, want %d\n%s", s.now, address, len(got), got, want, s.story())
	}
	return s
}

func (s *scenario) expectAttention(want string) *scenario {
	s.t.Helper()
	if got := s.attention(); got != want {
		s.t.Errorf("attention at %s = %q, want %q\n%s", s.now, got, want, s.story())
	}
	return s
}

func (s *scenario) expectPhase(want string) *scenario {
	s.t.Helper()
	if got := string(s.view.Last.Phase); got != want {
		s.t.Errorf("phase at %s = %q, want %q\n%s", s.now, got, want, s.story())
	}
	return s
}

// expectAsleep: nothing is planned, so no timer runs.
func (s *scenario) expectAsleep() *scenario {
	s.t.Helper()
	if !s.view.Last.Next.IsZero() {
		s.t.Errorf("at %s the journey waits for %s (%s), want sleep without a timer\n%s", s.now, s.view.Last.Next, s.view.Last.NextWhat, s.story())
	}
	return s
}

// expectTimes compares when a task was done.
func (s *scenario) expectTimes(task string, want ...string) *scenario {
	s.t.Helper()
	if got := s.times(task); !slices.Equal(got, want) {
		s.t.Errorf("%s was done at %q, want %q\n%s", task, got, want, s.story())
	}
	return s
}

// expectPasses compares how many passes the account has.
func (s *scenario) expectPasses(want int) *scenario {
	s.t.Helper()
	account := s.account()
	if account == nil {
		s.t.Fatalf("at %s there is no account\n%s", s.now, s.story())
	}
	passes, err := s.dir.Passes(s.t.Context(), account.ID)
	if err != nil {
		s.t.Fatalf("list passes: %v", err)
	}
	if len(passes) != want {
		s.t.Errorf("at %s the account has %d passes, want %d\n%s", s.now, len(passes), want, s.story())
	}
	return s
}

// expectLicenses compares how many direct licences the account has.
func (s *scenario) expectLicenses(want int) *scenario {
	s.t.Helper()
	account := s.account()
	if account == nil {
		s.t.Fatalf("at %s there is no account\n%s", s.now, s.story())
	}
	licenses, err := s.dir.Licenses(s.t.Context(), account.ID)
	if err != nil {
		s.t.Fatalf("list licences: %v", err)
	}
	if len(licenses) != want {
		s.t.Errorf("at %s the account has %d licences, want %d\n%s", s.now, len(licenses), want, s.story())
	}
	return s
}

// expectOneAccount: nobody was made twice, live or deleted.
func (s *scenario) expectOneAccount() *scenario {
	s.t.Helper()
	count := 0
	for _, account := range s.dir.Accounts() {
		if account.EmployeeID == s.key {
			count++
		}
	}
	if count != 1 {
		s.t.Errorf("at %s there are %d accounts of the person, want 1\n%s", s.now, count, s.story())
	}
	return s
}

// ledger finds rows by kind and a part of their outcome.
func (s *scenario) ledger(kind store.LedgerKind, outcome string) []store.LedgerRow {
	s.t.Helper()
	rows, err := s.store.Ledger(s.t.Context(), s.journey(), 0, 0)
	if err != nil {
		s.t.Fatalf("ledger: %v", err)
	}
	return slices.DeleteFunc(rows, func(row store.LedgerRow) bool {
		return row.Kind != kind || !strings.Contains(row.Outcome, outcome)
	})
}

// asks is the key of the line that asks with a code; "" where none does.
func (s *scenario) asks(code string) string {
	for _, a := range append(slices.Clone(s.view.Raised), s.view.Last.Attention...) {
		if a.Code == code {
			return a.Key
		}
	}
	return ""
}

// liveAccount is the person's account that is not deleted.
func (s *scenario) liveAccount() *directory.Account {
	for _, account := range s.dir.Accounts() {
		if account.EmployeeID == s.key && account.DeletedAt.IsZero() {
			return &account
		}
	}
	return nil
}

// with is a record with changes.
func with(record map[string]string, changes ...string) map[string]string {
	out := maps.Clone(record)
	for i := 0; i+1 < len(changes); i += 2 {
		out[changes[i]] = changes[i+1]
	}
	return out
}
