package notify

import "context"

// Sender hands one message to a mail system.
//
// Send makes one attempt and never retries by itself: neither SMTP nor SendGrid can tell whether a message with
// this ID was sent before, so only the caller, who keeps a claim, may try again. It calls Message.Validate first.
// It returns nil only after the server accepted the message, and otherwise an error that matches one of the
// sentinels of this package; when ctx ended before the hand-over the error also matches ctx.Err().
// Implementations are safe for concurrent use and keep no reference to the message.
type Sender interface {
	// Name is a short constant for logs and metrics, such as "smtp".
	Name() string
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Receipt is what the server said about an accepted message.
type Receipt struct {
	// MessageID is the Message-ID header that was sent, with its angle brackets.
	MessageID string
	// ProviderID is the server's own name for the message, or empty.
	ProviderID string
}
