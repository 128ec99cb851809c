package starter

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"tenure/internal/httpapi"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/workflows"
	"tenure/workflows/contract"
)

// People implements [httpapi.Journeys].
func (s *service) People(ctx context.Context, f httpapi.PeopleFilter) ([]httpapi.Person, string, error) {
	rows, next, err := s.db.People(ctx, store.PeopleFilter{
		Realm: f.Realm, Search: f.Search, Phase: f.Phase, Attention: f.Attention, Held: f.Held, Limit: f.Limit, Cursor: f.Cursor,
	})
	if err != nil {
		return nil, "", fromStore(err, "page")
	}
	out := make([]httpapi.Person, 0, len(rows))
	for _, row := range rows {
		out = append(out, s.personOf(row))
	}
	return out, next, nil
}

func (s *service) personOf(row store.PersonRow) httpapi.Person {
	out := httpapi.Person{
		PersonID: httpapi.PersonID{Realm: row.Realm, Key: row.Key}, DisplayName: row.DisplayName, Department: row.Department,
		JobTitle: row.JobTitle, EmployeeID: row.EmployeeID, Phase: row.Phase, Held: row.Held, Holds: row.Holds, Accounts: []httpapi.Account{},
		NextDeadline: instant(row.NextDeadline), NextWhat: row.NextWhat, Zone: row.Zone, Attention: row.Attention,
		PolicyVersion: row.PolicyVersion, Feed: row.Feed, UpdatedAt: instant(row.At),
	}
	if out.Phase == "" {
		out.Phase = string(person.PhaseUnknown)
	}
	if out.Attention == nil {
		out.Attention = []string{}
	}
	for _, account := range row.Accounts {
		out.Accounts = append(out.Accounts, accountOf(account))
	}
	out.Links = s.links(out.PersonID)
	return out
}

func accountOf(row store.AccountRow) httpapi.Account {
	return httpapi.Account{
		Target: row.Target, ID: row.ID, UserName: row.UserName, State: row.State, Linked: row.Linked,
		Enabled: row.State == plan.AccountEnabled.String(), Synced: row.Synced, Protected: row.Protected,
	}
}

func (s *service) links(id httpapi.PersonID) httpapi.Links {
	links := httpapi.Links{Self: id.Path(), Timeline: id.Path() + "/timeline"}
	if s.ui != "" {
		links.Temporal = s.ui + "/namespaces/" + url.PathEscape(s.engine.namespace) + "/workflows/" +
			url.PathEscape(contract.JourneyID(id.Realm, id.Key))
	}
	return links
}

// seen is what can be known of a person now.
type seen struct {
	id  httpapi.PersonID
	row store.PersonRow
	// view is what the journey answered; live is false where no worker did, and
	// note says what is missing then.
	view workflows.View
	live bool
	note string
	// now is the journey's clock.
	now    time.Time
	closed bool
}

// look asks the journey and the index. A person whom neither knows is a problem.
func (s *service) look(ctx context.Context, id httpapi.PersonID) (seen, error) {
	out := seen{id: canonical(id)}
	row, err := s.db.Person(ctx, out.id.Realm, out.id.Key)
	indexed := err == nil
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		s.log.WarnContext(ctx, "people index could not be read", "error", err)
	}
	out.row = row
	out.row.Realm, out.row.Key = out.id.Realm, out.id.Key
	clock, closed, err := s.engine.status(ctx, out.id)
	if errors.Is(err, errNoJourney) {
		if !indexed {
			return out, notFound(out.id)
		}
		out.note = "Temporal does not know this journey: this is what the people index last saw"
		out.now = s.latest(clock, row.At)
		return out, nil
	}
	if err == nil {
		out.closed = closed
		if out.view, err = s.engine.facts(ctx, out.id); err == nil {
			out.live = true
		}
	}
	if !out.live {
		if !indexed && errors.Is(err, errNoJourney) {
			return out, notFound(out.id)
		}
		if !indexed {
			return out, httpapi.NewProblem(httpapi.KindUnavailable, err, "no worker answered, and the people index does not have this person yet")
		}
		s.log.WarnContext(ctx, "journey did not answer", "realm", out.id.Realm, "person", out.id.Key, "error", err)
		out.note = "no worker answered: this is what the people index last saw"
	}
	out.now = s.latest(clock, row.At)
	return out, nil
}

