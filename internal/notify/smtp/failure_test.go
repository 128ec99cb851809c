package smtp_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"tenure/internal/notify"
	"tenure/internal/notify/notifytest"
	"tenure/internal/notify/smtp"
)

// script is a server that answers each command as told; what is not told is agreed to. An empty answer hangs up.
type script map[string]string

const (
	onGreeting = "greeting"
	onMail     = "MAIL"
	onRcpt     = "RCPT"
	onData     = "DATA"
	onDot      = "."
	hangUp     = ""
)

// play runs the script for every connection and returns the address and the commands seen.
func play(t *testing.T, s script) (string, func() []string) {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	var mu sync.Mutex
	var seen []string
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				s.converse(conn, func(line string) {
					mu.Lock()
					defer mu.Unlock()
					seen = append(seen, line)
				})
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		wg.Wait()
	})
	return l.Addr().String(), func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), seen...)
	}
}

func (s script) converse(conn net.Conn, note func(string)) {
	defer func() { _ = conn.Close() }()
	in := bufio.NewScanner(conn)
	answer := func(step, agreed string) bool {
		text, told := s[step]
		if !told {
			text = agreed
		}
		if text == hangUp {
			return false
		}
		_, err := fmt.Fprintf(conn, "%s\r\n", text)
		return err == nil
	}
	if !answer(onGreeting, "220 ready") {
		return
	}
	inData := false
	for in.Scan() {
		line := in.Text()
		if inData && line != onDot {
			continue
		}
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		note(verb)
		agreed := "250 2.0.0 ok"
		switch verb {
		case "EHLO":
			agreed = "250-scripted\r\n250 ENHANCEDSTATUSCODES"
		case onData:
			agreed = "354 go on"
			inData = true
		case onDot:
			inData = false
		case "QUIT":
			agreed = "221 bye"
		}
		if !answer(verb, agreed) {
			return
		}
	}
}

func TestErrorsByStep(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		script  script
		want    error // nil = sent
		outcome notify.Outcome
	}{
		{"agreed", script{}, nil, notify.OutcomeSent},
		{"goodbye fails", script{"QUIT": hangUp}, nil, notify.OutcomeSent},
		{"greeting 421", script{onGreeting: "421 4.3.2 busy"}, notify.ErrUnavailable, notify.OutcomeNotSent},
		{"greeting 554", script{onGreeting: "554 5.7.1 go away"}, notify.ErrDenied, notify.OutcomeNotSent},
		{"no greeting", script{onGreeting: hangUp}, notify.ErrUnavailable, notify.OutcomeNotSent},
		{"not smtp", script{onGreeting: "hello"}, notify.ErrDenied, notify.OutcomeNotSent},
		{"sender 550", script{onMail: "550 5.7.1 bad sender"}, notify.ErrRejected, notify.OutcomeNotSent},
		{"sender 530", script{onMail: "530 5.7.0 log in"}, notify.ErrDenied, notify.OutcomeNotSent},
		{"sender drop", script{onMail: hangUp}, notify.ErrUnavailable, notify.OutcomeNotSent},
		{"recipient 550", script{onRcpt: "550 5.1.1 <bjorn.strasse@contoso.example> unknown"}, notify.ErrRejected, notify.OutcomeNotSent},
		{"recipient 450", script{onRcpt: "450 4.2.1 greylisted"}, notify.ErrUnavailable, notify.OutcomeNotSent},
		{"recipient drop", script{onRcpt: hangUp}, notify.ErrUnavailable, notify.OutcomeNotSent},
		{"data 451", script{onData: "451 4.3.0 no space"}, notify.ErrUnavailable, notify.OutcomeNotSent},
		{"data 554", script{onData: "554 5.3.0 no"}, notify.ErrRejected, notify.OutcomeNotSent},
		{"data drop", script{onData: hangUp}, notify.ErrUnavailable, notify.OutcomeNotSent},
		{"dot 451", script{onDot: "451 4.3.0 try again"}, notify.ErrUnavailable, notify.OutcomeNotSent},
		{"dot 552", script{onDot: "552 5.3.4 too big"}, notify.ErrRejected, notify.OutcomeNotSent},
		{"dot drop", script{onDot: hangUp}, notify.ErrUnknownDelivery, notify.OutcomeUnknown},
		{"dot nonsense", script{onDot: "what?"}, notify.ErrUnknownDelivery, notify.OutcomeUnknown},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			address, _ := play(t, c.script)
			config := config(t, address)
			config.Username, config.Password = "", ""
			_, err := newSender(t, config).Send(t.Context(), notifytest.Message())
			if c.want == nil && err != nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("Send error = %v, want %v", err, c.want)
			}
			if got := notify.OutcomeOf(err); got != c.outcome {
				t.Errorf("Send error = %v means %q, want %q", err, got, c.outcome)
			}
			if err != nil && strings.Contains(err.Error(), "bjorn") {
				t.Errorf("Send error shows the recipient: %v", err)
			}
		})
	}
}

