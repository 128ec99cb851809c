package notify_test

import (
	"errors"
	"net/mail"
	"strings"
	"testing"
	"time"

	"tenure/internal/notify"
)

func validMessage() notify.Message {
	return notify.Message{
		ID:      notify.IDFromKey("journey/main/4711/w/s/1/t"),
		From:    mail.Address{Name: "IT Contoso", Address: "it@contoso.example"},
		To:      mail.Address{Name: "Björn Straße", Address: "bjorn@contoso.example"},
		Subject: "Grüße",
		Text:    "Hello\nWorld\n",
		HTML:    "<p>Hello</p>",
		Locale:  "de",
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*notify.Message)
		want   string // "" = valid
	}{
		{"valid", func(*notify.Message) {}, ""},
		{"unicode address", func(m *notify.Message) { m.To.Address = "jörg@bücher.example" }, ""},
		{"own header", func(m *notify.Message) { m.Headers = map[string]string{"X-Tenure-Task": "send"} }, ""},
		{"no id", func(m *notify.Message) { m.ID = "" }, "id:"},
		{"id with bracket", func(m *notify.Message) { m.ID = "a>b" }, "id:"},
		{"no recipient", func(m *notify.Message) { m.To = mail.Address{} }, "to: empty address"},
		{"injected address", func(m *notify.Message) { m.To.Address = "a@contoso.example>\r\nBcc: x@contoso.example" }, "to:"},
		{"two addresses", func(m *notify.Message) { m.To.Address = "a@contoso.example,b@contoso.example" }, "to:"},
		{"address without host", func(m *notify.Message) { m.To.Address = "root" }, "to: not a mail address"},
		{"long address", func(m *notify.Message) { m.To.Address = strings.Repeat("a", 260) + "@contoso.example" }, "to: address longer"},
		{"injected name", func(m *notify.Message) { m.To.Name = "A\nBcc: x@contoso.example" }, "to: display name: control character"},
		{"injected subject", func(m *notify.Message) { m.Subject = "A\r\nBcc: x@contoso.example" }, "subject: control character"},
		{"line separator in subject", func(m *notify.Message) { m.Subject = "A\u2028B" }, "subject: control character"},
		{"empty subject", func(m *notify.Message) { m.Subject = " " }, "subject: empty"},
		{"invalid subject", func(m *notify.Message) { m.Subject = "\xff" }, "subject: not UTF-8"},
		{"bare carriage return", func(m *notify.Message) { m.Text = "a\rb" }, "text: control character"},
		{"no html", func(m *notify.Message) { m.HTML = "" }, "html: empty"},
		{"huge html", func(m *notify.Message) { m.HTML = strings.Repeat("a", 1<<20) }, "html: longer"},
		{"repeated copy", func(m *notify.Message) { m.Cc = []mail.Address{{Address: "BJORN@contoso.example"}} }, "cc: the same address twice"},
		{"bad copy", func(m *notify.Message) { m.Cc = []mail.Address{{Address: "x"}} }, "cc 1: not a mail address"},
		{"bad locale", func(m *notify.Message) { m.Locale = "de\r\nX: y" }, "locale:"},
		{"reserved header", func(m *notify.Message) { m.Headers = map[string]string{"Bcc": "x@contoso.example"} }, "headers:"},
		{"injected header", func(m *notify.Message) { m.Headers = map[string]string{"X-Tenure-A": "b\r\nBcc: c"} }, "headers:"},
		{"injected header name", func(m *notify.Message) { m.Headers = map[string]string{"X-Tenure-A: b\r\nBcc": "c"} }, "headers:"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := validMessage()
			c.change(&m)
			err := m.Validate()
			if c.want == "" {
				if err != nil {
					t.Errorf("Validate() error = %v, want nil", err)
				}
				return
			}
			if !errors.Is(err, notify.ErrRejected) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Validate() error = %v, want ErrRejected with %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "contoso") {
				t.Errorf("Validate() error shows an address: %v", err)
			}
		})
	}
}

func TestMessageIDIsStableAndOpaque(t *testing.T) {
	t.Parallel()
	m := validMessage()
	if got, again := m.MessageID(), validMessage().MessageID(); got != again {
		t.Errorf("MessageID() = %q, then %q; want the same", got, again)
	}
	if got := m.MessageID(); !strings.HasSuffix(got, "@contoso.example>") || strings.Contains(got, "4711") {
		t.Errorf("MessageID() = %q, want an opaque ID at the sender's domain", got)
	}
	if notify.IDFromKey("a") == notify.IDFromKey("b") {
		t.Error("IDFromKey gives two keys one ID")
	}
}

func TestOutcomeOf(t *testing.T) {
	t.Parallel()
	throttled := &notify.ThrottledError{After: time.Minute}
	cases := []struct {
		err  error
		want notify.Outcome
	}{
		{nil, notify.OutcomeSent},
		{notify.ErrRejected, notify.OutcomeNotSent},
		{notify.ErrDenied, notify.OutcomeNotSent},
		{notify.ErrUnavailable, notify.OutcomeNotSent},
		{throttled, notify.OutcomeNotSent},
		{notify.ErrUnknownDelivery, notify.OutcomeUnknown},
		{errors.Join(notify.ErrUnavailable, notify.ErrUnknownDelivery), notify.OutcomeUnknown},
		{errors.New("something new"), notify.OutcomeUnknown},
	}
	for _, c := range cases {
		if got := notify.OutcomeOf(c.err); got != c.want {
			t.Errorf("OutcomeOf(%v) = %v, want %v", c.err, got, c.want)
		}
	}
	if !errors.Is(throttled, notify.ErrUnavailable) {
		t.Error("a ThrottledError does not match ErrUnavailable")
	}
}

func TestDisplayNameIsAlwaysAccepted(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Zoë O'Brien":                    "Zoë O'Brien",
		"Eve\r\nBcc: x@fabrikam.example": "Eve Bcc: x@fabrikam.example",
		"ď\\":                            "ď",
		"\xff\u202e":                     "\uFFFD",
		"=?utf-8?q?Chief=0D=0A_?=":       "= ?utf-8?q?Chief=0D=0A_?=",
		"=\u202e?utf-8?q?x?=":            "= ?utf-8?q?x?=",
	} {
		got := notify.DisplayName(name)
		if got != want {
			t.Errorf("DisplayName(%q) = %q, want %q", name, got, want)
		}
		if err := notify.CheckAddress(mail.Address{Name: got, Address: "a@contoso.example"}); err != nil {
			t.Errorf("CheckAddress with DisplayName(%q) error = %v", name, err)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"a@contoso.example", "a@b\r\nBcc: c@d", "\"a b\"@c", "a@[127.0.0.1]", "jörg@bücher.example"} {
		f.Add("Name", s)
	}
	f.Fuzz(func(t *testing.T, name, address string) {
		if err := notify.CheckAddress(mail.Address{Name: notify.DisplayName(name), Address: "a@contoso.example"}); err != nil {
			t.Fatalf("CheckAddress refuses DisplayName(%q): %v", name, err)
		}
		a := mail.Address{Name: name, Address: address}
		if notify.CheckAddress(a) != nil {
			return
		}
		if s := a.String(); strings.ContainsAny(s, "\r\n\x00") {
			t.Fatalf("an accepted address writes a second line: %q", s)
		}
		parsed, err := mail.ParseAddressList(a.String())
		if err != nil || len(parsed) != 1 || parsed[0].Address != address {
			t.Fatalf("an accepted address reads back as %v, %v; want one %q", parsed, err, address)
		}
	})
}
