package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"tenure/internal/plan"
)

// Journey is one person's durable workflow, from the first HR event for as long
// as the person is remembered. It returns to continue as a new run, and when the
// person was erased.
func Journey(ctx workflow.Context, state State) error {
	// A request to cancel, from the Temporal UI, would make every call and timer
	// from then on fail at once: a person's journey is not cancelled.
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	j := begin(ctx, state)
	for {
		j.plan(ctx)
		if j.state.Erasing != nil {
			return j.erase(ctx)
		}
		j.start(ctx)
		j.show(ctx)
		if j.mayRenew(ctx) {
			return workflow.NewContinueAsNewError(ctx, Journey, compact(j.state, j.last))
		}
		j.wait(ctx)
	}
}

// journey is one run of the workflow.
type journey struct {
	state State
	// last is the newest plan.
	last plan.Result
	// changed counts what happened to the state; a plan made from an older
	// count is thrown away.
	changed, planned int
	flights          []*flight
	// wake is written to by update handlers, which run beside the loop.
	wake  workflow.Channel
	inbox inbox
	timer wakeUp
	// planRetry is when to ask again after a plan could not be had.
	planRetry time.Time
	renew     bool
	shown     shown
}

// begin registers every handler before the first blocking call, so that no
// early update is refused as unknown, and hears what came with the start: a plan
// for somebody of whom nothing is known is wasted.
func begin(ctx workflow.Context, state State) *journey {
	state.checkSchema()
	state.Facts.Running = nil // nothing is in flight in a new run
	j := &journey{state: state, changed: 1, wake: workflow.NewNamedBufferedChannel(ctx, "wake", 1)}
	j.listen(ctx)
	j.shown = shownBefore(ctx)
	j.drain(ctx)
	return j
}

// touch marks the state as changed, so that a new plan is made.
func (j *journey) touch() { j.changed++ }

// wait blocks until a message, a result or the timer, and takes in everything
// that has arrived by then.
func (j *journey) wait(ctx workflow.Context) {
	if j.changed != j.planned {
		return
	}
	j.arm(ctx)
	selector := workflow.NewNamedSelector(ctx, "journey")
	j.addInbox(ctx, selector)
	j.addFlights(ctx, selector)
	j.addTimer(ctx, selector)
	selector.Select(ctx)
	for selector.HasPending() {
		selector.Select(ctx)
	}
}

// mayRenew reports whether this is a quiet point at which the run should end:
// nothing in flight, nothing unread, and either somebody asked, the server
// suggests it, or a long sleep follows a run that is no longer short.
func (j *journey) mayRenew(ctx workflow.Context) bool {
	if len(j.flights) > 0 || j.changed != j.planned || !workflow.AllHandlersFinished(ctx) || j.drain(ctx) {
		return false
	}
	info := workflow.GetInfo(ctx)
	longSleep := j.last.Next.IsZero() || j.last.Next.Sub(workflow.Now(ctx)) > renewBeforeSleep
	return j.renew || info.GetContinueAsNewSuggested() ||
		(longSleep && info.GetCurrentHistoryLength() > renewAfterEvents)
}

const (
	// A sleep this long should start with a short history, so that code changes
	// meet almost no old one.
	renewBeforeSleep = 24 * time.Hour
	renewAfterEvents = 30
)
