package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/wneessen/go-mail"

	"tenure/internal/notify"
)

// Name is what Sender.Name returns.
const Name = "smtp"

// Security says how the connection is protected.
type Security string

// The kinds of protection. StartTLS refuses a server that does not offer it.
const (
	StartTLS Security = "starttls"
	Implicit Security = "tls"
	None     Security = "none"
)

const (
	defaultTimeout = 2 * time.Minute
	maxPort        = 65535
)

// Config describes the submission server.
type Config struct {
	Host string
	Port int
	// Security is StartTLS, Implicit, or None, which is only allowed to a loopback address.
	Security Security
	// Username and Password are used when Username is set.
	Username, Password string
	// RootCAs are trusted instead of the system's, when set.
	RootCAs *x509.CertPool
	// Hello is the name in EHLO; empty means the machine's name.
	Hello string
	// Timeout bounds one Send; 0 means two minutes. A short one makes more deliveries unknown.
	Timeout time.Duration
}

func (c Config) validate() error {
	var problems []error
	if c.Host == "" {
		problems = append(problems, errors.New("host is missing"))
	}
	if c.Port < 1 || c.Port > maxPort {
		problems = append(problems, fmt.Errorf("port %d is not between 1 and %d", c.Port, maxPort))
	}
	switch c.Security {
	case StartTLS, Implicit:
	case None:
		if !notify.IsLoopback(c.Host) {
			problems = append(problems, fmt.Errorf("security %q is only allowed to a loopback address", None))
		}
	default:
		problems = append(problems, fmt.Errorf("unknown security %q; allowed are %q, %q and %q", c.Security, StartTLS,
			Implicit, None))
	}
	if (c.Username == "") != (c.Password == "") {
		problems = append(problems, errors.New("username and password belong together"))
	}
	if c.Timeout < 0 {
		problems = append(problems, errors.New("timeout is negative"))
	}
	return errors.Join(problems...)
}

// Sender sends over SMTP. It is safe for concurrent use.
type Sender struct {
	config Config
	dial   mail.DialContextFunc
}

var _ notify.Sender = (*Sender)(nil)

// New checks the configuration; it does not connect.
func New(config Config) (*Sender, error) {
	if err := config.validate(); err != nil {
		return nil, fmt.Errorf("configure smtp: %w", err)
	}
	if config.Timeout == 0 {
		config.Timeout = defaultTimeout
	}
	return &Sender{config: config, dial: (&net.Dialer{}).DialContext}, nil
}

// Name implements notify.Sender.
func (s *Sender) Name() string { return Name }

// Send implements notify.Sender.
func (s *Sender) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	receipt := notify.Receipt{MessageID: m.MessageID()}
	if err := m.Validate(); err != nil {
		return notify.Receipt{}, fmt.Errorf("send mail by smtp: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return notify.Receipt{}, failure("connect", 0, "", notify.ErrUnavailable, err)
	}
	wire := &line{security: s.config.Security, connect: s.dial}
	client, err := s.client(wire)
	if err != nil {
		return notify.Receipt{}, failure("configure", 0, "", notify.ErrDenied, nil)
	}
	// go-mail looks at the context only while it dials: closing the connection is what ends the rest.
	stop := context.AfterFunc(ctx, wire.cut)
	defer stop()
	defer wire.cut()
	if err := client.DialWithContext(ctx); err != nil {
		return notify.Receipt{}, dialFailure(ctx, err)
	}
	msg := compose(m)
	err = client.Send(msg)
	if !msg.IsDelivered() {
		return notify.Receipt{}, sendFailure(ctx, err)
	}
	// The message is accepted; how the goodbye ends changes nothing.
	_ = client.Close()
	return receipt, nil
}

func (s *Sender) client(l *line) (*mail.Client, error) {
	c := s.config
	l.config = &tls.Config{ServerName: c.Host, RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12}
	options := []mail.Option{
		mail.WithPort(c.Port), mail.WithTimeout(c.Timeout), mail.WithTLSConfig(l.config), mail.WithoutNoop(),
		mail.WithoutRset(), mail.WithTLSPolicy(mail.NoTLS),
		mail.WithDialContextFunc(l.dial),
	}
	if c.Security == StartTLS {
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if c.Username != "" {
		options = append(options, mail.WithUsername(c.Username), mail.WithPassword(c.Password),
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	}
	if c.Hello != "" {
		options = append(options, mail.WithHELO(c.Hello))
	}
	return mail.NewClient(c.Host, options...)
}

// line is the connection of one Send, kept so that it can be cut while go-mail waits on it.
type line struct {
	security Security
	connect  mail.DialContextFunc
	config   *tls.Config

	mu   sync.Mutex
	conn net.Conn
}

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := l.connect(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.conn = conn
	l.mu.Unlock()
	if l.security != Implicit {
		return conn, nil
	}
	secure := tls.Client(conn, l.config)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return secure, nil
}

func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		_ = l.conn.Close()
	}
}
