package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"tenure/activities"
	"tenure/internal/plan"
	"tenure/workflows/contract"
)

// flight is one batch in an activity.
type flight struct {
	lane    string
	batch   plan.Batch
	future  workflow.Future
	cancel  workflow.CancelFunc
	started time.Time
	// giveWay is when the flight is cancelled because an urgent batch waits.
	giveWay   time.Time
	cancelled bool
	// managerArrived is set where the manager came while the activity ran: it
	// may have looked before.
	managerArrived bool
}

// Lanes beside the targets. One flight at a time in each.
const (
	laneMail      = "mail"
	laneExtension = "extension"
	// laneFeed begins the lanes of feeds that are told of accounts: an HR system that
	// does not answer keeps nothing else waiting.
	laneFeed = "feed "
)

// urgentWait is how long cutting access waits for an activity on its target.
const urgentWait = time.Minute

func laneOf(batch plan.Batch) string {
	switch batch.Activity {
	case plan.ActivityMail:
		return laneMail
	case plan.ActivityExtension:
		return laneExtension
	case plan.ActivityWriteBack:
		return laneFeed + batch.Tasks[0].Workflow
	default:
		return "target " + batch.Target
	}
}

// start sends every due batch whose lane is free, in order. An urgent one whose lane is
// taken makes the flight give way after a minute.
func (j *journey) start(ctx workflow.Context) {
	if j.changed != j.planned {
		return
	}
	now := workflow.Now(ctx)
	due := j.last.Due
	j.last.Due = nil
	for _, batch := range due {
		lane := laneOf(batch)
		busy := j.flightIn(lane)
		switch {
		case (lane == laneMail || lane == laneExtension) && j.givesAccount():
			// Who is told of an account, or told at its address, waits until it is
			// there: account up comes first (S5).
		case busy == nil:
			j.send(ctx, lane, batch)
		case batch.Urgent && busy.giveWay.IsZero() && !busy.batch.Urgent:
			busy.giveWay = now.Add(urgentWait)
		}
	}
}

// givesAccount reports whether an account is being made or enabled.
func (j *journey) givesAccount() bool {
	for _, f := range j.flights {
		for _, task := range f.batch.Tasks {
			if task.Verb == plan.Create || task.Verb == plan.Enable {
				return true
			}
		}
	}
	return false
}

func (j *journey) flightIn(lane string) *flight {
	for _, f := range j.flights {
		if f.lane == lane {
			return f
		}
	}
	return nil
}

func (j *journey) send(ctx workflow.Context, lane string, batch plan.Batch) {
	f := &flight{lane: lane, batch: batch, started: workflow.Now(ctx)}
	ctx, f.cancel = workflow.WithCancel(ctx)
	f.future = execute(ctx, j.input(ctx, batch))
	j.flights = append(j.flights, f)
}

// input is what the activity may know of the person.
func (j *journey) input(ctx workflow.Context, batch plan.Batch) activities.TaskInput {
	facts := &j.state.Facts
	in := activities.TaskInput{
		Journey:       contract.JourneyID(facts.Realm, facts.Key),
		Realm:         facts.Realm,
		Key:           facts.Key,
		Now:           workflow.Now(ctx),
		PolicyVersion: j.state.PolicyVersion,
		Batch:         batch,
		Record:        facts.Person.Record,
		Stays:         facts.Memory.Stays,
		Zone:          j.last.Zone,
		Account:       accountIn(facts, batch.Target),
		Holds:         facts.Overrides.HoldKinds(),
	}
	first := batch.Tasks[0]
	if first.Leave > 0 {
		in.Scoped = facts.Memory.ScopedOf(first.Stay)
	}
	if batch.Activity == plan.ActivityWriteBack {
		in.Told = toldOf(facts, first)
	}
	if batch.Source != "" {
		source := accountIn(facts, batch.Source)
		in.Source = &source
	}
	for _, change := range facts.Memory.Changes {
		if batch.Change && change.Number == first.Generation && change.Stay == first.Stay {
			in.Change = &change
		}
	}
	in.Approved, in.Actor, in.Reason = j.human(first.Key)
	for _, task := range batch.Tasks {
		if parked, found := parkedOf(facts, task.Key); found && isAnswered(facts, parked) {
			in.Answered = append(in.Answered, task.Key)
		}
	}
	in.ByHand = slices.ContainsFunc(facts.Overrides.RunNow, func(o plan.KeyOverride) bool { return covers(o.Key, first.Key) })
	in.Terminated = facts.Overrides.Blocked != nil || slices.Contains(in.Holds, plan.HoldSecurity)
	return in
}

// human finds who asked for a task out of turn, and whether somebody agreed to
// what it asks: who names the run wants what the run would do, and has not
// agreed to a pass for an account with a role (S6).
func (j *journey) human(key string) (approved bool, actor, reason string) {
	overrides := &j.state.Facts.Overrides
	parked, _ := parkedOf(&j.state.Facts, key)
	for _, list := range [][]plan.KeyOverride{overrides.RunNow, overrides.Approved} {
		for _, o := range list {
			if covers(o.Key, key) {
				actor, reason = o.Actor, o.Reason
			}
			approved = approved || agreesTo(o, key, parked.Asked)
		}
	}
	return approved, actor, reason
}

// agreesTo reports whether a human named the task itself, and after it asked.
func agreesTo(o plan.KeyOverride, key string, asked time.Time) bool {
	return o.Key == key && o.At.After(asked)
}

// isAnswered reports whether a human has answered what the last attempt asked.
func isAnswered(facts *plan.Facts, parked plan.Parked) bool {
	agrees := func(o plan.KeyOverride) bool { return agreesTo(o, parked.Key, parked.Asked) }
	return !parked.Asked.IsZero() &&
		(slices.ContainsFunc(facts.Overrides.RunNow, agrees) || slices.ContainsFunc(facts.Overrides.Approved, agrees))
}

// addFlights lets the selector take in results.
func (j *journey) addFlights(ctx workflow.Context, selector workflow.Selector) {
	for _, f := range j.flights {
		selector.AddFuture(f.future, func(workflow.Future) { j.land(ctx, f) })
	}
}

// land takes in the result of a flight.
func (j *journey) land(ctx workflow.Context, landed *flight) {
	rest := make([]*flight, 0, len(j.flights))
	for _, f := range j.flights {
		if f != landed {
			rest = append(rest, f)
		}
	}
	j.flights = rest
	var result activities.TaskResult
	if err := landed.future.Get(ctx, &result); err != nil {
		result = failedResult(landed, err)
	}
	settle(&j.state, landed.batch, result, workflow.Now(ctx))
	if result.Account != nil {
		confirm(&j.state.Facts, *result.Account, j.running(), workflow.Now(ctx))
	}
	if landed.cancelled {
		interrupted(&j.state.Facts, landed.batch, result, workflow.Now(ctx))
	}
	looked(&j.state.Facts, landed.batch, result, landed.started, workflow.Now(ctx))
	if landed.managerArrived {
		j.lookForManager(workflow.Now(ctx))
	}
	j.touch()
}

// cancelUnwanted ends activities that an override may have made wrong; each
// ends after its current task and what is still wanted is planned again.
// Cutting access is never cancelled.
func (j *journey) cancelUnwanted() {
	for _, f := range j.flights {
		if !f.batch.Urgent {
			f.stop()
		}
	}
}

func (f *flight) stop() {
	if !f.cancelled {
		f.cancelled = true
		f.cancel()
	}
}
