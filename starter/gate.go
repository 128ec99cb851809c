package starter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tenure/internal/httpapi"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// Gates implements [httpapi.Journeys].
func (s *service) Gates(ctx context.Context, open bool) ([]httpapi.Gate, error) {
	stored, err := s.db.Gates(ctx, open)
	if err != nil {
		return nil, fromStore(err, "list of gates")
	}
	out := make([]httpapi.Gate, 0, len(stored))
	for _, gate := range stored {
		members, err := s.db.GateMembers(ctx, gate.ID)
		if err != nil {
			return nil, fromStore(err, "gate "+gate.ID)
		}
		out = append(out, gateOf(gate, members))
	}
	return out, nil
}

// Gate implements [httpapi.Journeys].
func (s *service) Gate(ctx context.Context, id string) (httpapi.GateDetail, error) {
	gate, members, err := s.storedGate(ctx, id)
	if err != nil {
		return httpapi.GateDetail{}, err
	}
	decisions, err := s.db.GateDecisions(ctx, id)
	if err != nil {
		return httpapi.GateDetail{}, fromStore(err, "gate "+id)
	}
	out := httpapi.GateDetail{Gate: gateOf(gate, members)}
	for _, m := range members {
		out.Members = append(out.Members, s.memberOf(ctx, m))
	}
	for _, d := range decisions {
		shown := httpapi.GateDecision{
			At: d.At.UTC(), Verdict: string(store.MemberRejected), Actor: d.Actor, Reason: d.Reason, People: d.People, Except: []httpapi.PersonID{},
		}
		if d.Approve {
			shown.Verdict = string(store.MemberApproved)
		}
		for _, journey := range d.Except {
			shown.Except = append(shown.Except, personOf(journey))
		}
		out.Decisions = append(out.Decisions, shown)
	}
	return out, nil
}

func (s *service) storedGate(ctx context.Context, id string) (store.Gate, []store.GateMember, error) {
	gate, err := s.db.Gate(ctx, id)
	if err != nil {
		return gate, nil, fromStore(err, fmt.Sprintf("gate %q", id))
	}
	members, err := s.db.GateMembers(ctx, id)
	return gate, members, fromStore(err, fmt.Sprintf("gate %q", id))
}

func gateOf(gate store.Gate, members []store.GateMember) httpapi.Gate {
	out := httpapi.Gate{
		ID: gate.ID, Target: gate.Target, Kind: gate.Kind, Open: gate.Open, OpenedAt: gate.OpenedAt.UTC(), Counted: gate.Counted,
		Allowed: gate.Allowed, WindowSeconds: int64(gate.Window / time.Second), Approvals: gate.Approvals,
	}
	for _, m := range members {
		switch m.State {
		case store.MemberFrozen:
			out.Frozen++
		case store.MemberApproved:
			out.Approved++
		case store.MemberRejected:
			out.Rejected++
		case store.MemberPassed:
			out.Passed++
		case store.MemberClosed:
			out.Closed++
		}
	}
	return out
}

// memberOf is a member with the name that the people index knows, if it does.
func (s *service) memberOf(ctx context.Context, m store.GateMember) httpapi.GateMember {
	out := httpapi.GateMember{
		PersonID: personOf(m.Journey), Number: m.Number, Line: m.Line, Due: m.Due.UTC(), Reason: m.Reason, State: string(m.State),
		Approvers: m.Votes, DecidedBy: m.DecidedBy, Why: m.Why,
	}
	if out.Approvers == nil {
		out.Approvers = []string{}
	}
	if !m.DecidedAt.IsZero() {
		at := m.DecidedAt.UTC()
		out.DecidedAt = &at
	}
	if row, err := s.db.Person(ctx, out.Realm, out.Key); err == nil {
		out.DisplayName = row.DisplayName
	}
	return out
}

func personOf(journey string) httpapi.PersonID {
	realm, key, err := contract.ParseJourneyID(journey)
	if err != nil {
		return httpapi.PersonID{Key: journey}
	}
	return httpapi.PersonID{Realm: realm, Key: key}
}

// DecideGate implements [httpapi.Journeys].
func (s *service) DecideGate(ctx context.Context, id string, verdict httpapi.GateVerdict) (httpapi.GateOutcome, error) {
	gate, members, err := s.storedGate(ctx, id)
	if err != nil {
		return httpapi.GateOutcome{}, err
	}
	decision := store.GateDecision{
		Gate: id, At: s.now().UTC(), Approve: verdict.Approve, Actor: verdict.Actor, Reason: verdict.Reason, Through: verdict.Through,
	}
	for _, one := range verdict.Except {
		one = canonical(one)
		decision.Except = append(decision.Except, contract.JourneyID(one.Realm, one.Key))
	}
	if err := checkDecision(gate, members, decision); err != nil {
		return httpapi.GateOutcome{}, err
	}
	decided, err := s.db.DecideGate(ctx, decision)
	if errors.Is(err, store.ErrConflict) {
		return httpapi.GateOutcome{}, gateRefused("gate %s is decided: tenure gate show %s says by whom", id, id)
	}
	if err != nil {
		return httpapi.GateOutcome{}, fromStore(err, fmt.Sprintf("gate %q", id))
	}
	s.log.InfoContext(ctx, "gate decided", "gate", id, "approve", decision.Approve, "people", len(decided),
		"except", len(decision.Except), "actor", decision.Actor)
	s.background.do(s.wakeStopped) //nolint:contextcheck // the work outlives the request: it has the process's context
	return s.outcomeOf(ctx, gate, decided)
}

