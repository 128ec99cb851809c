package starter

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"tenure/activities"
	"tenure/internal/directory"
	"tenure/internal/directory/with"
	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

const (
	// matchPage is how many people are read at a time.
	matchPage = 1000
	// linksAtOnce is how many journeys are told of a link at a time.
	linksAtOnce = 16
	// shownFailures is how many people are named who were not told.
	shownFailures = 20
)

// compare reads everything that a report is made of.
func (s *service) compare(ctx context.Context, name string) (*matching, error) {
	policy, err := s.active(ctx)
	if err != nil {
		return nil, err
	}
	rules, found := policy.Target(name)
	if !found {
		return nil, httpapi.NewProblem(httpapi.KindNotFound, nil, "the active policy has no target %q", name)
	}
	accounts, err := s.accounts(ctx, policy, name)
	if err != nil {
		return nil, err
	}
	var people []store.PersonRow
	for cursor := ""; ; {
		page, next, err := s.db.People(ctx, store.PeopleFilter{Limit: matchPage, Cursor: cursor})
		if err != nil {
			return nil, fromStore(err, "list of people")
		}
		people = append(people, page...)
		if cursor = next; cursor == "" {
			break
		}
	}
	claims, err := s.db.ClaimsOn(ctx, name, store.ObjectIDAttribute)
	if err != nil {
		return nil, fromStore(err, "list of claims")
	}
	return newMatching(rules, people, accounts, claims), nil
}

// accounts walks over every account of a target.
func (s *service) accounts(ctx context.Context, policy activities.LoadedPolicy, name string) ([]directory.Account, error) {
	target, err := s.reach(ctx, policy.Policy, name)
	if err != nil {
		return nil, err
	}
	if target.Lister == nil {
		return nil, httpapi.NewProblem(httpapi.KindUnprocessable, nil, "the accounts of target %q cannot be listed", name)
	}
	var out []directory.Account
	seen := map[string]bool{}
	err = target.Lister.ListAccounts(ctx, func(account directory.Account) error {
		if !seen[account.ID] {
			seen[account.ID] = true
			out = append(out, account)
		}
		return nil
	})
	if err != nil {
		return nil, httpapi.NewProblem(httpapi.KindUnavailable, err, "the accounts of target %q cannot be listed now", name)
	}
	return out, nil
}

func (s *service) reach(ctx context.Context, policy *lifecycle.Policy, name string) (directory.Target, error) {
	if s.target == nil {
		return directory.Target{}, httpapi.NewProblem(httpapi.KindUnavailable, nil, "this starter reaches no targets")
	}
	target, err := s.target(ctx, policy, name)
	if err != nil {
		return directory.Target{}, httpapi.NewProblem(httpapi.KindUnavailable, err, "target %q cannot be opened: tenure doctor says why", name)
	}
	return with.ReadOnly(target), nil
}

// Matches implements [httpapi.Journeys].
func (s *service) Matches(ctx context.Context, target string) (httpapi.MatchReport, error) {
	m, err := s.compare(ctx, target)
	if err != nil {
		return httpapi.MatchReport{}, err
	}
	return httpapi.MatchReport{
		Target: target, Mode: m.rules.Mode, People: len(m.people), Accounts: len(m.accounts), Rows: m.report(),
	}, nil
}

// AcceptMatches implements [httpapi.Journeys]. Everything is checked before the
// first journey is told; a call that is repeated changes nothing.
func (s *service) AcceptMatches(ctx context.Context, target string, in httpapi.MatchDecisions) (httpapi.MatchAccepted, error) {
	m, err := s.compare(ctx, target)
	if err != nil {
		return httpapi.MatchAccepted{}, err
	}
	for i := range in.Decisions {
		d := &in.Decisions[i]
		id := canonical(httpapi.PersonID{Realm: d.Realm, Key: d.Key})
		d.Realm, d.Key = id.Realm, id.Key
	}
	if problems := m.check(in.Decisions); len(problems) > 0 {
		return httpapi.MatchAccepted{}, httpapi.NewProblem(httpapi.KindUnprocessable, nil,
			"nothing was accepted: %d of %d decisions cannot be", len(problems), len(in.Decisions)).With(problems...)
	}
	if err := s.tell(ctx, target, in); err != nil {
		return httpapi.MatchAccepted{}, err
	}
	s.log.InfoContext(ctx, "matches accepted", "target", target, "count", len(in.Decisions), "actor", in.Actor)
	out := httpapi.MatchAccepted{Accepted: len(in.Decisions), Note: "the journeys link the accounts now"}
	if m.rules.Mode == lifecycle.ModeObserve {
		out.Note = "the target is in mode observe: the journeys remember it, and link the accounts once the mode is adopt or enforce"
	}
	return out, nil
}

