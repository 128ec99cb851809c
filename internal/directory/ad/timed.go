package ad

import (
	"net"
	"time"
)

// timed is a network connection on which an answer is due within a time of each
// request. The LDAP library's own time-outs cost a goroutine and a timer for each
// request, which is a tenth of what a request takes.
type timed struct {
	net.Conn

	within time.Duration
}

// Write sends a request and sets the time that its answer has.
func (t timed) Write(b []byte) (int, error) {
	if err := t.SetDeadline(time.Now().Add(t.within)); err != nil {
		return 0, err
	}
	return t.Conn.Write(b)
}

// rest ends the time of the last answer: nothing is due while nobody asks.
func (t timed) rest() error { return t.SetDeadline(time.Time{}) }

// during asks somebody else in the middle of a call, who may take their time: the
// connection is not asked anything meanwhile.
func (l *link) during(ask func() error) error {
	if err := l.raw.rest(); err != nil {
		return errLost
	}
	return ask()
}