// checkDecision refuses what cannot be meant before anything is decided.
func checkDecision(gate store.Gate, members []store.GateMember, decision store.GateDecision) error {
	var unknown []httpapi.ProblemError
	for _, journey := range decision.Except {
		frozen := slices.ContainsFunc(members, func(m store.GateMember) bool {
			return m.Journey == journey && m.State == store.MemberFrozen && (decision.Through == 0 || m.Number <= decision.Through)
		})
		if !frozen {
			id := personOf(journey)
			unknown = append(unknown, httpapi.ProblemError{Detail: fmt.Sprintf("%s/%s is not frozen at gate %s", id.Realm, id.Key, gate.ID)})
		}
	}
	if len(unknown) > 0 {
		return httpapi.NewProblem(httpapi.KindUnprocessable, nil, "nothing was decided: an exception waits at another gate or at none").With(unknown...)
	}
	fresh := slices.ContainsFunc(members, func(m store.GateMember) bool {
		return m.State == store.MemberFrozen && !m.HasVote(decision.Actor)
	})
	if gate.Open && decision.Approve && !fresh {
		return gateRefused("%s has approved already: gate %s wants %d different people", decision.Actor, gate.ID, gate.Approvals)
	}
	return nil
}

// gateRefused is the problem of a decision that the gate does not take.
func gateRefused(format string, args ...any) error {
	problem := httpapi.NewProblem(httpapi.KindConflict, nil, format, args...)
	problem.Code = httpapi.CodeGateRefused
	return problem
}

func (s *service) outcomeOf(ctx context.Context, gate store.Gate, decided []store.GateMember) (httpapi.GateOutcome, error) {
	out := httpapi.GateOutcome{}
	for _, m := range decided {
		switch m.State {
		case store.MemberApproved:
			out.Approved++
		case store.MemberRejected:
			out.Rejected++
		case store.MemberFrozen:
			out.Missing = max(out.Missing, gate.Approvals-len(m.Votes))
		case store.MemberPassed, store.MemberClosed:
		}
	}
	gate, members, err := s.storedGate(ctx, gate.ID)
	if err != nil {
		return httpapi.GateOutcome{}, err
	}
	out.Gate = gateOf(gate, members)
	switch {
	case out.Missing > 0:
		out.Text = fmt.Sprintf("noted: %d more must approve before anybody goes on", out.Missing)
	case out.Approved > 0:
		out.Text = "who was approved goes on, if the line is still the same"
	default:
		out.Text = "nobody goes on until HR or a human changes the line"
	}
	if out.Gate.Frozen > 0 && out.Missing == 0 {
		out.Text += fmt.Sprintf("; %d who joined since still wait", out.Gate.Frozen)
	}
	return out, nil
}

// Targets implements [httpapi.Journeys].
func (s *service) Targets(ctx context.Context) ([]httpapi.TargetState, error) {
	policy, err := s.active(ctx)
	if err != nil {
		return nil, err
	}
	pauses, err := s.db.Pauses(ctx)
	if err != nil {
		return nil, fromStore(err, "list of pauses")
	}
	waiting, err := s.waiting(ctx)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(policy.Targets))
	for _, target := range policy.Targets {
		names = append(names, target.Name)
	}
	for _, pause := range pauses { // one that an older policy named is shown too
		if !slices.Contains(names, pause.Target) {
			names = append(names, pause.Target)
		}
	}
	out := make([]httpapi.TargetState, 0, len(names))
	for _, name := range names {
		state := httpapi.TargetState{Target: name}
		if rules, found := policy.Target(name); found {
			state.Mode = rules.Mode
		}
		for _, pause := range pauses {
			if pause.Target == name {
				state.Paused, state.Pause, state.Waiting = true, pauseOf(pause), len(waiting)
			}
		}
		out = append(out, state)
	}
	return out, nil
}

func pauseOf(pause store.Pause) *httpapi.Pause {
	return &httpapi.Pause{Target: pause.Target, At: pause.At.UTC(), Actor: pause.Actor, Reason: pause.Reason}
}

// waiting are the journeys that wait for a pause to end, as the index knows.
func (s *service) waiting(ctx context.Context) ([]string, error) {
	var out []string
	for cursor := ""; ; {
		rows, next, err := s.db.People(ctx, store.PeopleFilter{Attention: true, Limit: wakePage, Cursor: cursor})
		if err != nil {
			return nil, fromStore(err, "list of people")
		}
		for _, row := range rows {
			if slices.Contains(row.Attention, plan.AttentionPaused) {
				out = append(out, row.Journey)
			}
		}
		if cursor = next; cursor == "" {
			return out, nil
		}
	}
}

