package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Budget is how many people one kind of effect may reach in a target within a
// window before a human must agree (S15).
type Budget struct {
	Target string
	Kind   string
	Window time.Duration
	// Allows says how many where Tenure holds so many accounts in the target;
	// bounded is false where nothing bounds it.
	Allows func(accounts int) (allowed int, bounded bool)
	// Approvals is how many different people must agree to what exceeds it.
	Approvals int
}

// Leave is the disable to which the taking away of access belongs: whoever is
// frozen at its gate keeps everything.
type Leave struct {
	Budget
	Line string
}

// Take asks whether an effect may happen now.
type Take struct {
	Budget
	// Key is the effect's; who has taken under it once need not ask again.
	Key     string
	Journey string
	// Line names the line of the plan whatever its generation, and Due is when
	// it fell due: an approval speaks of both.
	Line string
	Due  time.Time
	// At is journey time.
	At     time.Time
	Reason string
	// ByHand is set where a human runs this person's line out of turn: it counts
	// and is not frozen.
	ByHand bool
	Actor  string
	// Leave is set for what is taken away because somebody leaves.
	Leave *Leave
	// Follows is set where that has no budget of its own: it shares the fate of
	// the Leave and takes nothing.
	Follows bool
}

// Verdict is the answer to a [Take].
type Verdict struct {
	// State is granted, frozen or rejected.
	State VerdictState
	// Gate is the gate at which the line waits, or by which it was approved.
	Gate string
}

// VerdictState says whether an effect may happen.
type VerdictState string

// The verdicts.
const (
	Granted        VerdictState = "granted"
	VerdictFrozen  VerdictState = "frozen"
	VerdictRefused VerdictState = "rejected"
)

// pendingFor is how long what is due counts though nobody has taken for it: a
// worker that was away for days must not find its cohort forgotten.
const pendingFor = 7 * 24 * time.Hour

// Take takes one token of a budget, under a lock per target and kind, or says
// at which gate the line waits. Where the budget would be exceeded a gate opens
// and everybody whose line is due is frozen, not the last ones alone. Repeating
// a Take that was granted is harmless.
func (s *Store) Take(ctx context.Context, take Take) (Verdict, error) {
	if take.Key == "" || take.Journey == "" || take.Target == "" || take.Kind == "" && !take.Follows || take.Line == "" {
		return Verdict{}, fmt.Errorf("take: %w: key, journey, target, kind and line are needed", ErrInvalid)
	}
	var verdict Verdict
	err := s.inTx(ctx, func(tx session) error {
		var err error
		verdict, err = s.decideTake(ctx, tx, take)
		return err
	})
	if err != nil {
		return Verdict{}, fmt.Errorf("take %s in %s: %w", take.Kind, take.Target, err)
	}
	return verdict, nil
}

func (s *Store) decideTake(ctx context.Context, tx session, take Take) (Verdict, error) {
	if take.Leave != nil {
		if err := lockBudget(ctx, tx, take.Leave.Budget); err != nil {
			return Verdict{}, err
		}
	}
	if take.Follows {
		verdict, decided, err := s.followLeave(ctx, tx, take)
		if err != nil || decided {
			return verdict, err
		}
		return Verdict{State: Granted}, nil
	}
	if err := lockBudget(ctx, tx, take.Budget); err != nil {
		return Verdict{}, err
	}
	taken, err := take.isTaken(ctx, tx)
	if err != nil || taken {
		return Verdict{State: Granted}, err
	}
	if take.ByHand {
		if err := take.passByHand(ctx, tx); err != nil {
			return Verdict{}, err
		}
		return take.grant(ctx, tx, "")
	}
	if take.Leave != nil {
		verdict, decided, err := s.followLeave(ctx, tx, take)
		if err != nil || decided {
			return verdict, err
		}
	}
	verdict, decided, err := take.asMember(ctx, tx)
	if err != nil || decided {
		return verdict, err
	}
	gate, err := s.gateFor(ctx, tx, take.Budget, take.newMember(), take.At)
	if err != nil || gate != "" {
		return Verdict{State: VerdictFrozen, Gate: gate}, err
	}
	return take.grant(ctx, tx, "")
}

