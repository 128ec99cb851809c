package workflows

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"tenure/activities"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/workflows/contract"
)

// inbox holds the channels of the signals.
type inbox struct {
	events    workflow.ReceiveChannel
	manager   workflow.ReceiveChannel
	overrides []overrideChannel
}

type overrideChannel struct {
	kind    contract.Kind
	channel workflow.ReceiveChannel
}

// listen registers the query, the updates and the signals of the same names.
func (j *journey) listen(ctx workflow.Context) {
	j.inbox.events = workflow.GetSignalChannelWithOptions(ctx, contract.SignalEvent, workflow.SignalChannelOptions{
		Description: "A statement of an HR feed about this person. Sent by Tenure's intake only.",
	})
	j.inbox.manager = workflow.GetSignalChannelWithOptions(ctx, contract.SignalManagerArrived, workflow.SignalChannelOptions{
		Description: "The manager this person waits for has an account. Sent by Tenure only.",
	})
	for _, kind := range contract.Kinds() {
		j.inbox.overrides = append(j.inbox.overrides, overrideChannel{
			kind: kind,
			channel: workflow.GetSignalChannelWithOptions(ctx, string(kind), workflow.SignalChannelOptions{
				Description: kind.Description() + ` Input: {"actor": "who", "reason": "why", ...}`,
			}),
		})
		j.handleUpdate(ctx, kind)
	}
	j.handleQuery(ctx)
}

func (j *journey) handleQuery(ctx workflow.Context) {
	err := workflow.SetQueryHandlerWithOptions(ctx, contract.QueryFacts, func() (View, error) {
		return j.view(), nil
	}, workflow.QueryHandlerOptions{Description: "Everything this journey knows, for the timeline."})
	if err != nil {
		panic(fmt.Errorf("register query: %w", err))
	}
	err = workflow.SetQueryHandlerWithOptions(ctx, contract.QueryState, func() (State, error) {
		return j.state, nil
	}, workflow.QueryHandlerOptions{Description: "The state from which another run can go on."})
	if err != nil {
		panic(fmt.Errorf("register query: %w", err))
	}
}

// handleUpdate registers an override as an update: refused ones write nothing.
func (j *journey) handleUpdate(ctx workflow.Context, kind contract.Kind) {
	err := workflow.SetUpdateHandlerWithOptions(ctx, string(kind),
		func(ctx workflow.Context, o contract.Override) (contract.Answer, error) {
			if o.ID == "" {
				o.ID = workflow.GetCurrentUpdateInfo(ctx).ID
			}
			text, err := j.override(ctx, kind, o)
			j.wake.SendAsync(true)
			return contract.Answer{Running: j.running(), Text: text}, err
		},
		workflow.UpdateHandlerOptions{
			Description: kind.Description(),
			Validator:   func(o contract.Override) error { return j.validate(kind, o) },
		})
	if err != nil {
		panic(fmt.Errorf("register update %s: %w", kind, err))
	}
}

// validate refuses an override before it is written to the history.
func (j *journey) validate(kind contract.Kind, o contract.Override) error {
	if err := o.Validate(kind); err != nil {
		return temporal.NewNonRetryableApplicationError(err.Error(), contract.ErrorInvalidOverride, nil)
	}
	return nil
}

// override applies one override to the state at once, so that a hold and a
// release in one task both count.
func (j *journey) override(ctx workflow.Context, kind contract.Kind, o contract.Override) (string, error) {
	if j.state.seen(o.ID) {
		return "already in force", nil
	}
	if kind == contract.Renew {
		j.renew = true
		j.state.remember(o.ID)
		return "renews as soon as nothing is in flight", nil
	}
	now := workflow.Now(ctx)
	if err := j.mayBe(kind); err != nil {
		return "", temporal.NewNonRetryableApplicationError(err.Error(), contract.ErrorNotApplicable, nil)
	}
	done, err := apply(&j.state, j.last.Attention, kind, o, now)
	note := activities.Note{At: now, Kind: activities.NoteOverride, Actor: o.Actor, Reason: o.Reason, Outcome: activities.NoteApplied, Task: string(kind)}
	if o.Key != "" {
		note.Task += " " + o.Key
	}
	if err != nil {
		note.Outcome = activities.NoteRefused
		j.state.note(note)
		j.touch()
		if refused, is := errors.AsType[*refusal](err); is {
			return "", temporal.NewNonRetryableApplicationError(refused.text, contract.ErrorNotApplicable, nil)
		}
		return "", err
	}
	j.state.remember(o.ID)
	j.state.note(note)
	if done.cuts {
		j.cancelUnwanted()
	}
	j.touch()
	return done.text, nil
}

// addInbox lets the selector take in signals and wake-ups.
func (j *journey) addInbox(ctx workflow.Context, selector workflow.Selector) {
	selector.AddReceive(j.wake, func(c workflow.ReceiveChannel, _ bool) {
		for c.ReceiveAsync(nil) {
			continue
		}
	})
	drain := func(workflow.ReceiveChannel, bool) { j.drain(ctx) }
	selector.AddReceive(j.inbox.events, drain)
	selector.AddReceive(j.inbox.manager, drain)
	for _, o := range j.inbox.overrides {
		selector.AddReceive(o.channel, drain)
	}
}

