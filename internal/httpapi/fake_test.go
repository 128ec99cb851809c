package httpapi_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"tenure/internal/httpapi"
	"tenure/workflows/contract"
)

// fake is Journeys in memory: one person, one feed, one policy. An error that is
// set is what every method returns.
type fake struct {
	err     error
	missing []string
	// next is the cursor that People returns.
	next string
	// What was asked for last.
	filter   httpapi.PeopleFilter
	request  httpapi.ImportRequest
	content  string
	kind     contract.Kind
	override contract.Override
	decision httpapi.Decision
	verdict  httpapi.GateVerdict
	source   httpapi.PolicySource
	choices  []httpapi.FindingChoice
	id       httpapi.PersonID
	body     string
	key      string
	// workflows are those that Decode names.
	workflows []string
	namespace string
}

var (
	noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	ada  = httpapi.PersonID{Realm: "main", Key: "E-1001"}
)

func (f *fake) person() httpapi.Person {
	return httpapi.Person{
		PersonID: ada, DisplayName: "Ada Example", Phase: "active", NextDeadline: &noon, NextWhat: "disable",
		Accounts:  []httpapi.Account{{Target: "entra", ID: "00000000-0000-4000-8000-000000000001", UserName: "ada@contoso.example", Enabled: true, State: "enabled"}},
		Attention: []string{"late"}, PolicyVersion: 3, UpdatedAt: &noon, Links: httpapi.Links{Self: ada.Path()},
	}
}

func imported() httpapi.Import {
	return httpapi.Import{
		ID: "20261122-120000-abc", Feed: "hr", Hash: "00", AsOf: noon, Received: noon, State: httpapi.ImportRunning, Rows: 3,
		Accepted: 2, Rejected: 1, Total: 2, Sent: 1, HeldReasons: []string{},
		Rejects: []httpapi.Reject{{Row: 4, Key: "E-7", Problems: []string{"key is also on line 5"}}},
		Absent:  []httpapi.Absent{{Key: "E-9", Files: 1, Since: noon}},
	}
}

func (f *fake) Ready(context.Context) []string { return f.missing }

func (f *fake) Doctor(context.Context) []httpapi.Check {
	return []httpapi.Check{{Name: "store", OK: false, State: httpapi.CheckFailed, Detail: "does not answer", Remedy: "start it"}}
}

func (f *fake) CheckTarget(_ context.Context, target string) (httpapi.TargetCheck, error) {
	return httpapi.TargetCheck{Target: target, Kind: "ad", Checks: []httpapi.Check{{
		Name: "target corp: attribute title", State: httpapi.CheckFailed, Detail: "may not be written", Remedy: "give the right",
		Commands: []httpapi.Command{{Tool: "dsacls", Line: "dsacls x"}},
	}}}, f.err
}

func (f *fake) Decode(_ context.Context, namespace string, payloads []byte) (httpapi.Decoded, error) {
	f.body, f.namespace = string(payloads), namespace
	return httpapi.Decoded{Text: []byte(`{"payloads":[]}`), Workflows: f.workflows}, f.err
}

func (f *fake) Receive(_ context.Context, _ string, _ http.Header, body []byte) (httpapi.PersonID, error) {
	f.body = string(body)
	return httpapi.PersonID{Realm: "main", Key: "Ä/1"}, f.err
}

func (f *fake) Feeds(context.Context) ([]httpapi.FeedStatus, error) {
	age, last := int64(60), imported()
	return []httpapi.FeedStatus{
		{Name: "hr", Kind: "csv", Realm: "main", Mode: "full", LastSuccess: &noon, AgeSeconds: &age, Attention: []string{"held"}, LastImport: &last},
		{Name: "hook", Kind: "webhook", Realm: "main", Attention: []string{}},
	}, f.err
}

func (f *fake) Import(_ context.Context, request httpapi.ImportRequest) (httpapi.Import, error) {
	f.request = request
	content, err := io.ReadAll(request.Content)
	if err != nil {
		return httpapi.Import{}, err
	}
	f.content = string(content)
	return imported(), f.err
}

func (f *fake) Imports(context.Context, string) ([]httpapi.Import, error) {
	return []httpapi.Import{imported()}, f.err
}

func (f *fake) ImportStatus(context.Context, string, string) (httpapi.Import, error) {
	return imported(), f.err
}

func (f *fake) Rejects(context.Context, string, string) ([]httpapi.Reject, error) { return nil, f.err }

func (f *fake) ReleaseImport(_ context.Context, _, _ string, decision httpapi.Decision) (httpapi.Import, error) {
	f.decision = decision
	return imported(), f.err
}

func (f *fake) People(_ context.Context, filter httpapi.PeopleFilter) ([]httpapi.Person, string, error) {
	f.filter = filter
	return []httpapi.Person{f.person()}, f.next, f.err
}

