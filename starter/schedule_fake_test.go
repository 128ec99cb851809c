package starter

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"tenure/activities"
)

// schedulesFake keeps schedules as Temporal does.
type schedulesFake struct {
	client.ScheduleClient
	f *temporalFake
}

func (f *temporalFake) ScheduleClient() client.ScheduleClient { return schedulesFake{f: f} }

func (s schedulesFake) Create(_ context.Context, o client.ScheduleOptions) (client.ScheduleHandle, error) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	if _, found := s.f.schedules[o.ID]; found {
		return nil, temporal.ErrScheduleAlreadyRunning
	}
	if s.f.schedules == nil {
		s.f.schedules = map[string]*client.Schedule{}
	}
	s.f.schedules[o.ID] = &client.Schedule{
		Action: o.Action, Spec: &o.Spec, State: &client.ScheduleState{},
		Policy: &client.SchedulePolicies{Overlap: o.Overlap, CatchupWindow: o.CatchupWindow},
	}
	return handleFake{f: s.f, id: o.ID}, nil
}

func (s schedulesFake) GetHandle(_ context.Context, id string) client.ScheduleHandle {
	return handleFake{f: s.f, id: id}
}

func (s schedulesFake) List(context.Context, client.ScheduleListOptions) (client.ScheduleListIterator, error) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	var out entriesFake
	for _, id := range slices.Sorted(maps.Keys(s.f.schedules)) {
		out.entries = append(out.entries, &client.ScheduleListEntry{ID: id, Paused: s.f.schedules[id].State.Paused})
	}
	return &out, nil
}

type entriesFake struct{ entries []*client.ScheduleListEntry }

func (e *entriesFake) HasNext() bool { return len(e.entries) > 0 }

func (e *entriesFake) Next() (*client.ScheduleListEntry, error) {
	first := e.entries[0]
	e.entries = e.entries[1:]
	return first, nil
}

type handleFake struct {
	client.ScheduleHandle
	f  *temporalFake
	id string
}

func (h handleFake) Update(_ context.Context, o client.ScheduleUpdateOptions) error {
	h.f.mu.Lock()
	defer h.f.mu.Unlock()
	next, err := o.DoUpdate(client.ScheduleUpdateInput{Description: client.ScheduleDescription{Schedule: *h.f.schedules[h.id]}})
	if err != nil {
		return err
	}
	h.f.schedules[h.id] = next.Schedule
	return nil
}

func (h handleFake) Pause(_ context.Context, o client.SchedulePauseOptions) error {
	h.f.mu.Lock()
	defer h.f.mu.Unlock()
	h.f.schedules[h.id].State = &client.ScheduleState{Paused: true, Note: o.Note}
	return nil
}

// runFake is a workflow that was started and has ended.
type runFake struct {
	client.WorkflowRun
	err error
}

func (r runFake) Get(context.Context, any) error { return r.err }

func (f *temporalFake) ExecuteWorkflow(_ context.Context, o client.StartWorkflowOptions, _ any, args ...any) (client.WorkflowRun, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	in, ok := args[0].(activities.ReconcileInput)
	if !ok || !strings.HasPrefix(o.ID, "reconcile/") {
		return nil, fmt.Errorf("start %s with %T", o.ID, args[0])
	}
	f.compared = append(f.compared, o.ID)
	if f.comparing != nil {
		return runFake{err: f.comparing(in.Target)}, nil
	}
	return runFake{}, nil
}
