package starter

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/internal/httpapi"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/internal/store/storetest"
	"tenure/workflows/contract"
)

const (
	oldDelete = "delete:  {on: terminationDate, offset: 30d, minimum: 14d}"
	newDelete = "delete:  {on: terminationDate, offset: 7d, minimum: 1d}"
)

// withLeavers has people who left on 10 November, twelve days before, and one who
// is to start.
func withLeavers(t *testing.T, keys ...string) *bench {
	t.Helper()
	b := newBench(t)
	var file strings.Builder
	file.WriteString(header)
	for _, key := range keys {
		file.WriteString(key + ",Ada,Example,T,2026-02-02,2026-11-10,Sales\n")
	}
	file.WriteString("E-9,Joy,Example,A,2026-12-07,,Sales\n")
	b.importFile(file.String(), "2026-11-10T09:00:00Z")
	for _, key := range append(slices.Clone(keys), "E-9") {
		id := contract.JourneyID("main", key)
		b.index(store.PersonRow{Realm: "main", Key: key, Journey: id, DisplayName: "Ada Example", PolicyVersion: 1, Revision: 1})
		j := b.temporal.journey(t, id)
		b.temporal.change(func() {
			if key != "E-9" {
				j.facts.Accounts = []plan.Account{{
					Target: "entra", ID: "o-" + key, State: plan.AccountDisabled, Stay: "s1", Operations: 2, DisabledFor: "s1",
					DisabledAt: time.Date(2026, 11, 10, 23, 0, 0, 0, time.UTC),
				}}
			}
		})
		at := time.Date(2026, 11, 10, 23, 30, 0, 0, time.UTC)
		b.temporal.change(func() { j.now = at })
		if _, err := b.engine.facts(t.Context(), httpapi.PersonID{Realm: "main", Key: key}); err != nil {
			t.Fatal(err)
		}
		b.temporal.change(func() { j.now = time.Time{} })
	}
	return b
}

func (b *bench) look(request httpapi.PolicyPreviewRequest) httpapi.PolicyPreview {
	b.t.Helper()
	preview, err := b.PreviewPolicy(b.t.Context(), request)
	if err != nil {
		b.t.Fatalf("PreviewPolicy() = %v", err)
	}
	return preview
}

// deleted lists who would be deleted, and whether they are asked about first.
func deleted(p httpapi.PolicyPreview) []string {
	var out []string
	for _, one := range p.People {
		for _, line := range one.Lines {
			if line.Task == "delete" {
				out = append(out, fmt.Sprintf("%s %s asks %t", one.Key, line.Change, line.Asks))
			}
		}
	}
	return out
}

func TestS15PolicyChangeShowsWhomItDeletes(t *testing.T) {
	t.Parallel()
	b := withLeavers(t, "E-1", "E-2")
	edited := strings.Replace(policyText(t), oldDelete, newDelete, 1)
	p := b.look(httpapi.PolicyPreviewRequest{To: httpapi.PolicyChoice{Source: edited}, People: true})
	if got, want := deleted(p), []string{"E-1 newly due asks true", "E-2 newly due asks true"}; !slices.Equal(got, want) {
		t.Errorf("deleted = %q, want %q; all: %+v", got, want, p.People)
	}
	if p.Base != 1 || p.Looked != 3 || p.Total != 3 || p.Next != "" || len(p.Unread) != 0 || p.Same {
		t.Errorf("preview = %+v", p)
	}
	if len(p.Differences) != 2 || p.Differences[1].Text != "target entra: account.delete.offset: 30d -> 7d" {
		t.Errorf("differences = %+v", p.Differences)
	}
	if !slices.Equal(p.Activated, []string{"account:entra/delete"}) {
		t.Errorf("activated = %v", p.Activated)
	}
	if all, err := b.Policies(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("a preview made %d versions, %v", len(all), err)
	}
	// What is shown is what comes: the journeys ask.
	b.apply(edited)
	view, err := b.engine.facts(t.Context(), httpapi.PersonID{Realm: "main", Key: "E-1"})
	asks := slices.ContainsFunc(view.Last.Attention, func(a plan.Attention) bool { return a.Code == plan.AttentionPolicyChange })
	if err != nil || !asks || len(view.Last.Due) != 0 {
		t.Errorf("after the apply: due %+v, attention %+v, %v; want a question and nothing due", view.Last.Due, view.Last.Attention, err)
	}
}

