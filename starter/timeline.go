package starter

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"tenure/activities"
	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// localLayout shows a local time with its zone's abbreviation or offset.
const localLayout = "2006-01-02 15:04 MST"

// chronicle is everything that is known of a person in time.
type chronicle struct {
	seen
	policy activities.LoadedPolicy
	lines  []plan.Line
	rows   []store.LedgerRow
	zone   *time.Location
}

// chronicle reads the past from the ledger and computes the rest from the facts
// with the active policy, just as the next plan of the journey will.
func (s *service) chronicle(ctx context.Context, id httpapi.PersonID) (*chronicle, error) {
	found, err := s.look(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &chronicle{seen: found, zone: time.UTC}
	journey := contract.JourneyID(found.id.Realm, found.id.Key)
	if out.rows, err = s.db.Ledger(ctx, journey, 1, 0); err != nil {
		s.log.WarnContext(ctx, "ledger could not be read", "error", err)
		out.addNote("the store does not answer: the past is missing")
	}
	if found.live {
		policy, err := s.active(ctx)
		if err != nil {
			return nil, err
		}
		out.policy = policy
		input := policy.Input(found.view.Facts, out.now)
		input.Verified = s.credentials.authenticator() != nil
		out.lines, _, _ = plan.Lines(input)
	}
	if zone, err := time.LoadLocation(cmp.Or(found.view.Last.Zone, found.row.Zone, "UTC")); err == nil {
		out.zone = zone
	}
	return out, nil
}

func (c *chronicle) addNote(text string) { c.note = strings.Trim(c.note+"; "+text, "; ") }

// Timeline implements [httpapi.Journeys].
func (s *service) Timeline(ctx context.Context, id httpapi.PersonID) (httpapi.Timeline, error) {
	c, err := s.chronicle(ctx, id)
	if err != nil {
		return httpapi.Timeline{}, err
	}
	shown := s.personOf(c.row)
	out := httpapi.Timeline{
		PersonID: c.id, DisplayName: shown.DisplayName, Phase: shown.Phase, Now: c.now, NowLocal: c.now.In(c.zone).Format(localLayout),
		Zone: c.zone.String(), PolicyVersion: shown.PolicyVersion, Source: httpapi.SourceIndex, Note: c.note, Links: shown.Links,
		Entries: c.entries(),
	}
	if c.live {
		out.Source, out.PolicyVersion = httpapi.SourceJourney, c.policy.Stored.Number
		out.Phase = cmp.Or(string(c.view.Last.Phase), out.Phase)
		out.DisplayName = cmp.Or(out.DisplayName, displayName(c.view.Facts))
	}
	return out, nil
}

// entries joins the plan's lines with the ledger, in order of time.
func (c *chronicle) entries() []httpapi.Entry {
	out := []httpapi.Entry{}
	planned := map[string]bool{}
	byKey := c.rowsByKey()
	for _, line := range c.lines {
		planned[line.Key] = true
		out = append(out, c.lineEntry(line, byKey[line.Key]))
	}
	for _, row := range c.rows {
		if !planned[row.Key] {
			out = append(out, c.rowEntry(row))
		}
	}
	slices.SortStableFunc(out, func(a, b httpapi.Entry) int {
		return cmp.Or(cmp.Compare(place(a.When), place(b.When)), a.At.Compare(b.At), cmp.Compare(a.Seq, b.Seq))
	})
	return out
}

// place puts what needs doing now between what was and what will be, however
// long it has been due.
func place(when string) int {
	return slices.Index([]string{httpapi.Past, httpapi.Now, httpapi.Future}, when)
}

func (c *chronicle) rowsByKey() map[string][]store.LedgerRow {
	out := map[string][]store.LedgerRow{}
	for _, row := range c.rows {
		if row.Key != "" {
			out[row.Key] = append(out[row.Key], row)
		}
	}
	return out
}

// lineEntry shows a line of the plan with what the ledger knows of it.
func (c *chronicle) lineEntry(line plan.Line, rows []store.LedgerRow) httpapi.Entry {
	zone := c.zone
	if own, err := time.LoadLocation(line.Zone); err == nil && line.Zone != "" {
		zone = own
	}
	out := httpapi.Entry{
		When: c.when(line), Kind: httpapi.EntryTask, At: line.Due.UTC(), Zone: zone.String(), ZoneSource: line.ZoneSource,
		Title: c.title(line), State: string(line.State), Reason: line.Reason, Code: line.Code, Key: line.Key,
		Workflow: line.Workflow, Task: line.Task, Category: string(line.Category), Target: line.Target, Retry: instant(line.Retry),
	}
	if out.When == httpapi.Past && !line.At.IsZero() {
		out.At, out.Due = line.At.UTC(), instant(line.Due)
	}
	for _, row := range rows {
		out.Actor, out.RequestID, out.Changes = row.Actor, cmp.Or(row.RequestID, out.RequestID), changesOf(row)
		out.Seq = row.Seq
	}
	out.Local = out.At.In(zone).Format(localLayout)
	return out
}

// when tells past, now and future apart. Done lines are past, whatever their
// instant; one that does not apply is past once its instant is.
func (c *chronicle) when(line plan.Line) string {
	switch line.State {
	case plan.Finished, plan.FailedState:
		return httpapi.Past
	case plan.Skipped, plan.BeforeBaseline, plan.BeforeEnforce, plan.SkippedLate, plan.OutOfScope:
		if line.Due.After(c.now) {
			return httpapi.Future
		}
		return httpapi.Past
	case plan.Due, plan.Running, plan.Asks, plan.ParkedState:
		return httpapi.Now
	case plan.Future, plan.Waiting, plan.Held, plan.Blocked, plan.Observed:
	}
	if line.Due.After(c.now) {
		return httpapi.Future
	}
	return httpapi.Now
}

// rowEntry shows a ledger row that is no line of the plan: what HR said, what a
// human did, and tasks of chapters that are closed.
func (c *chronicle) rowEntry(row store.LedgerRow) httpapi.Entry {
	out := httpapi.Entry{
		When: httpapi.Past, Kind: httpapi.EntryNote, At: row.At.UTC(), Local: row.At.In(c.zone).Format(localLayout), Zone: c.zone.String(),
		Title: cmp.Or(row.Task, string(row.Kind)), State: row.Outcome, Reason: row.Reason, Target: row.Target, Actor: row.Actor,
		Changes: changesOf(row), RequestID: row.RequestID, Seq: row.Seq,
	}
	switch row.Kind {
	case store.LedgerEvent:
		out.Kind, out.Title = httpapi.EntryEvent, "statement of HR"
	case store.LedgerOverride:
		out.Kind = httpapi.EntryOverride
	case store.LedgerTask, store.LedgerPlan:
		out.Kind, out.Key = httpapi.EntryTask, row.Key
		if key, err := plan.ParseKey(row.Key); err == nil {
			out.Workflow, out.Task, out.Title = key.Workflow, key.Task, title("", key.Task)
		}
	case store.LedgerAttention, store.LedgerPolicy, store.LedgerCall, store.LedgerRead, store.LedgerRefused, store.LedgerGap, store.LedgerErasure:
	}
	return out
}

func changesOf(row store.LedgerRow) []httpapi.AttributeChange {
	var out []httpapi.AttributeChange
	for _, change := range row.Changes {
		out = append(out, httpapi.AttributeChange(change))
	}
	return out
}

// title says what a line does and with what.
func (c *chronicle) title(line plan.Line) string {
	text := title(line.Verb, line.Task)
	workflow, _ := c.policy.Workflow(line.Workflow)
	task, found := workflow.Task(line.Task)
	if !found {
		return text
	}
	var with []string
	with = append(with, task.Groups...)
	for _, label := range task.Except {
		with = append(with, "not "+label)
	}
	with = append(with, task.Licenses...)
	if task.Extension != "" {
		with = append(with, task.Extension)
	}
	if task.To.Kind != "" {
		with = append(with, "to "+task.To.String())
	}
	if len(with) == 0 {
		return text
	}
	return text + ": " + strings.Join(with, ", ")
}

// title says what a line does: an account verb, or Entra's name of a task.
func title(verb plan.Verb, task string) string {
	switch verb {
	case plan.Create:
		return "Create the account"
	case plan.Update:
		return "Update the account"
	case plan.Enable:
		return "Enable the account"
	case plan.Cut:
		return "Disable the account, delete passes, revoke sessions"
	case plan.Delete:
		return "Delete the account"
	case plan.WithdrawPass:
		return "Withdraw the access pass"
	case plan.Restore:
		return "Give back groups and licences"
	case plan.Link:
		return "Find the account"
	case plan.Unlink:
		return "Forget the account"
	case plan.WriteBack:
		return "Tell HR of the account"
	}
	kind, _, _ := strings.Cut(task, "#")
	if info, found := lifecycle.TaskKind(kind).Info(); found {
		return info.EntraName
	}
	if named := plan.Verb(kind); verb == "" && (plan.IsAccountVerb(named) || named == plan.WriteBack) {
		return title(named, task)
	}
	return task
}

// Explain implements [httpapi.Journeys].
func (s *service) Explain(ctx context.Context, id httpapi.PersonID, key string) (httpapi.Explanation, error) {
	c, err := s.chronicle(ctx, id)
	if err != nil {
		return httpapi.Explanation{}, err
	}
	if !c.live {
		return httpapi.Explanation{}, httpapi.NewProblem(httpapi.KindUnavailable, nil, "no worker answered for this journey: nothing can be explained now")
	}
	out := httpapi.Explanation{
		PersonID: c.id, Now: c.now, PolicyVersion: c.policy.Stored.Number, Lines: []httpapi.ExplainedLine{}, Links: s.links(c.id),
	}
	if key != "" {
		if err := c.checkKey(key); err != nil {
			return out, err
		}
	}
	byKey := c.rowsByKey()
	for _, line := range c.lines {
		if key == "" && c.when(line) == httpapi.Past || key != "" && !covers(key, line.Key) {
			continue
		}
		out.Lines = append(out.Lines, c.explained(line, byKey[line.Key]))
	}
	return out, nil
}

// errUnknownKey is the cause of a problem about a key.
var errUnknownKey = errors.New("unknown key")