// lockBudget lets one transaction at a time decide about a target and kind.
func lockBudget(ctx context.Context, tx session, budget Budget) error {
	_, err := tx.exec(ctx, `INSERT INTO budgets (target, kind) VALUES (?, ?) ON CONFLICT (target, kind) DO NOTHING`,
		budget.Target, budget.Kind)
	if err != nil {
		return fmt.Errorf("lock budget: %w", err)
	}
	_, err = get(ctx, tx, scanCount, `SELECT 1 FROM budgets WHERE target = ? AND kind = ?`+tx.dialect.forUpdate,
		budget.Target, budget.Kind)
	if err != nil {
		return fmt.Errorf("lock budget: %w", err)
	}
	return nil
}

// isTaken reports whether the effect has its token, or an earlier attempt at
// the same line under another key: one that has not ended, or, of a run that
// takes everything away, one of its other tasks. A token of an effect that
// failed is never given back: its answer may have been lost.
func (t Take) isTaken(ctx context.Context, tx session) (bool, error) {
	count, err := get(ctx, tx, scanCount, `SELECT COUNT(*) FROM budget_tokens b WHERE b.token_key = ?
		OR (b.target = ? AND b.kind = ? AND b.journey = ? AND b.line = ? AND b.at >= ?
			AND (? OR NOT EXISTS (SELECT 1 FROM effects e WHERE e.effect_key = b.token_key AND e.closed_at IS NOT NULL)))`,
		t.Key, t.Target, t.Kind, t.Journey, t.Line, t.Due.UnixMicro(), t.Leave != nil)
	return count > 0, err
}

// grant records the token. One under a gate's name was agreed to by humans and
// uses up nothing.
func (t Take) grant(ctx context.Context, tx session, gate string) (Verdict, error) {
	_, err := tx.exec(ctx, `INSERT INTO budget_tokens (token_key, target, kind, journey, line, at, gate)
		VALUES (?, ?, ?, ?, ?, ?, ?)`, t.Key, t.Target, t.Kind, t.Journey, t.Line, t.At.UnixMicro(), gate)
	return Verdict{State: Granted, Gate: gate}, err
}

// passByHand ends what a gate said of the person: a human has decided.
func (t Take) passByHand(ctx context.Context, tx session) error {
	member, found, err := standingMember(ctx, tx, t.Budget, t.Journey)
	if err != nil || !found {
		return err
	}
	return settleMember(ctx, tx, member, MemberPassed, t.Actor, "run by hand", t.At)
}

// asMember answers for a line about which a gate has spoken already. A line that
// has changed since counts anew.
func (t Take) asMember(ctx context.Context, tx session) (verdict Verdict, decided bool, err error) {
	member, found, err := standingMember(ctx, tx, t.Budget, t.Journey)
	if err != nil || !found {
		return Verdict{}, false, err
	}
	if member.Line == "" {
		me, err := known(ctx, tx, t.Budget, t.newMember())
		if err == nil {
			err = nameMember(ctx, tx, member, me)
		}
		if err != nil {
			return Verdict{}, false, err
		}
		member.Line, member.Due = t.Line, t.Due
	}
	if member.Line != t.Line || !member.Due.Equal(t.Due.Truncate(time.Microsecond)) {
		return Verdict{}, false, settleMember(ctx, tx, member, MemberClosed, "", "the line has changed since", t.At)
	}
	switch member.State {
	case MemberFrozen:
		return Verdict{State: VerdictFrozen, Gate: member.Gate}, true, nil
	case MemberRejected:
		return Verdict{State: VerdictRefused, Gate: member.Gate}, true, nil
	case MemberApproved:
		if err := passMember(ctx, tx, member); err != nil {
			return Verdict{}, false, err
		}
		verdict, err = t.grant(ctx, tx, member.Gate)
		return verdict, true, err
	default:
		return Verdict{}, false, nil
	}
}