func TestS15PolicyChangeIsShownPageByPage(t *testing.T) {
	t.Parallel()
	b := withLeavers(t, "E-1", "E-2", "E-3")
	edited := strings.Replace(policyText(t), oldDelete, newDelete, 1)
	request := httpapi.PolicyPreviewRequest{To: httpapi.PolicyChoice{Source: edited}, People: true, Limit: 2}
	var got []string
	looked := 0
	for {
		page := b.look(request)
		got, looked = append(got, deleted(page)...), looked+page.Looked
		if request.Cursor, request.Base = page.Next, page.Base; page.Next == "" {
			break
		}
	}
	if len(got) != 3 || looked != 4 {
		t.Errorf("pages say %q of %d people, want three of four", got, looked)
	}
	first := b.look(httpapi.PolicyPreviewRequest{To: request.To, People: true, Limit: 2})
	b.apply("# another\n" + policyText(t))
	request.Cursor = first.Next
	_, err := b.PreviewPolicy(t.Context(), request)
	wantProblem(t, err, httpapi.KindConflict, "version 2")
}

func TestS15PolicyChangeLeavesNobodyOut(t *testing.T) {
	t.Parallel()
	b := withLeavers(t, "E-1")
	b.index(store.PersonRow{Realm: "main", Key: "E-gone", Journey: contract.JourneyID("main", "E-gone"), PolicyVersion: 1, Revision: 1})
	edited := strings.Replace(policyText(t), oldDelete, newDelete, 1)
	p := b.look(httpapi.PolicyPreviewRequest{To: httpapi.PolicyChoice{Source: edited}, People: true})
	if len(p.Unread) != 1 || p.Unread[0].Key != "E-gone" || p.Unread[0].Reason == "" || len(p.People) != 1 {
		t.Errorf("unread = %+v, people = %+v", p.Unread, p.People)
	}
	b.temporal.change(func() { b.temporal.queryErr = errors.New("no poller") })
	_, err := b.PreviewPolicy(t.Context(), httpapi.PolicyPreviewRequest{To: httpapi.PolicyChoice{Source: edited}, People: true, Limit: 1})
	wantProblem(t, err, httpapi.KindUnavailable, "no worker")
}

func TestS15PolicyChangeNeedsALook(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	edited := strings.Replace(policyText(t), oldDelete, newDelete, 1)
	apply := func(text, expect string) error {
		_, err := b.ApplyPolicy(t.Context(), httpapi.PolicySource{Name: "p", Content: []byte(text)}, expect, httpapi.Decision{Actor: "kim", Reason: "r"})
		return err
	}
	wantProblem(t, apply(edited, ""), httpapi.KindConflict, "preview")
	if err := apply(policyText(t), ""); err != nil {
		t.Errorf("the same document again = %v, want nothing to look at", err)
	}
	expect := b.expect(edited)
	wantProblem(t, apply("# an edit after the look\n"+edited, expect), httpapi.KindConflict, "another policy")
	b.apply("# somebody else\n" + policyText(t))
	wantProblem(t, apply(edited, expect), httpapi.KindConflict, "compared with version 1")
	if err := apply(edited, b.expect(edited)); err != nil {
		t.Error(err)
	}
	if active, err := b.Policy(t.Context()); err != nil || active.Number != 3 {
		t.Errorf("active = %d, %v", active.Number, err)
	}
}

func TestS15PolicyChangeOfTwoAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	results := make(chan error, 2)
	names := []string{"one", "two"}
	var expected []string // both are looked at before either is applied
	for _, name := range names {
		expected = append(expected, b.expect("# "+name+"\n"+policyText(t)))
	}
	for i, name := range names {
		text, expect := "# "+name+"\n"+policyText(t), expected[i]
		go func() {
			_, err := b.ApplyPolicy(t.Context(), httpapi.PolicySource{Name: "p", Content: []byte(text)}, expect, httpapi.Decision{Actor: name, Reason: "r"})
			results <- err
		}()
	}
	var refused error
	failures := 0
	for range 2 {
		if err := <-results; err != nil {
			refused = err
			failures++
		}
	}
	wantProblem(t, refused, httpapi.KindConflict, "somebody else was first")
	if all, err := b.Policies(t.Context()); failures != 1 || err != nil || len(all) != 2 {
		t.Errorf("%d were refused and there are %d versions, %v; want one and two", failures, len(all), err)
	}
}

