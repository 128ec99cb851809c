package contract

import "strings"

// JourneyWorkflow is the type of the workflow that is one person's journey.
const JourneyWorkflow = "Journey"

// ReconcileWorkflow is the type of the workflow that compares one target.
const ReconcileWorkflow = "Reconcile"

// TaskQueue is the one queue of workflows and activities.
const TaskQueue = "tenure"

// SignalEvent carries an HR event into a journey.
const SignalEvent = "hr-event"

// SignalManagerArrived tells a journey that the manager it waits for has an
// account. Sent by Tenure's worker only.
const SignalManagerArrived = "manager-arrived"

// ActorPolicy is who lets a journey plan again because the policy changed. The
// version itself says who applied it.
const ActorPolicy = "policy"

// ActorManager is who asks to look at an account again because its person's
// manager has another one.
const ActorManager = "manager's account"

// QueryFacts answers with everything the journey knows; the timeline is
// computed from it on read.
const QueryFacts = "facts"

// QueryState answers with the whole state, from which a journey that was ended
// from outside goes on.
const QueryState = "state"

// Kind names an override: the name of the update, and of the signal of the
// same meaning for the Temporal UI.
type Kind string

// The overrides.
const (
	Hold       Kind = "hold"
	Release    Kind = "release"
	RunNow     Kind = "run-now"
	Retry      Kind = "retry"
	Skip       Kind = "skip"
	Postpone   Kind = "postpone"
	SetDate    Kind = "set-date"
	Terminate  Kind = "terminate"
	Rescind    Kind = "rescind"
	Approve    Kind = "approve"
	Link       Kind = "link"
	Unlink     Kind = "unlink"
	ReEvaluate Kind = "re-evaluate"
	Renew      Kind = "renew"
	Erase      Kind = "erase"
)

// Kinds returns every override, in the order of the documentation.
func Kinds() []Kind {
	return []Kind{
		Hold, Release, RunNow, Retry, Skip, Postpone, SetDate, Terminate, Rescind, Approve, Link, Unlink, ReEvaluate, Renew, Erase,
	}
}

// Description says in a sentence what an override does; the Temporal UI shows it.
func (k Kind) Description() string {
	switch k {
	case Hold:
		return "Keep planned lines of this person from being done until release; the kind says which: legal, security or hr-error."
	case Release:
		return "Take a hold back."
	case RunNow:
		return "Do a task or a run now, out of turn, or start an on-demand workflow."
	case Retry:
		return "Try a parked task again now."
	case Skip:
		return "Do not do a task or a run; the run goes on behind it."
	case Postpone:
		return "Move a task or a run to another instant."
	case SetDate:
		return "Set startDate or lastDayOfWork until HR states the same."
	case Terminate:
		return "Cut all access now. Only a human who rescinds the termination lifts it."
	case Rescind:
		return "Take back a hire, or a termination stated by HR or by hand."
	case Approve:
		return "Answer yes to a line that asks."
	case Link:
		return "Say which account of a target is this person's, by its object ID."
	case Unlink:
		return "Let go of the account in a target without touching it; nothing is done there until one is linked."
	case ReEvaluate:
		return "Plan again from the active policy version."
	case Renew:
		return "Continue this workflow as a new run."
	case Erase:
		return "Erase what is known of the person and end the journey; refused under a legal hold and while an account is there."
	default:
		return ""
	}
}

// The kinds of hold.
const (
	HoldLegal    = "legal"
	HoldSecurity = "security"
	HoldHRError  = "hr-error"
)

// HoldKinds returns the kinds of hold, in the order of the documentation.
func HoldKinds() []string { return []string{HoldLegal, HoldSecurity, HoldHRError} }

// UnverifiedPrefix begins the actor of an override whose author nothing proves:
// one that came as a signal, or through an API without credentials.
const UnverifiedPrefix = "unverified: "

// IssuerPrefix begins the actor whom an issuer of tokens names, so that none of
// them is taken for a named token.
const IssuerPrefix = "oidc:"

// Person is whom an actor stands for where different people must agree: two
// names that differ in letter case, in blanks or in how they were proved are one
// person (S19). That errs on the side of asking once more.
func Person(actor string) string {
	name := strings.TrimPrefix(strings.TrimSpace(actor), UnverifiedPrefix)
	name = strings.TrimPrefix(strings.TrimSpace(name), IssuerPrefix)
	return strings.ToLower(strings.Join(strings.Fields(name), " "))
}

// The search attributes of a journey. None holds personal data.
const (
	AttributePhase        = "TenurePhase"
	AttributeAttention    = "TenureAttention"
	AttributeRealm        = "TenureRealm"
	AttributeNextDeadline = "TenureNextDeadline"
	AttributeHeld         = "TenureHeld"
	AttributeHolds        = "TenureHolds"
)

// The types of the errors that refuse an override.
const (
	ErrorInvalidOverride = "InvalidOverride"
	ErrorNotApplicable   = "NotApplicable"
)
