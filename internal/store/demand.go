package store

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Demand is a line that is planned and has not taken its token yet. The gate
// counts those that are due, so that a cohort is frozen as a whole.
type Demand struct {
	Target  string
	Kind    string
	Journey string
	// Line is "" where an import announced it before the journey has planned.
	Line string
	// Planned is when the line is due, Due from when on it counts: a line that is
	// due in the past counts from when it became known.
	Planned time.Time
	Due     time.Time
	Reason  string
	// Feed and Stated say which statement announced it.
	Feed   string
	Stated time.Time
}

// Wanted is a line of a person's plan that is not decided yet.
type Wanted struct {
	Target string
	Kind   string
	Line   string
	Due    time.Time
	Reason string
	// Counts is set where it is coming or due; a line that is held or asks only
	// stands.
	Counts bool
}

const demandColumns = `d.target, d.kind, d.journey, d.line, d.planned, d.due, d.reason, d.feed, d.stated`

// isPending selects what is due, has no token, and about which no human has
// decided. Its arguments are target, kind and the two ends of the time.
const isPending = `d.target = ? AND d.kind = ? AND d.due > ? AND d.due <= ?
	AND NOT EXISTS (SELECT 1 FROM budget_tokens t WHERE t.target = d.target AND t.kind = d.kind AND t.journey = d.journey
		AND t.at >= d.due AND (t.line = d.line OR d.line = ''))
	AND NOT EXISTS (SELECT 1 FROM gate_members m JOIN gates g ON g.id = m.gate WHERE g.target = d.target AND g.kind = d.kind
		AND m.journey = d.journey AND m.state IN ('approved', 'rejected') AND m.line = d.line AND m.due = d.planned)`

// pendingDemand lists what is due in a budget, one row per person, of one
// journey or with "" of everybody.
func pendingDemand(ctx context.Context, tx session, budget Budget, at time.Time, journey string) ([]Demand, error) {
	query := `SELECT ` + demandColumns + ` FROM demand d WHERE ` + isPending
	args := []any{budget.Target, budget.Kind, at.Add(-pendingFor).UnixMicro(), at.UnixMicro()}
	if journey != "" {
		query += ` AND d.journey = ?`
		args = append(args, journey)
	}
	rows, err := list(ctx, tx, scanDemand, query+` ORDER BY d.journey, d.line DESC`, args...)
	if err != nil {
		return nil, fmt.Errorf("list demand: %w", err)
	}
	return slices.CompactFunc(rows, func(a, b Demand) bool { return a.Journey == b.Journey }), nil
}

