package cli_test

import (
	"context"

	"tenure/internal/httpapi"
)

const (
	gateOpen    = "entra-disable-2"
	gateDecided = "entra-disable-1"
	gateTwice   = "entra-delete-1"
)

func gates() []httpapi.Gate {
	return []httpapi.Gate{
		{
			ID: gateOpen, Target: "entra", Kind: "disable", Open: true, OpenedAt: day("2026-11-22 08:00"), Counted: 3, Allowed: 2,
			WindowSeconds: 3600, Approvals: 1, Frozen: 2, Closed: 1,
		},
		{
			ID: gateTwice, Target: "entra", Kind: "delete", Open: true, OpenedAt: day("2026-11-22 07:00"), Counted: 11, Allowed: 10,
			WindowSeconds: 3600, Approvals: 2, Frozen: 1,
		},
		{
			ID: gateDecided, Target: "entra", Kind: "disable", OpenedAt: day("2026-11-20 08:00"), Counted: 60, Allowed: 25,
			WindowSeconds: 3600, Approvals: 1, Rejected: 60,
		},
	}
}

func (o *organisation) Gates(_ context.Context, open bool) ([]httpapi.Gate, error) {
	if open {
		return gates()[:2], nil
	}
	return gates(), nil
}

func (o *organisation) Gate(_ context.Context, id string) (httpapi.GateDetail, error) {
	for _, gate := range gates() {
		if gate.ID == id {
			return httpapi.GateDetail{Gate: gate, Members: members(gate), Decisions: []httpapi.GateDecision{
				{At: day("2026-11-22 09:00"), Verdict: "approved", Actor: "vera", Reason: "seen", People: 1, Except: []httpapi.PersonID{{Realm: "main", Key: "1009"}}},
			}}, nil
		}
	}
	return httpapi.GateDetail{}, httpapi.NewProblem(httpapi.KindNotFound, nil, "there is no gate %q", id)
}

func members(gate httpapi.Gate) []httpapi.GateMember {
	why := "lastDayOfWork 2026-11-20, stated by feed hr at 2026-11-22 06:00 UTC"
	out := []httpapi.GateMember{
		{PersonID: httpapi.PersonID{Realm: "main", Key: "1001"}, Number: 1, DisplayName: "Zoë Łukasiewicz", Due: day("2026-11-20 23:00"), Reason: why, State: "frozen"},
		{PersonID: httpapi.PersonID{Realm: "main", Key: "1007"}, Number: 2, DisplayName: hostile, Due: day("2026-11-20 23:00"), Reason: why, State: "frozen"},
		{PersonID: httpapi.PersonID{Realm: "agency", Key: "A-1"}, Number: 3, Due: day("2026-11-20 23:00"), Reason: why, State: "closed"},
	}
	if gate.ID == gateTwice {
		out = out[:1]
		out[0].Approvers = []string{"vera"}
	}
	return out
}

func (o *organisation) DecideGate(_ context.Context, id string, verdict httpapi.GateVerdict) (httpapi.GateOutcome, error) {
	out := httpapi.GateOutcome{Gate: httpapi.Gate{ID: id}, Text: "who was approved goes on, if the line is still the same"}
	if id == gateTwice {
		if verdict.Actor == "unverified: vera" {
			problem := httpapi.NewProblem(httpapi.KindConflict, nil, "vera has approved already: gate %s wants 2 different people", id)
			problem.Code = httpapi.CodeGateRefused
			return out, problem
		}
		out.Missing, out.Text = 1, "noted: 1 more must approve before anybody goes on"
		return out, nil
	}
	if verdict.Through != 2 {
		return out, httpapi.NewProblem(httpapi.KindInvalid, nil, "through is %d, want the number of the last who was shown", verdict.Through)
	}
	out.Rejected = len(verdict.Except)
	out.Approved = verdict.Through - out.Rejected
	if !verdict.Approve {
		out.Approved, out.Rejected, out.Text = 0, verdict.Through, "nobody goes on until HR or a human changes the line"
	}
	return out, nil
}

func (o *organisation) Targets(context.Context) ([]httpapi.TargetState, error) {
	return []httpapi.TargetState{
		{Target: "entra", Mode: "enforce", Paused: true, Waiting: 1, Pause: &httpapi.Pause{Target: "entra", At: day("2026-11-22 10:00"), Actor: "olga", Reason: "look first"}},
		{Target: "second", Mode: "observe"},
	}, nil
}

func (o *organisation) BrakeTarget(_ context.Context, target string, pause bool, decision httpapi.Decision) (httpapi.TargetState, error) {
	if target != "entra" {
		return httpapi.TargetState{}, httpapi.NewProblem(httpapi.KindNotFound, nil, "the active policy has no target %q", target)
	}
	text := "who waits is being woken, and asks the gates again"
	if pause {
		text = "every effect in it stops at its next call, terminations too"
	}
	return httpapi.TargetState{Target: target, Paused: pause, Waiting: 2, Text: text, Pause: &httpapi.Pause{Actor: decision.Actor}}, nil
}