// followLeave lets what a leave takes away share the fate of its disable.
func (s *Store) followLeave(ctx context.Context, tx session, take Take) (verdict Verdict, decided bool, err error) {
	member, err := get(ctx, tx, scanMember, `SELECT `+memberColumns+` FROM gate_members m JOIN gates g ON g.id = m.gate
		WHERE m.journey = ? AND g.target = ? AND g.kind = ? AND m.state <> 'closed' AND m.line IN ('', ?)
		ORDER BY g.number DESC LIMIT 1`, take.Journey, take.Leave.Target, take.Leave.Kind, take.Leave.Line)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Verdict{}, false, err
	}
	rows, listErr := pendingDemand(ctx, tx, take.Leave.Budget, take.At, take.Journey)
	if listErr != nil {
		return Verdict{}, false, listErr
	}
	switch {
	case err != nil:
	case member.State == MemberFrozen:
		return Verdict{State: VerdictFrozen, Gate: member.Gate}, true, nil
	case member.State == MemberRejected:
		return Verdict{State: VerdictRefused, Gate: member.Gate}, true, nil
	case member.State == MemberPassed && len(rows) > 0:
		// That was an earlier leave: this one's disable is still to be asked for.
	case take.Follows:
		return Verdict{State: Granted, Gate: member.Gate}, true, nil
	default:
		verdict, err = take.grant(ctx, tx, member.Gate)
		return verdict, true, err
	}
	if len(rows) == 0 {
		return Verdict{}, false, nil
	}
	gate, err := s.gateFor(ctx, tx, take.Leave.Budget, rows[0].member(), take.At)
	return Verdict{State: VerdictFrozen, Gate: gate}, gate != "", err
}

// gateFor returns the gate at which a line waits: the open one, or a new one
// where the budget would be exceeded; "" where it may happen.
func (s *Store) gateFor(ctx context.Context, tx session, budget Budget, me GateMember, at time.Time) (string, error) {
	me, err := known(ctx, tx, budget, me)
	if err != nil {
		return "", err
	}
	open, err := get(ctx, tx, scanGate, `SELECT `+gateColumns+` FROM gates g WHERE target = ? AND kind = ? AND state = 'open'`,
		budget.Target, budget.Kind)
	if err == nil {
		return open.ID, s.joinGate(ctx, tx, open.ID, []GateMember{me}, at)
	}
	if !errors.Is(err, ErrNotFound) {
		return "", err
	}
	accounts, err := get(ctx, tx, scanCount, `SELECT COUNT(*) FROM claims WHERE target = ? AND attribute = ? AND state = 'held'`,
		budget.Target, ObjectIDAttribute)
	if err != nil {
		return "", err
	}
	allowed, bounded := budget.Allows(accounts)
	if !bounded {
		return "", nil
	}
	people, err := countPeople(ctx, tx, budget, me.Journey, at)
	if err != nil || people+1 <= allowed {
		return "", err
	}
	return s.openGate(ctx, tx, budget, me, at, people+1, allowed)
}

// countPeople counts whom the effect reached in the window or is due to reach,
// beside the one who asks.
func countPeople(ctx context.Context, tx session, budget Budget, beside string, at time.Time) (int, error) {
	return get(ctx, tx, scanCount, `SELECT COUNT(*) FROM (
		SELECT journey FROM budget_tokens WHERE target = ? AND kind = ? AND gate = '' AND at > ? AND at <= ? AND journey <> ?
		UNION SELECT d.journey FROM demand d WHERE d.journey <> ? AND `+isPending+`) AS people`,
		budget.Target, budget.Kind, at.Add(-budget.Window).UnixMicro(), at.UnixMicro(), beside,
		beside, budget.Target, budget.Kind, at.Add(-pendingFor).UnixMicro(), at.UnixMicro())
}