// BrakeTarget implements [httpapi.Journeys].
func (s *service) BrakeTarget(ctx context.Context, target string, pause bool, decision httpapi.Decision) (httpapi.TargetState, error) {
	if pause {
		return s.pause(ctx, target, decision)
	}
	ended, err := s.db.ResumeTarget(ctx, target, decision.Actor, decision.Reason, s.now().UTC())
	if errors.Is(err, store.ErrConflict) {
		return httpapi.TargetState{}, httpapi.NewProblem(httpapi.KindConflict, err, "target %s is not paused", target)
	}
	if err != nil {
		return httpapi.TargetState{}, fromStore(err, "pause of target "+target)
	}
	s.log.InfoContext(ctx, "target resumed", "target", target, "actor", decision.Actor)
	waiting, err := s.waiting(ctx)
	if err != nil {
		return httpapi.TargetState{}, err
	}
	s.background.do(s.wakeStopped) //nolint:contextcheck // the work outlives the request: it has the process's context
	return httpapi.TargetState{
		Target: target, Pause: pauseOf(ended), Waiting: len(waiting), Text: "who waits is being woken, and asks the gates again",
	}, nil
}

func (s *service) pause(ctx context.Context, target string, decision httpapi.Decision) (httpapi.TargetState, error) {
	policy, err := s.active(ctx)
	if err != nil {
		return httpapi.TargetState{}, err
	}
	if _, found := policy.Target(target); !found {
		return httpapi.TargetState{}, httpapi.NewProblem(httpapi.KindNotFound, nil, "the active policy has no target %q", target)
	}
	begun, err := s.db.PauseTarget(ctx, store.Pause{Target: target, At: s.now().UTC(), Actor: decision.Actor, Reason: decision.Reason})
	if errors.Is(err, store.ErrConflict) {
		return httpapi.TargetState{}, httpapi.NewProblem(httpapi.KindConflict, err, "target %s is paused already", target)
	}
	if err != nil {
		return httpapi.TargetState{}, fromStore(err, "pause of target "+target)
	}
	s.log.InfoContext(ctx, "target paused", "target", target, "actor", decision.Actor)
	return httpapi.TargetState{
		Target: target, Paused: true, Pause: pauseOf(begun), Text: "every effect in it stops at its next call, terminations too",
	}, nil
}

// wakeStopped tells the journeys of decided gates and ended pauses to look
// again. What is left over is done at the next start.
func (s *service) wakeStopped(ctx context.Context) {
	for wait := sendFirstWait; ; wait = min(2*wait, sendMaxWait) {
		err := errors.Join(s.wakeMembers(ctx), s.wakePaused(ctx))
		if err == nil || ctx.Err() != nil {
			return
		}
		s.log.WarnContext(ctx, "journeys of a gate or a pause could not all be woken yet", "error", err)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// wakeMembers wakes who was decided at a gate. The signal's ID is that of the
// decision, so that a second one changes nothing.
func (s *service) wakeMembers(ctx context.Context) error {
	members, err := s.db.AsleepMembers(ctx)
	if err != nil {
		return fmt.Errorf("wake members: %w", err)
	}
	for _, m := range members {
		why := contract.Override{
			ID:    fmt.Sprintf("gate-%s-%d-%s-%d", m.Gate, m.Number, m.State, m.DecidedAt.UnixMicro()),
			Actor: m.DecidedBy, Reason: fmt.Sprintf("%s at gate %s: %s", m.State, m.Gate, m.Why),
		}
		if err := s.wakeOne(ctx, m.Journey, why); err != nil {
			return fmt.Errorf("wake members: %w", err)
		}
		if err := s.db.WokeMember(ctx, m); err != nil {
			return fmt.Errorf("wake members: %w", err)
		}
	}
	return nil
}

// wakePaused wakes who waits for a pause that has ended.
func (s *service) wakePaused(ctx context.Context) error {
	ended, err := s.db.AsleepResumes(ctx)
	if err != nil || len(ended) == 0 {
		return err
	}
	waiting, err := s.waiting(ctx)
	if err != nil {
		return fmt.Errorf("wake journeys: %w", err)
	}
	for _, pause := range ended {
		why := contract.Override{
			ID: fmt.Sprintf("resume-%s-%d", pause.Target, pause.Number), Actor: pause.ResumedBy,
			Reason: fmt.Sprintf("target %s goes on: %s", pause.Target, pause.ResumedWhy),
		}
		for _, journey := range waiting {
			if err := s.wakeOne(ctx, journey, why); err != nil {
				return fmt.Errorf("wake journeys: %w", err)
			}
		}
		if err := s.db.WokeResume(ctx, pause); err != nil {
			return fmt.Errorf("wake journeys: %w", err)
		}
	}
	return nil
}

// wakeOne wakes one journey, not faster than the others are woken.
func (s *service) wakeOne(ctx context.Context, journey string, why contract.Override) error {
	timer := time.NewTimer(s.wakeEvery)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	}
	return s.engine.wake(ctx, journey, why)
}
