package activities

// The codes of outcomes: the error types of the product and the facts that a
// task may end with. docs/errors.md explains each; a test compares the two.
const (
	CodeUnavailable     = "unavailable"
	CodeThrottled       = "throttled"
	CodeTimeout         = "timeout"
	CodeDenied          = "denied"
	CodeInvalid         = "invalid"
	CodeConflict        = "conflict"
	CodeNotFound        = "not-found"
	CodeExhausted       = "exhausted"
	CodeStore           = "store"
	CodePolicy          = "policy"
	CodeNoEmployeeID    = "no-employee-id"
	CodeAmbiguous       = "ambiguous-account"
	CodeUnmatched       = "unmatched"
	CodeProposed        = "proposed"
	CodeLinkDiffers     = "link-differs"
	CodeObserved        = "target-observed"
	CodeForeignAccount  = "account-of-another-person"
	CodeNoName          = "no-free-name"
	CodeMapping         = "mapping"
	CodeNoAccount       = "no-account"
	CodeGroupKind       = "group-out-of-reach"
	CodePassRefused     = "pass-refused"
	CodePassExpired     = "pass-window-over"
	CodeNoRecipient     = "no-recipient"
	CodeDeliveryUnknown = "delivery-unknown"
	CodeMailRejected    = "mail-rejected"
	CodeMailDenied      = "mail-denied"
	CodeDeleteRefused   = "delete-refused"
	CodeExtension       = "extension-refused"
	CodeTooMany         = "too-many"
	CodeHeld            = "held"
	CodeGated           = "gated"
	CodeGateRejected    = "gate-rejected"
	CodePaused          = "paused"
	CodeProtected       = "protected"
	CodeSynced          = "synced"
	CodeCancelled       = "cancelled"
	CodeNoCounterpart   = "no-counterpart"
	CodeLeavesSync      = "leaves-sync"
	CodeNoAttribute     = "no-such-attribute"
)

// AttentionTaskFailed is raised where a mail or a call was given up.
const AttentionTaskFailed = "task-failed"

// The kinds and outcomes of notes.
const (
	NoteEvent    = "event"
	NoteOverride = "override"
	NotePlan     = "plan"
	NoteParked   = "parked"
	NoteFailed   = "failed"
	NoteApplied  = "applied"
	NoteRefused  = "refused"
)
