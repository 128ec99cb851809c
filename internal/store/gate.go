package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tenure/workflows/contract"
)

// Gate is one trip of a budget: the people whose lines were due when it would
// have been exceeded, and those who joined since. It is open until every one of
// them is decided.
type Gate struct {
	ID     string
	Target string
	Kind   string
	Open   bool
	// OpenedAt is journey time, Recorded the clock of the machine.
	OpenedAt time.Time
	Recorded time.Time
	// Counted is how many people it was about when it opened, Allowed how many
	// the budget allowed within Window.
	Counted, Allowed int
	Window           time.Duration
	// Approvals is how many different people must agree.
	Approvals int
}

// MemberState says what a gate decided about one of its people.
type MemberState string

// The states of a member.
const (
	// MemberFrozen waits for a human.
	MemberFrozen MemberState = "frozen"
	// MemberApproved may happen if the line is still the same.
	MemberApproved MemberState = "approved"
	// MemberRejected stays parked until HR or a human changes the line.
	MemberRejected MemberState = "rejected"
	// MemberPassed has happened or is happening.
	MemberPassed MemberState = "passed"
	// MemberClosed has no such line any more.
	MemberClosed MemberState = "closed"
)

// GateMember is one person at a gate.
type GateMember struct {
	Gate   string
	Target string
	Kind   string
	// Number counts the members of the gate from 1, in the order they joined.
	Number  int
	Journey string
	// Line is "" until the journey has planned what an import announced.
	Line   string
	Due    time.Time
	Reason string
	State  MemberState
	// Votes are the people who have agreed so far.
	Votes     []string
	Joined    time.Time
	DecidedAt time.Time
	DecidedBy string
	Why       string
}

// HasVote reports whether this person has agreed already, under whatever name
// of theirs.
func (m GateMember) HasVote(actor string) bool {
	return slices.ContainsFunc(m.Votes, func(vote string) bool { return contract.Person(vote) == contract.Person(actor) })
}

// GateDecision is what a human decides about the people of a gate.
type GateDecision struct {
	Gate   string
	Number int
	At     time.Time
	// Approve lets them through, else they are rejected.
	Approve bool
	Actor   string
	Reason  string
	// Except are journeys that are rejected though the others are approved.
	Except []string
	// Through bounds the decision to the members it was shown: who joined with a
	// higher number stays frozen. 0 means everybody.
	Through int
	// People is how many it was about; DecideGate fills it.
	People int
}

const (
	gateColumns   = `g.id, g.target, g.kind, g.state, g.opened_at, g.recorded, g.counted, g.allowed, g.span, g.approvals`
	memberColumns = `m.gate, g.target, g.kind, m.number, m.journey, m.line, m.due, m.reason, m.state, m.votes, m.joined,
	m.decided_at, m.decided_by, m.why`
	fromMembers = ` FROM gate_members m JOIN gates g ON g.id = m.gate `
)

// Gates lists gates, the newest first; only the open ones where open is set.
func (s *Store) Gates(ctx context.Context, open bool) ([]Gate, error) {
	query := `SELECT ` + gateColumns + ` FROM gates g`
	if open {
		query += ` WHERE g.state = 'open'`
	}
	gates, err := list(ctx, s.reader(), scanGate, query+` ORDER BY g.recorded DESC, g.id`)
	if err != nil {
		return nil, fmt.Errorf("list gates: %w", err)
	}
	return gates, nil
}

// Gate reads one gate. ErrNotFound where there is none of that ID.
func (s *Store) Gate(ctx context.Context, id string) (Gate, error) {
	gate, err := get(ctx, s.reader(), scanGate, `SELECT `+gateColumns+` FROM gates g WHERE g.id = ?`, id)
	if err != nil {
		return Gate{}, fmt.Errorf("read gate %s: %w", id, err)
	}
	return gate, nil
}

// GateMembers lists everybody of a gate, in the order they joined.
func (s *Store) GateMembers(ctx context.Context, id string) ([]GateMember, error) {
	members, err := list(ctx, s.reader(), scanMember, `SELECT `+memberColumns+fromMembers+`WHERE m.gate = ? ORDER BY m.number`, id)
	if err != nil {
		return nil, fmt.Errorf("list members of gate %s: %w", id, err)
	}
	return members, nil
}

