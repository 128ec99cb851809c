package workflows_test

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tenure/internal/person"
	"tenure/internal/store"
)

// The days of the stories: HR speaks of two days, then it is delivered, then a
// month goes by.
const (
	orderTruth   = "2026-11-10T08:00:00Z"
	orderArrival = "2026-11-12T09:00:00Z"
	orderEnd     = "2026-12-20T09:00:00Z"
	// arrivalGap is no divisor of a day: arrivals meet lines of the policy at
	// every distance.
	arrivalGap = 37 * time.Minute
)

// Whatever HR says comes again, late, out of order, in parts and with
// contradictions, across renewals: the person ends as if each statement had
// come once and in order.
func TestOrderOfArrivalChangesNothing(t *testing.T) {
	t.Parallel()
	few(t, func(rt *rapid.T) {
		said := statements(t).Draw(rt, "said")
		repeated := rapid.SliceOfN(rapid.SampledFrom(said), 0, len(said)).Draw(rt, "repeated")
		arrived := rapid.Permutation(slices.Concat(said, repeated)).Draw(rt, "arrived")
		renewed := rapid.SampledFrom([]time.Duration{0, 5 * time.Hour, 53 * time.Hour}).Draw(rt, "renewed")

		want, ordered := standingAfter(t, inOrder(said), 0)
		got, shuffled := standingAfter(t, arrived, renewed)
		if want.Enabled != got.Enabled && mayLackAccount(want.Record) {
			want, got = want.withoutAccount(), got.withoutAccount()
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			rt.Fatalf("the person hangs on the order of arrival (-in order +as arrived):\n%s\nin order:\n%s%s\nas arrived:\n%s%s",
				diff, listed(inOrder(said)), ordered, listed(arrived), shuffled)
		}
	})
}

// What has been heard before, or is older than what is known, changes nothing
// that anybody could notice: no run, no mail, no call.
func TestRepeatsAndOldStatementsAreNotNoticed(t *testing.T) {
	t.Parallel()
	few(t, func(rt *rapid.T) {
		said := inOrder(statements(t).Draw(rt, "said"))
		renewed := rapid.SampledFrom([]time.Duration{0, 5 * time.Hour, 53 * time.Hour}).Draw(rt, "renewed")
		var noisy []delivery
		at := instant(t, orderArrival)
		for i, e := range said {
			noisy = append(noisy, delivery{at, e})
			for n := range rapid.IntRange(0, 2).Draw(rt, "repeats") {
				again := said[rapid.IntRange(0, i).Draw(rt, "which")]
				noisy = append(noisy, delivery{at.Add(time.Duration(n+1) * 10 * time.Minute), again})
			}
			at = at.Add(arrivalGap)
		}
		want := effectsOf(t, spaced(t, said), 0)
		got := effectsOf(t, noisy, renewed)
		if diff := gocmp.Diff(want, got); diff != "" {
			rt.Fatalf("a repeat was noticed (-once +with repeats):\n%s\nsaid:\n%s", diff, listed(said))
		}
	})
}

// few tries a property some times only, unless the command line says how often: a
// story takes a second. A failure is made as small as rapid can make it.
func few(t *testing.T, property func(rt *rapid.T)) {
	t.Helper()
	const often = 12
	stated := false
	flag.Visit(func(f *flag.Flag) { stated = stated || f.Name == "rapid.checks" })
	tried, failing := 0, false
	rapid.Check(t, func(rt *rapid.T) {
		if tried++; tried > often && !stated && !failing {
			return
		}
		failing = true // until it is through
		property(rt)
		failing = false
	})
}

// delivery is an event that arrives at an instant.
type delivery struct {
	at    time.Time
	event person.Event
}

func spaced(t *testing.T, events []person.Event) []delivery {
	t.Helper()
	out := make([]delivery, 0, len(events))
	for i, e := range events {
		out = append(out, delivery{instant(t, orderArrival).Add(time.Duration(i) * arrivalGap), e})
	}
	return out
}

// inOrder is the order of a feed: sequence, date of truth, ID.
func inOrder(events []person.Event) []person.Event {
	out := slices.Clone(events)
	slices.SortFunc(out, func(a, b person.Event) int {
		return cmp.Or(cmp.Compare(a.Sequence, b.Sequence), a.AsOf.Compare(b.AsOf), strings.Compare(a.ID, b.ID))
	})
	return out
}

// lived runs a journey that hears the deliveries, to the end.
func lived(t *testing.T, deliveries []delivery, renewed time.Duration) *scenario {
	t.Helper()
	s := newScenario(t, orderArrival,
		replacing("assignment.jobTitle]}", "assignment.jobTitle], settle: 0s}"),
		replacing("officeLocation: {attribute: assignment.location.name}", "officeLocation: {attribute: assignment.location.name, clear: true}"))
	s.renewEvery = renewed
	s.manager("1002", "Tobias")
	s.manager("1003", "Uma")
	for _, d := range deliveries {
		s.event(d.at.Format(time.RFC3339), d.event)
	}
	return s.until(orderEnd)
}

// personStanding is what may not hang on the order of arrival.
type personStanding struct {
	Record  person.Record
	Enabled bool
	// Account and Manager are those of an enabled account. Whether there is a
	// disabled one hangs on whether the person was to have one on the way.
	Account map[string]string
	Manager string
}

// withoutAccount is the record alone.
func (p personStanding) withoutAccount() personStanding { return personStanding{Record: p.Record} }

