package notify

import (
	"errors"
	"fmt"
	"time"
)

// The sentinels of a Sender. Each says what is known of the delivery, which decides whether a second attempt can
// reach somebody twice. Everything a Sender returns matches at least one of them; compare with errors.Is.
var (
	// ErrRejected: known not sent, and the same message will not be sent later either. The message is malformed,
	// or the server refused the sender, the recipient or the content for good (SMTP 5xx, HTTP 400, 413).
	ErrRejected = errors.New("mail rejected")

	// ErrDenied: known not sent, because the server refused us and not the message: a wrong key, a wrong
	// password, a certificate that is not trusted. It can succeed once a human has changed something.
	ErrDenied = errors.New("mail server denied access")

	// ErrUnavailable: known not sent, may succeed later. No connection, a temporary refusal before the data was
	// accepted (SMTP 4xx), or a call that ended before the message was handed over. A *ThrottledError matches it.
	ErrUnavailable = errors.New("mail server unavailable")

	// ErrUnknownDelivery: the message was handed over and no final answer came. It may have been sent. Only the
	// caller can decide whether a second one is worse than none.
	ErrUnknownDelivery = errors.New("mail delivery unknown")
)

// ThrottledError says that the server accepts no more mail for a while. The message is known not to have been sent.
type ThrottledError struct {
	// After is how long the server asked to wait, or the sender's own guess where it said nothing.
	After time.Duration
}

// Error implements error.
func (e *ThrottledError) Error() string {
	return fmt.Sprintf("mail server throttled: retry after %s", e.After)
}

// Is makes a ThrottledError match ErrUnavailable, which it is a kind of.
func (e *ThrottledError) Is(target error) bool { return target == ErrUnavailable }

// Outcome is what is known about a message after Send returned.
type Outcome int

// The outcomes. OutcomeUnknown is the zero value on purpose: what was not decided is not known.
const (
	OutcomeUnknown Outcome = iota
	OutcomeSent
	OutcomeNotSent
)

// String returns the word used in the ledger.
func (o Outcome) String() string {
	switch o {
	case OutcomeSent:
		return "sent"
	case OutcomeNotSent:
		return "not sent"
	default:
		return "delivery unknown"
	}
}

// OutcomeOf tells what an error of Send means. An error that matches none of the sentinels is unknown, never
// "not sent": a forgotten case must not lead to a second mail.
func OutcomeOf(err error) Outcome {
	switch {
	case err == nil:
		return OutcomeSent
	case errors.Is(err, ErrUnknownDelivery):
		return OutcomeUnknown
	case errors.Is(err, ErrRejected), errors.Is(err, ErrDenied), errors.Is(err, ErrUnavailable):
		return OutcomeNotSent
	default:
		return OutcomeUnknown
	}
}