func (f *fake) Person(_ context.Context, id httpapi.PersonID) (httpapi.PersonDetail, error) {
	f.id = id
	return httpapi.PersonDetail{
		Person: f.person(), Source: httpapi.SourceJourney, Now: noon,
		Overrides: []httpapi.InForce{{Kind: "hold", ID: "1", Actor: "kim", Reason: "audit", At: noon}},
		Parked:    []httpapi.Parked{{Key: "k", Code: "Denied", Since: noon, Attempts: 2}},
		Running:   []string{}, Questions: []httpapi.Attention{{Code: "late", Text: "late", Asks: true}},
		Stays: []httpapi.Stay{{ID: "s1", Start: "2026-01-01", LastDay: "2026-12-31"}},
	}, f.err
}

func entry() httpapi.Entry {
	return httpapi.Entry{
		When: httpapi.Past, Kind: httpapi.EntryTask, At: noon, Local: "2026-11-22 13:00 CET", Zone: "Europe/Berlin", Title: "Create the account",
		State: "done", Due: &noon, Changes: []httpapi.AttributeChange{{Attribute: "department", After: "Sales"}},
	}
}

func (f *fake) Timeline(_ context.Context, id httpapi.PersonID) (httpapi.Timeline, error) {
	f.id = id
	return httpapi.Timeline{
		PersonID: id, DisplayName: "Ada Example", Phase: "active", Now: noon, NowLocal: "2026-11-22 13:00 CET", Zone: "Europe/Berlin",
		PolicyVersion: 3, Source: httpapi.SourceIndex, Entries: []httpapi.Entry{entry()},
	}, f.err
}

func (f *fake) Evidence(_ context.Context, id httpapi.PersonID) (json.RawMessage, error) {
	f.id = id
	return json.RawMessage(`{"format":"tenure-evidence-1","journey":"journey/main/E-1001","exported":"2026-11-22T12:00:00Z",
		"howToVerify":["one by one"],"head":{"seq":1,"hash":"aa"},"rows":[{"seq":1,"recorded":"2026-11-22T12:00:00Z","kind":"event",
		"policyVersion":3,"digests":{"reason":"bb"},"hash":"aa"}]}`), f.err
}

func (f *fake) Explain(_ context.Context, id httpapi.PersonID, key string) (httpapi.Explanation, error) {
	f.id, f.key = id, key
	return httpapi.Explanation{PersonID: id, Now: noon, PolicyVersion: 3, Lines: []httpapi.ExplainedLine{
		{Entry: entry(), Because: []string{"because"}, History: []httpapi.Entry{entry()}, Can: []string{"skip"}},
	}}, f.err
}

func (f *fake) MappingPreview(_ context.Context, id httpapi.PersonID, target string) (httpapi.MappingPreview, error) {
	f.id, f.key = id, target
	return httpapi.MappingPreview{PersonID: id, Target: "entra", Mode: "enforce", Now: noon, PolicyVersion: 3, ObjectID: "o-1", Rows: []httpapi.MappingRow{
		{Attribute: "department", Before: "Sales", After: "Research", Change: httpapi.MappingSets, Candidates: []string{"x"}, Why: "w"},
	}}, f.err
}

func (f *fake) Override(_ context.Context, id httpapi.PersonID, kind contract.Kind, o contract.Override) (contract.Answer, error) {
	f.id, f.kind, f.override = id, kind, o
	return contract.Answer{Text: "held", Running: []string{"k"}}, f.err
}

func comparison() httpapi.Comparison {
	return httpapi.Comparison{Target: "entra", At: noon, Accounts: 3, People: 2, Counts: map[string]int{"drifted": 1}}
}

func (f *fake) CompareTarget(_ context.Context, _ string, decision httpapi.Decision) (httpapi.Comparison, error) {
	f.decision = decision
	return comparison(), f.err
}

func (f *fake) Findings(context.Context, string, bool) (httpapi.Findings, error) {
	done := comparison()
	return httpapi.Findings{Target: "entra", Mode: "enforce", Comparison: &done, Hidden: 1, Findings: []httpapi.Finding{
		{
			ID: "0123456789ab", Kind: "drifted", Person: &ada, DisplayName: "Ada Example", ObjectID: "o-1", UserName: "ada@contoso.example",
			Attributes: []string{"jobTitle"}, Reason: "it differs", Waits: "the line update is parked", Since: noon,
			Decided: &httpapi.FindingDecided{Decision: httpapi.FindingIgnore, Until: &noon, Actor: "kim", Reason: "known", At: noon},
		},
		{ID: "ba9876543210", Kind: "unowned", ObjectID: "o-2", Reason: "no journey claims it", Protection: "unknown", Since: noon},
	}}, f.err
}

func (f *fake) DecideFindings(_ context.Context, _ string, choices []httpapi.FindingChoice, decision httpapi.Decision) ([]httpapi.FindingOutcome, error) {
	f.choices, f.decision = choices, decision
	return []httpapi.FindingOutcome{{ID: "0123456789ab", Done: true, Text: "hidden"}}, f.err
}

