package ad

import (
	"errors"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// TestTimed gives each request its time, and an idle connection as much as it likes.
func TestTimed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer func() { _ = errors.Join(near.Close(), far.Close()) }()
		conn := timed{Conn: near, within: time.Second}
		ask := func() {
			t.Helper()
			go func() { _, _ = far.Read(make([]byte, 1)) }()
			if _, err := conn.Write([]byte("?")); err != nil {
				t.Fatalf("ask: %v", err)
			}
		}
		ask()
		if err := conn.rest(); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Hour, func() { _, _ = far.Write([]byte("!")) })
		if _, err := conn.Read(make([]byte, 1)); err != nil {
			t.Errorf("read on an idle connection: %v, want what comes an hour later", err)
		}
		begin := time.Now()
		ask()
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begin) != time.Second {
			t.Errorf("read after a request without an answer: %v after %s, want its time to be up after a second", err, time.Since(begin))
		}
		begin = time.Now()
		if _, err := conn.Write([]byte("?")); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begin) != time.Second {
			t.Errorf("a request that nobody takes: %v after %s, want its time to be up after a second", err, time.Since(begin))
		}
	})
}

// TestDuring lets a connection wait for somebody else longer than for its own answers.
func TestDuring(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer func() { _ = errors.Join(near.Close(), far.Close()) }()
		l := &link{raw: timed{Conn: near, within: time.Second}}
		go func() { _, _ = far.Read(make([]byte, 1)) }()
		if _, err := l.raw.Write([]byte("?")); err != nil {
			t.Fatal(err)
		}
		err := l.during(func() error {
			time.AfterFunc(time.Minute, func() { _, _ = far.Write([]byte("!")) })
			_, err := l.raw.Read(make([]byte, 1))
			return err
		})
		if err != nil {
			t.Errorf("the connection did not wait: %v", err)
		}
	})
}
