package starter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"tenure/activities"
	"tenure/internal/catalog"
	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
	"tenure/internal/plan"
	"tenure/internal/store"
)

const (
	// previewPage is how many people one answer of a preview speaks of by itself.
	previewPage = 100
	// previewsAtOnce is how many journeys are asked at a time.
	previewsAtOnce = 8
)

// compared are the two policies of a preview.
type compared struct {
	active           store.PolicyVersion
	from, to         activities.LoadedPolicy
	oldText, newText lifecycle.Source
	activated        []string
}

// PreviewPolicy implements [httpapi.Journeys].
func (s *service) PreviewPolicy(ctx context.Context, request httpapi.PolicyPreviewRequest) (httpapi.PolicyPreview, error) {
	c, err := s.compared(ctx, request)
	if err != nil {
		return httpapi.PolicyPreview{}, err
	}
	differences, err := lifecycle.Differences(c.oldText.Content, c.newText.Content)
	if err != nil {
		return httpapi.PolicyPreview{}, err
	}
	out := httpapi.PolicyPreview{
		Base: c.active.Number, To: request.To.Version, Expect: expectation(c.active.Number, c.newText),
		Same:      len(c.oldText.Content) > 0 && lifecycle.Hash(c.oldText) == lifecycle.Hash(c.newText),
		Activated: c.activated, Notes: c.notes(), Warnings: problemsOf(c.to.Warnings),
	}
	if request.From == nil || request.From.Version > 0 {
		out.From = c.from.Stored.Number
	}
	for _, d := range differences {
		out.Differences = append(out.Differences, httpapi.PolicyDifference{
			Section: d.Section, Name: d.Name, Path: d.Path, Before: d.Before, After: d.After, Text: d.String(),
		})
	}
	if request.People && c.from.Policy != nil {
		err = s.previewPeople(ctx, request, c, &out)
	}
	return out, err
}

// compared loads what is to be compared. A document counts as the version that
// would follow the active one; so does an older version than the one it is
// compared with.
func (s *service) compared(ctx context.Context, request httpapi.PolicyPreviewRequest) (*compared, error) {
	active, err := s.db.ActivePolicy(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, fromStore(err, "active policy")
	}
	if request.Base != 0 && request.Base != active.Number {
		return nil, httpapi.NewProblem(httpapi.KindConflict, nil, "version %d of the policy became active meanwhile: begin again", active.Number)
	}
	c := &compared{active: active}
	switch {
	case request.From != nil && request.From.Version == 0:
		if err := s.document(ctx, *request.From, active, &c.from, &c.oldText); err != nil {
			return nil, err
		}
	case request.From != nil || active.Number > 0:
		number := active.Number
		if request.From != nil {
			number = request.From.Version
		}
		if err := s.numbered(ctx, number, &c.from, &c.oldText); err != nil {
			return nil, err
		}
	}
	if request.To.Version == 0 {
		err = s.document(ctx, request.To, active, &c.to, &c.newText)
	} else {
		err = s.numbered(ctx, request.To.Version, &c.to, &c.newText)
	}
	if err != nil {
		return nil, err
	}
	next := store.PolicyVersion{Number: max(c.from.Stored.Number, active.Number) + 1, Source: c.newText.Content, AppliedAt: s.now().UTC()}
	next.Activations, c.activated = activations(c.from.Stored, c.to.Policy, next.AppliedAt)
	if c.from.Policy != nil && c.to.Stored.Number <= c.from.Stored.Number || request.To.Version == 0 {
		c.to = activities.Preview(c.from, c.to.Policy, next)
	}
	return c, nil
}

// document loads a document as if it were the next version.
func (s *service) document(ctx context.Context, choice httpapi.PolicyChoice, active store.PolicyVersion, into *activities.LoadedPolicy, source *lifecycle.Source) error {
	*source = lifecycle.Source{Name: cmp.Or(choice.Name, "policy.yaml"), Content: []byte(choice.Source)}
	policy, err := s.usable(ctx, *source)
	if err != nil {
		return err
	}
	var before activities.LoadedPolicy
	if active.Number > 0 {
		if before, err = s.active(ctx); err != nil {
			return err
		}
	}
	next := store.PolicyVersion{Number: active.Number + 1, Source: source.Content, AppliedAt: s.now().UTC()}
	next.Activations, _ = activations(active, policy, next.AppliedAt)
	*into = activities.Preview(before, policy, next)
	return nil
}

// numbered loads a version.
func (s *service) numbered(ctx context.Context, number int, into *activities.LoadedPolicy, source *lifecycle.Source) error {
	version, err := s.db.Policy(ctx, number)
	if err != nil {
		return fromStore(err, fmt.Sprintf("version %d of the policy", number))
	}
	*source = lifecycle.Source{Name: versionName(number), Content: version.Source}
	if _, err := catalog.LoadStored(version.Source); err != nil {
		return httpapi.NewProblem(httpapi.KindUnprocessable, err, "version %d of the policy can no longer be loaded by this build", number)
	}
	if *into, err = s.policies.Version(ctx, number); err != nil {
		return httpapi.NewProblem(httpapi.KindUnavailable, err, "version %d of the policy cannot be read from the store", number)
	}
	return nil
}