func version() httpapi.PolicyVersion {
	return httpapi.PolicyVersion{
		Number: 3, Hash: "00", AppliedAt: noon, Actor: "kim", Reason: "first", Active: true,
		Activations: map[string]time.Time{"welcome": noon}, Source: "version: 1\n",
	}
}

func (f *fake) Policy(context.Context) (httpapi.PolicyVersion, error) { return version(), f.err }

func (f *fake) Policies(context.Context) ([]httpapi.PolicyVersion, error) {
	return []httpapi.PolicyVersion{version()}, f.err
}

func (f *fake) ValidatePolicy(_ context.Context, source httpapi.PolicySource) (httpapi.PolicyReport, error) {
	f.source = source
	return httpapi.PolicyReport{Problems: []httpapi.PolicyProblem{{File: source.Name, Line: 3, Column: 1, Message: "unknown"}}}, f.err
}

func (f *fake) ApplyPolicy(_ context.Context, source httpapi.PolicySource, _ string, decision httpapi.Decision) (httpapi.PolicyApplied, error) {
	f.source, f.decision = source, decision
	return httpapi.PolicyApplied{Version: version(), Created: true}, f.err
}

func (f *fake) PolicyNumbered(_ context.Context, number int) (httpapi.PolicyVersion, error) {
	v := version()
	v.Number = number
	return v, f.err
}

func (f *fake) PreviewPolicy(_ context.Context, request httpapi.PolicyPreviewRequest) (httpapi.PolicyPreview, error) {
	return httpapi.PolicyPreview{
		Base: 3, To: request.To.Version, Expect: "3-00", Looked: 2, Total: 2,
		Differences: []httpapi.PolicyDifference{{Section: "targets", Name: "entra", Path: "domain", Before: "a", After: "b", Text: "t"}},
		People: []httpapi.PersonChanges{{
			PersonID: httpapi.PersonID{Realm: "main", Key: "1"}, DisplayName: "Ada",
			Lines: []httpapi.LineChange{{Change: "moved", Key: "k", Workflow: "w", Task: "t", OldDue: &noon, NewDue: &noon, Asks: true}},
		}},
		Unread: []httpapi.UnreadPerson{{PersonID: httpapi.PersonID{Realm: "main", Key: "2"}, Reason: "no answer"}},
	}, f.err
}

func (f *fake) PolicyQuestions(context.Context, string, int) (httpapi.PolicyQuestions, error) {
	return httpapi.PolicyQuestions{
		Lines:  []httpapi.PolicyQuestion{{PersonID: httpapi.PersonID{Realm: "main", Key: "1"}, Line: "l", Workflow: "w", Task: "t", Due: noon}},
		Unread: []httpapi.UnreadPerson{{PersonID: httpapi.PersonID{Realm: "main", Key: "2"}, Reason: "no answer"}}, Next: "more",
	}, f.err
}

func (f *fake) AnswerPolicyQuestions(_ context.Context, answers httpapi.PolicyAnswers) ([]httpapi.PolicyAnswered, error) {
	f.decision = answers.Decision
	return []httpapi.PolicyAnswered{{AnsweredPerson: answers.Lines[0], Problem: "does not ask"}}, f.err
}

func (f *fake) RollbackPolicy(_ context.Context, number int, expect string, decision httpapi.Decision) (httpapi.PolicyApplied, error) {
	f.decision, f.source = decision, httpapi.PolicySource{Name: expect}
	v := version()
	v.Number = number
	return httpapi.PolicyApplied{Version: v, Created: true}, f.err
}

// fakeDev moves no clock and remembers by how much it was asked to.
type fakeDev struct{ by time.Duration }

func (f *fakeDev) FastForward(_ context.Context, realm, key string, by time.Duration) (httpapi.FastForwardReport, error) {
	f.by = by
	return httpapi.FastForwardReport{PersonID: httpapi.PersonID{Realm: realm, Key: key}, From: noon, To: noon.Add(by), Skips: 2}, nil
}

func (f *fake) Matches(_ context.Context, target string) (httpapi.MatchReport, error) {
	return httpapi.MatchReport{
		Target: target, Mode: "observe", People: 2, Accounts: 2, Rows: []httpapi.MatchRow{
			{Kind: httpapi.MatchProposal, Realm: ada.Realm, Key: ada.Key, Name: "Ada Example", ObjectID: "o-1", UserName: "ada@contoso.example", Account: "enabled", By: "mail", Confidence: httpapi.ConfidenceLikely, Reason: "has the mail address that HR states"},
			{Kind: httpapi.MatchUnowned, ObjectID: "o-2", UserName: "info@contoso.example", Account: "disabled", Reason: "carries no employee number, and nobody in HR fits it"},
		},
	}, f.err
}

func (f *fake) AcceptMatches(_ context.Context, target string, in httpapi.MatchDecisions) (httpapi.MatchAccepted, error) {
	f.decision, f.key, f.body = in.Decision, in.ID, target
	return httpapi.MatchAccepted{Accepted: len(in.Decisions), Note: "the journeys link the accounts now"}, f.err
}