func TestThrottlingAnswers(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{
		"421 4.7.0 slow down": true, "450 4.7.28 rate limited": true, "451 4.4.5 congested": true,
		"452 4.5.3 too many recipients": true, "450 4.2.1 greylisted": false, "421 4.3.0 restarting": false,
	} {
		address, _ := play(t, script{onMail: answer})
		config := config(t, address)
		config.Username, config.Password = "", ""
		_, err := newSender(t, config).Send(t.Context(), notifytest.Message())
		var throttled *notify.ThrottledError
		if got := errors.As(err, &throttled); got != want {
			t.Errorf("%q: throttled = %v, want %v (%v)", answer, got, want, err)
		}
	}
}

// closing is a connection that says when it is closed.
type closing struct {
	net.Conn
	once   sync.Once
	closed chan struct{}
}

func (c *closing) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() { close(c.closed) })
	return err
}

// A transaction that breaks inside the data is known not to have been sent only because nothing ends the data
// afterwards: a QUIT, for one, would.
func TestBrokenDataIsNeverEnded(t *testing.T) {
	t.Parallel()
	pipe, theirs := net.Pipe() // no buffer: what the server does not read was not sent
	ours := &closing{Conn: pipe, closed: make(chan struct{})}
	received := make(chan string, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		in := bufio.NewReader(theirs)
		_, _ = fmt.Fprint(theirs, "220 ready\r\n")
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			if strings.HasPrefix(line, onData) {
				break
			}
			_, _ = fmt.Fprint(theirs, "250 ok\r\n")
		}
		_, _ = fmt.Fprint(theirs, "354 go on\r\n")
		_, _ = in.ReadString('\n')
		cancel()
		// Whoever reads on at once may get all of the data before the line is cut.
		select {
		case <-ours.closed:
		case <-time.After(5 * time.Second):
		}
		var rest strings.Builder
		_, _ = in.WriteTo(&rest)
		received <- rest.String()
	}()
	sender := newSender(t, smtp.Config{Host: "127.0.0.1", Port: 25, Security: smtp.None})
	sender.Over(ours)
	m := notifytest.Message()
	m.Text = strings.Repeat("x", 200<<10)
	_, err := sender.Send(ctx, m)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, notify.ErrUnavailable) {
		t.Errorf("Send error = %v, want ErrUnavailable and context.Canceled", err)
	}
	if got := <-received; strings.Contains(got, "\r\n.\r\n") {
		t.Error("the data was ended although the error says: not sent")
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config smtp.Config
		want   string
	}{
		"no host":         {smtp.Config{Port: 25, Security: smtp.StartTLS}, "host is missing"},
		"no port":         {smtp.Config{Host: "mail.contoso.example", Security: smtp.StartTLS}, "port 0"},
		"open on the net": {smtp.Config{Host: "mail.contoso.example", Port: 25, Security: smtp.None}, "only allowed to a loopback"},
		"open by name":    {smtp.Config{Host: "localhost.contoso.example", Port: 25, Security: smtp.None}, "only allowed to a loopback"},
		"unknown":         {smtp.Config{Host: "mail.contoso.example", Port: 25, Security: "ssl"}, `unknown security "ssl"`},
		"half a login":    {smtp.Config{Host: "localhost", Port: 25, Security: smtp.None, Username: "u"}, "belong together"},
	} {
		if _, err := smtp.New(c.config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: New error = %v, want %q", name, err, c.want)
		}
	}
}