// notes say what a change of the policy means where that is easily overlooked.
func (c *compared) notes() []string {
	if c.from.Policy == nil {
		return nil
	}
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, workflow := range c.to.Workflows {
		if !slices.ContainsFunc(c.from.Workflows, func(w lifecycle.Workflow) bool { return w.Name == workflow.Name }) {
			add("workflow %q is new under this name: it counts from now on, and what another one did under another name is not known to it", workflow.Name)
		}
	}
	for _, workflow := range c.from.Workflows {
		if !slices.ContainsFunc(c.to.Workflows, func(w lifecycle.Workflow) bool { return w.Name == workflow.Name }) {
			add("workflow %q is gone: what it has not done is dropped", workflow.Name)
		}
	}
	words := map[string]string{
		lifecycle.ModeObserve: "nothing is written in it any more, disables included",
		lifecycle.ModeAdopt:   "accounts are linked, and nothing else is written",
		lifecycle.ModeEnforce: "everything is written from now on, and what fell due before is not done",
	}
	for _, target := range c.from.Targets {
		for _, next := range c.to.Targets {
			if next.Name == target.Name && next.Mode != target.Mode {
				add("target %q goes from %s to %s: %s", target.Name, target.Mode, next.Mode, words[next.Mode])
			}
		}
		if !slices.ContainsFunc(c.to.Targets, func(t lifecycle.Target) bool { return t.Name == target.Name }) {
			add("target %q is gone: accounts in it stay as they are, and nobody is disabled in it any more", target.Name)
		}
	}
	return out
}

// previewPeople compares the plans of a page of people. Nobody is left out: who
// could not be asked is listed.
func (s *service) previewPeople(ctx context.Context, request httpapi.PolicyPreviewRequest, c *compared, out *httpapi.PolicyPreview) error {
	rows, next, err := s.db.People(ctx, store.PeopleFilter{Limit: cmp.Or(request.Limit, previewPage), Cursor: request.Cursor})
	if err != nil {
		return fromStore(err, "page")
	}
	if out.Total, err = s.db.CountPeople(ctx); err != nil {
		return fromStore(err, "number of people")
	}
	changes := make([]httpapi.PersonChanges, len(rows))
	failed := make([]error, len(rows))
	atOnce(len(rows), func(i int) { changes[i], failed[i] = s.previewPerson(ctx, c, rows[i]) })
	if err := ctx.Err(); err != nil {
		return err
	}
	out.Looked, out.Next = len(rows), next
	away := 0
	for i, row := range rows {
		switch {
		case failed[i] != nil:
			reason := "the journey did not answer"
			if errors.Is(failed[i], errNoJourney) {
				reason = "Temporal does not know this journey"
			} else {
				away++
			}
			out.Unread = append(out.Unread, httpapi.UnreadPerson{PersonID: httpapi.PersonID{Realm: row.Realm, Key: row.Key}, Reason: reason})
		case len(changes[i].Lines) > 0:
			out.People = append(out.People, changes[i])
		}
	}
	if away > 0 && away == len(rows) {
		return httpapi.NewProblem(httpapi.KindUnavailable, failed[0], "no worker answers: without one nobody's plan can be compared")
	}
	return nil
}

// previewPerson compares the plans of one person.
func (s *service) previewPerson(ctx context.Context, c *compared, row store.PersonRow) (httpapi.PersonChanges, error) {
	out := httpapi.PersonChanges{PersonID: httpapi.PersonID{Realm: row.Realm, Key: row.Key}, DisplayName: row.DisplayName}
	view, err := s.engine.facts(ctx, out.PersonID)
	if err != nil {
		return out, err
	}
	now := s.latest(s.now(), row.At)
	if s.dev { // only there can a journey have a clock of its own
		clock, _, err := s.engine.status(ctx, out.PersonID)
		if err != nil {
			return out, err
		}
		now = s.latest(clock, row.At)
	}
	for _, d := range plan.Compare(c.from.Input(view.Facts, now), c.to.Input(view.Facts, now)) {
		out.Lines = append(out.Lines, httpapi.LineChange{
			Change: string(d.Change), Key: d.Line.Key, Workflow: d.Line.Workflow, Task: d.Line.Task, Target: d.Line.Target, Zone: d.Line.Zone,
			OldDue: instant(d.OldDue), NewDue: instant(d.NewDue), Asks: d.Asks, Reason: d.Line.Reason,
			Deletes: d.Line.Deletes,
		})
	}
	return out, nil
}