// GateDecisions lists what was decided at a gate, the first one first.
func (s *Store) GateDecisions(ctx context.Context, id string) ([]GateDecision, error) {
	decisions, err := list(ctx, s.reader(), scanDecision, `SELECT gate, number, at, verdict, actor, reason, people, excepted
		FROM gate_decisions WHERE gate = ? ORDER BY number`, id)
	if err != nil {
		return nil, fmt.Errorf("list decisions of gate %s: %w", id, err)
	}
	return decisions, nil
}

// Standing lists what gates say of a journey at present: frozen, approved and
// rejected lines.
func (s *Store) Standing(ctx context.Context, journey string) ([]GateMember, error) {
	members, err := list(ctx, s.reader(), scanMember, `SELECT `+memberColumns+fromMembers+
		`WHERE m.journey = ? AND m.state IN ('frozen', 'approved', 'rejected') ORDER BY g.number`, journey)
	if err != nil {
		return nil, fmt.Errorf("list gates of %s: %w", journey, err)
	}
	return members, nil
}

// standingMember is the newest of them in a target and kind.
func standingMember(ctx context.Context, tx session, budget Budget, journey string) (GateMember, bool, error) {
	member, err := get(ctx, tx, scanMember, `SELECT `+memberColumns+fromMembers+
		`WHERE m.journey = ? AND g.target = ? AND g.kind = ? AND m.state IN ('frozen', 'approved', 'rejected')
		ORDER BY g.number DESC LIMIT 1`, journey, budget.Target, budget.Kind)
	if errors.Is(err, ErrNotFound) {
		return GateMember{}, false, nil
	}
	return member, err == nil, err
}

// newMember is the one who asks.
func (t Take) newMember() GateMember {
	return GateMember{Journey: t.Journey, Line: t.Line, Due: t.Due, Reason: t.Reason}
}

// known is the person who asks, with the reason that the plan gave.
func known(ctx context.Context, tx session, budget Budget, me GateMember) (GateMember, error) {
	row, err := get(ctx, tx, scanDemand, `SELECT `+demandColumns+` FROM demand d
		WHERE d.target = ? AND d.kind = ? AND d.journey = ? AND d.line = ?`, budget.Target, budget.Kind, me.Journey, me.Line)
	if errors.Is(err, ErrNotFound) {
		return me, nil
	}
	if row.Reason != "" {
		me.Reason = row.Reason
	}
	return me, err
}

// openGate opens a gate and freezes everybody whose line is due.
func (s *Store) openGate(ctx context.Context, tx session, budget Budget, me GateMember, at time.Time, counted, allowed int) (string, error) {
	number, err := get(ctx, tx, scanCount, `SELECT COUNT(*) FROM gates WHERE target = ? AND kind = ?`, budget.Target, budget.Kind)
	if err != nil {
		return "", err
	}
	number++
	id := fmt.Sprintf("%s-%s-%d", budget.Target, budget.Kind, number)
	_, err = tx.exec(ctx, `INSERT INTO gates (id, target, kind, number, state, opened_at, recorded, counted, allowed, span, approvals)
		VALUES (?, ?, ?, ?, 'open', ?, ?, ?, ?, ?, ?)`, id, budget.Target, budget.Kind, number, at.UnixMicro(),
		s.now().UnixMicro(), counted, allowed, budget.Window.Microseconds(), max(budget.Approvals, 1))
	if err != nil {
		return "", err
	}
	pending, err := pendingDemand(ctx, tx, budget, at, "")
	if err != nil {
		return "", err
	}
	members := []GateMember{me}
	for _, row := range pending {
		if row.Journey != me.Journey {
			members = append(members, row.member())
		}
	}
	return id, s.joinGate(ctx, tx, id, members, at)
}

// joinGate freezes people at an open gate.
func (s *Store) joinGate(ctx context.Context, tx session, gate string, members []GateMember, at time.Time) error {
	number, err := get(ctx, tx, scanCount, `SELECT COALESCE(MAX(number), 0) FROM gate_members WHERE gate = ?`, gate)
	if err != nil {
		return err
	}
	for _, m := range members {
		number++
		// Whoever was decided here before is asked about again under the new line.
		_, err := tx.exec(ctx, `INSERT INTO gate_members (gate, number, journey, line, due, reason, state, votes, joined,
			decided_at, decided_by, why, woken) VALUES (?, ?, ?, ?, ?, ?, 'frozen', '[]', ?, NULL, '', '', ?)
			ON CONFLICT (gate, journey) DO UPDATE SET number = excluded.number, line = excluded.line, due = excluded.due,
			reason = excluded.reason, state = 'frozen', votes = '[]', joined = excluded.joined, decided_at = NULL,
			decided_by = '', why = '', woken = excluded.woken`,
			gate, number, m.Journey, m.Line, m.Due.UnixMicro(), clean(m.Reason), at.UnixMicro(), true)
		if err != nil {
			return err
		}
	}
	return nil
}

