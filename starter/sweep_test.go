package starter

import (
	"slices"
	"strings"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"

	"tenure/internal/httpapi"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// TestEndedJourneyIsNoticed: somebody ends journeys in the Temporal UI, and HR says
// nothing new of these people. It is told, nothing is begun by that, and the next file
// that says the same of one of them lets the journey go on.
func TestEndedJourneyIsNoticed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.importFile(hires("E-1", "E-2", "E-3", "E-4"), "2026-11-22T08:00:00Z")
	for _, key := range []string{"E-1", "E-2", "E-3", "E-4"} {
		b.index(store.PersonRow{Realm: "main", Key: key, Journey: contract.JourneyID("main", key), Feed: "hr", Attention: []string{"late"}, Revision: 3, At: testNow})
	}
	begun := len(b.temporal.starts)
	b.temporal.change(func() {
		for key, status := range map[string]enumspb.WorkflowExecutionStatus{
			"E-2": enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED, "E-3": enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED,
		} {
			journey := b.temporal.journeys[contract.JourneyID("main", key)]
			journey.closed, journey.ended = true, status
		}
		delete(b.temporal.journeys, contract.JourneyID("main", "E-4"))
	})
	for range 2 {
		if err := b.sweepEnded(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]bool{"E-1": false, "E-2": true, "E-3": false, "E-4": true}
	for key, ended := range want {
		row, err := b.db.Person(t.Context(), "main", key)
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Contains(row.Attention, attentionEnded); got != ended || !slices.Contains(row.Attention, "late") || len(row.Attention) > 2 {
			t.Errorf("%s has attention %v, want ended %t beside what was there", key, row.Attention, ended)
		}
	}
	if n := strings.Count(b.out.String(), "journey was ended from outside"); n != 2 {
		t.Errorf("the log says it %d times, want once of each", n)
	}
	if got, err := b.Person(t.Context(), httpapi.PersonID{Realm: "main", Key: "E-2"}); err != nil || !slices.Contains(got.Attention, attentionEnded) {
		t.Errorf("Person() = %+v, %v, want attention", got.Attention, err)
	}
	if len(b.temporal.starts) != begun {
		t.Fatal("the sweep began a journey")
	}
	b.importFile(hires("E-1", "E-2", "E-3", "E-4"), "2026-11-22T10:00:00Z")
	var told []string
	for _, start := range b.temporal.starts[begun:] {
		told = append(told, start.ID)
	}
	if slices.Sort(told); !slices.Equal(told, []string{contract.JourneyID("main", "E-2"), contract.JourneyID("main", "E-4")}) {
		t.Errorf("the next file was told to %v, want the ended journeys", told)
	}
	if err := b.sweepEnded(t.Context()); err != nil {
		t.Fatal(err)
	}
	if row, err := b.db.Person(t.Context(), "main", "E-2"); err != nil || slices.Contains(row.Attention, attentionEnded) {
		t.Errorf("attention of who goes on = %v, %v", row.Attention, err)
	}
}
