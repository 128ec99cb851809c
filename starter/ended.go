package starter

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"

	"tenure/internal/httpapi"
	"tenure/internal/person"
	"tenure/workflows"
	"tenure/workflows/contract"
)

// isClosed reports whether a start was refused because the journey was ended.
func isClosed(err error) bool {
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	return errors.As(err, &started)
}

// lastState is what a journey knew that was ended from outside, and the events
// that it had not read by then. Begun anew from nothing it would do again, or
// take for done, what belongs to another time. One that ended by itself is
// forgotten.
func (e *engine) lastState(ctx context.Context, id httpapi.PersonID) (state workflows.State, unread []person.Event, err error) {
	journey := contract.JourneyID(id.Realm, id.Key)
	described, err := e.client.DescribeWorkflowExecution(ctx, journey, "")
	if err != nil {
		return state, nil, fmt.Errorf("describe journey: %w", err)
	}
	switch described.GetWorkflowExecutionInfo().GetStatus() {
	case enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED:
		return workflows.NewState(id.Realm, id.Key), nil, nil
	case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING:
		return state, nil, nil // somebody else was faster: the state is not used
	default:
	}
	run := described.GetWorkflowExecutionInfo().GetExecution().GetRunId()
	begun, unread, err := e.ending(ctx, journey, run)
	if err != nil {
		return state, nil, err
	}
	if begun != nil {
		return *begun, unread, nil
	}
	answer, err := e.client.QueryWorkflow(ctx, journey, run, contract.QueryState)
	if err == nil {
		err = answer.Get(&state)
	}
	if err != nil {
		return state, nil, fmt.Errorf("read its last state: %w", err)
	}
	return state, unread, nil
}

// ending reads how a run ended: the events of HR that came after its last workflow
// task, which were accepted and of which its state knows nothing, and the state it
// began with where it was ended before its first workflow task: Temporal answers no
// query of such a run. A journey that has just continued as new is one.
func (e *engine) ending(ctx context.Context, journey, run string) (begun *workflows.State, unread []person.Event, err error) {
	events := e.client.GetWorkflowHistory(ctx, journey, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return nil, nil, fmt.Errorf("read its history: %w", err)
		}
		switch event.GetEventType() {
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
			begun = &workflows.State{}
			if err := e.converter.FromPayloads(event.GetWorkflowExecutionStartedEventAttributes().GetInput(), begun); err != nil {
				return nil, nil, fmt.Errorf("read the state it began with: %w", err)
			}
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			begun, unread = nil, nil
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
			signal := event.GetWorkflowExecutionSignaledEventAttributes()
			if signal.GetSignalName() != contract.SignalEvent {
				continue
			}
			var told person.Event
			if err := e.converter.FromPayloads(signal.GetInput(), &told); err != nil {
				return nil, nil, fmt.Errorf("read an event in its history: %w", err)
			}
			unread = append(unread, told)
		default:
		}
	}
	return begun, unread, nil
}
