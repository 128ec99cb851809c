package starter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tenure/internal/hr"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// announce tells the gate, before any journey hears of it, whom a file newly
// says to have left: otherwise the first leavers of a wrong file would be
// disabled before the others are known (S15).
func (s *service) announce(ctx context.Context, in store.FeedImport, read *file) error {
	if !read.feed.OwnsStatus() {
		return nil
	}
	policy, err := s.active(ctx)
	if err != nil {
		return fmt.Errorf("announce leavers: %w", err)
	}
	now := s.now().UTC()
	if read.AsOf.After(now) { // a development stack may be ahead
		now = read.AsOf.UTC()
	}
	zone := read.feed.Zone
	if zone == nil {
		zone = time.UTC
	}
	var rows []store.Demand
	for statement, err := range read.Statements() {
		if err != nil {
			return fmt.Errorf("read file: %w", err)
		}
		why, leaves := statesLeave(statement.Event.Record, person.DateOf(now.In(zone)))
		if !leaves || read.unchanged(statement) {
			continue
		}
		row, err := s.db.Person(ctx, read.feed.Realm, statement.Key)
		if errors.Is(err, store.ErrNotFound) {
			continue // nobody whom Tenure has an account for
		}
		if err != nil {
			return fmt.Errorf("announce leavers: %w", err)
		}
		rows = append(rows, leaverRows(policy.Policy, row, demandOf(statement, in, read, why, now))...)
	}
	if err := s.db.Announce(ctx, rows); err != nil {
		return fmt.Errorf("announce leavers: %w", err)
	}
	return nil
}

func demandOf(statement hr.Statement, in store.FeedImport, read *file, why string, now time.Time) store.Demand {
	return store.Demand{
		Kind: string(lifecycle.LimitDisable), Journey: contract.JourneyID(read.feed.Realm, statement.Key), Due: now,
		Reason: fmt.Sprintf("%s, stated by feed %s at %s UTC (import %s)", why, read.feed.Name,
			statement.Event.AsOf.UTC().Format("2006-01-02 15:04"), in.ID),
		Feed: read.feed.Name, Stated: statement.Event.AsOf,
	}
}

// leaverRows are the disables of one person, where an account may be enabled.
func leaverRows(policy *lifecycle.Policy, row store.PersonRow, demand store.Demand) []store.Demand {
	switch person.Phase(row.Phase) {
	case person.PhaseLeft, person.PhaseDeleted, person.PhaseRescinded:
		return nil
	default:
	}
	var out []store.Demand
	for _, account := range row.Accounts {
		_, known := policy.Target(account.Target)
		enabled := account.State == string(plan.AccountEnabled) || account.State == plan.AccountUnknown.String()
		if known && enabled {
			demand.Target = account.Target
			out = append(out, demand)
		}
	}
	return out
}

// statesLeave reports whether a record says that every employment of the person
// is over by a day, and why.
func statesLeave(record person.Record, today person.Date) (why string, leaves bool) {
	for _, employment := range record.Employments {
		status, _ := employment.Attributes.Get(person.StatusAttribute)
		end, _ := employment.Attributes.Get(person.LastDayAttribute)
		if end == "" {
			end, _ = employment.Attributes.Get(person.TerminationDateAttribute)
		}
		last, err := person.ParseDate(end)
		dated := end != "" && err == nil
		switch {
		case dated && last.After(today):
			return "", false
		case dated:
			why = "last day " + last.String()
		case status == person.StatusTerminated:
			why = "terminated"
		default:
			return "", false
		}
		leaves = true
	}
	return why, leaves
}