// nameMember says of a member whom an import announced which line it is.
func nameMember(ctx context.Context, tx session, member, as GateMember) error {
	_, err := tx.exec(ctx, `UPDATE gate_members SET line = ?, due = ?, reason = ? WHERE gate = ? AND journey = ?`,
		as.Line, as.Due.UnixMicro(), clean(as.Reason), member.Gate, member.Journey)
	return err
}

// passMember notes that what was approved happens.
func passMember(ctx context.Context, tx session, m GateMember) error {
	_, err := tx.exec(ctx, `UPDATE gate_members SET state = ?, woken = ? WHERE gate = ? AND journey = ?`,
		string(MemberPassed), true, m.Gate, m.Journey)
	return err
}

// settleMember decides one member, and ends the gate with the last one.
func settleMember(ctx context.Context, tx session, m GateMember, state MemberState, by, why string, at time.Time) error {
	asleep := state == MemberApproved || state == MemberRejected
	_, err := tx.exec(ctx, `UPDATE gate_members SET state = ?, decided_at = ?, decided_by = ?, why = ?, woken = ?
		WHERE gate = ? AND journey = ?`, string(state), at.UnixMicro(), clean(by), clean(why), !asleep, m.Gate, m.Journey)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE gates SET state = 'decided' WHERE id = ? AND state = 'open'
		AND NOT EXISTS (SELECT 1 FROM gate_members WHERE gate = ? AND state = 'frozen')`, m.Gate, m.Gate)
	return err
}

// DecideGate records a human's decision and returns what became of the members
// it is about. An approval takes effect once as many different people as the
// gate asks for have agreed; an exception and a rejection at once. ErrConflict
// where the gate is decided, ErrNotFound where there is none or an exception is
// not frozen at it.
func (s *Store) DecideGate(ctx context.Context, decision GateDecision) ([]GateMember, error) {
	if decision.Actor == "" || decision.Reason == "" {
		return nil, fmt.Errorf("decide gate: %w: actor and reason are needed", ErrInvalid)
	}
	var decided []GateMember
	err := s.inTx(ctx, func(tx session) error {
		var err error
		decided, err = s.decideGate(ctx, tx, decision)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("decide gate %s: %w", decision.Gate, err)
	}
	return decided, nil
}

func (s *Store) decideGate(ctx context.Context, tx session, decision GateDecision) ([]GateMember, error) {
	const one = `SELECT ` + gateColumns + ` FROM gates g WHERE g.id = ?`
	gate, err := get(ctx, tx, scanGate, one, decision.Gate)
	if err != nil {
		return nil, err
	}
	if err := lockBudget(ctx, tx, Budget{Target: gate.Target, Kind: gate.Kind}); err != nil {
		return nil, err
	}
	if gate, err = get(ctx, tx, scanGate, one, decision.Gate); err != nil {
		return nil, err
	}
	if !gate.Open {
		return nil, fmt.Errorf("%w: the gate is decided", ErrConflict)
	}
	frozen, err := list(ctx, tx, scanMember, `SELECT `+memberColumns+fromMembers+
		`WHERE m.gate = ? AND m.state = 'frozen' ORDER BY m.number`, gate.ID)
	if err != nil {
		return nil, err
	}
	for _, journey := range decision.Except {
		if !slices.ContainsFunc(frozen, func(m GateMember) bool { return m.Journey == journey }) {
			return nil, fmt.Errorf("%w: an exception is not frozen at this gate", ErrNotFound)
		}
	}
	frozen = slices.DeleteFunc(frozen, func(m GateMember) bool { return decision.Through > 0 && m.Number > decision.Through })
	var rows []LedgerRow
	for i := range frozen {
		if err := decideMember(ctx, tx, gate, decision, &frozen[i]); err != nil {
			return nil, err
		}
		rows = append(rows, memberRow(gate, decision, frozen[i]))
	}
	decision.People = len(frozen)
	if err := insertDecision(ctx, tx, decision); err != nil {
		return nil, err
	}
	return frozen, s.appendRows(ctx, tx, rows)
}

// decideMember puts a decision in force for one member.
func decideMember(ctx context.Context, tx session, gate Gate, decision GateDecision, m *GateMember) error {
	if !decision.Approve || slices.Contains(decision.Except, m.Journey) {
		m.State, m.DecidedBy, m.Why = MemberRejected, decision.Actor, decision.Reason
		return settleMember(ctx, tx, *m, m.State, decision.Actor, decision.Reason, decision.At)
	}
	if !m.HasVote(decision.Actor) {
		m.Votes = append(m.Votes, decision.Actor)
	}
	votes, err := encode(m.Votes)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE gate_members SET votes = ? WHERE gate = ? AND journey = ?`, votes, m.Gate, m.Journey)
	if err != nil || len(m.Votes) < gate.Approvals {
		return err
	}
	m.State, m.DecidedBy, m.Why = MemberApproved, decision.Actor, decision.Reason
	return settleMember(ctx, tx, *m, m.State, decision.Actor, decision.Reason, decision.At)
}

