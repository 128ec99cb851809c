package smtp_test

import (
	"net/mail"
	"testing"

	"tenure/internal/notify"
	"tenure/internal/notify/notifytest"
	mailsim "tenure/internal/sim/mail"
)

// TestEncodedWordsOfHRStayText: what HR writes in the form of a mail's encoded words is
// shown as text, and not as what it would decode to.
func TestEncodedWordsOfHRStayText(t *testing.T) {
	t.Parallel()
	const word = "=?utf-8?q?Chief=0D=0AExecutive_=E2=80=AE?="
	server := startServer(t, mailsim.Options{Username: username, Password: password})
	message := notify.Message{
		ID: notify.IDFromKey("k"), From: mail.Address{Name: "IT", Address: "it@contoso.example"},
		To: mail.Address{Name: notify.DisplayName(word), Address: "a@contoso.example"}, Subject: "Welcome, " + notify.DisplayName(word), Text: "Hello\n", HTML: "<p>Hello</p>",
	}
	if _, err := newSender(t, config(t, server.SMTPAddr())).Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	got := notifytest.Received(server)
	if len(got) != 1 || got[0].Subject != message.Subject {
		t.Errorf("received %+v, want the subject %q", got, message.Subject)
	}
}
