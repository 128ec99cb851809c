package notifytest

import (
	"context"
	"errors"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tenure/internal/notify"
)

// Delivered is one message as the server received it, decoded.
type Delivered struct {
	MessageID  string
	From       mail.Address
	To, Cc     []mail.Address
	Recipients []string
	Subject    string
	Text, HTML string
	// Headers holds the headers named in the sent message and Auto-Submitted.
	Headers map[string]string
}

// Fixture is one sender on one server with no messages yet. The functions arm a fault for the next message.
type Fixture struct {
	Sender    notify.Sender
	Delivered func() []Delivered

	// Unreachable is the same sender, pointed at an address where nobody listens.
	Unreachable notify.Sender
	// Unauthorised is the same sender with a wrong credential.
	Unauthorised notify.Sender

	// RejectRecipient makes the server refuse the recipient for good.
	RejectRecipient func()
	// RefuseBefore makes the server refuse for now, before it accepts the data.
	RefuseBefore func()
	// Throttle makes the server ask to slow down.
	Throttle func()
	// LoseAnswer makes the server keep the message and drop the connection instead of answering.
	LoseAnswer func()
	// Hang makes the server wait for far longer than a test with the data in its hands.
	Hang func()

	// Secrets are texts that no error may contain, such as the key.
	Secrets []string
}

// Harness makes a Fixture per test; the fixture ends with t.
type Harness func(t *testing.T) Fixture

const (
	recipient = "bjorn.strasse@contoso.example"
	copyTo    = "office@fabrikam.example"
	bodyMark  = "body-mark-4711"
)

// Message returns the message that the suite sends.
func Message() notify.Message {
	return notify.Message{
		ID:      notify.IDFromKey("journey/main/4711/w/s/1/t"),
		From:    mail.Address{Name: "IT, \"Contoso\"", Address: "it@contoso.example"},
		To:      mail.Address{Name: "Björn Straße 李", Address: recipient},
		Cc:      []mail.Address{{Name: "Office", Address: copyTo}},
		Subject: "Grüße an Zoë – 你好, welcome to a subject that is long enough to be folded over lines",
		Text:    bodyMark + "\n.\n..dots and ümlauts = equals\nFrom the start of a line\n" + strings.Repeat("long ", 300) + "\n",
		HTML:    "<p>" + bodyMark + " – <b>ü</b></p>\n",
		Locale:  "de",
		Headers: map[string]string{"X-Tenure-Task": "sendEmailOnLastDay"},
	}
}

// Run runs the suite.
func Run(t *testing.T, h Harness) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(*testing.T, Fixture)
	}{
		{"delivered once and whole", delivered},
		{"same message ID on a resend", resent},
		{"header injection refused", injection},
		{"rejected recipient", rejected},
		{"refused before the data", refused},
		{"throttled", throttled},
		{"unreachable", unreachable},
		{"wrong credential", unauthorised},
		{"answer lost after success", lost},
		{"cancelled before", cancelledBefore},
		{"cancelled while waiting for the answer", cancelledWaiting},
		{"works again after a fault", again},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, h(t))
		})
	}
}

func delivered(t *testing.T, f Fixture) {
	m := Message()
	receipt, err := f.Sender.Send(t.Context(), m)
	if err != nil {
		t.Fatalf("Send error = %v", err)
	}
	if receipt.MessageID != m.MessageID() {
		t.Errorf("receipt has message ID %q, want %q", receipt.MessageID, m.MessageID())
	}
	want := []Delivered{{
		MessageID: m.MessageID(), From: m.From, To: []mail.Address{m.To}, Cc: m.Cc,
		Recipients: []string{recipient, copyTo}, Subject: m.Subject, Text: m.Text, HTML: m.HTML,
		Headers: map[string]string{"X-Tenure-Task": "sendEmailOnLastDay", "Auto-Submitted": "auto-generated"},
	}}
	if diff := cmp.Diff(want, f.Delivered(), cmpopts.SortSlices(strings.Compare)); diff != "" {
		t.Errorf("delivered mismatch (-want +got):\n%s", diff)
	}
}

func resent(t *testing.T, f Fixture) {
	for range 2 {
		if _, err := f.Sender.Send(t.Context(), Message()); err != nil {
			t.Fatalf("Send error = %v", err)
		}
	}
	got := f.Delivered()
	if len(got) != 2 || got[0].MessageID != got[1].MessageID {
		t.Errorf("delivered %d messages with unequal IDs: %+v", len(got), got)
	}
}

