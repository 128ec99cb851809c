package connect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/sim/graph"
)

const (
	requestLimit = 2 * time.Minute
	pageSize     = 500
)

// Tenant is where the accounts are brought: the Graph simulator.
type Tenant interface {
	Sync(domain string, users []graph.SyncedUser) (graph.SyncResult, error)
}

// Options says what is read.
type Options struct {
	// URL is a domain controller, as ldaps://HOST:PORT.
	URL string
	// RootCAs are those that its certificate is checked by.
	RootCAs *x509.CertPool
	// BindName and Password sign in. The account may read the domain and write ms-DS-ConsistencyGuid.
	BindName, Password string
	// BaseDN is the domain.
	BaseDN string
	// In are containers whose accounts are synchronised, with all below them; none means the whole domain. Out are
	// those that are not. The nearest one counts.
	In, Out []string
	// KeepAnchors leaves ms-DS-ConsistencyGuid as it is, as in a domain where Connect was set up by objectGUID.
	KeepAnchors bool
	// Log is told what a cycle of Run did or why it failed; nil discards it.
	Log *slog.Logger
}

// Sync synchronises one domain. It is safe for concurrent use: cycles follow each other.
type Sync struct {
	opts    Options
	tenant  Tenant
	domain  string
	in, out []*ldap.DN

	mu sync.Mutex
}

// New makes a synchronisation that has done nothing yet.
func New(tenant Tenant, o Options) (*Sync, error) {
	s := &Sync{opts: o, tenant: tenant}
	base, err := ldap.ParseDN(o.BaseDN)
	if err != nil {
		return nil, fmt.Errorf("open sync: base %q: %w", o.BaseDN, err)
	}
	var labels []string
	for _, step := range base.RDNs {
		if a := step.Attributes[0]; strings.EqualFold(a.Type, "DC") {
			labels = append(labels, a.Value)
		}
	}
	if s.domain = strings.Join(labels, "."); s.domain == "" {
		return nil, fmt.Errorf("open sync: base %q is in no domain", o.BaseDN)
	}
	if s.in, err = parseAll(o.In); err == nil {
		s.out, err = parseAll(o.Out)
	}
	if err != nil {
		return nil, fmt.Errorf("open sync: %w", err)
	}
	if s.opts.Log == nil {
		s.opts.Log = slog.New(slog.DiscardHandler)
	}
	return s, nil
}

func parseAll(names []string) ([]*ldap.DN, error) {
	out := make([]*ldap.DN, 0, len(names))
	for _, name := range names {
		dn, err := ldap.ParseDN(name)
		if err != nil {
			return nil, fmt.Errorf("container %q: %w", name, err)
		}
		out = append(out, dn)
	}
	return out, nil
}

// Cycle reads the domain and brings the tenant up to it.
func (s *Sync) Cycle(ctx context.Context) (graph.SyncResult, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	accounts, err := s.read(ctx)
	if err != nil {
		return graph.SyncResult{}, fmt.Errorf("synchronise: %w", err)
	}
	result, err := s.tenant.Sync(s.domain, s.users(accounts))
	if err != nil {
		return result, fmt.Errorf("synchronise: %w", err)
	}
	return result, nil
}

// Run repeats the cycle until the context ends. Real ones come every 30 minutes.
func (s *Sync) Run(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		done, err := s.Cycle(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.opts.Log.WarnContext(ctx, "simulated sync failed", "error", err)
		case done.Created+done.Changed+done.Deleted+done.Restored+len(done.Refused) > 0:
			s.opts.Log.DebugContext(ctx, "simulated sync done", "created", done.Created, "changed", done.Changed,
				"deleted", done.Deleted, "restored", done.Restored, "refused", len(done.Refused))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// read lists the accounts that are synchronised, each with its anchor.
func (s *Sync) read(ctx context.Context) ([]account, error) {
	conn, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	// A request has no context of its own: its connection ends with the caller's.
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	found, err := conn.SearchWithPaging(ldap.NewSearchRequest(s.opts.BaseDN, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false,
		"(&(objectCategory=person)(objectClass=user))", readAttributes(), nil), pageSize)
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	var out []account
	for _, e := range found.Entries {
		one := account{e}
		if one.first(attrCritical) == ldapTrue || !s.includes(e.DN) {
			continue
		}
		if err := s.anchor(conn, e); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func (s *Sync) connect(ctx context.Context) (*ldap.Conn, error) {
	u, err := url.Parse(s.opts.URL)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	dial := &tls.Dialer{Config: &tls.Config{RootCAs: s.opts.RootCAs, ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}}
	raw, err := dial.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	conn := ldap.NewConn(raw, true)
	conn.SetTimeout(requestLimit)
	conn.Start()
	if err := conn.Bind(s.opts.BindName, s.opts.Password); err != nil {
		return nil, errors.Join(fmt.Errorf("sign in: %w", err), conn.Close())
	}
	return conn, nil
}

// includes tells whether accounts of a name are synchronised: the nearest container that was named counts.
func (s *Sync) includes(name string) bool {
	dn, err := ldap.ParseDN(name)
	if err != nil {
		return false
	}
	in, out := nearest(s.in, dn), nearest(s.out, dn)
	return in >= out && (in > 0 || len(s.in) == 0)
}

// nearest is the length of the longest name that a name lies below, 0 for none.
func nearest(containers []*ldap.DN, dn *ldap.DN) int {
	longest := 0
	for _, c := range containers {
		if c.AncestorOfFold(dn) {
			longest = max(longest, len(c.RDNs))
		}
	}
	return longest
}

// anchor writes the objectGUID to ms-DS-ConsistencyGuid where that has no value, so that the account keeps its counterpart
// when it is moved to another domain. What is gone by now or may not be written goes by its objectGUID.
func (s *Sync) anchor(conn *ldap.Conn, e *ldap.Entry) error {
	if s.opts.KeepAnchors || len(e.GetEqualFoldRawAttributeValue(attrAnchor)) > 0 {
		return nil
	}
	m := ldap.NewModifyRequest(e.DN, nil)
	m.Replace(attrAnchor, []string{string(e.GetEqualFoldRawAttributeValue(attrGUID))})
	err := conn.Modify(m)
	if err != nil && !ldap.IsErrorAnyOf(err, ldap.LDAPResultNoSuchObject, ldap.LDAPResultInsufficientAccessRights) {
		return fmt.Errorf("write anchor: %w", err)
	}
	return nil
}

// users turns accounts into users of the tenant, in a fixed order.
func (s *Sync) users(accounts []account) []graph.SyncedUser {
	anchors := map[string]string{}
	for _, a := range accounts {
		anchors[strings.ToLower(a.DN)] = a.anchor()
	}
	out := make([]graph.SyncedUser, 0, len(accounts))
	for _, a := range accounts {
		out = append(out, graph.SyncedUser{Anchor: a.anchor(), Props: a.props(s.domain), Manager: anchors[strings.ToLower(a.first(attrManager))]})
	}
	slices.SortFunc(out, func(a, b graph.SyncedUser) int { return strings.Compare(a.Anchor, b.Anchor) })
	return out
}
