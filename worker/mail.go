package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"

	"tenure/activities"
	"tenure/internal/config"
	"tenure/internal/lifecycle"
	"tenure/internal/notify"
	"tenure/internal/notify/sendgrid"
	"tenure/internal/notify/smtp"
)

// mails makes senders on first use and keeps them.
type mails struct {
	config     config.Mail
	references config.References

	mu   sync.Mutex
	made map[lifecycle.Notifications]activities.Mail
}

func newMail(o Options) *mails {
	return &mails{config: o.Config.Mail, references: o.References, made: map[lifecycle.Notifications]activities.Mail{}}
}

// mail returns the way mail is sent under this policy.
func (m *mails) mail(_ context.Context, policy *lifecycle.Policy) (activities.Mail, error) {
	rules := policy.Notifications
	m.mu.Lock()
	defer m.mu.Unlock()
	if made, found := m.made[rules]; found {
		return made, nil
	}
	sender, err := m.sender(rules)
	if err != nil {
		return activities.Mail{}, fmt.Errorf("open mail: %w", err)
	}
	templates, err := templatesOf(rules)
	if err != nil {
		return activities.Mail{}, fmt.Errorf("open mail: %w", err)
	}
	made := activities.Mail{Sender: sender, Templates: templates}
	m.made[rules] = made
	return made, nil
}

// templatesOf loads the administrator's folder over the built-in texts.
func templatesOf(rules lifecycle.Notifications) (*notify.Templates, error) {
	if rules.Templates == "" {
		return notify.Default()
	}
	return notify.Load(os.DirFS(rules.Templates))
}

func (m *mails) sender(rules lifecycle.Notifications) (notify.Sender, error) {
	var problems []error
	resolve := func(text string) string {
		value, err := m.references.Resolve(text)
		problems = append(problems, err)
		return value
	}
	server := resolve(cmp.Or(rules.Server, m.config.Server))
	user := resolve(cmp.Or(rules.User, m.config.User))
	secret := resolve(cmp.Or(rules.Secret, m.config.Secret))
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	if rules.Via == "sendgrid" {
		return sendgrid.New(sendgrid.Config{APIKey: secret, BaseURL: server})
	}
	host, text, err := net.SplitHostPort(server)
	if err != nil {
		return nil, errors.New("the mail server is not HOST:PORT: state it as server under notifications in the policy, or under mail in the configuration")
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, errors.New("the mail server's port is no number")
	}
	settings := smtp.Config{Host: host, Port: port, Security: smtp.StartTLS, Username: user, Password: secret}
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() && user == "" {
		settings.Security = smtp.None
	}
	const implicitTLS = 465
	if port == implicitTLS {
		settings.Security = smtp.Implicit
	}
	return smtp.New(settings)
}