func injection(t *testing.T, f Fixture) {
	const bcc = "\r\nBcc: eve@fabrikam.example"
	for name, change := range map[string]func(*notify.Message){
		"subject":      func(m *notify.Message) { m.Subject += bcc },
		"display name": func(m *notify.Message) { m.To.Name += bcc },
		"address":      func(m *notify.Message) { m.To.Address += ">" + bcc },
		"copy":         func(m *notify.Message) { m.Cc[0].Address += "," + "eve@fabrikam.example" },
		"id":           func(m *notify.Message) { m.ID += bcc },
		"header":       func(m *notify.Message) { m.Headers = map[string]string{"X-Tenure-Task": "a" + bcc} },
		"header name":  func(m *notify.Message) { m.Headers = map[string]string{"Bcc": "eve@fabrikam.example"} },
		"locale":       func(m *notify.Message) { m.Locale = "de" + bcc },
		"bare return":  func(m *notify.Message) { m.Text += "\r.\rMAIL FROM" },
	} {
		m := Message()
		change(&m)
		_, err := f.Sender.Send(t.Context(), m)
		check(t, f, name, err, notify.ErrRejected, notify.OutcomeNotSent)
	}
	nothing(t, f)
}

func rejected(t *testing.T, f Fixture) {
	f.RejectRecipient()
	_, err := f.Sender.Send(t.Context(), Message())
	check(t, f, "Send", err, notify.ErrRejected, notify.OutcomeNotSent)
	nothing(t, f)
}

func refused(t *testing.T, f Fixture) {
	f.RefuseBefore()
	_, err := f.Sender.Send(t.Context(), Message())
	check(t, f, "Send", err, notify.ErrUnavailable, notify.OutcomeNotSent)
	nothing(t, f)
}

func throttled(t *testing.T, f Fixture) {
	f.Throttle()
	_, err := f.Sender.Send(t.Context(), Message())
	check(t, f, "Send", err, notify.ErrUnavailable, notify.OutcomeNotSent)
	var throttle *notify.ThrottledError
	if !errors.As(err, &throttle) || throttle.After <= 0 {
		t.Errorf("Send error = %v, want a ThrottledError with a wait", err)
	}
	nothing(t, f)
}

func unreachable(t *testing.T, f Fixture) {
	_, err := f.Unreachable.Send(t.Context(), Message())
	check(t, f, "Send", err, notify.ErrUnavailable, notify.OutcomeNotSent)
}

func unauthorised(t *testing.T, f Fixture) {
	_, err := f.Unauthorised.Send(t.Context(), Message())
	check(t, f, "Send", err, notify.ErrDenied, notify.OutcomeNotSent)
	nothing(t, f)
}

func lost(t *testing.T, f Fixture) {
	f.LoseAnswer()
	_, err := f.Sender.Send(t.Context(), Message())
	check(t, f, "Send", err, notify.ErrUnknownDelivery, notify.OutcomeUnknown)
	if got := len(f.Delivered()); got != 1 {
		t.Errorf("the server keeps %d messages, want 1: the sender must not have tried twice", got)
	}
}

func cancelledBefore(t *testing.T, f Fixture) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := f.Sender.Send(ctx, Message())
	check(t, f, "Send", err, notify.ErrUnavailable, notify.OutcomeNotSent)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Send error = %v, want it to match context.Canceled", err)
	}
	nothing(t, f)
}

func cancelledWaiting(t *testing.T, f Fixture) {
	const patience = 300 * time.Millisecond
	f.Hang()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	start := time.Now()
	_, err := f.Sender.Send(ctx, Message())
	check(t, f, "Send", err, notify.ErrUnknownDelivery, notify.OutcomeUnknown)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Send error = %v, want it to match context.DeadlineExceeded", err)
	}
	if took := time.Since(start); took > 20*patience {
		t.Errorf("Send returned after %s, long after its context ended", took)
	}
}

func again(t *testing.T, f Fixture) {
	f.RefuseBefore()
	if _, err := f.Sender.Send(t.Context(), Message()); err == nil {
		t.Fatal("Send error = nil, want the armed fault")
	}
	if _, err := f.Sender.Send(t.Context(), Message()); err != nil {
		t.Fatalf("second Send error = %v", err)
	}
	if got := len(f.Delivered()); got != 1 {
		t.Errorf("delivered %d messages, want 1", got)
	}
}

func nothing(t *testing.T, f Fixture) {
	t.Helper()
	if got := f.Delivered(); len(got) != 0 {
		t.Errorf("delivered %d messages, want none", len(got))
	}
}

// check insists on the sentinel, on the outcome, and on silence about everything private.
func check(t *testing.T, f Fixture, name string, err, want error, outcome notify.Outcome) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s error = %v, want it to match %q", name, err, want)
	}
	if got := notify.OutcomeOf(err); got != outcome {
		t.Errorf("%s error = %v means %q, want %q", name, err, got, outcome)
	}
	if err == nil {
		return
	}
	m := Message()
	for _, private := range append([]string{
		recipient, copyTo, "fabrikam.example", m.To.Name, "Björn", m.Subject, bodyMark, m.MessageID(),
	}, f.Secrets...) {
		if private != "" && strings.Contains(err.Error(), private) {
			t.Errorf("%s error shows %q: %v", name, private, err)
		}
	}
}
