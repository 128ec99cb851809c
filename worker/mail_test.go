package worker

import (
	"strings"
	"testing"

	"tenure/internal/config"
	"tenure/internal/lifecycle"
)

func TestMailSender(t *testing.T) {
	t.Parallel()
	values := map[string]string{"KEY": "SG.example", "SERVER": "127.0.0.1:2525"}
	for name, test := range map[string]struct {
		rules  lifecycle.Notifications
		config config.Mail
		sender string
		err    string
	}{
		"smtp from the policy":        {rules: lifecycle.Notifications{Via: "smtp", Server: "smtp.contoso.example:587"}, sender: "smtp"},
		"smtp from the configuration": {rules: lifecycle.Notifications{Via: "smtp"}, config: config.Mail{Server: "env:SERVER"}, sender: "smtp"},
		"the policy's server wins":    {rules: lifecycle.Notifications{Via: "smtp", Server: "env:SERVER"}, config: config.Mail{Server: "nonsense"}, sender: "smtp"},
		"no server":                   {rules: lifecycle.Notifications{Via: "smtp"}, err: "state it as server"},
		"no port":                     {rules: lifecycle.Notifications{Via: "smtp", Server: "smtp.contoso.example:mail"}, err: "no number"},
		"sendgrid":                    {rules: lifecycle.Notifications{Via: "sendgrid", Secret: "env:KEY"}, sender: "sendgrid"},
		"sendgrid without its key":    {rules: lifecycle.Notifications{Via: "sendgrid", Secret: "env:OTHER"}, err: "env:OTHER"},
	} {
		mails := newMail(Options{Config: config.Config{Mail: test.config}, References: config.Fixed(values)})
		made, err := mails.mail(t.Context(), &lifecycle.Policy{Notifications: test.rules})
		switch {
		case test.err != "":
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s: error %v, want %q in it", name, err, test.err)
			}
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case made.Sender.Name() != test.sender || made.Templates == nil:
			t.Errorf("%s: sender %q, templates %v; want %q and the built-in ones", name, made.Sender.Name(), made.Templates, test.sender)
		}
	}
}
