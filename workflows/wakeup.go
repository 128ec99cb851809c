package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"tenure/activities"
)

// wakeUp is the one timer of a journey. It is kept while its instant stays.
type wakeUp struct {
	at     time.Time
	future workflow.Future
	cancel workflow.CancelFunc
}

// arm sets the timer for the earliest instant at which something may change.
func (j *journey) arm(ctx workflow.Context) {
	at, what := j.nextInstant()
	if j.timer.at.Equal(at) {
		return
	}
	if len(j.flights) > 0 && (at.IsZero() || at.Sub(workflow.Now(ctx)) > activities.LongestFlight) {
		return // what is in flight lands before, and moves it
	}
	if j.timer.cancel != nil {
		j.timer.cancel()
	}
	j.timer = wakeUp{at: at}
	if at.IsZero() {
		return
	}
	timerCtx, cancel := workflow.WithCancel(ctx)
	j.timer.cancel = cancel
	j.timer.future = workflow.NewTimerWithOptions(timerCtx, max(at.Sub(workflow.Now(ctx)), 0), workflow.TimerOptions{Summary: what})
}

// nextInstant is the earliest of the plan's next instant, the retry of a plan
// that could not be had, and the end of a flight's grace.
func (j *journey) nextInstant() (at time.Time, what string) {
	at, what = j.last.Next, j.last.NextWhat
	earlier := func(candidate time.Time, why string) {
		if !candidate.IsZero() && (at.IsZero() || candidate.Before(at)) {
			at, what = candidate, why
		}
	}
	earlier(j.planRetry, "ask for a plan again")
	for _, f := range j.flights {
		if !f.cancelled {
			earlier(f.giveWay, "give way to cutting access")
		}
	}
	return at, what
}

// addTimer lets the selector take in the timer.
func (j *journey) addTimer(ctx workflow.Context, selector workflow.Selector) {
	if j.timer.future == nil {
		return
	}
	selector.AddFuture(j.timer.future, func(f workflow.Future) {
		j.timer = wakeUp{}
		if f.Get(ctx, nil) != nil {
			return // cancelled
		}
		now := workflow.Now(ctx)
		for _, flight := range j.flights {
			if !flight.giveWay.IsZero() && !flight.giveWay.After(now) {
				flight.stop()
			}
		}
		j.planRetry = time.Time{}
		j.touch()
	})
}