func TestS15PolicyChangeRollback(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	edited := strings.Replace(policyText(t), oldDelete, newDelete, 1)
	b.apply(edited)
	p := b.look(httpapi.PolicyPreviewRequest{To: httpapi.PolicyChoice{Version: 1}})
	if p.From != 2 || p.To != 1 || len(p.Differences) != 2 || p.Differences[1].After != "30d" {
		t.Errorf("preview of the rollback = %+v", p)
	}
	later := testNow.Add(time.Hour)
	b.now = func() time.Time { return later }
	_, err := b.RollbackPolicy(t.Context(), 1, "", httpapi.Decision{Actor: "kim", Reason: "a mistake"})
	wantProblem(t, err, httpapi.KindConflict, "look at")
	back, err := b.RollbackPolicy(t.Context(), 1, p.Expect, httpapi.Decision{Actor: "kim", Reason: "a mistake"})
	if err != nil {
		t.Fatal(err)
	}
	if back.Version.Number != 3 || back.Version.Reason != "back to version 1: a mistake" || !back.Version.Activations["account:entra/delete"].Equal(later) {
		t.Errorf("rolled back = %+v, want version 3 whose delete line counts from now", back.Version)
	}
	one, err := b.PolicyNumbered(t.Context(), 1)
	if err != nil || one.Active || one.Source != policyText(t) {
		t.Errorf("PolicyNumbered(1) = %+v, %v", one, err)
	}
	_, err = b.PolicyNumbered(t.Context(), 9)
	wantProblem(t, err, httpapi.KindNotFound, "version 9")
	_, err = b.RollbackPolicy(t.Context(), 9, "", httpapi.Decision{Actor: "kim", Reason: "r"})
	wantProblem(t, err, httpapi.KindNotFound, "version 9")
	b.background.work.Wait()
}

// TestS15PolicyChangeOfATriggersKind: under one name, what a date had done would
// pass for what a change is to do.
func TestS15PolicyChangeOfATriggersKind(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const dated = `trigger: {on: startDate, offset: -7d, at: "09:00"}`
	changed := strings.Replace(policyText(t), dated, "trigger: {change: [assignment.department.name]}", 1)
	changed = strings.Replace(changed, "category: joiner", "category: mover", 1)
	changed = strings.Replace(changed, "      - sendOnboardingReminderEmail: {to: manager}\n", "      - sendManagerMoveNotification: {to: manager}\n", 1)
	_, err := b.PreviewPolicy(t.Context(), httpapi.PolicyPreviewRequest{To: httpapi.PolicyChoice{Source: changed}})
	problem := wantProblem(t, err, httpapi.KindUnprocessable, "another kind")
	if len(problem.Errors) != 1 || !strings.Contains(problem.Errors[0].Detail, `"Prepare" runs on a change, and did on a date in version 1`) {
		t.Errorf("errors = %+v", problem.Errors)
	}
	renamed := strings.Replace(changed, "name: Prepare", "name: Department changed", 1)
	p := b.look(httpapi.PolicyPreviewRequest{To: httpapi.PolicyChoice{Source: renamed}})
	if len(p.Notes) != 2 || !strings.Contains(p.Notes[0], "new under this name") || !strings.Contains(p.Notes[1], `"Prepare" is gone`) {
		t.Errorf("notes = %q", p.Notes)
	}
	observed := b.look(httpapi.PolicyPreviewRequest{To: httpapi.PolicyChoice{Source: strings.Replace(policyText(t), "mode: enforce", "mode: observe", 1)}})
	if len(observed.Notes) != 1 || !strings.Contains(observed.Notes[0], `"entra" goes from enforce to observe`) {
		t.Errorf("notes = %q", observed.Notes)
	}
	// Gone for a version, the name is still known.
	b.apply(renamed)
	_, err = b.PreviewPolicy(t.Context(), httpapi.PolicyPreviewRequest{To: httpapi.PolicyChoice{Source: changed}})
	wantProblem(t, err, httpapi.KindUnprocessable, "another kind")
}

