package point_test

import (
	"path/filepath"
	"testing"
	"time"

	"tenure/deploy/devstack/chaos/point"
)

const (
	ada  = "000001"
	name = "request POST users before"
)

// TestGateHoldsOnce holds the second passing of a name in a step, until the
// worker is dead, and nobody else.
func TestGateHoldsOnce(t *testing.T) {
	t.Parallel()
	gate := point.NewGate()
	socket := filepath.Join(t.TempDir(), "gate")
	if err := gate.Serve(t.Context(), socket); err != nil {
		t.Fatal(err)
	}
	client, err := point.Dial(socket)
	if err != nil {
		t.Fatal(err)
	}
	pass := func(who string) {
		if err := client.Pass(point.Passing{Person: who, Name: name}); err != nil {
			t.Errorf("Pass: %v", err)
		}
	}
	gate.Step(ada, 1)
	gate.HoldAt(ada, point.Mark{Step: 1, Name: name, Nth: 2})
	pass(ada)
	pass("000002")
	if gate.Ready(0, 0, 0) {
		t.Fatal("a kill though nobody is held")
	}
	held := make(chan struct{})
	go func() { pass(ada); close(held) }()
	for !gate.Ready(0, 0, 0) {
		select {
		case <-held:
			t.Fatal("the second passing was let through")
		case <-time.After(time.Millisecond):
		}
	}
	if gate.Ready(time.Hour, time.Hour, time.Hour) {
		t.Error("a kill before anybody else had time to come")
	}
	if gate.Ready(time.Hour, 0, time.Hour) || !gate.Ready(time.Hour, time.Hour, 0) {
		t.Error("a request is not held for as long as its activity lives")
	}
	got := gate.Killed()
	<-held
	if len(got) != 1 || got[0].Person != ada || got[0].Mark.Nth != 2 || got[0].Mark.Kind() != "request" {
		t.Errorf("killed at %+v", got)
	}
	gate.Step(ada, 2)
	pass(ada)
	trail := gate.Trail(ada)
	if len(trail) != 3 || trail[2].Step != 2 || trail[2].Nth != 1 || gate.Passed() != 4 {
		t.Errorf("trail = %v, %d passings", trail, gate.Passed())
	}
}

// TestGateWaitsLessWhereOthersWait kills sooner what others wait for.
func TestGateWaitsLessWhereOthersWait(t *testing.T) {
	t.Parallel()
	gate := point.NewGate()
	gate.HoldAt(ada, point.Mark{Name: name, Nth: 1})
	done := make(chan error, 1)
	go func() { done <- gate.Pass(point.Passing{Person: ada, Name: name, Blocks: true}, nil) }()
	for !gate.Ready(4*time.Millisecond, time.Hour, time.Hour) {
		select {
		case <-done:
			t.Fatal("it was not held")
		case <-time.After(time.Millisecond):
		}
	}
	gate.Killed()
	if err := <-done; err != nil {
		t.Errorf("Pass: %v", err)
	}
}
