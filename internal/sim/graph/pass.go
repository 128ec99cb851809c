package graph

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	passwordMethodID = "28c10230-6103-485e-b985-444c60001490"
	passAlphabet     = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789+*=&%"
	passPolicyID     = "TemporaryAccessPass"
	policyEnabled    = "enabled"
	policyDisabled   = "disabled"

	reasonUsable   = "EnabledByPolicy"
	reasonDisabled = "DisabledByPolicy"
	reasonExpired  = "Expired"
	reasonEarly    = "NotYetValid"
	reasonUsed     = "OneTimeUsed"
)

// usability says whether the pass works at an instant of its user's clock, and why not.
func (p pass) usability(pol policy, now time.Time) string {
	switch {
	case pol.State != policyEnabled:
		return reasonDisabled
	case p.Used:
		return reasonUsed
	case now.Before(p.Start):
		return reasonEarly
	case !now.Before(p.Start.Add(time.Duration(p.Lifetime) * time.Minute)):
		return reasonExpired
	default:
		return reasonUsable
	}
}

func (s *Server) passObject(u *user, p pass) object {
	reason := p.usability(s.t.Policy, s.at(u))
	return object{
		propID: p.ID, propCreated: stamp(p.Created), propStart: stamp(p.Start), propLifetime: p.Lifetime,
		propOnce: p.Once, "isUsable": reason == reasonUsable, "methodUsabilityReason": reason,
		propSecret: nil,
	}
}

func passContext(q *request, u *user) string {
	return q.base + metadata + "users('" + u.ID + "')/authentication/temporaryAccessPassMethods"
}

func (s *Server) listPasses(q *request) (*reply, error) {
	u, err := s.lookup(q.params[propID])
	if err != nil {
		return nil, err
	}
	values := []any{}
	for _, p := range u.Passes {
		values = append(values, s.passObject(u, p))
	}
	return &reply{status: http.StatusOK, body: object{keyContext: passContext(q, u), keyValue: values}}, nil
}

func (s *Server) listMethods(q *request) (*reply, error) {
	u, err := s.lookup(q.params[propID])
	if err != nil {
		return nil, err
	}
	values := []any{object{
		keyType: "#microsoft.graph.passwordAuthenticationMethod", propID: passwordMethodID,
		keyPassword: nil, propCreated: u.Props[propPasswordAt],
	}}
	for _, p := range u.Passes {
		o := s.passObject(u, p)
		o[keyType] = "#microsoft.graph.temporaryAccessPassAuthenticationMethod"
		values = append(values, o)
	}
	values = append(values, u.otherMethods()...)
	return &reply{status: http.StatusOK, body: object{
		keyContext: q.base + metadata + "users('" + u.ID + "')/authentication/methods", keyValue: values,
	}}, nil
}

func (s *Server) onePass(q *request) (*user, int, error) {
	u, err := s.lookup(q.params[propID])
	if err != nil {
		return nil, 0, err
	}
	i := slices.IndexFunc(u.Passes, func(p pass) bool { return strings.EqualFold(p.ID, q.params[paramChild]) })
	if i < 0 {
		return nil, 0, refuse(http.StatusNotFound, "resourceNotFound", "Resource not found.")
	}
	return u, i, nil
}

func (s *Server) getPass(q *request) (*reply, error) {
	u, i, err := s.onePass(q)
	if err != nil {
		return nil, err
	}
	out := s.passObject(u, u.Passes[i])
	out[keyContext] = passContext(q, u) + oneEntity
	return &reply{status: http.StatusOK, body: out}, nil
}

func (s *Server) deletePass(q *request) (*reply, error) {
	u, i, err := s.onePass(q)
	if err != nil {
		return nil, err
	}
	u.Passes = slices.Delete(u.Passes, i, i+1)
	s.touchQuietly(u)
	return &reply{status: http.StatusNoContent}, nil
}

// createPass makes the user's only pass: a former one is replaced. The secret is in this answer and nowhere else.
func (s *Server) createPass(q *request) (*reply, error) {
	body, err := q.optionalObject()
	if err != nil {
		return nil, err
	}
	u, err := s.lookup(q.params[propID])
	if err != nil {
		return nil, err
	}
	if s.powerful(u) && !q.app.Privileged {
		return nil, denied()
	}
	p, err := s.newPass(body, u)
	if err != nil {
		return nil, err
	}
	secret, err := randomPass(s.t.Policy.Length)
	if err != nil {
		return nil, err
	}
	p.Digest = digest(secret)
	u.Passes = []pass{p}
	s.touchQuietly(u)
	out := s.passObject(u, p)
	out[propSecret] = secret
	out[keyContext] = passContext(q, u) + oneEntity
	return &reply{status: http.StatusCreated, body: out}, nil
}

