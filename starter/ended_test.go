package starter

import (
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"

	"tenure/internal/httpapi"
	"tenure/internal/person"
	"tenure/workflows"
	"tenure/workflows/contract"
)

// signaled is an event of HR in a history.
func signaled(t *testing.T, id string) *historypb.HistoryEvent {
	t.Helper()
	input, err := converter.GetDefaultDataConverter().ToPayloads(person.Event{ID: id})
	if err != nil {
		t.Fatal(err)
	}
	return told(contract.SignalEvent, input)
}

func told(name string, input *commonpb.Payloads) *historypb.HistoryEvent {
	return &historypb.HistoryEvent{
		EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
		Attributes: &historypb.HistoryEvent_WorkflowExecutionSignaledEventAttributes{
			WorkflowExecutionSignaledEventAttributes: &historypb.WorkflowExecutionSignaledEventAttributes{SignalName: name, Input: input},
		},
	}
}

// began is how a run begins that continues one with a state of a revision.
func began(t *testing.T, id httpapi.PersonID, revision int64) *historypb.HistoryEvent {
	t.Helper()
	state := workflows.NewState(id.Realm, id.Key)
	state.Revision = revision
	input, err := converter.GetDefaultDataConverter().ToPayloads(state)
	if err != nil {
		t.Fatal(err)
	}
	return &historypb.HistoryEvent{
		EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
		Attributes: &historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes{
			WorkflowExecutionStartedEventAttributes: &historypb.WorkflowExecutionStartedEventAttributes{Input: input},
		},
	}
}

// TestSendGoesOnAfterATermination wants the next fact of HR to bring back a
// journey that was ended in the Temporal UI, with what it knew and had not read;
// one that ended by itself begins anew. Temporal answers no query of a run that was
// ended before its first workflow task.
func TestSendGoesOnAfterATermination(t *testing.T) {
	t.Parallel()
	id := httpapi.PersonID{Realm: "visitors", Key: "V-1"}
	worked := []*historypb.HistoryEvent{
		began(t, id, 5), signaled(t, "m1"),
		{EventType: enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED},
		signaled(t, "m2"), told("hold", nil),
		{EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED},
	}
	justBegun := []*historypb.HistoryEvent{
		began(t, id, 5), signaled(t, "m2"),
		{EventType: enumspb.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED},
		{EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED},
	}
	for _, tt := range []struct {
		status   enumspb.WorkflowExecutionStatus
		history  []*historypb.HistoryEvent
		revision int64
		events   int
	}{
		{enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED, worked, 7, 2},
		{enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED, worked, 7, 2},
		{enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED, justBegun, 5, 2},
		{enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, worked, 0, 1},
	} {
		b := newBench(t)
		e := newEngine(b.temporal, "default", converter.GetDefaultDataConverter())
		if err := e.send(t.Context(), id, person.Event{ID: "m1"}); err != nil {
			t.Fatalf("send: %v", err)
		}
		b.temporal.mu.Lock()
		ended := b.temporal.journeys["journey/visitors/V-1"]
		ended.closed, ended.ended, ended.history = true, tt.status, tt.history
		b.temporal.mu.Unlock()
		if err := e.send(t.Context(), id, person.Event{ID: "m3"}); err != nil {
			t.Fatalf("send after it was %s: %v", tt.status, err)
		}
		got := b.temporal.journeys["journey/visitors/V-1"]
		if got.closed || got.revision != tt.revision || got.events != tt.events {
			t.Errorf("after it was %s with %d events: closed %t, begun with revision %d, %d events; want revision %d, %d events",
				tt.status, len(tt.history), got.closed, got.revision, got.events, tt.revision, tt.events)
		}
	}
}
