package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/emersion/go-smtp"

	"tenure/internal/sim/fault"
)

// Limits of the simulator, near those of the real ones.
const (
	maxMessageBytes = 10 << 20
	ioTimeout       = time.Minute
)

// Options say where messages are kept and what the simulator asks of senders.
type Options struct {
	// Dir is the folder of the messages; required.
	Dir string
	// Now is the clock of the received stamps; required.
	Now func() time.Time
	// APIKey is the key that SendGrid's API accepts. Empty accepts every non-empty key.
	APIKey string
	// Username and Password are asked over SMTP when Username is set.
	Username, Password string
	// TLS offers STARTTLS when set.
	TLS *tls.Config
	// Logger gets the simulator's own errors; nil discards them.
	Logger *slog.Logger
}

// Server is the simulator. It is safe for concurrent use.
type Server struct {
	opts   Options
	store  *store
	faults *fault.Schedule
	log    *slog.Logger

	smtp    *smtp.Server
	http    *http.Server
	smtpLis net.Listener
	httpLis net.Listener
	done    context.Context
	cancel  context.CancelFunc
}

// New opens the folder and reads what earlier runs kept.
func New(opts Options) (*Server, error) {
	if opts.Dir == "" || opts.Now == nil {
		return nil, errors.New("open mail simulator: Dir and Now are required")
	}
	st, err := openStore(filepath.Clean(opts.Dir))
	if err != nil {
		return nil, fmt.Errorf("open mail simulator: %w", err)
	}
	log := opts.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Server{opts: opts, store: st, faults: &fault.Schedule{}, log: log}, nil
}

// Start listens on both addresses (port 0 picks one) and serves until Close. ctx is the parent of everything that
// the simulator waits for. It is called once.
func (s *Server) Start(ctx context.Context, smtpAddr, httpAddr string) error {
	var lc net.ListenConfig
	smtpLis, err := lc.Listen(ctx, "tcp", smtpAddr)
	if err != nil {
		return fmt.Errorf("start mail simulator: listen for smtp: %w", err)
	}
	httpLis, err := lc.Listen(ctx, "tcp", httpAddr)
	if err != nil {
		return errors.Join(fmt.Errorf("start mail simulator: listen for http: %w", err), smtpLis.Close())
	}
	s.smtpLis, s.httpLis = smtpLis, httpLis
	s.done, s.cancel = context.WithCancel(ctx)
	s.smtp = s.newSMTP()
	s.http = &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: ioTimeout, ReadTimeout: ioTimeout,
		ErrorLog:    slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
		BaseContext: func(net.Listener) context.Context { return s.done },
	}
	go func() {
		if err := s.smtp.Serve(smtpLis); err != nil && !errors.Is(err, net.ErrClosed) {
			s.log.Error("smtp simulator stopped", "error", err)
		}
	}()
	go func() {
		if err := s.http.Serve(httpLis); err != nil && !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("mail page stopped", "error", err)
		}
	}()
	return nil
}

// SMTPAddr is the address that speaks SMTP, as host:port. Only after Start.
func (s *Server) SMTPAddr() string { return s.smtpLis.Addr().String() }

// HTTPAddr is the address of the page and of SendGrid's API, as host:port. Only after Start.
func (s *Server) HTTPAddr() string { return s.httpLis.Addr().String() }

// Faults is the schedule for both protocols.
func (s *Server) Faults() *fault.Schedule { return s.faults }

// Messages returns every message, oldest first.
func (s *Server) Messages() []Message { return s.store.list("") }

// Close stops both servers: it waits for answers under way until ctx ends, then cuts them off.
func (s *Server) Close(ctx context.Context) error {
	if s.smtp == nil {
		return nil
	}
	s.cancel()
	err := errors.Join(stop(ctx, s.http.Shutdown, s.http.Close), stop(ctx, s.smtp.Shutdown, s.smtp.Close))
	if err != nil {
		return fmt.Errorf("stop mail simulator: %w", err)
	}
	return nil
}

// stop ends a server gently, and at the end of ctx by force: a client that keeps its connection is no reason to stay.
func stop(ctx context.Context, shutdown func(context.Context) error, cut func() error) error {
	err := shutdown(ctx)
	if err != nil && ctx.Err() != nil {
		err = cut()
	}
	if errors.Is(err, smtp.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
