package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"tenure/internal/httpapi"
	"tenure/workflows/contract"
)

// organisation answers for an invented organisation. One person of it has a
// name that attacks terminals.
type organisation struct {
	mu    sync.Mutex
	looks map[string]int
	// evidence reads the ledger of person 1001.
	evidence func() ([]byte, error)
}

var (
	_ httpapi.Journeys = (*organisation)(nil)
	_ httpapi.Dev      = (*organisation)(nil)
)

func newOrganisation() *organisation { return &organisation{looks: map[string]int{}} }

const (
	berlin     = "Europe/Berlin"
	hireKey    = "Prepare a new hire/1001/0/addUserToGroups"
	hostile    = "\x1b]0;owned\a\x1b[2JMallory\n\u202eevil\u009b31m"
	temporalUI = "http://127.0.0.1:8233/namespaces/default/workflows/journey%2Fmain%2F1001"
)

func day(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

func at(text string) *time.Time {
	t := day(text)
	return &t
}

func everybody() []httpapi.Person {
	return []httpapi.Person{
		{
			PersonID: httpapi.PersonID{Realm: "main", Key: "1001"}, DisplayName: "Zoë Łukasiewicz", Phase: "pre-hire", Department: "Sales",
			JobTitle: "Account Manager", EmployeeID: "1001", Zone: berlin, PolicyVersion: 2, Feed: "hr", NextDeadline: at("2026-11-24 08:00"),
			NextWhat:  "Prepare a new hire: addUserToGroups",
			Accounts:  []httpapi.Account{{Target: "entra", ID: "5f0c", UserName: "zoe.lukasiewicz@contoso.example", State: "disabled"}},
			Attention: []string{}, UpdatedAt: at("2026-11-22 01:00"), Links: httpapi.Links{Temporal: temporalUI},
		},
		{
			PersonID: httpapi.PersonID{Realm: "main", Key: "1002"}, DisplayName: "山田 太郎", Phase: "active", Held: true, Zone: "Asia/Tokyo",
			Accounts:  []httpapi.Account{{Target: "entra", ID: "77aa", UserName: "taro.yamada@contoso.example", Enabled: true, State: "enabled"}},
			Attention: []string{"parked", "approval"}, PolicyVersion: 2,
		},
		{
			PersonID: httpapi.PersonID{Realm: "subsidiary", Key: "A/7"}, DisplayName: hostile, Phase: "left", Zone: "Nowhere/Land",
			NextDeadline: at("2026-12-24 23:00"), NextWhat: "entra: delete\x1b[0m", Accounts: []httpapi.Account{}, Attention: []string{}, PolicyVersion: 2,
		},
	}
}

func missing(id httpapi.PersonID) error {
	return httpapi.NewProblem(httpapi.KindNotFound, nil, "there is no person %q in realm %q", id.Key, id.Realm)
}

func find(id httpapi.PersonID) (httpapi.Person, error) {
	i := slices.IndexFunc(everybody(), func(p httpapi.Person) bool { return p.PersonID == id })
	if i < 0 {
		return httpapi.Person{}, missing(id)
	}
	return everybody()[i], nil
}

// People answers one person a page, so that paging is always seen.
func (o *organisation) People(_ context.Context, f httpapi.PeopleFilter) ([]httpapi.Person, string, error) {
	people := slices.DeleteFunc(everybody(), func(p httpapi.Person) bool {
		return f.Realm != "" && p.Realm != f.Realm || f.Phase != "" && p.Phase != f.Phase || f.Held && !p.Held ||
			f.Attention && len(p.Attention) == 0 || f.Search != "" && !strings.Contains(p.DisplayName, f.Search)
	})
	from := 0
	if f.Cursor != "" {
		_, _ = fmt.Sscanf(f.Cursor, "after %d", &from)
	}
	if from+1 < len(people) {
		return people[from : from+1], fmt.Sprintf("after %d", from+1), nil
	}
	return people[min(from, len(people)):], "", nil
}

func (o *organisation) Person(_ context.Context, id httpapi.PersonID) (httpapi.PersonDetail, error) {
	person, err := find(id)
	if err != nil {
		return httpapi.PersonDetail{}, err
	}
	detail := httpapi.PersonDetail{Person: person, Source: httpapi.SourceJourney, Now: day("2026-11-22 01:00")}
	detail.Stays = []httpapi.Stay{{ID: id.Key, Start: "2026-12-01", Status: "active"}}
	if person.Held {
		detail.Source, detail.Note = httpapi.SourceIndex, "no worker answered: this is what the people index says"
		detail.Overrides = []httpapi.InForce{{Kind: "hold", ID: "h-1", Actor: "olga", Reason: "asked by " + hostile, At: day("2026-11-20 09:00")}}
		detail.Parked = []httpapi.Parked{{
			Key: hireKey, Code: "directory-unavailable", Detail: "the target does not answer", Since: day("2026-11-21 09:00"),
			Retry: at("2026-11-22 03:00"), Attempts: 4,
		}}
		detail.Running = []string{"account:entra/1002/0/update"}
		detail.Questions = []httpapi.Attention{
			{Code: "approval", Key: "account:entra/1002/3/delete", Text: "The account is to be deleted, but it has signed in since.", Asks: true},
			{Code: "parked", Text: "A task could not be done."},
		}
	}
	return detail, nil
}

func entry(when, kind, instant, local, title, state, reason, key string) httpapi.Entry {
	e := httpapi.Entry{
		When: when, Kind: kind, At: day(instant), Local: local, Zone: berlin, Title: title, State: state, Reason: reason, Key: key,
	}
	if e.Workflow, _, _ = strings.Cut(key, "/"); strings.HasPrefix(e.Workflow, "account:") {
		e.Target = "entra"
	}
	return e
}

func (o *organisation) Timeline(_ context.Context, id httpapi.PersonID) (httpapi.Timeline, error) {
	person, err := find(id)
	if err != nil {
		return httpapi.Timeline{}, err
	}
	t := httpapi.Timeline{
		PersonID: id, DisplayName: person.DisplayName, Phase: person.Phase, Now: day("2026-11-22 01:00"), NowLocal: "2026-11-22 02:00 CET",
		Zone: berlin, PolicyVersion: 2, Source: httpapi.SourceJourney, Links: httpapi.Links{Temporal: temporalUI},
	}
	if id.Key == "1002" {
		t.Note = "no worker answered: this is what the ledger says"
		t.Entries = []httpapi.Entry{}
		return t, nil
	}
	made := entry(httpapi.Past, httpapi.EntryTask, "2026-11-17 05:00", "2026-11-17 06:00 CET", "Create the account", "done",
		"start 2026-12-01 minus 14 d at 06:00", "account:entra/1001/0/create")
	made.Actor = "policy"
	made.Changes = []httpapi.AttributeChange{{Attribute: "userPrincipalName", After: "zoe.lukasiewicz@contoso.example"}}
	said := entry(httpapi.Past, httpapi.EntryEvent, "2026-11-15 17:00", "2026-11-15 18:00 CET", "statement of HR", "applied", "", "")
	said.Actor = "hr:hr"
	said.Changes = []httpapi.AttributeChange{{Attribute: "employment.startDate"}, {Attribute: "person.legalName.given"}}
	postponed := entry(httpapi.Past, httpapi.EntryOverride, "2026-11-18 09:30", "2026-11-18 10:30 CET", "postpone", "in force", hostile, "")
	postponed.Actor = "olga"
	mail := entry(httpapi.Now, httpapi.EntryTask, "2026-11-22 00:00", "2026-11-22 01:00 CET", "Send onboarding reminder email", "parked",
		"the mail server does not answer", "Prepare a new hire/1001/0/sendOnboardingReminderEmail")
	mail.Retry, mail.Due = at("2026-11-22 02:00"), at("2026-11-21 08:00")
	t.Entries = []httpapi.Entry{
		said, made, postponed, mail,
		entry(httpapi.Future, httpapi.EntryTask, "2026-11-24 08:00", "2026-11-24 09:00 CET", "Add user to groups", "future",
			"start 2026-12-01 minus 7 d at 09:00, because the person starts on that day in the zone that the location states", hireKey),
		entry(httpapi.Future, httpapi.EntryTask, "2026-11-24 08:00", "2026-11-24 09:00 CET", "Assign licenses to user", "future",
			"start 2026-12-01 minus 7 d at 09:00, because the person starts on that day in the zone that the location states",
			"Prepare a new hire/1001/0/assignLicensesToUser"),
		entry(httpapi.Future, httpapi.EntryTask, "2026-11-30 23:00", "2026-12-01 00:00 CET", "Enable the account", "future",
			"start 2026-12-01 at 00:00", "account:entra/1001/0/enable"),
	}
	return t, nil
}

func (o *organisation) MappingPreview(_ context.Context, id httpapi.PersonID, target string) (httpapi.MappingPreview, error) {
	if _, err := find(id); err != nil {
		return httpapi.MappingPreview{}, err
	}
	if target != "" && target != "entra" {
		return httpapi.MappingPreview{}, httpapi.NewProblem(httpapi.KindNotFound, nil, "the active policy has no target %q", target)
	}
	return httpapi.MappingPreview{
		PersonID: id, Target: "entra", Mode: "observe", Now: day("2026-11-22 01:00"), PolicyVersion: 2, ObjectID: "o-1001",
		Note: "the target is only observed, so nothing is written",
		Rows: []httpapi.MappingRow{
			{Attribute: "userPrincipalName", Before: "ada@contoso.example", After: "ada@contoso.example", Change: httpapi.MappingCreateOnly},
			{Attribute: "department", Before: "Sales", After: hostile, Change: httpapi.MappingSets},
			{Attribute: "jobTitle", Before: "Clerk", Change: httpapi.MappingClear},
			{Attribute: "city", Before: "Lyon", After: "Lyon", Change: httpapi.MappingFailed, Why: "line 1, column 1: Left: the count is no number"},
			{Attribute: "mailNickname", Change: httpapi.MappingSets, Candidates: []string{"ada", "ada.e"}},
			{Attribute: "country", Before: "FR", After: "FR", Change: httpapi.MappingNone},
		},
	}, nil
}

func (o *organisation) Evidence(context.Context, httpapi.PersonID) (json.RawMessage, error) {
	content, err := o.evidence()
	return content, err
}

func (o *organisation) Explain(_ context.Context, id httpapi.PersonID, key string) (httpapi.Explanation, error) {
	if _, err := find(id); err != nil {
		return httpapi.Explanation{}, err
	}
	if key != "" && key != hireKey {
		return httpapi.Explanation{}, httpapi.NewProblem(httpapi.KindUnprocessable, nil, "the person has no task %q", key).
			With(httpapi.ProblemError{Detail: "did you mean " + hireKey + "?"})
	}
	line := httpapi.ExplainedLine{
		Entry: entry(httpapi.Future, httpapi.EntryTask, "2026-11-24 08:00", "2026-11-24 09:00 CET", "Add user to groups", "future",
			"start 2026-12-01 minus 7 d at 09:00", hireKey),
		Because: []string{"the start is 2026-12-01, as the feed hr says", "the zone is Europe/Berlin, from the location"},
		History: []httpapi.Entry{entry(httpapi.Past, httpapi.EntryNote, "2026-11-18 09:30", "2026-11-18 10:30 CET", "postponed", "noted", "by olga", "")},
		Can:     []string{"run-now", "skip", "postpone"},
	}
	return httpapi.Explanation{PersonID: id, Now: day("2026-11-22 01:00"), PolicyVersion: 2, Lines: []httpapi.ExplainedLine{line}}, nil
}

func (o *organisation) Override(_ context.Context, id httpapi.PersonID, kind contract.Kind, override contract.Override) (contract.Answer, error) {
	if _, err := find(id); err != nil {
		return contract.Answer{}, err
	}
	if id.Key == "1002" && kind == contract.Rescind {
		refused := httpapi.NewProblem(httpapi.KindRefused, nil, "no termination is in force")
		refused.Code = contract.ErrorNotApplicable
		return contract.Answer{}, refused
	}
	answer := contract.Answer{Text: fmt.Sprintf("%s is in force: actor %s, reason %s", kind, override.Actor, override.Reason)}
	for _, said := range [][2]string{
		{"key", override.Key}, {"workflow", override.Workflow}, {"on", override.On}, {"date", override.Date}, {"what", override.What},
	} {
		if said[1] != "" {
			answer.Text += ", " + said[0] + " " + said[1]
		}
	}
	if !override.To.IsZero() {
		answer.Text += ", to " + override.To.Format(time.RFC3339)
	}
	if kind == contract.Hold {
		answer.Running = []string{hireKey}
	}
	return answer, nil
}

func (o *organisation) FastForward(_ context.Context, realm, key string, by time.Duration) (httpapi.FastForwardReport, error) {
	id := httpapi.PersonID{Realm: realm, Key: key}
	if _, err := find(id); err != nil {
		return httpapi.FastForwardReport{}, err
	}
	from := day("2026-11-22 01:00")
	report := httpapi.FastForwardReport{PersonID: id, From: from, To: from.Add(by), Skips: 4}
	if key == "1002" {
		report.Note = "a parked task would have been tried again and again"
		report.Parked = []httpapi.Parked{{Key: hireKey, Code: "directory-unavailable", Since: from, Attempts: 3}}
	}
	return report, nil
}

func (o *organisation) Ready(context.Context) []string { return nil }

func (o *organisation) Doctor(context.Context) []httpapi.Check {
	return []httpapi.Check{
		{Name: "temporal", OK: true, State: httpapi.CheckOK, Detail: "namespace default answers"},
		{Name: "worker", State: httpapi.CheckFailed, Detail: "no worker polls the queue tenure", Remedy: "start one: tenure worker --config tenure.yaml"},
		{Name: "target entra: provisioning-job in.1", OK: true, State: httpapi.CheckAcknowledged, Detail: "acts on the same people"},
		{Name: "target entra: licences", OK: true, State: httpapi.CheckUnknown, Detail: "cannot be read: the application may not", Remedy: "grant the application LicenseAssignment.Read.All"},
	}
}

func (o *organisation) CheckTarget(_ context.Context, target string) (httpapi.TargetCheck, error) {
	if target != "corp" {
		return httpapi.TargetCheck{}, knownTarget(target)
	}
	command := func(right string) []httpapi.Command {
		return []httpapi.Command{
			{Tool: "dsacls", Line: `dsacls "OU=People,DC=corp,DC=contoso,DC=example" ` + right},
			{Tool: "samba-tool", Line: `samba-tool dsacl set ` + right},
		}
	}
	return httpapi.TargetCheck{Target: target, Kind: "ad", Checks: []httpapi.Check{
		{Name: "target corp", OK: true, State: httpapi.CheckOK, Detail: "answers"},
		{Name: "target corp: attribute title", OK: true, State: httpapi.CheckOK, Detail: "it is known and may be written", Commands: command("title")},
		{
			Name: "target corp: attribute department", State: httpapi.CheckFailed, Detail: "the bind account may not write it",
			Remedy: "dsacls ...", Commands: command("department"),
		},
		{Name: "target corp: passwords", OK: true, State: httpapi.CheckUnknown, Detail: "cannot be told", Commands: command("passwords")},
	}}, nil
}

func (o *organisation) Decode(context.Context, string, []byte) (httpapi.Decoded, error) {
	return httpapi.Decoded{}, nil
}

func (o *organisation) Receive(context.Context, string, http.Header, []byte) (httpapi.PersonID, error) {
	return httpapi.PersonID{}, httpapi.NewProblem(httpapi.KindUnauthorized, nil, "")
}

func held() httpapi.Import {
	return httpapi.Import{
		ID: "i-0002", Feed: "hr", FileName: "november.csv", Hash: "abc", AsOf: day("2026-11-20 23:00"), Received: day("2026-11-21 08:00"),
		State: httpapi.ImportHeld, Rows: 332, Accepted: 239, Rejected: 93, Total: 239,
		HeldReasons: []string{"93 of 332 rows are rejected; held from 5 %"}, Actor: "olga",
	}
}

func (o *organisation) Feeds(context.Context) ([]httpapi.FeedStatus, error) {
	age, last := int64(3*3600), held()
	return []httpapi.FeedStatus{
		{
			Name: "hr", Kind: "csv", Realm: "main", Mode: "full", OwnsStatus: true, LastSuccess: at("2026-11-21 22:00"), AgeSeconds: &age,
			Rows: 332, Accepted: 239, Rejected: 93, Held: true, People: 239, Absent: 2, Attention: []string{"the last file is held"}, LastImport: &last,
		},
		{Name: "hris", Kind: "webhook", Realm: "main", Attention: []string{}},
	}, nil
}

func rejects() []httpapi.Reject {
	return []httpapi.Reject{
		{Row: 12, Key: "1007", Problems: []string{"the key stands in rows 12 and 44", "StartDate is no date of the form YYYY-MM-DD"}},
		{Row: 44, Key: "1007\x1b[31m", Problems: []string{"the key stands in rows 12 and 44"}},
	}
}

func (o *organisation) Import(_ context.Context, r httpapi.ImportRequest) (httpapi.Import, error) {
	content, err := io.ReadAll(r.Content)
	if err != nil {
		return httpapi.Import{}, err
	}
	if r.Feed != "hr" {
		return httpapi.Import{}, httpapi.NewProblem(httpapi.KindNotFound, nil, "there is no csv feed %q", r.Feed)
	}
	if r.AsOf == "" && !strings.HasPrefix(r.FileName, "good") {
		return httpapi.Import{}, httpapi.NewProblem(httpapi.KindUnprocessable, nil, "read file:\nthe file has no date of truth\ncolumn \"\x1b[31m\" is missing")
	}
	done := httpapi.Import{
		ID: "i-0003", Feed: r.Feed, FileName: r.FileName, Hash: "def", AsOf: day("2026-11-21 23:00"), Received: day("2026-11-22 01:00"), Actor: r.Actor,
		State: httpapi.ImportRunning, Rows: strings.Count(string(content), "\n") - 1, HeldReasons: []string{},
	}
	done.Accepted, done.Total = done.Rows, done.Rows
	switch {
	case strings.Contains(r.FileName, "held"):
		done = held()
		done.FileName, done.Rejects, done.Missing = r.FileName, rejects(), 1
		done.Remarks = []httpapi.Remark{{Row: 13, Key: "1008", Texts: []string{"the person is their own manager", "employee number is also on line 14"}}}
		done.Absent = []httpapi.Absent{{Key: "1009", Files: 2, Since: day("2026-11-14 23:00")}}
	case r.DryRun:
		done.State, done.Note = httpapi.ImportDryRun, "nothing was kept or sent"
	}
	return done, nil
}

func (o *organisation) Imports(_ context.Context, feed string) ([]httpapi.Import, error) {
	if feed != "hr" {
		return nil, nil
	}
	earlier := held()
	earlier.ID, earlier.State, earlier.HeldReasons = "i-0001", httpapi.ImportAccepted, []string{}
	return []httpapi.Import{held(), earlier}, nil
}

// ImportStatus is finished at the third look.
func (o *organisation) ImportStatus(_ context.Context, feed, id string) (httpapi.Import, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.looks[id]++
	i := httpapi.Import{ID: id, Feed: feed, FileName: "good.csv", AsOf: day("2026-11-21 23:00"), State: httpapi.ImportRunning, Rows: 3, Accepted: 3, Total: 3, Sent: o.looks[id]}
	if i.Sent >= 3 {
		i.State, i.Unchanged, i.Note = httpapi.ImportAccepted, 1, "3 people are being planned"
	}
	return i, nil
}

func (o *organisation) Rejects(_ context.Context, _, id string) ([]httpapi.Reject, error) {
	if id == "i-0001" {
		return nil, nil
	}
	return rejects(), nil
}

func (o *organisation) ReleaseImport(_ context.Context, feed, id string, d httpapi.Decision) (httpapi.Import, error) {
	if id != "i-0002" {
		return httpapi.Import{}, httpapi.NewProblem(httpapi.KindConflict, nil, "the import is not held")
	}
	i := held()
	i.ID, i.Feed, i.State, i.Actor = "i-0003", feed, httpapi.ImportRunning, d.Actor
	return i, nil
}

func version(number int, active bool) httpapi.PolicyVersion {
	return httpapi.PolicyVersion{
		Number: number, Hash: "0123456789abcdef0123456789abcdef", AppliedAt: day("2026-11-20 12:00"), Actor: "olga", Reason: "first try", Active: active,
		Activations: map[string]time.Time{"Last day": day("2026-11-20 12:00")},
	}
}

func (o *organisation) Policy(context.Context) (httpapi.PolicyVersion, error) {
	v := version(2, true)
	v.Source = "version: 1\nfeeds: {}  # \x1b[31mred\n"
	return v, nil
}

func (o *organisation) Policies(context.Context) ([]httpapi.PolicyVersion, error) {
	return []httpapi.PolicyVersion{version(2, true), version(1, false)}, nil
}

func (o *organisation) ValidatePolicy(context.Context, httpapi.PolicySource) (httpapi.PolicyReport, error) {
	return httpapi.PolicyReport{Valid: true}, nil
}

func (o *organisation) ApplyPolicy(_ context.Context, s httpapi.PolicySource, expect string, d httpapi.Decision) (httpapi.PolicyApplied, error) {
	if strings.Contains(string(s.Content), "wrong") {
		return httpapi.PolicyApplied{}, httpapi.NewProblem(httpapi.KindUnprocessable, nil, "the policy has problems").
			With(httpapi.ProblemError{File: s.Name, Line: 2, Column: 1, Detail: `unknown key "wrong"`})
	}
	if expect != "2-0123456789ab" {
		return httpapi.PolicyApplied{}, httpapi.NewProblem(httpapi.KindConflict, nil, "it was compared with version 1, and version 2 is active")
	}
	v := version(3, true)
	v.Actor, v.Reason = d.Actor, d.Reason
	return httpapi.PolicyApplied{
		Version: v, Created: true, Activated: []string{"Last day"}, Note: "the journeys are planned again",
		Warnings: []httpapi.PolicyProblem{{File: s.Name, Line: 7, Message: "a country with several zones has one"}},
	}, nil
}

func (o *organisation) PolicyNumbered(_ context.Context, number int) (httpapi.PolicyVersion, error) {
	if number > 2 {
		return httpapi.PolicyVersion{}, httpapi.NewProblem(httpapi.KindNotFound, nil, "there is no version %d of the policy", number)
	}
	v := version(number, number == 2)
	v.Source = "version: 1\n"
	return v, nil
}

func (o *organisation) RollbackPolicy(ctx context.Context, number int, expect string, d httpapi.Decision) (httpapi.PolicyApplied, error) {
	return o.ApplyPolicy(ctx, httpapi.PolicySource{Name: "version " + strconv.Itoa(number)}, expect, d)
}

// PreviewPolicy tells of twelve leavers on two pages, and of one who cannot be asked.
func (o *organisation) PreviewPolicy(_ context.Context, r httpapi.PolicyPreviewRequest) (httpapi.PolicyPreview, error) {
	if strings.Contains(r.To.Source, "wrong") {
		return httpapi.PolicyPreview{}, httpapi.NewProblem(httpapi.KindUnprocessable, nil, "the policy has problems").
			With(httpapi.ProblemError{File: r.To.Name, Line: 2, Column: 1, Detail: `unknown key "wrong"`})
	}
	out := httpapi.PolicyPreview{Base: 2, From: 2, To: r.To.Version, Expect: "2-0123456789ab", Total: 240}
	if r.To.Version == 2 {
		out.Same = true
		return out, nil
	}
	out.Activated = []string{"Last day", "account:entra/delete"}
	out.Notes = []string{`workflow "Farewell" is new under this name`}
	out.Differences = []httpapi.PolicyDifference{{Section: "targets", Name: "entra", Path: "account.delete.offset", Before: "30d", After: "7d", Text: "target entra: account.delete.offset: 30d -> 7d"}}
	if !r.People {
		return out, nil
	}
	from, to := 1, 6
	if out.Looked, out.Next = 120, "more"; r.Cursor != "" {
		if r.Base != 2 {
			return out, httpapi.NewProblem(httpapi.KindConflict, nil, "begin again")
		}
		from, to, out.Next = 7, 12, ""
		out.Unread = []httpapi.UnreadPerson{{PersonID: httpapi.PersonID{Realm: "main", Key: "1099"}, Reason: "the journey did not answer"}}
	}
	old, due := day("2026-12-31 00:00"), day("2026-12-08 00:00")
	for i := from; i <= to; i++ {
		out.People = append(out.People, httpapi.PersonChanges{
			PersonID: httpapi.PersonID{Realm: "main", Key: strconv.Itoa(1000 + i)}, DisplayName: "Ada Example",
			Lines: []httpapi.LineChange{{Change: "newly due", Key: "k", Workflow: "account:entra", Task: "delete", Target: "entra", Zone: "Europe/Berlin", OldDue: &old, NewDue: &due, Asks: true}},
		})
	}
	if out.Next == "" {
		out.People[0].Lines = append(out.People[0].Lines, httpapi.LineChange{Change: "dropped", Key: "d", Workflow: "Farewell", Task: "sendEmailOnLastDay", OldDue: &old})
	}
	return out, nil
}

// PolicyQuestions has two lines on two pages.
func (o *organisation) PolicyQuestions(_ context.Context, cursor string, _ int) (httpapi.PolicyQuestions, error) {
	key, next := "1001", "more"
	if cursor != "" {
		key, next = "1002", ""
	}
	return httpapi.PolicyQuestions{Next: next, Lines: []httpapi.PolicyQuestion{{
		PersonID: httpapi.PersonID{Realm: "main", Key: key}, DisplayName: "Ada Example", Line: "account:entra/s1/3/delete",
		Workflow: "account:entra", Task: "delete", Due: day("2026-12-08 00:00"), Zone: "Europe/Berlin",
	}}}, nil
}

func (o *organisation) AnswerPolicyQuestions(_ context.Context, answers httpapi.PolicyAnswers) ([]httpapi.PolicyAnswered, error) {
	var out []httpapi.PolicyAnswered
	for _, line := range answers.Lines {
		one := httpapi.PolicyAnswered{AnsweredPerson: line}
		if answers.Answer == "skip" && line.Key == "1002" {
			one.Problem = "this line does not ask any more"
		}
		out = append(out, one)
	}
	return out, nil
}

func (o *organisation) Matches(_ context.Context, target string) (httpapi.MatchReport, error) {
	if target != "entra" {
		return httpapi.MatchReport{}, httpapi.NewProblem(httpapi.KindNotFound, nil, "the active policy has no target %q", target)
	}
	row := func(kind httpapi.MatchKind, key, name, object, user, by, confidence, reason string) httpapi.MatchRow {
		r := httpapi.MatchRow{Kind: kind, Key: key, Name: name, ObjectID: object, UserName: user, By: by, Confidence: confidence, Reason: reason}
		if key != "" {
			r.Realm, r.EmployeeID = "main", key
		}
		if object != "" {
			r.Account = "enabled"
		}
		return r
	}
	return httpapi.MatchReport{Target: target, Mode: "observe", People: 5, Accounts: 6, Rows: []httpapi.MatchRow{
		row(httpapi.MatchAmbiguous, "2001", "Ines Duarte", "o-1", "ines@contoso.example", "employeeId", "possible", "2 accounts carry this employee number"),
		row(httpapi.MatchAmbiguous, "2001", "Ines Duarte", "o-2", "ines.old@contoso.example", "employeeId", "possible", "2 accounts carry this employee number"),
		row(httpapi.MatchProposal, "2002", "=cmd|'/c calc'!A1", "o-3", "tobias.weiss@contoso.example", "userPrincipalName", "likely", "has the user name that this person would get"),
		row(httpapi.MatchProposal, "2003", hostile, "o-4", "m@contoso.example", "displayName", "possible", "has the same name and department"),
		row(httpapi.MatchUnmatched, "2004", "Nora Falk", "", "", "", "", "no account carries this employee number, user name, mail address or name"),
		row(httpapi.MatchUnowned, "", "", "o-5", "scanner@contoso.example", "", "", "carries no employee number, and nobody in HR fits it"),
		row(httpapi.MatchLinked, "2005", "Zoë Müller", "o-6", "zoe@contoso.example", "employeeId", "certain", "was there before and is linked"),
	}}, nil
}

func (o *organisation) AcceptMatches(_ context.Context, _ string, in httpapi.MatchDecisions) (httpapi.MatchAccepted, error) {
	problem := httpapi.NewProblem(httpapi.KindUnprocessable, nil, "nothing was accepted")
	for _, d := range in.Decisions {
		if d.Key == "2005" {
			problem = problem.With(httpapi.ProblemError{Detail: `account "o-6" belongs to another person`, Line: d.Line})
		}
	}
	if len(problem.Errors) > 0 {
		return httpapi.MatchAccepted{}, problem
	}
	return httpapi.MatchAccepted{Accepted: len(in.Decisions), Note: "the journeys link the accounts now"}, nil
}
