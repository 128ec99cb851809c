package httpapi_test

import (
	"context"
	"net/http"
	"testing"

	"tenure/internal/access"
	"tenure/internal/httpapi"
)

func aGate() httpapi.Gate {
	return httpapi.Gate{
		ID: "entra-disable-1", Target: "entra", Kind: "disable", Open: true, OpenedAt: noon, Counted: 60, Allowed: 25,
		WindowSeconds: 3600, Approvals: 1, Frozen: 59, Rejected: 1,
	}
}

func (f *fake) Gates(context.Context, bool) ([]httpapi.Gate, error) {
	return []httpapi.Gate{aGate()}, f.err
}

func (f *fake) Gate(context.Context, string) (httpapi.GateDetail, error) {
	return httpapi.GateDetail{
		Gate: aGate(),
		Members: []httpapi.GateMember{{
			PersonID: ada, Number: 1, DisplayName: "Ada Example", Line: "account:entra/s1/disable", Due: noon,
			Reason: "lastDayOfWork 2026-11-20, stated by feed hr", State: "rejected", Approvers: []string{},
			DecidedBy: "kim", DecidedAt: &noon, Why: "audit",
		}},
		Decisions: []httpapi.GateDecision{{At: noon, Verdict: "approved", Actor: "kim", Reason: "audit", People: 60, Except: []httpapi.PersonID{ada}}},
	}, f.err
}

func (f *fake) DecideGate(_ context.Context, id string, verdict httpapi.GateVerdict) (httpapi.GateOutcome, error) {
	f.key, f.verdict = id, verdict
	return httpapi.GateOutcome{Gate: aGate(), Approved: 59, Rejected: 1, Text: "59 people go on"}, f.err
}

func (f *fake) Targets(context.Context) ([]httpapi.TargetState, error) {
	return []httpapi.TargetState{{Target: "entra"}}, f.err
}

func (f *fake) BrakeTarget(_ context.Context, target string, pause bool, decision httpapi.Decision) (httpapi.TargetState, error) {
	f.key, f.decision = target, decision
	return httpapi.TargetState{
		Target: target, Paused: pause, Pause: &httpapi.Pause{Target: target, At: noon, Actor: "kim", Reason: "audit"}, Waiting: 3, Text: "it is so",
	}, f.err
}

func TestS15GateDecisions(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.call("POST", "/v1/gates/entra-disable-1/approve", `{"actor":"kim","reason":"audit","except":[{"realm":"main","key":"E-7"}],"through":60}`)
	got := b.fake.verdict
	if !got.Approve || got.Through != 60 || len(got.Except) != 1 || got.Reason != "audit" || got.Actor != access.UnverifiedPrefix+"kim" {
		t.Errorf("verdict = %+v", got)
	}
	b.call("POST", "/v1/gates/entra-disable-1/reject", holdBody)
	if b.fake.verdict.Approve || b.fake.key != "entra-disable-1" {
		t.Errorf("verdict = %+v at %s", b.fake.verdict, b.fake.key)
	}
	b.problem(http.StatusBadRequest, httpapi.KindInvalid, "POST", "/v1/gates/g/reject", `{"actor":"kim","reason":"audit","except":[{"realm":"main","key":"E-7"}]}`)
	b.fake.verdict = httpapi.GateVerdict{}
	b.problem(http.StatusBadRequest, httpapi.KindInvalid, "POST", "/v1/gates/g/approve", `{"actor":"kim","reason":"audit","through":-1}`)
	if b.fake.verdict.Approve {
		t.Error("a decision that names no member reached the gate, where it would be about everybody")
	}
	for _, path := range []string{"/v1/gates/g/approve", "/v1/gates/g/reject", "/v1/targets/entra/pause", "/v1/targets/entra/resume"} {
		b.problem(http.StatusBadRequest, httpapi.KindInvalid, "POST", path, `{"actor":"kim"}`)
	}
}