// check finds everything that is wrong with decisions.
func (m *matching) check(decisions []httpapi.MatchDecision) []httpapi.ProblemError {
	var problems []httpapi.ProblemError
	people := map[httpapi.PersonID]store.PersonRow{}
	named := map[string]store.PersonRow{}
	for _, row := range m.people {
		people[httpapi.PersonID{Realm: row.Realm, Key: row.Key}] = row
		if ordered := m.factsOf(row).Ordered; ordered != "" {
			named[store.Fold(ordered)] = row
		}
	}
	before := map[httpapi.PersonID]httpapi.MatchDecision{}
	taken := map[string]httpapi.MatchDecision{}
	for _, d := range decisions {
		fail := func(format string, args ...any) {
			problems = append(problems, httpapi.ProblemError{Detail: fmt.Sprintf(format, args...), Line: d.Line})
		}
		id := httpapi.PersonID{Realm: d.Realm, Key: d.Key}
		row, known := people[id]
		i, there := m.byID[store.Fold(d.ObjectID)]
		if d.Decision != httpapi.MatchAccept {
			fail("decision %q is none: write accept, or leave it empty", d.Decision)
		}
		if !known {
			fail("there is no person %q in realm %q", d.Key, d.Realm)
		}
		if !there {
			fail("there is no account %q in %s", d.ObjectID, m.rules.Name)
		}
		if other, twice := before[id]; twice {
			fail("person %q has two accounts: also %s", d.Key, placeOf(other))
		}
		if other, twice := taken[store.Fold(d.ObjectID)]; twice {
			fail("account %q is given to two people: also %s", d.ObjectID, placeOf(other))
		}
		before[id], taken[store.Fold(d.ObjectID)] = d, d
		if known && there {
			m.checkPair(row, i, named, fail)
		}
	}
	return problems
}

// placeOf names another decision.
func placeOf(d httpapi.MatchDecision) string {
	if d.Line > 0 {
		return fmt.Sprintf("on line %d", d.Line)
	}
	return fmt.Sprintf("%s/%s with %s", d.Realm, d.Key, d.ObjectID)
}

// checkPair finds why an account cannot become a person's.
func (m *matching) checkPair(row store.PersonRow, i int, named map[string]store.PersonRow, fail func(format string, args ...any)) {
	account := m.accounts[i]
	if owner := m.owners[store.Fold(account.ID)]; owner != "" && owner != row.Journey {
		fail("account %q belongs to another person", account.ID)
	}
	if other, found := named[store.Fold(account.ID)]; found && other.Journey != row.Journey {
		fail("account %q was accepted for person %q before: unlink that first", account.ID, other.Key)
	}
	for _, linked := range row.Accounts {
		if linked.Target == m.rules.Name && linked.ID != "" && linked.ID != account.ID && linked.State != "deleted" {
			fail("person %q has another account: unlink it first", row.Key)
		}
	}
	if row.EmployeeID == "" {
		fail("person %q has no employee number, which the account must carry: map employeeId in the feed", row.Key)
	}
	if m.isSomebodysNumber(i) && store.Fold(account.EmployeeID) != store.Fold(row.EmployeeID) {
		fail("account %q carries the employee number of another person", account.ID)
	}
}

// tell sends every decision to its journey.
func (s *service) tell(ctx context.Context, target string, in httpapi.MatchDecisions) error {
	failed := make([]error, len(in.Decisions))
	slots := make(chan struct{}, linksAtOnce)
	var all sync.WaitGroup
	for i, d := range in.Decisions {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			_, failed[i] = s.engine.update(ctx, httpapi.PersonID{Realm: d.Realm, Key: d.Key}, contract.Link, contract.Override{
				ID: fmt.Sprintf("%s/%s/%s", in.ID, d.Realm, d.Key), Actor: in.Actor, Reason: in.Reason, Target: target, ObjectID: d.ObjectID,
			})
		})
	}
	all.Wait()
	var problems []httpapi.ProblemError
	for i, err := range failed {
		if err != nil {
			problems = append(problems, httpapi.ProblemError{
				Detail: fmt.Sprintf("%s/%s: %v", in.Decisions[i].Realm, in.Decisions[i].Key, err), Line: in.Decisions[i].Line,
			})
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return httpapi.NewProblem(httpapi.KindUnavailable, errors.Join(failed...),
		"%d of %d journeys did not take their link; the same call again tells them, and changes nothing for the others",
		len(problems), len(in.Decisions)).With(problems[:min(len(problems), shownFailures)]...)
}
