package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"tenure/internal/notify"
)

// throttleWait is our guess: SMTP has no Retry-After.
const throttleWait = time.Minute

// Reply codes that mean us and not the message.
const (
	codeNotNow       = 421
	codeBadCommand   = 502
	codeBadSequence  = 503
	codeAuthRequired = 530
	codeAuthFailed   = 535
	codeNeedTLS      = 538
)

// failure builds an error of the step, the server's code and what is known. The library's own text is left out: it
// holds recipients and the server's words.
func failure(step string, code int, enhanced string, known, cause error) error {
	text := step
	if code != 0 {
		text = strings.TrimSpace(fmt.Sprintf("%s: server answered %d %s", step, code, enhanced))
	}
	if cause != nil {
		return fmt.Errorf("send mail by smtp: %s: %w: %w", text, known, cause)
	}
	return fmt.Errorf("send mail by smtp: %s: %w", text, known)
}

// dialFailure classifies what happened before the transaction. All of it is known not to have been sent.
func dialFailure(ctx context.Context, err error) error {
	const step = "connect"
	var answer *textproto.Error
	switch {
	case ctx.Err() != nil:
		return failure(step, 0, "", notify.ErrUnavailable, ctx.Err())
	case errors.As(err, &answer):
		return failure(step, answer.Code, "", refusalBeforeMail(answer.Code), nil)
	case untrusted(err):
		return failure(step+": certificate not trusted", 0, "", notify.ErrDenied, nil)
	case network(err):
		return failure(step, 0, "", notify.ErrUnavailable, nil)
	default:
		// The server lacks what the configuration asks for: STARTTLS or a way to log in.
		return failure(step+": server does not offer the configured protection or login", 0, "", notify.ErrDenied, nil)
	}
}

func refusalBeforeMail(code int) error {
	switch {
	case code == codeNotNow:
		return &notify.ThrottledError{After: throttleWait}
	case temporary(code):
		return notify.ErrUnavailable
	default:
		return notify.ErrDenied
	}
}

// sendFailure classifies what happened inside the transaction. Only the answer to the final dot can be missing in a
// way that leaves the delivery unknown.
func sendFailure(ctx context.Context, err error) error {
	var sent *mail.SendError
	if !errors.As(err, &sent) {
		return failure("send", 0, "", notify.ErrUnknownDelivery, ctx.Err())
	}
	code, enhanced := sent.ErrorCode(), sent.EnhancedStatusCode()
	switch sent.Reason {
	case mail.ErrGetSender, mail.ErrGetRcpts, mail.ErrNoUnencoded:
		return failure("compose", 0, "", notify.ErrRejected, nil)
	case mail.ErrConnCheck:
		return failure("connect", 0, "", notify.ErrUnavailable, ctx.Err())
	case mail.ErrSMTPMailFrom:
		return refusal(ctx, "sender", code, enhanced, notify.ErrUnavailable)
	case mail.ErrSMTPRcptTo:
		return refusal(ctx, "recipient", code, enhanced, notify.ErrUnavailable)
	case mail.ErrSMTPData:
		return refusal(ctx, "data", code, enhanced, notify.ErrUnavailable)
	case mail.ErrWriteContent:
		// The final dot was never written, and cutting the connection makes sure that it never is.
		return failure("write content", 0, "", notify.ErrUnavailable, ctx.Err())
	case mail.ErrSMTPDataClose:
		return refusal(ctx, "final answer", code, enhanced, notify.ErrUnknownDelivery)
	default:
		return failure("send", code, enhanced, notify.ErrUnknownDelivery, ctx.Err())
	}
}

// refusal is the server's answer at a step; without one, silent is what is known.
func refusal(ctx context.Context, step string, code int, enhanced string, silent error) error {
	switch {
	case code == 0:
		return failure(step, 0, "", silent, ctx.Err())
	case temporary(code) && throttling(code, enhanced):
		return failure(step, code, enhanced, &notify.ThrottledError{After: throttleWait}, nil)
	case temporary(code):
		return failure(step, code, enhanced, notify.ErrUnavailable, nil)
	case aboutUs(code):
		return failure(step, code, enhanced, notify.ErrDenied, nil)
	default:
		return failure(step, code, enhanced, notify.ErrRejected, nil)
	}
}

func temporary(code int) bool { return code >= 400 && code < 500 }

// throttling recognises the answers that ask to slow down: congestion, too much load, rate limits (RFC 3463, and the
// 4.7.x that large providers use).
func throttling(code int, enhanced string) bool {
	switch enhanced {
	case "4.3.2", "4.4.5", "4.5.3":
		return true
	}
	return code == codeNotNow && strings.HasPrefix(enhanced, "4.7.") || enhanced == "4.7.28"
}

func aboutUs(code int) bool {
	switch code {
	case codeBadCommand, codeBadSequence, codeAuthRequired, codeAuthFailed, codeNeedTLS:
		return true
	}
	return false
}

func untrusted(err error) bool {
	var verification *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var authority x509.UnknownAuthorityError
	return errors.As(err, &verification) || errors.As(err, &record) || errors.As(err, &authority)
}

func network(err error) bool {
	var netErr net.Error
	return errors.As(err, &netErr) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed)
}
