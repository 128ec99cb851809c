package crash

import (
	"context"
	"fmt"
	"slices"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"tenure/deploy/devstack/chaos/story"
	"tenure/deploy/devstack/chaos/tally"
	"tenure/deploy/devstack/engine"
)

// hand is what somebody does to a journey in the Temporal Web UI, or HR to a
// person whose story is told.
type hand struct {
	what string
	do   func(ctx context.Context, c client.Client, journey string) error
	// once says that it is done before the second step only, and that the journey
	// comes to rest before HR says more: a reset journey no longer knows what a
	// leave took away, and must find the account first.
	once bool
}

// hands lays hands on journeys between two statements of HR: the next one must
// find everything as it was. In the end HR repeats an old record.
func (m *matrix) hands(ctx context.Context) error {
	c, err := client.DialContext(ctx, client.Options{HostPort: m.Addresses().Temporal, Namespace: engine.Namespace})
	if err != nil {
		return fmt.Errorf("lay hands on journeys: %w", err)
	}
	defer c.Close()
	all := []hand{
		{what: "terminated", do: terminate},
		{what: "cancelled", do: cancelJourney},
		{what: "reset", do: reset, once: true},
	}
	// The next run of a terminated journey is back in the time of everybody else.
	tellers := slices.DeleteFunc(story.Tellers(), func(tell story.Teller) bool { return tell(handPeople, m.today).Ages() })
	return m.tell(ctx, len(all)*len(tellers), crowd, func(i int) told {
		laid := all[i/len(tellers)]
		return told{
			story: tellers[i%len(tellers)](handPeople+i, m.today), what: laid.what, after: m.repeatOld, once: laid.once,
			between: func(ctx context.Context, journey string) error {
				m.add(tally.Tally{Points: 1})
				return laid.do(ctx, c, journey)
			},
		}
	})
}

// handPeople are those whose journeys somebody lays hands on.
const handPeople = 800_000

// repeatOld lets HR state the first record again, as of long ago: it must be
// heard and change nothing.
func (m *matrix) repeatOld(ctx context.Context, s story.Story) (story.Step, error) {
	last := s.Steps[len(s.Steps)-1]
	last.Name = "an old record comes late"
	last.Want.Said++
	old := s.Steps[0].Says
	old.Department, old.Title = "Law", "Clerk"
	m.add(tally.Tally{Points: 1})
	return last, m.Say(ctx, old.Key+"-old", m.today.Add(-24*time.Hour), old)
}

func terminate(ctx context.Context, c client.Client, journey string) error {
	return c.TerminateWorkflow(ctx, journey, "", "terminated in the Temporal Web UI")
}

func cancelJourney(ctx context.Context, c client.Client, journey string) error {
	return c.CancelWorkflow(ctx, journey, "")
}

// reset takes a journey back to the first workflow task of its run.
func reset(ctx context.Context, c client.Client, journey string) error {
	events := c.GetWorkflowHistory(ctx, journey, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return fmt.Errorf("read history: %w", err)
		}
		if event.GetEventType() != enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
			continue
		}
		_, err = c.ResetWorkflowExecution(ctx, &workflowservice.ResetWorkflowExecutionRequest{
			Namespace: engine.Namespace, WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: journey},
			Reason: "reset in the Temporal Web UI", WorkflowTaskFinishEventId: event.GetEventId(), RequestId: journey + "-reset",
		})
		return err
	}
	return nil // it has just begun
}
