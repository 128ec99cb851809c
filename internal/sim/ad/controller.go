package ad

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

const handshakeLimit = 20 * time.Second

// Controller is one domain controller: a door for LDAPS and one for LDAP with StartTLS.
type Controller struct {
	server *Server
	forest []*Server // of a global catalogue: the domains that it tells of
	config *tls.Config
	secure net.Listener
	plain  net.Listener
	ctx    context.Context //nolint:containedctx // the life of the connections, which no caller has
	stop   context.CancelFunc
	work   sync.WaitGroup

	mu     sync.Mutex
	conns  map[net.Conn]bool
	paused chan struct{} // nil: running
	closed bool
}

func (s *Server) listen(ctx context.Context, addr string, forest ...*Server) (*Controller, error) {
	leaf, err := s.ca.Leaf("dc1."+s.opts.Domain, append([]string{"dc1." + s.opts.Domain}, s.opts.Hosts...))
	if err != nil {
		return nil, err
	}
	secure, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for ldaps: %w", err)
	}
	host, _, err := net.SplitHostPort(secure.Addr().String())
	if err != nil {
		return nil, errors.Join(err, secure.Close())
	}
	plain, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen for ldap: %w", err), secure.Close())
	}
	c := &Controller{
		server: s, forest: forest, config: &tls.Config{Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12},
		secure: secure, plain: plain, conns: map[net.Conn]bool{},
	}
	c.ctx, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	c.work.Go(func() { c.accept(secure, true) }) //nolint:contextcheck // a connection outlives the caller of Start
	c.work.Go(func() { c.accept(plain, false) }) //nolint:contextcheck // as above
	return c, nil
}

// URL is the address for LDAPS.
func (c *Controller) URL() string { return "ldaps://" + c.secure.Addr().String() }

// PlainURL is the address for LDAP, where a client has to ask for StartTLS.
func (c *Controller) PlainURL() string { return "ldap://" + c.plain.Addr().String() }

// Close stops the domain controller: its connections break, and what they asked for may or may not have happened.
func (c *Controller) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	c.mu.Unlock()
	err := errors.Join(c.secure.Close(), c.plain.Close())
	c.stop()
	c.Disconnect()
	c.work.Wait()
	return err
}

// Disconnect breaks all connections that are open now.
func (c *Controller) Disconnect() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.conns {
		_ = conn.Close() // closing twice is no trouble
	}
}

// Pause holds every request that comes in, as a stopped process does, until Resume.
func (c *Controller) Pause() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.paused == nil {
		c.paused = make(chan struct{})
	}
}

// Resume lets what Pause has held go on.
func (c *Controller) Resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.paused != nil {
		close(c.paused)
		c.paused = nil
	}
}

// pass waits while the controller is paused. It tells whether there is still somebody to serve.
func (c *Controller) pass() bool {
	c.mu.Lock()
	paused := c.paused
	c.mu.Unlock()
	if paused != nil {
		select {
		case <-paused:
		case <-c.ctx.Done():
		}
	}
	return c.ctx.Err() == nil
}

func (c *Controller) accept(ln net.Listener, secure bool) {
	for {
		conn, err := ln.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			c.server.opts.Log.Error("domain simulator cannot accept", "error", err)
			return
		}
		if !c.keep(conn) {
			_ = conn.Close()
			return
		}
		c.work.Go(func() {
			defer c.forget(conn)
			c.serve(conn, secure)
		})
	}
}

func (c *Controller) keep(conn net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.conns[conn] = true
	}
	return !c.closed
}

func (c *Controller) forget(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.conns, conn)
	_ = conn.Close() // the client may have done so
}

// serve speaks with one client until either side has enough.
func (c *Controller) serve(conn net.Conn, secure bool) {
	s := newSession(c, conn)
	if secure {
		if err := s.encrypt(); err != nil {
			return
		}
	}
	s.run()
}