// mayLackAccount tells somebody who is terminated for a day that lies ahead: who has
// an account then keeps it until that day, and who has none gets none (S2). So it
// hangs on what was heard first whether there is one.
func mayLackAccount(record person.Record) bool {
	return slices.ContainsFunc(record.Employments, func(e person.Employment) bool {
		said, _ := e.Attributes.Get(status)
		last, _ := e.Attributes.Get(lastDay)
		return said == "terminated" && last > orderEnd[:len(time.DateOnly)]
	})
}

func standingAfter(t *testing.T, events []person.Event, renewed time.Duration) (_ personStanding, story string) {
	t.Helper()
	s := lived(t, spaced(t, events), renewed)
	out := personStanding{Record: s.state.Facts.Person.Record}
	if account := s.account(); account != nil && account.DeletedAt.IsZero() && account.Enabled {
		out.Enabled, out.Account, out.Manager = true, account.Attributes, account.ManagerID
	}
	s.verify()
	return out, s.story()
}

// personEffects is all that anybody notices.
type personEffects struct {
	Record                             person.Record
	Phase, Standing, Groups, Attention string
	Mails, Done                        []string
	Calls                              int
}

func effectsOf(t *testing.T, deliveries []delivery, renewed time.Duration) personEffects {
	t.Helper()
	s := lived(t, deliveries, renewed)
	out := personEffects{
		Record: s.state.Facts.Person.Record, Phase: string(s.view.Last.Phase), Standing: s.standing(),
		Groups: s.groups(), Attention: s.attention(), Calls: len(s.calls),
	}
	for _, message := range s.mail.messages {
		out.Mails = append(out.Mails, message.To.Address+": "+message.Subject)
	}
	rows, err := s.store.Ledger(t.Context(), s.journey(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if row.Kind == store.LedgerTask {
			out.Done = append(out.Done, fmt.Sprintf("%s %s %s %s", row.At.UTC().Format(time.RFC3339), row.Run, row.Task, row.Outcome))
		}
	}
	slices.Sort(out.Mails)
	slices.Sort(out.Done)
	return out
}

// statements draws what HR says of one person: records and parts of records,
// some of the same instant, numbered or not.
func statements(t *testing.T) *rapid.Generator[[]person.Event] {
	t.Helper()
	return rapid.Custom(func(rt *rapid.T) []person.Event {
		count := rapid.IntRange(1, 9).Draw(rt, "count")
		numbered, flat := rapid.Bool().Draw(rt, "numbered"), rapid.Bool().Draw(rt, "flat")
		truth, _ := time.Parse(time.RFC3339, orderTruth)
		out := make([]person.Event, 0, count)
		for i := range count {
			e := person.Event{
				ID: fmt.Sprintf("e%d", i), Feed: "hr", OwnsStatus: true, Completeness: person.Full,
				AsOf: truth.Add(time.Duration(rapid.IntRange(0, count).Draw(rt, "hour")) * time.Hour),
			}
			if numbered {
				e.Sequence = int64(rapid.IntRange(1, count).Draw(rt, "sequence"))
			}
			record := hired("2026-12-01", drawnWords(rt, flat)...)
			if rapid.IntRange(0, 2).Draw(rt, "part") == 0 {
				e.Completeness = person.Partial
				keep := rapid.SliceOfDistinct(rapid.SampledFrom(slices.Sorted(maps.Keys(record))), rapid.ID).Draw(rt, "keep")
				maps.DeleteFunc(record, func(name, _ string) bool { return !slices.Contains(keep, name) })
			}
			employment, assignment := spanOf(t, &e.Record, record)
			e.Record.Employments, e.Record.Assignments = []person.Employment{employment}, []person.Assignment{assignment}
			out = append(out, e)
		}
		return out
	})
}

// drawnWords are changes of the usual record. A flat feed states one employment
// without an ID: of it a start behind an end is another employment, and what it
// said of the one before counts on. So there the order would matter, and such a
// feed says no last day before a start here.
func drawnWords(t *rapid.T, flat bool) []string {
	pick := func(name string, of ...string) []string {
		return []string{name, rapid.SampledFrom(of).Draw(t, name)}
	}
	lasts, id := []string{"-", "-", "-", "2026-12-10", "2027-03-31"}, []string{"employment.id", "-"}
	if !flat {
		lasts, id = append(lasts, "2026-11-15"), []string{"employment.id", "e1"}
	}
	return slices.Concat(id,
		pick("employment.startDate", "2026-11-03", "2026-11-20", "2026-12-01"),
		pick(status, "active", "active", "active", "leave", "terminated", "rescinded"),
		pick(lastDay, lasts...),
		pick("person.legalName.family", "Müller", "Falk"),
		pick("assignment.department.name", "Engineering", "Sales", "Legal"),
		pick("assignment.jobTitle", "Engineer", "Lead"),
		pick("assignment.location.name", "Berlin", "Hamburg", ""),
		pick(managerValue, "1002", "1003"),
	)
}

// listed is what was said, a line each.
func listed(events []person.Event) string {
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "  %s seq=%d asOf=%s %s", e.ID, e.Sequence, e.AsOf.Format("02T15:04"), e.Completeness)
		record := e.Record
		for _, a := range slices.Concat(record.Attributes, record.Employments[0].Attributes, record.Assignments[0].Attributes) {
			fmt.Fprintf(&b, " %s=%s", a.Name[strings.LastIndexByte(a.Name, '.')+1:], a.Value)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
