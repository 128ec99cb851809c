package contract

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Override is a human's change to a plan: the argument of every update and
// signal but hr-event. Actor and Reason are mandatory everywhere; the other
// fields belong to some kinds, as [Override.Validate] says.
type Override struct {
	// ID makes the override idempotent across retries and renewals. Without one
	// the override must be harmless to repeat.
	ID     string `json:"id,omitempty"`
	Actor  string `json:"actor"`
	Reason string `json:"reason"`
	// Key is a task key, or a run's `<workflow>/<stay>/<generation>`, as the
	// timeline prints it: run-now, retry, skip, postpone, approve. Retry and
	// approve without a key mean everything that is parked or asks.
	Key string `json:"key,omitempty"`
	// Workflow is an on-demand lifecycle workflow to start: run-now.
	Workflow string `json:"workflow,omitempty"`
	// To is the instant of postpone.
	To time.Time `json:"to,omitzero"`
	// On is startDate or lastDayOfWork, Date is YYYY-MM-DD: set-date.
	On   string `json:"on,omitempty"`
	Date string `json:"date,omitempty"`
	// What is hire or termination: rescind.
	What string `json:"what,omitempty"`
	// Target is a target of the policy: re-evaluate looks at the account in it
	// again, link and unlink say which account in it is the person's.
	Target string `json:"target,omitempty"`
	// ObjectID is the account that link means.
	ObjectID string `json:"objectId,omitempty"`
	// HoldKind is legal, security or hr-error: hold, where it is hr-error if left
	// out, and release, where the only one in force is meant.
	HoldKind string `json:"kind,omitempty"`
}

// Answer is what an accepted update returns: the override is in force.
type Answer struct {
	// Running lists the task keys still in flight, which end after their
	// current task.
	Running []string `json:"running,omitempty"`
	// Text says what is in force, in a sentence.
	Text string `json:"text"`
}

const (
	maxActor  = 200
	maxReason = 1000
	maxKey    = 512
)

// Validate reports every problem of an override of this kind at once.
func (o Override) Validate(kind Kind) error {
	problems := []error{
		bounded("actor", o.Actor, maxActor, true),
		bounded("reason", o.Reason, maxReason, true),
		bounded("id", o.ID, maxKey, false),
		bounded("key", o.Key, maxKey, needsKey(kind)),
		bounded("workflow", o.Workflow, maxKey, false),
		bounded("target", o.Target, maxKey, kind == Link || kind == Unlink),
		bounded("objectId", o.ObjectID, maxKey, kind == Link),
	}
	switch kind {
	case Terminate, ReEvaluate, Renew, Erase, Retry, Approve, Skip, Link, Unlink:
	case Hold, Release:
		if o.HoldKind != "" && !slices.Contains(HoldKinds(), o.HoldKind) {
			problems = append(problems, fmt.Errorf("kind is %.64q: want legal, security or hr-error", o.HoldKind))
		}
	case RunNow:
		problems = append(problems, o.validateRunNow())
	case Postpone:
		switch {
		case o.To.IsZero():
			problems = append(problems, errors.New("to is missing: want an instant such as 2026-12-01T09:00:00Z"))
		case !isPlausible(o.To):
			problems = append(problems, fmt.Errorf("to lies outside %d to %d", firstYear, lastYear))
		}
	case SetDate:
		problems = append(problems, o.validateSetDate()...)
	case Rescind:
		if o.What != "hire" && o.What != "termination" {
			problems = append(problems, fmt.Errorf("what is %.64q: want hire or termination", o.What))
		}
	default:
		problems = append(problems, fmt.Errorf("unknown override %q", kind))
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	return nil
}

func (o Override) validateRunNow() error {
	switch {
	case o.Key == "" && o.Workflow == "":
		return errors.New("key is missing: want a task or run of the timeline, or workflow for an on-demand one")
	case o.Key != "" && o.Workflow != "":
		return errors.New("key and workflow are both set: want one of them")
	case o.Workflow != "" && o.ID == "":
		return errors.New("id is missing: starting a workflow twice must be told from a repeated call")
	default:
		return nil
	}
}

func (o Override) validateSetDate() []error {
	var problems []error
	if o.On != "startDate" && o.On != "lastDayOfWork" {
		problems = append(problems, fmt.Errorf("on is %.64q: want startDate or lastDayOfWork", o.On))
	}
	switch date, err := time.Parse(time.DateOnly, o.Date); {
	case err != nil:
		problems = append(problems, fmt.Errorf("date is %.64q: want YYYY-MM-DD", o.Date))
	case !isPlausible(date):
		problems = append(problems, fmt.Errorf("date is %s: it lies outside %d to %d", o.Date, firstYear, lastYear))
	}
	return problems
}

// firstYear and lastYear bound what a human can mean, as they bound what HR says.
const (
	firstYear = 1901
	lastYear  = 2199
)

func isPlausible(t time.Time) bool {
	year := t.UTC().Year()
	return year >= firstYear && year <= lastYear
}

func needsKey(kind Kind) bool { return kind == Skip || kind == Postpone }

func bounded(name, value string, limit int, mandatory bool) error {
	switch {
	case mandatory && value == "":
		return fmt.Errorf("%s is missing", name)
	case len(value) > limit:
		return fmt.Errorf("%s has %d bytes: at most %d are allowed", name, len(value), limit)
	default:
		return nil
	}
}
