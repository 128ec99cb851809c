package mail

import (
	"bytes"
	"crypto/subtle"
	"io"
	"log/slog"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"tenure/internal/sim/fault"
)

// smtpMethod is the method of fault rules for SMTP; the paths are the steps of a session.
const (
	smtpMethod  = "SMTP"
	stepConnect = "/connect"
	stepMail    = "/mail"
	stepRcpt    = "/rcpt"
	stepData    = "/data"
)

const serverName = "mail.contoso.example"

func (s *Server) newSMTP() *smtp.Server {
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		if err := s.smtpFault(c, stepConnect, nobody); err != nil {
			return nil, err
		}
		base := &session{server: s, conn: c}
		if s.opts.Username == "" {
			return base, nil
		}
		return &authSession{session: base}, nil
	}))
	srv.Domain = serverName
	srv.MaxMessageBytes = maxMessageBytes
	srv.MaxRecipients = 100
	srv.ReadTimeout = ioTimeout
	srv.WriteTimeout = ioTimeout
	srv.EnableSMTPUTF8 = true
	// Everything stays on this machine; the product itself refuses to log in without TLS off loopback.
	srv.AllowInsecureAuth = true
	srv.TLSConfig = s.opts.TLS
	srv.ErrorLog = slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)
	return srv
}

// nobody is whom a step is about that names no one.
func nobody(string) bool { return false }

func reply(code int, enhanced smtp.EnhancedCode, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
}

// smtpFault carries out the rule that is due at a step and returns the refusal, if it is one. Lost is not carried out
// here: it comes after the step.
func (s *Server) smtpFault(c *smtp.Conn, step string, about func(string) bool) error {
	rule, hit := s.faults.Next(fault.Request{Method: smtpMethod, Path: step, About: about}, fault.Unavailable, fault.Throttled, fault.ThrottledBare,
		fault.NotFound, fault.Reset, fault.Slow)
	if !hit {
		return nil
	}
	switch rule.Kind {
	case fault.NotFound:
		return reply(550, smtp.EnhancedCode{5, 1, 1}, "mailbox does not exist")
	case fault.Throttled, fault.ThrottledBare:
		return reply(421, smtp.EnhancedCode{4, 7, 0}, "too many messages, slow down")
	case fault.Reset:
		_ = c.Conn().Close()
		return reply(421, smtp.EnhancedCode{4, 3, 0}, "connection dropped")
	case fault.Slow:
		if fault.Sleep(s.done, time.Duration(rule.DelayMillis)*time.Millisecond) != nil {
			return reply(421, smtp.EnhancedCode{4, 3, 2}, "shutting down")
		}
		return nil
	default:
		return reply(421, smtp.EnhancedCode{4, 3, 0}, "service not available")
	}
}

// session is one SMTP session. go-smtp calls it from one goroutine.
type session struct {
	server *Server
	conn   *smtp.Conn
	to     []string
}

// Mail implements smtp.Session.
func (s *session) Mail(string, *smtp.MailOptions) error {
	s.to = nil
	return s.server.smtpFault(s.conn, stepMail, nobody)
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.server.smtpFault(s.conn, stepRcpt, Message{Recipients: []string{to}}.isAbout); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := parse(bytes.NewReader(body))
	m.Recipients = s.to
	if err := s.server.smtpFault(s.conn, stepData, m.isAbout); err != nil {
		return err
	}
	if err != nil {
		s.server.log.Warn("message refused", "error", err)
		return reply(554, smtp.EnhancedCode{5, 6, 0}, "message cannot be read")
	}
	m.Received = s.server.opts.Now().UTC()
	if _, err := s.server.store.add(m); err != nil {
		s.server.log.Error("message not kept", "error", err)
		return reply(451, smtp.EnhancedCode{4, 3, 0}, "message could not be kept")
	}
	if _, hit := s.server.faults.Next(fault.Request{Method: smtpMethod, Path: stepData, About: m.isAbout}, fault.Lost); hit {
		_ = s.conn.Conn().Close()
	}
	return nil
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.to = nil }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

// authSession is a session that has to log in first.
type authSession struct {
	*session
	loggedIn bool
}

// AuthMechanisms implements smtp.AuthSession.
func (s *authSession) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth implements smtp.AuthSession.
func (s *authSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		want := s.server.opts
		user := subtle.ConstantTimeCompare([]byte(username), []byte(want.Username))
		pass := subtle.ConstantTimeCompare([]byte(password), []byte(want.Password))
		if user&pass != 1 {
			return smtp.ErrAuthFailed
		}
		s.loggedIn = true
		return nil
	}), nil
}

// Mail implements smtp.Session.
func (s *authSession) Mail(from string, opts *smtp.MailOptions) error {
	if !s.loggedIn {
		return smtp.ErrAuthRequired
	}
	return s.session.Mail(from, opts)
}