func (s *Server) newPass(body object, u *user) (pass, error) {
	pol, now := s.t.Policy, s.at(u).Truncate(time.Second)
	p := pass{ID: newGUID(), Created: now, Start: now, Lifetime: pol.Default, Once: pol.Once}
	bad := func(message string) (pass, error) {
		return pass{}, refuse(http.StatusBadRequest, codeMethod, message)
	}
	if pol.State != policyEnabled {
		return bad("Temporary Access Pass is disabled by policy.")
	}
	if u.text(propUserType) == "Guest" {
		return bad("Temporary Access Pass cannot be added to an external user.")
	}
	if !s.mayHavePass(u) {
		return bad("Temporary Access Pass is not enabled for this user by policy.")
	}
	if v, _ := field(body, propLifetime); v != nil {
		n, ok := v.(float64)
		if !ok || n < float64(pol.Min) || n > float64(pol.Max) || n != float64(int(n)) {
			return bad(fmt.Sprintf("Invalid LifetimeInMinutes specified. The valid range between %d and %d.", pol.Min, pol.Max))
		}
		p.Lifetime = int(n)
	}
	if v, _ := field(body, propOnce); v != nil {
		once, ok := v.(bool)
		if !ok || (pol.Once && !once) {
			return bad("Invalid IsUsableOnce specified. The policy requires one-time use.")
		}
		p.Once = once
	}
	if v, _ := field(body, propStart); v != nil {
		text, _ := v.(string)
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return bad("Invalid StartDateTime specified.")
		}
		p.Start = at.UTC()
	}
	return p, nil
}

func randomPass(length int) (string, error) {
	out := make([]byte, length)
	for i := range out {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(passAlphabet))))
		if err != nil {
			return "", fmt.Errorf("draw pass: %w", err)
		}
		out[i] = passAlphabet[n.Int64()]
	}
	return string(out), nil
}

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// ErrSignIn says that a sign-in was refused; the text has the reason.
var ErrSignIn = errors.New("sign-in refused")

// SignIn tries a temporary access pass as the sign-in page would, for tests and the devstack. A one-time pass is used
// up by it, and the account has a sign-in afterwards.
func (s *Server) SignIn(upn, secret string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.t.userByName(upn)
	switch {
	case u == nil:
		return fmt.Errorf("%w: no such user", ErrSignIn)
	case !u.flag(propEnabled):
		return fmt.Errorf("%w: account disabled", ErrSignIn)
	case len(u.Passes) == 0 || u.Passes[0].Digest != digest(secret):
		return fmt.Errorf("%w: wrong pass", ErrSignIn)
	}
	p := &u.Passes[0]
	if reason := p.usability(s.t.Policy, s.at(u)); reason != reasonUsable {
		return fmt.Errorf("%w: %s", ErrSignIn, reason)
	}
	p.Used = p.Once
	u.Facts.LastSignIn = s.at(u)
	s.touchQuietly(u)
	return s.commit()
}

func (s *Server) getPassPolicy(q *request) (*reply, error) {
	if !strings.EqualFold(q.params[propID], passPolicyID) {
		return nil, notFound(q.params[propID])
	}
	p := s.t.Policy
	return &reply{status: http.StatusOK, body: object{
		keyContext: q.base + metadata + "authenticationMethodConfigurations/$entity",
		keyType:    "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration",
		propID:     passPolicyID, "state": p.State, "defaultLength": p.Length, "defaultLifetimeInMinutes": p.Default,
		"minimumLifetimeInMinutes": p.Min, "maximumLifetimeInMinutes": p.Max, propOnce: p.Once,
		"includeTargets": targets(p.Include, true), "excludeTargets": targets(p.Exclude, false),
	}}, nil
}

func (s *Server) patchPassPolicy(q *request) (*reply, error) {
	body, err := q.object()
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(q.params[propID], passPolicyID) {
		return nil, notFound(q.params[propID])
	}
	p := s.t.Policy
	for name, into := range map[string]*int{
		"defaultLength": &p.Length, "defaultLifetimeInMinutes": &p.Default,
		"minimumLifetimeInMinutes": &p.Min, "maximumLifetimeInMinutes": &p.Max,
	} {
		if v, ok := field(body, name); ok {
			n, _ := v.(float64)
			*into = int(n)
		}
	}
	if v, ok := field(body, propOnce); ok {
		p.Once, _ = v.(bool)
	}
	if v, ok := field(body, "state"); ok {
		p.State, _ = v.(string)
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	s.t.Policy = p
	s.dirty.settings = true
	return &reply{status: http.StatusNoContent}, nil
}

// check refuses what the service does not take for a policy.
func (p policy) check() error {
	if p.Min < 10 || p.Max > 43200 || p.Default < p.Min || p.Default > p.Max || p.Length < 8 || p.Length > 48 ||
		(p.State != policyEnabled && p.State != policyDisabled) {
		return refuse(http.StatusBadRequest, codeMethod, "Invalid Temporary Access Pass configuration.")
	}
	return nil
}

// targets shows the groups that a policy is for, everybody by default.
func targets(groups []string, everybody bool) []any {
	out := []any{}
	if len(groups) == 0 && everybody {
		groups = []string{"all_users"}
	}
	for _, id := range groups {
		o := object{"targetType": "group", propID: id}
		if everybody {
			o["isRegistrationRequired"] = false
		}
		out = append(out, o)
	}
	return out
}

// mayHavePass tells whether the policy is for a user.
func (s *Server) mayHavePass(u *user) bool {
	in := func(groups []string) bool {
		return slices.ContainsFunc(s.parents(u.ID, true), func(g *group) bool { return slices.Contains(groups, g.ID) })
	}
	p := s.t.Policy
	return (len(p.Include) == 0 || in(p.Include)) && !in(p.Exclude)
}