// drain takes in every signal that has arrived and reports whether there was one.
func (j *journey) drain(ctx workflow.Context) bool {
	got := false
	var raw converter.RawValue
	for j.inbox.events.ReceiveAsync(&raw) {
		j.fold(ctx, raw)
		raw, got = converter.RawValue{}, true
	}
	for j.inbox.manager.ReceiveAsync(nil) {
		j.lookForManager(workflow.Now(ctx))
		got = true
	}
	for _, o := range j.inbox.overrides {
		for o.channel.ReceiveAsync(&raw) {
			j.signal(ctx, o.kind, raw)
			raw, got = converter.RawValue{}, true
		}
	}
	if got {
		j.touch()
	}
	return got
}

// lookForManager makes the accounts that wait for a manager due for an update,
// those too that an activity in flight is about to report as waiting.
func (j *journey) lookForManager(now time.Time) {
	for _, f := range j.flights {
		f.managerArrived = true
	}
	for i := range j.state.Facts.Accounts {
		if account := &j.state.Facts.Accounts[i]; account.WaitingFor != "" {
			account.WaitingUntil = now
			j.touch()
		}
	}
}

// signal applies an override that came as a signal. Nobody waits for an answer,
// so a bad or refused one becomes a note and attention, never a lost line.
func (j *journey) signal(ctx workflow.Context, kind contract.Kind, raw converter.RawValue) {
	var o contract.Override
	actor := "unverified"
	err := decode(raw, &o)
	if err == nil {
		err = o.Validate(kind)
	}
	if err == nil {
		o.Actor = signalActor(kind, o)
		actor = o.Actor
		err = j.state.admitsSignal(kind, o)
	}
	if err != nil {
		j.state.note(activities.Note{
			At: workflow.Now(ctx), Kind: activities.NoteOverride, Actor: actor, Reason: clip(err.Error()),
			Outcome: activities.NoteRefused, Task: string(kind),
		})
	} else {
		_, err = j.override(ctx, kind, o)
	}
	if err != nil {
		j.state.raise(plan.Attention{
			Code: attentionBadSignal, Key: string(kind),
			Text: fmt.Sprintf("a %s signal was refused: see the journey's ledger; approve %s acknowledges it", kind, attentionBadSignal),
		})
	}
	j.touch()
}

// signalActor is who a signal is recorded as. What the starter sends after a
// change of the policy is Tenure's own word, and to plan again gives nobody
// anything.
func signalActor(kind contract.Kind, o contract.Override) string {
	if kind == contract.ReEvaluate && o.Target == "" && o.Actor == contract.ActorPolicy {
		return o.Actor
	}
	return contract.UnverifiedPrefix + o.Actor
}

// errEraseSignal refuses to forget somebody on the word of nobody.
var errEraseSignal = errors.New("a person is erased by the command line or the API only")

// errSteer refuses a signal that would decide what a verified human must.
var errSteer = errors.New("signals of this kind are off (api.signals.steer): use the command line or the API")

// admitsSignal refuses what a signal may only do where the configuration lets
// signals steer: nothing proves who sent one (S19). A kind that is not named
// here is refused too, and so is what answers a question on its way: run-now, and
// a retry that names its task. What is left stops things or looks again;
// terminate only takes access away.
func (s *State) admitsSignal(kind contract.Kind, o contract.Override) error {
	if kind == contract.Erase {
		return errEraseSignal
	}
	if s.Steer {
		return nil
	}
	switch kind {
	case contract.Hold, contract.Skip, contract.Postpone, contract.Terminate, contract.ReEvaluate, contract.Renew:
		return nil
	case contract.Retry:
		if o.Key == "" {
			return nil
		}
	default:
	}
	return errSteer
}

// clip keeps outside text small in the state.
func clip(text string) string {
	const limit = 500
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "..."
}

const (
	attentionBadSignal = "signal-refused"
	attentionBadEvent  = "event-refused"
	attentionIdentity  = "identity-conflict"
)

// fold merges one HR event into the record.
func (j *journey) fold(ctx workflow.Context, raw converter.RawValue) {
	j.touch()
	now := workflow.Now(ctx)
	var event person.Event
	if err := decode(raw, &event); err != nil || event.ID == "" || event.Feed == "" || event.AsOf.IsZero() {
		j.state.raise(plan.Attention{Code: attentionBadEvent, Text: "an hr-event signal could not be read: send HR facts to the webhook"})
		j.state.note(activities.Note{At: now, Kind: activities.NoteEvent, Actor: "unverified", Outcome: activities.NoteRefused})
		return
	}
	merged, result := person.Merge(j.state.Facts.Person, event)
	j.state.Facts.Person = merged
	j.state.note(activities.Note{
		At: now, Kind: activities.NoteEvent, Actor: "hr:" + event.Feed, Outcome: string(result.Outcome), Task: event.ID, Names: result.Changed,
	})
	if result.Outcome == person.Applied {
		j.state.lower(func(a plan.Attention) bool { return a.Code == attentionIdentity && a.Key == event.Feed })
	}
	if result.Outcome == person.Conflict {
		j.state.raise(plan.Attention{
			Code: attentionIdentity, Key: event.Feed,
			Text: "a record of this key speaks of somebody else (" + result.Reason + ") and was not used: correct it in HR",
		})
	}
}

// decode reads a signal's payload. Signals arrive raw, so that a bad one is
// ours to answer for.
func decode(raw converter.RawValue, into any) error {
	if raw.Payload() == nil {
		return errors.New("read signal: it has no input")
	}
	if err := converter.GetDefaultDataConverter().FromPayload(raw.Payload(), into); err != nil {
		return fmt.Errorf("read signal: %w", err)
	}
	return nil
}