// memberRow tells the person's own chain who decided.
func memberRow(gate Gate, decision GateDecision, m GateMember) LedgerRow {
	outcome := string(m.State)
	if m.State == MemberFrozen {
		outcome = fmt.Sprintf("%d of %d approvals", len(m.Votes), gate.Approvals)
	}
	return LedgerRow{
		Journey: m.Journey, At: decision.At, Kind: LedgerOverride, Task: "gate " + gate.ID, Actor: decision.Actor,
		Reason: decision.Reason, Target: gate.Target, Outcome: outcome,
	}
}

func insertDecision(ctx context.Context, tx session, decision GateDecision) error {
	number, err := get(ctx, tx, scanCount, `SELECT COUNT(*) FROM gate_decisions WHERE gate = ?`, decision.Gate)
	if err != nil {
		return err
	}
	except, err := encode(decision.Except)
	if err != nil {
		return err
	}
	verdict := MemberRejected
	if decision.Approve {
		verdict = MemberApproved
	}
	_, err = tx.exec(ctx, `INSERT INTO gate_decisions (gate, number, at, verdict, actor, reason, people, excepted)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, decision.Gate, number+1, decision.At.UnixMicro(), string(verdict),
		clean(decision.Actor), clean(decision.Reason), decision.People, except)
	return err
}

// AsleepMembers lists members who were decided and whose journeys have not been
// told yet.
func (s *Store) AsleepMembers(ctx context.Context) ([]GateMember, error) {
	members, err := list(ctx, s.reader(), scanMember, `SELECT `+memberColumns+fromMembers+
		`WHERE NOT m.woken ORDER BY m.gate, m.number`)
	if err != nil {
		return nil, fmt.Errorf("list decided members: %w", err)
	}
	return members, nil
}

// WokeMember records that the journey of a decided member was told.
func (s *Store) WokeMember(ctx context.Context, m GateMember) error {
	_, err := s.writes(ctx, `UPDATE gate_members SET woken = ? WHERE gate = ? AND journey = ? AND (state = ? OR state = ?)`,
		true, m.Gate, m.Journey, string(m.State), string(MemberPassed))
	if err != nil {
		return fmt.Errorf("note woken member: %w", err)
	}
	return nil
}

func compareBudgets(targetA, kindA, targetB, kindB string) int {
	return cmp.Or(cmp.Compare(targetA, targetB), cmp.Compare(kindA, kindB))
}

func scanGate(row scanner) (Gate, error) {
	var g Gate
	var state string
	var span int64
	err := row.Scan(&g.ID, &g.Target, &g.Kind, &state, instant{&g.OpenedAt}, instant{&g.Recorded}, &g.Counted, &g.Allowed, &span, &g.Approvals)
	g.Open, g.Window = state == "open", time.Duration(span)*time.Microsecond
	return g, err
}

func scanMember(row scanner) (GateMember, error) {
	var m GateMember
	err := row.Scan(&m.Gate, &m.Target, &m.Kind, &m.Number, &m.Journey, &m.Line, instant{&m.Due}, &m.Reason, &m.State,
		document{&m.Votes}, instant{&m.Joined}, instant{&m.DecidedAt}, &m.DecidedBy, &m.Why)
	return m, err
}

func scanDecision(row scanner) (GateDecision, error) {
	var d GateDecision
	var verdict string
	err := row.Scan(&d.Gate, &d.Number, instant{&d.At}, &verdict, &d.Actor, &d.Reason, &d.People, document{&d.Except})
	d.Approve = verdict == string(MemberApproved)
	return d, err
}
