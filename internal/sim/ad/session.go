package ad

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"net"
	"sync"
)

const (
	maxMessage  = 4 << 20 // octets
	maxPending  = 32      // requests of one connection at work
	maxCookies  = 10      // searches of one connection that have more pages
	cookieBytes = 8
)

// principal is who is bound to a connection; nil is nobody.
type principal struct{ id guid }

// session is one connection.
type session struct {
	server     *Server
	controller *Controller
	raw        net.Conn
	conn       net.Conn
	in         *bufio.Reader
	secure     bool

	writing sync.Mutex
	work    sync.WaitGroup
	pending chan struct{}

	mu      sync.Mutex
	who     *principal
	cookies map[string][]guid
	kept    []string // the cookies, oldest first
}

func newSession(c *Controller, conn net.Conn) *session {
	return &session{
		server: c.server, controller: c, raw: conn, conn: conn, in: bufio.NewReader(conn),
		pending: make(chan struct{}, maxPending), cookies: map[string][]guid{},
	}
}

// encrypt makes the connection a TLS one.
func (s *session) encrypt() error {
	secure := tls.Server(s.raw, s.controller.config)
	ctx, cancel := context.WithTimeout(s.controller.ctx, handshakeLimit)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		return err
	}
	s.conn, s.in, s.secure = secure, bufio.NewReader(secure), true
	return nil
}

// run reads requests until the connection ends. Binds wait for what was asked before them; the rest is done side by side.
func (s *session) run() {
	defer s.work.Wait()
	for {
		body, err := readMessage(s.in)
		if err != nil {
			return
		}
		q, err := decodeRequest(body)
		if err != nil {
			s.send(goodbye())
			return
		}
		switch q.op.tag {
		case opUnbind:
			return
		case opAbandon:
			continue
		case opBind, opExtended:
			s.work.Wait()
			if !s.controller.pass() || !s.handle(q) {
				return
			}
		default:
			select {
			case s.pending <- struct{}{}:
			case <-s.controller.ctx.Done():
				return
			}
			s.work.Go(func() {
				defer func() { <-s.pending }()
				if !s.controller.pass() || !s.handle(q) {
					_ = s.raw.Close() // ends the reading too
				}
			})
		}
	}
}

// goodbye is the notice of disconnection that follows what cannot be read.
func goodbye() []byte {
	r := asResult(errBER)
	answer := tlv(tagExtendedAnswer, integer(tagEnum, int64(r.code)), octets(""), octets(r.text), tlv(tagResponseName, []byte(oidDisconnect)))
	return tlv(tagSequence, integer(tagInteger, 0), answer)
}

func (s *session) send(message []byte) {
	s.writing.Lock()
	defer s.writing.Unlock()
	_, _ = s.conn.Write(message) // who has gone hears nothing
}

func (s *session) principal() *principal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.who
}

func (s *session) bind(who *principal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.who = who
}

// keepCookie remembers what is left of a search. The oldest one is forgotten when there are too many.
func (s *session) keepCookie(left []guid) string {
	raw := make([]byte, cookieBytes)
	_, _ = rand.Read(raw) // never fails: crypto/rand ends the program instead
	cookie := hex.EncodeToString(raw)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cookies[cookie] = left
	s.kept = append(s.kept, cookie)
	if len(s.kept) > maxCookies {
		delete(s.cookies, s.kept[0])
		s.kept = s.kept[1:]
	}
	return cookie
}

func (s *session) takeCookie(cookie string) ([]guid, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left, ok := s.cookies[cookie]
	return left, ok
}
