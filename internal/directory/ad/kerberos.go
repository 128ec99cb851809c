package ad

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"

	"github.com/go-ldap/ldap/v3"
	"github.com/go-ldap/ldap/v3/gssapi"
	"github.com/jcmturner/gokrb5/v8/client"
	krbconfig "github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/keytab"

	"tenure/internal/directory"
)

// Kerberos says that the bind account signs in by a ticket, and not with its
// password over LDAP. The controllers are asked for it themselves, on port 88.
type Kerberos struct {
	// Keytab are the keys of the account as a keytab file holds them; nil makes them
	// of the secret.
	Keytab []byte
}

const kerberosPort = "88"

// principal is the account and the realm of a user principal name; without a realm
// that of the domain.
func (c Config) principal() (account, realm string) {
	account, realm, found := strings.Cut(c.BindName, "@")
	if !found {
		realm = domainOf(c.BaseDN)
	}
	return account, strings.ToUpper(realm)
}

// signIn proves that we are the bind account.
func (l *link) signIn(ctx context.Context, cfg *Config) error {
	credential, err := cfg.credential()
	if err != nil {
		return err
	}
	return cfg.SignIns.try(ctx, credential, func() error {
		if cfg.Kerberos == nil {
			return translate(l.Bind(cfg.BindName, credential.Secret.Reveal()))
		}
		return l.signInByTicket(ctx, cfg, credential)
	})
}

// signInByTicket is byTicket within the connection's time.
func (l *link) signInByTicket(ctx context.Context, cfg *Config, credential Credential) error {
	// The library cannot be told to stop. It has five seconds for each step with
	// the KDC, so that what outlasts the connection's time ends by itself.
	done := make(chan error, 1)
	go func() { done <- l.byTicket(ctx, cfg, credential) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		// A refusal that comes late counts towards a lock-out all the same.
		go func() { cfg.SignIns.note(credential, <-done) }()
		return fmt.Errorf("sign in by kerberos: time is up: %w", directory.ErrUnavailable)
	}
}

// byTicket signs in by a ticket. It begins no step once the time is up.
func (l *link) byTicket(ctx context.Context, cfg *Config, credential Credential) error {
	service, err := l.service()
	if err != nil {
		return err
	}
	ticket, err := cfg.ticket(l.remoteHost(), credential)
	if err != nil {
		return err
	}
	defer ticket.Destroy()
	if ctx.Err() != nil {
		return fmt.Errorf("sign in by kerberos: time is up: %w", directory.ErrUnavailable)
	}
	if err := l.GSSAPIBind(&gssapi.Client{Client: ticket}, service, ""); err != nil {
		if refused := refusedTicket(err); refused != nil {
			return refused
		}
		return translate(err)
	}
	return nil
}

// remoteHost is the controller's address without its port.
func (l *link) remoteHost() string {
	host, _, err := net.SplitHostPort(l.raw.RemoteAddr().String())
	if err != nil {
		return l.raw.RemoteAddr().String()
	}
	return host
}

// service is the name under which the controller is known to Kerberos. The
// connection is one whose certificate was checked.
func (l *link) service() (string, error) {
	entries, err := l.entries("", ldap.ScopeBaseObject, anything, []string{"dnsHostName"})
	if err != nil {
		return "", fmt.Errorf("ask the controller for its name: %w", err)
	}
	if len(entries) != 1 || entries[0].GetEqualFoldAttributeValue("dnsHostName") == "" {
		return "", fmt.Errorf("the controller does not tell its name: %w", directory.ErrUnavailable)
	}
	return "ldap/" + entries[0].GetEqualFoldAttributeValue("dnsHostName"), nil
}

// ticket signs in to the realm at a controller.
func (c Config) ticket(controller string, credential Credential) (*client.Client, error) {
	account, realm := c.principal()
	settings, err := krbconfig.NewFromString(fmt.Sprintf(
		"[libdefaults]\n default_realm = %[1]s\n dns_lookup_kdc = false\n dns_lookup_realm = false\n udp_preference_limit = 1\n"+
			"[realms]\n %[1]s = {\n  kdc = %[2]s\n }\n", realm, net.JoinHostPort(controller, kerberosPort)))
	if err != nil {
		return nil, fmt.Errorf("sign in by kerberos: %w", directory.ErrInvalid)
	}
	// Windows does not know FAST's negotiation without armor.
	options := client.DisablePAFXFAST(true)
	var ticket *client.Client
	if credential.Keytab == nil {
		ticket = client.NewWithPassword(account, realm, credential.Secret.Reveal(), settings, options)
	} else {
		keys := keytab.New()
		if err := keys.Unmarshal(credential.Keytab); err != nil {
			return nil, fmt.Errorf("sign in by kerberos: the keytab cannot be read: %w", directory.ErrInvalid)
		}
		ticket = client.NewWithKeytab(account, realm, keys, settings, options)
	}
	if err := ticket.Login(); err != nil {
		ticket.Destroy()
		if refused := refusedTicket(err); refused != nil {
			return nil, refused
		}
		return nil, fmt.Errorf("sign in by kerberos at %s: %w", controller, directory.ErrUnavailable)
	}
	return ticket, nil
}

// krbRefusal finds the code and the name of a refusal in what the library says,
// which repeats the account's name beside it.
var krbRefusal = regexp.MustCompile(`KRB Error: \((\d+)\) ([A-Z_]+)`)

// clockSkew is the one refusal that time, and not a human, may mend; wrongTicket the
// one that counts towards a lock-out.
const (
	clockSkew   = "KRB_AP_ERR_SKEW"
	wrongTicket = "KDC_ERR_PREAUTH_FAILED"
)

// ticketError is a refusal of Kerberos.
type ticketError struct{ code string }

// Error names the refusal.
func (e *ticketError) Error() string { return "sign in by kerberos: refused with " + e.code }

// Is makes errors.Is find the sentinel.
func (e *ticketError) Is(target error) bool { return target == directory.ErrDenied }

// isWrongTicket tells that the password or the key was not the account's.
func isWrongTicket(err error) bool {
	refused, ok := errors.AsType[*ticketError](err)
	return ok && refused.code == wrongTicket
}

// refusedTicket is a refusal of Kerberos, nil where the error is none.
func refusedTicket(err error) error {
	found := krbRefusal.FindStringSubmatch(err.Error())
	switch {
	case found == nil:
		return nil
	case found[2] == clockSkew:
		return fmt.Errorf("sign in by kerberos: the clocks differ too much (%s): %w", found[2], directory.ErrUnavailable)
	default:
		return &ticketError{code: found[2]}
	}
}
