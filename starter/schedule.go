package starter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"tenure/activities"
	"tenure/internal/lifecycle"
	"tenure/workflows/contract"
)

const (
	// compareHour is when targets are compared every night, in the zone of the
	// first feed, and compareJitter spreads it: not all at the stroke of the hour.
	compareHour   = 2
	compareJitter = time.Hour
	// compareCatchup is how late a night may be made up for.
	compareCatchup = 4 * time.Hour
	// compareWithin bounds a comparison with its retries.
	compareWithin = 3 * time.Hour
	// scheduleWithin bounds one call about a schedule.
	scheduleWithin = 10 * time.Second
	// pausedByUs begins the note of a schedule that was paused because its target
	// is gone: only such a one is let go on.
	pausedByUs = "tenure: "
)

// schedules lets every target of a policy be compared every night, and pauses
// the schedules of targets that the policy does not have.
func (e *engine) schedules(ctx context.Context, policy *lifecycle.Policy) error {
	var problems []error
	wanted := make([]string, 0, len(policy.Targets))
	for _, target := range policy.Targets {
		wanted = append(wanted, contract.ReconcileID(target.Name))
		problems = append(problems, e.ensureSchedule(ctx, target.Name, zoneOf(policy)))
	}
	known, err := e.knownSchedules(ctx)
	problems = append(problems, err)
	for _, id := range known {
		if !slices.Contains(wanted, id) {
			problems = append(problems, e.pauseSchedule(ctx, id))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("schedule comparisons: %w", err)
	}
	return nil
}

// zoneOf is the zone whose night it is.
func zoneOf(policy *lifecycle.Policy) string {
	for _, feed := range policy.Feeds {
		if feed.Zone != nil {
			return feed.Zone.String()
		}
	}
	return time.UTC.String()
}

func nightly(zone string) client.ScheduleSpec {
	return client.ScheduleSpec{
		Calendars:    []client.ScheduleCalendarSpec{{Hour: []client.ScheduleRange{{Start: compareHour}}, Comment: "every night"}},
		Jitter:       compareJitter,
		TimeZoneName: zone,
	}
}

func comparing(target string) *client.ScheduleWorkflowAction {
	return &client.ScheduleWorkflowAction{
		ID: contract.ReconcileID(target), Workflow: contract.ReconcileWorkflow, TaskQueue: contract.TaskQueue,
		Args: []any{activities.ReconcileInput{Target: target}}, WorkflowExecutionTimeout: compareWithin,
		StaticSummary: "compare target " + contract.EncodeKey(target),
	}
}

// ensureSchedule makes the schedule of a target, or brings it to what it should
// be. Whether a human paused it is left alone.
func (e *engine) ensureSchedule(ctx context.Context, target, zone string) error {
	ctx, cancel := context.WithTimeout(ctx, scheduleWithin)
	defer cancel()
	id := contract.ReconcileID(target)
	_, err := e.client.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID: id, Spec: nightly(zone), Action: comparing(target), Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: compareCatchup,
	})
	if !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return err
	}
	return e.client.ScheduleClient().GetHandle(ctx, id).Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(is client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			next := is.Description.Schedule
			spec := nightly(zone)
			next.Spec, next.Action = &spec, comparing(target)
			next.Policy = &client.SchedulePolicies{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: compareCatchup}
			if next.State != nil && next.State.Paused && strings.HasPrefix(next.State.Note, pausedByUs) {
				next.State.Paused, next.State.Note = false, ""
			}
			return &client.ScheduleUpdate{Schedule: &next}, nil
		},
	})
}

// knownSchedules are the IDs of all schedules that compare.
func (e *engine) knownSchedules(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, scheduleWithin)
	defer cancel()
	all, err := e.client.ScheduleClient().List(ctx, client.ScheduleListOptions{})
	if err != nil {
		return nil, err
	}
	var out []string
	for all.HasNext() {
		entry, err := all.Next()
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(entry.ID, contract.ReconcilePrefix) && !entry.Paused {
			out = append(out, entry.ID)
		}
	}
	return out, nil
}

func (e *engine) pauseSchedule(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, scheduleWithin)
	defer cancel()
	return e.client.ScheduleClient().GetHandle(ctx, id).Pause(ctx, client.SchedulePauseOptions{
		Note: pausedByUs + "the active policy has no such target",
	})
}

// compare compares a target now and waits for it; a comparison that runs
// already is waited for.
func (e *engine) compare(ctx context.Context, target string) error {
	run, err := e.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: contract.ReconcileID(target) + "/now", TaskQueue: contract.TaskQueue, WorkflowExecutionTimeout: compareWithin,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:            "compare target " + contract.EncodeKey(target),
	}, contract.ReconcileWorkflow, activities.ReconcileInput{Target: target})
	if err != nil {
		return fmt.Errorf("start comparison: %w", err)
	}
	if err := run.Get(ctx, nil); err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	return nil
}