func TestS15PolicyChangeOfTheFirstVersion(t *testing.T) {
	t.Parallel()
	b := openBench(t, storetest.New(t), newTemporalFake())
	p := b.look(httpapi.PolicyPreviewRequest{To: httpapi.PolicyChoice{Source: policyText(t)}, People: true})
	if p.Base != 0 || p.From != 0 || len(p.Differences) == 0 || len(p.People) != 0 || len(p.Activated) != 0 {
		t.Errorf("preview = %+v", p)
	}
	b.apply(policyText(t))
	same := b.look(httpapi.PolicyPreviewRequest{To: httpapi.PolicyChoice{Version: 1}})
	if !same.Same || len(same.Differences) != 0 {
		t.Errorf("version 1 and itself = %+v", same)
	}
}

func TestS15PolicyChangeIsAnsweredForMany(t *testing.T) {
	t.Parallel()
	b := withLeavers(t, "E-1", "E-2", "E-3")
	b.apply(strings.Replace(policyText(t), oldDelete, newDelete, 1))
	for i, key := range []string{"E-1", "E-2", "E-3"} {
		row := store.PersonRow{Realm: "main", Key: key, Journey: contract.JourneyID("main", key), PolicyVersion: 2, Revision: int64(10 + i), Attention: []string{plan.AttentionPolicyChange}}
		b.index(row)
	}
	first, err := b.PolicyQuestions(t.Context(), "", 2)
	if err != nil || len(first.Lines) != 2 || first.Next == "" {
		t.Fatalf("PolicyQuestions() = %+v, %v, want two lines and another page", first, err)
	}
	rest, err := b.PolicyQuestions(t.Context(), first.Next, 2)
	if err != nil || len(rest.Lines) != 1 || rest.Next != "" || rest.Lines[0].Task != "delete" {
		t.Fatalf("PolicyQuestions() = %+v, %v, want the last line", rest, err)
	}
	answers := httpapi.PolicyAnswers{Decision: httpapi.Decision{Actor: "kim", Reason: "agreed"}, ID: "a1", Answer: "approve"}
	for _, line := range first.Lines {
		answers.Lines = append(answers.Lines, httpapi.AnsweredPerson{PersonID: line.PersonID, Line: line.Line})
	}
	answers.Lines = append(answers.Lines, httpapi.AnsweredPerson{PersonID: httpapi.PersonID{Realm: "main", Key: "E-9"}, Line: first.Lines[0].Line})
	got, err := b.AnswerPolicyQuestions(t.Context(), answers)
	if err != nil || len(got) != 3 || got[0].Problem != "" || got[1].Problem != "" || !strings.Contains(got[2].Problem, "does not ask") {
		t.Errorf("AnswerPolicyQuestions() = %+v, %v, want two in force and one refused", got, err)
	}
	if len(b.temporal.updates) != 2 || b.temporal.updates[0].UpdateID == b.temporal.updates[1].UpdateID || b.temporal.updates[0].UpdateName != string(contract.Approve) {
		t.Errorf("updates = %+v, want an approve for each of the two, and nobody else", b.temporal.updates)
	}
	ids := []string{b.temporal.updates[0].UpdateID, b.temporal.updates[1].UpdateID}
	if _, err := b.AnswerPolicyQuestions(t.Context(), answers); err != nil || !slices.Contains(ids, b.temporal.updates[2].UpdateID) {
		t.Errorf("the same answers again have other IDs, %v", err)
	}
	answers.Answer = "skip"
	if _, err := b.AnswerPolicyQuestions(t.Context(), answers); err != nil || b.temporal.updates[4].UpdateName != string(contract.Skip) {
		t.Errorf("a skip was sent as %s, %v", b.temporal.updates[4].UpdateName, err)
	}
}
