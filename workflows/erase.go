package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"tenure/activities"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/workflows/contract"
)

// errErasing refuses what comes while the person is being erased, errInFlight an
// erasure while something is being done.
var (
	errErasing  = errors.New("this person is being erased")
	errInFlight = errors.New("tasks of this person are under way: erase them when those have ended")
)

// mayBe refuses overrides that the moment does not allow.
func (j *journey) mayBe(kind contract.Kind) error {
	switch {
	case j.state.Erasing != nil:
		return errErasing
	case kind == contract.Erase && len(j.flights) > 0:
		return errInFlight
	default:
		return nil
	}
}

// applyErase orders the erasure of the person. What a legal hold keeps is kept,
// and no access is left open behind a journey that has ended (S13).
func applyErase(s *State, by plan.By) (applied, error) {
	if slices.Contains(s.Facts.Overrides.HoldKinds(), plan.HoldLegal) {
		return refuse("a legal hold is set: release it first")
	}
	for _, account := range s.Facts.Accounts {
		there := account.State == plan.AccountEnabled || account.State == plan.AccountDisabled ||
			account.State == plan.AccountUnknown && account.ID != ""
		if there && !account.Unlinked {
			return refuse("the account in %s is still there: let it be deleted, or unlink it first", account.Target)
		}
	}
	for _, parked := range s.Facts.Parked {
		if strings.HasPrefix(parked.Key, plan.AccountWorkflow) {
			return refuse("a line of an account is parked (%s): nobody knows whether there is one", parked.Code)
		}
	}
	s.Erasing = &by
	return applied{text: "erased: the journey ends"}, nil
}

// erase has the store forget the person, however long that takes, and ends the
// journey. What HR says meanwhile begins a new one, which finds the marker.
func (j *journey) erase(ctx workflow.Context) error {
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	facts := j.state.Facts
	order := activities.EraseInput{
		Journey: contract.JourneyID(facts.Realm, facts.Key), Realm: facts.Realm, Key: facts.Key, By: *j.state.Erasing,
	}
	for _, feed := range facts.Person.Feeds {
		order.Feeds = append(order.Feeds, feed.Feed)
	}
	var planner *activities.Planner
	for workflow.ExecuteLocalActivity(activities.WithPlanning(ctx), planner.ErasePerson, order).Get(ctx, nil) != nil {
		if err := workflow.Sleep(ctx, planRetryAfter); err != nil {
			return fmt.Errorf("wait for the store: %w", err)
		}
	}
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return fmt.Errorf("wait for handlers: %w", err)
	}
	j.state = NewState(facts.Realm, facts.Key)
	if j.drain(ctx) {
		return workflow.NewContinueAsNewError(ctx, Journey, j.state)
	}
	return nil
}

// takeErased obeys the marker of an erasure (S13): unless HR states a stay that
// began later, nothing is done for this person before a human says so.
func (j *journey) takeErased(found *activities.Erased, memory *plan.Memory, now time.Time) {
	if found == nil || j.state.Erased != nil || len(j.state.Facts.Person.Feeds) == 0 {
		return // HR has not said anything of them since
	}
	j.state.Erased = found
	j.touch()
	said := fmt.Sprintf("this person was erased on %s (ledger row %d)", found.At.UTC().Format(time.DateOnly), found.Seq)
	j.state.note(activities.Note{At: now, Kind: activities.NotePlan, Actor: eraseActor, Reason: said, Outcome: "erasure found"})
	if startsAfter(memory, person.DateOf(found.At)) {
		return
	}
	dropHold(&j.state.Facts.Overrides, plan.HoldHRError)
	j.state.Facts.Overrides.Holds = append(j.state.Facts.Overrides.Holds, plan.Hold{
		By: plan.By{Actor: eraseActor, Reason: said + ", and HR still states them", At: now}, Kind: plan.HoldHRError,
	})
}

// eraseActor is who holds a person that was erased.
const eraseActor = "tenure"

// startsAfter reports whether the newest stay began after a day.
func startsAfter(memory *plan.Memory, day person.Date) bool {
	return memory != nil && len(memory.Stays) > 0 && memory.Stays[len(memory.Stays)-1].Start.After(day)
}