// latest is the journey's now: a clock that was moved, or else everybody's. It
// never lies before the last plan.
func (s *service) latest(clock, planned time.Time) time.Time {
	if clock.IsZero() {
		clock = s.now()
	}
	if planned.After(clock) {
		clock = planned
	}
	return clock.UTC()
}

// Person implements [httpapi.Journeys].
func (s *service) Person(ctx context.Context, id httpapi.PersonID) (httpapi.PersonDetail, error) {
	found, err := s.look(ctx, id)
	if err != nil {
		return httpapi.PersonDetail{}, err
	}
	out := httpapi.PersonDetail{
		Person: s.personOf(found.row), Source: httpapi.SourceIndex, Note: found.note, Now: found.now,
		Overrides: []httpapi.InForce{}, Parked: []httpapi.Parked{}, Running: []string{},
		Questions: []httpapi.Attention{}, Stays: []httpapi.Stay{},
	}
	if !found.live {
		return out, nil
	}
	found.describe(&out)
	return out, nil
}

// describe adds what only the journey knows. Where the index lags behind, the
// journey wins.
func (f seen) describe(out *httpapi.PersonDetail) {
	facts := f.view.Facts
	out.Source = httpapi.SourceJourney
	out.Held, out.Holds = false, nil
	for _, kind := range facts.Overrides.HoldKinds() {
		out.Held, out.Holds = true, append(out.Holds, string(kind))
	}
	if f.view.Last.Phase != "" {
		out.Phase = string(f.view.Last.Phase)
	}
	out.NextDeadline, out.NextWhat = instant(f.view.Last.Next), f.view.Last.NextWhat
	out.PolicyVersion = max(out.PolicyVersion, f.view.PolicyVersion)
	if out.DisplayName == "" {
		out.DisplayName = displayName(facts)
	}
	out.Accounts = []httpapi.Account{}
	for _, account := range facts.Accounts {
		out.Accounts = append(out.Accounts, accountOf(store.AccountRow{
			Target: account.Target, ID: account.ID, UserName: account.UserName, State: account.State.String(), Linked: account.Linked,
			Synced: account.Synced, Protected: account.Protected,
		}))
	}
	out.Overrides = overridesOf(facts.Overrides)
	out.Running = append(out.Running, facts.Running...)
	for _, parked := range facts.Parked {
		one := httpapi.Parked{
			Key: parked.Key, Code: parked.Code, Detail: parked.Detail, Since: parked.Since.UTC(),
			Retry: instant(parked.Retry), Attempts: parked.Attempts,
		}
		for _, wait := range f.view.Last.Waits {
			if wait.Key == parked.Key {
				one.WaitsFor, one.Since, one.Until = wait.For, wait.Since, instant(wait.Until)
			}
		}
		out.Parked = append(out.Parked, one)
	}
	codes := []string{}
	for _, attention := range f.questions() {
		out.Questions = append(out.Questions, httpapi.Attention(attention))
		codes = append(codes, attention.Code)
	}
	out.Attention = distinct(codes)
	for _, stay := range facts.Memory.Stays {
		out.Stays = append(out.Stays, httpapi.Stay{
			ID: stay.ID, Start: stay.Start.String(), LastDay: stay.LastDay.String(), Status: stay.Status,
		})
	}
	if f.closed {
		out.Note = "this journey has ended"
	}
}

// questions are those the journey raised and those of its last plan.
func (f seen) questions() []plan.Attention {
	return append(append(f.endedQuestion(), f.view.Raised...), f.view.Last.Attention...)
}

// displayName is the one HR states, else given and family name.
func displayName(facts plan.Facts) string {
	attributes := facts.Person.Record.Attributes
	if name, _ := attributes.Get(person.DisplayNameAttribute); name != "" {
		return name
	}
	given, _ := attributes.Get(person.GivenNameAttribute)
	family, _ := attributes.Get(person.FamilyNameAttribute)
	return strings.TrimSpace(given + " " + family)
}