// Announce records lines that are about to be planned. It is called before the
// journeys are told, so that the first of them already sees all others.
func (s *Store) Announce(ctx context.Context, rows []Demand) error {
	if len(rows) == 0 {
		return nil
	}
	err := s.inTx(ctx, func(tx session) error {
		for _, row := range rows {
			_, err := tx.exec(ctx, `INSERT INTO demand (target, kind, journey, line, planned, due, reason, feed, stated)
				VALUES (?, ?, ?, '', ?, ?, ?, ?, ?) ON CONFLICT (target, kind, journey, line) DO UPDATE SET
				planned = excluded.planned, due = excluded.due, reason = excluded.reason, feed = excluded.feed, stated = excluded.stated`,
				row.Target, row.Kind, row.Journey, row.Due.UnixMicro(), row.Due.UnixMicro(), clean(row.Reason), row.Feed, micros(row.Stated))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("announce demand: %w", err)
	}
	return nil
}

// Withdraw removes what was announced for journeys that will never hear of it.
func (s *Store) Withdraw(ctx context.Context, feed string, journeys ...string) error {
	for _, journey := range journeys {
		_, err := s.writes(ctx, `DELETE FROM demand WHERE journey = ? AND line = '' AND feed = ?`, journey, feed)
		if err != nil {
			return fmt.Errorf("withdraw demand: %w", err)
		}
	}
	return nil
}

// Settlement is what a new plan of a journey wants of the budgets.
type Settlement struct {
	Journey string
	// Now is journey time.
	Now    time.Time
	Wanted []Wanted
	// Heard is what the journey has heard of each feed: what was announced before
	// is replaced.
	Heard map[string]time.Time
	// InFlight is set where a task of an earlier plan is on its way. It has yet to
	// ask its gate, so what that plan wanted stands until the task has ended.
	InFlight bool
}

// SettleDemand brings the demand of a journey to what its plan wants, and ends
// the membership in gates of lines that are wanted no longer. It writes only
// what has changed.
func (s *Store) SettleDemand(ctx context.Context, settlement Settlement) error {
	change, err := s.demandChange(ctx, settlement)
	if err != nil {
		return fmt.Errorf("settle demand of %s: %w", settlement.Journey, err)
	}
	if change.isEmpty() {
		return nil
	}
	if err := s.inTx(ctx, func(tx session) error { return change.apply(ctx, tx, settlement.Now) }); err != nil {
		return fmt.Errorf("settle demand of %s: %w", settlement.Journey, err)
	}
	return nil
}

// demandChange is the difference between what is recorded and what is wanted.
type demandChange struct {
	put, drop []Demand
	gone      []GateMember
}

func (c demandChange) isEmpty() bool { return len(c.put)+len(c.drop)+len(c.gone) == 0 }

func (s *Store) demandChange(ctx context.Context, settlement Settlement) (demandChange, error) {
	rows, err := list(ctx, s.reader(), scanDemand, `SELECT `+demandColumns+` FROM demand d WHERE d.journey = ?`, settlement.Journey)
	if err != nil {
		return demandChange{}, err
	}
	if settlement.InFlight {
		return settlement.additions(rows), nil
	}
	members, err := s.Standing(ctx, settlement.Journey)
	if err != nil {
		return demandChange{}, err
	}
	change := settlement.additions(rows)
	var announced []Demand
	for _, row := range rows {
		switch at, known := settlement.Heard[row.Feed]; {
		case row.Line == "" && (!known || at.Before(row.Stated)):
			announced = append(announced, row)
		case row.Line == "" || !slices.ContainsFunc(settlement.Wanted, row.isWanted):
			change.drop = append(change.drop, row)
		}
	}
	for _, m := range members {
		stays := slices.ContainsFunc(settlement.Wanted, func(w Wanted) bool { return m.speaksOf(w, settlement.Now) }) ||
			m.Line == "" && slices.ContainsFunc(announced, func(row Demand) bool { return row.Target == m.Target && row.Kind == m.Kind })
		if !stays {
			change.gone = append(change.gone, m)
		}
	}
	return change, nil
}

// additions are the lines that are not recorded as the plan wants them. While a
// task is in flight a line that is recorded otherwise stays as it is.
func (s Settlement) additions(rows []Demand) demandChange {
	var change demandChange
	for _, w := range s.Wanted {
		kept := slices.ContainsFunc(rows, func(row Demand) bool { return row.isWanted(w) || s.InFlight && row.isOf(w) })
		if !w.Counts || kept {
			continue
		}
		due := w.Due
		if due.Before(s.Now) {
			due = s.Now
		}
		change.put = append(change.put, Demand{
			Target: w.Target, Kind: w.Kind, Journey: s.Journey, Line: w.Line, Planned: w.Due, Due: due, Reason: w.Reason,
		})
	}
	return change
}

// isOf reports whether the row is about the line, whenever that is due.
func (d Demand) isOf(w Wanted) bool {
	return d.Target == w.Target && d.Kind == w.Kind && d.Line == w.Line
}

// isWanted reports whether the row is what a plan wants.
func (d Demand) isWanted(w Wanted) bool {
	return w.Counts && d.isOf(w) && d.Planned.Equal(w.Due.Truncate(time.Microsecond))
}

// speaksOf reports whether what a gate says of a person is about this line.
func (m GateMember) speaksOf(w Wanted, now time.Time) bool {
	if m.Target != w.Target || m.Kind != w.Kind {
		return false
	}
	if m.Line == "" {
		return !w.Due.After(now)
	}
	return m.Line == w.Line && m.Due.Equal(w.Due.Truncate(time.Microsecond))
}

// member is the person of the row as one whom a gate freezes.
func (d Demand) member() GateMember {
	return GateMember{Journey: d.Journey, Line: d.Line, Due: d.Planned, Reason: d.Reason}
}

func (c demandChange) apply(ctx context.Context, tx session, now time.Time) error {
	// In one order, so that two journeys never wait for each other.
	slices.SortFunc(c.gone, func(a, b GateMember) int { return compareBudgets(a.Target, a.Kind, b.Target, b.Kind) })
	for _, m := range c.gone {
		if err := lockBudget(ctx, tx, Budget{Target: m.Target, Kind: m.Kind}); err != nil {
			return err
		}
		current, found, err := standingMember(ctx, tx, Budget{Target: m.Target, Kind: m.Kind}, m.Journey)
		if err != nil {
			return err
		}
		if !found || current.Gate != m.Gate {
			continue
		}
		if err := settleMember(ctx, tx, current, MemberClosed, "", "the line is no longer planned", now); err != nil {
			return err
		}
	}
	for _, row := range c.drop {
		_, err := tx.exec(ctx, `DELETE FROM demand WHERE target = ? AND kind = ? AND journey = ? AND line = ?`,
			row.Target, row.Kind, row.Journey, row.Line)
		if err != nil {
			return err
		}
	}
	for _, row := range c.put {
		_, err := tx.exec(ctx, `INSERT INTO demand (target, kind, journey, line, planned, due, reason, feed, stated)
			VALUES (?, ?, ?, ?, ?, ?, ?, '', NULL) ON CONFLICT (target, kind, journey, line) DO UPDATE SET
			planned = excluded.planned, due = excluded.due, reason = excluded.reason`,
			row.Target, row.Kind, row.Journey, row.Line, row.Planned.UnixMicro(), row.Due.UnixMicro(), clean(row.Reason))
		if err != nil {
			return err
		}
	}
	return nil
}

func scanDemand(row scanner) (Demand, error) {
	var d Demand
	err := row.Scan(&d.Target, &d.Kind, &d.Journey, &d.Line, instant{&d.Planned}, instant{&d.Due}, &d.Reason, &d.Feed, instant{&d.Stated})
	return d, err
}
