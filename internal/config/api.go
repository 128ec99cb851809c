package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tenure/internal/access"
)

// API says who may call the API, and how it is reached.
type API struct {
	Tokens  []Token `yaml:"tokens"`
	OIDC    OIDC    `yaml:"oidc"`
	Signals Signals `yaml:"signals"`
	TLS     TLS     `yaml:"tls"`
	// Decode lets operators, and the Temporal Web UI on their behalf, read what is
	// encrypted in Temporal.
	Decode bool   `yaml:"decode"`
	AtOnce AtOnce `yaml:"atOnce"`
	// Drain is how long a starter that was told to stop still serves, while
	// /readyz fails: balancers take it out meanwhile.
	Drain time.Duration `yaml:"drain"`
}

// Token is a named credential. `tenure token new` writes one.
type Token struct {
	Name string `yaml:"name"`
	// Role is viewer, operator, approver or admin.
	Role string `yaml:"role"`
	// SHA256 is that of the token's text, in hex.
	SHA256 string `yaml:"sha256"`
	// Expires is its last day (UTC), or the instant from which it is not taken.
	Expires string `yaml:"expires"`
}

// OIDC is an issuer whose bearer tokens are taken.
type OIDC struct {
	Issuer    string `yaml:"issuer"`
	Audience  string `yaml:"audience"`
	RoleClaim string `yaml:"roleClaim"`
	// NameClaim is who the caller is: sub where it is left out.
	NameClaim string `yaml:"nameClaim"`
	// Roles gives values of the role claim their roles.
	Roles map[string]string `yaml:"roles"`
}

// Signals say what a signal from the Temporal Web UI may do.
type Signals struct {
	// Steer lets signals approve, set dates, rescind, release and run what waits.
	// Whoever may write to the namespace may send one.
	Steer bool `yaml:"steer"`
}

// AtOnce bounds what a starter has in hand at a time. What comes beyond is
// answered 503 and not read.
type AtOnce struct {
	// Events are deliveries of webhooks, Imports files.
	Events  int `yaml:"events"`
	Imports int `yaml:"imports"`
}

// TLS is where encryption of the API's connections ends.
type TLS struct {
	// Certificate and Key are references to PEM.
	Certificate string `yaml:"certificate"`
	Key         string `yaml:"key"`
	// EndsBefore states that something in front of the starter does it.
	EndsBefore bool `yaml:"endsBefore"`
}

// Credentials reports whether callers must have a token.
func (a API) Credentials() bool { return len(a.Tokens) > 0 || a.OIDC.Issuer != "" }

// Serves reports whether the starter itself speaks TLS.
func (t TLS) Serves() bool { return t.Certificate != "" }

// Named are the tokens as they are compared. The configuration has been
// validated.
func (a API) Named() []access.Token {
	out := make([]access.Token, 0, len(a.Tokens))
	for _, token := range a.Tokens {
		role, _ := access.ParseRole(token.Role)
		one := access.Token{Name: token.Name, Role: role}
		one.Expires, _ = token.expires()
		_, _ = hex.Decode(one.Digest[:], []byte(token.SHA256))
		out = append(out, one)
	}
	return out
}

// RoleMap are the roles of an issuer's tokens. The configuration has been
// validated.
func (o OIDC) RoleMap() map[string]access.Role {
	out := make(map[string]access.Role, len(o.Roles))
	for value, text := range o.Roles {
		out[value], _ = access.ParseRole(text)
	}
	return out
}

// expires is the first instant at which a token is not taken.
func (t Token) expires() (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, t.Expires); err == nil {
		return day.AddDate(0, 0, 1), nil
	}
	return time.Parse(time.RFC3339, t.Expires)
}

// tokenName is what a name may be: it stands in the ledger as the actor, where
// a colon marks actors of other kinds.
var tokenName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`)

func (a API) validate(listen string) []error {
	var problems []error
	names, digests := map[string]bool{}, map[string]bool{}
	for i, token := range a.Tokens {
		place := fmt.Sprintf("api.tokens[%d]", i)
		problems = append(problems, token.problems(place+".")...)
		name := strings.ToLower(token.Name)
		if names[name] {
			problems = append(problems, fmt.Errorf("%s.name: %.64q is there twice", place, token.Name))
		}
		digest := strings.ToLower(token.SHA256)
		if digests[digest] {
			problems = append(problems, fmt.Errorf("%s.sha256: another token has the same", place))
		}
		names[name], digests[digest] = true, true
	}
	problems = append(problems, a.OIDC.validate()...)
	problems = append(problems, a.TLS.validate()...)
	problems = append(problems, a.validateLoad()...)
	return append(problems, a.validateListen(listen))
}

// maxDrain is shorter than the grace that anything gives a process to stop.
const maxDrain = 5 * time.Minute

func (a API) validateLoad() []error {
	var problems []error
	if a.AtOnce.Events < 1 {
		problems = append(problems, fmt.Errorf("api.atOnce.events is %d: want how many deliveries may be in hand, at least 1", a.AtOnce.Events))
	}
	if a.AtOnce.Imports < 1 {
		problems = append(problems, fmt.Errorf("api.atOnce.imports is %d: want how many files may be in hand, at least 1", a.AtOnce.Imports))
	}
	if a.Drain < 0 || a.Drain > maxDrain {
		problems = append(problems, fmt.Errorf("api.drain is %s: want 0s to %s", a.Drain, maxDrain))
	}
	return problems
}

// Validate reports every problem of one token at once.
func (t Token) Validate() error { return errors.Join(t.problems("")...) }

func (t Token) problems(place string) []error {
	var problems []error
	if !tokenName.MatchString(t.Name) {
		problems = append(problems, fmt.Errorf("%sname is %.64q: want letters, digits and . _ @ - (at most 64)", place, t.Name))
	}
	if _, err := access.ParseRole(t.Role); err != nil {
		problems = append(problems, fmt.Errorf("%s%w", place, err))
	}
	// What stands here may be the token itself by mistake: it is not repeated.
	if sum, err := hex.DecodeString(t.SHA256); err != nil || len(sum) != sha256.Size {
		problems = append(problems, fmt.Errorf("%ssha256 is no SHA-256 in hex (64 digits): tenure token new writes one", place))
	}
	if _, err := t.expires(); err != nil {
		problems = append(problems, fmt.Errorf("%sexpires is %.64q: want its last day such as 2027-02-01, or an instant", place, t.Expires))
	}
	return problems
}

func (o OIDC) validate() []error {
	if o.Issuer == "" {
		if o.Audience != "" || o.RoleClaim != "" || o.NameClaim != "" || len(o.Roles) > 0 {
			return []error{errors.New("api.oidc.issuer is missing: want the URL that tokens state as iss")}
		}
		return nil
	}
	var problems []error
	issuer, err := url.Parse(o.Issuer)
	if err != nil || issuer.Host == "" || issuer.RawQuery != "" || issuer.Fragment != "" || issuer.User != nil || !encrypted(issuer) {
		problems = append(problems, fmt.Errorf("api.oidc.issuer is %.64q: want an https URL such as https://login.contoso.example/tenant", o.Issuer))
	}
	if o.Audience == "" {
		problems = append(problems, errors.New("api.oidc.audience is missing: tokens for other services would be taken"))
	}
	if o.RoleClaim == "" {
		problems = append(problems, errors.New("api.oidc.roleClaim is missing: want the claim that says what a caller may do, such as roles"))
	}
	if len(o.Roles) == 0 {
		problems = append(problems, errors.New("api.oidc.roles is missing: want VALUE: ROLE for the values of the role claim"))
	}
	for _, value := range slices.Sorted(maps.Keys(o.Roles)) {
		if _, err := access.ParseRole(o.Roles[value]); err != nil {
			problems = append(problems, fmt.Errorf("api.oidc.roles.%.64s: %w", value, err))
		}
	}
	return problems
}

// encrypted lets http be used on this machine only.
func encrypted(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

func (t TLS) validate() []error {
	var problems []error
	if (t.Certificate == "") != (t.Key == "") {
		problems = append(problems, errors.New("api.tls: certificate and key are one without the other"))
	}
	if t.Serves() && t.EndsBefore {
		problems = append(problems, errors.New("api.tls: either the starter has a certificate or TLS endsBefore it, not both"))
	}
	problems = append(problems, validateReference("api.tls.certificate", t.Certificate), validateReference("api.tls.key", t.Key))
	if t.Certificate != "" && !IsReference(t.Certificate) {
		problems = append(problems, errors.New("api.tls.certificate is no reference: want file:PATH"))
	}
	if t.Key != "" && !IsReference(t.Key) {
		problems = append(problems, errors.New("api.tls.key is written in clear: want file:PATH"))
	}
	return problems
}

// validateListen refuses every address but loopback ones without credentials,
// and without encryption (S19).
func (a API) validateListen(listen string) error {
	host, port, err := net.SplitHostPort(listen)
	number, wrong := strconv.ParseUint(port, 10, 16)
	switch {
	case err != nil:
		return fmt.Errorf("listen is %.64q: want HOST:PORT", listen)
	case wrong != nil || strconv.FormatUint(number, 10) != port:
		return fmt.Errorf("listen is %.64q: want a port from 0 to 65535", listen)
	case isLoopback(host):
		return nil
	case !a.Credentials():
		return fmt.Errorf("listen is %.64q: without api.tokens or api.oidc the starter listens on loopback only, such as 127.0.0.1:8080", listen)
	case !a.TLS.Serves() && !a.TLS.EndsBefore:
		return fmt.Errorf("listen is %.64q: tokens would travel in the clear: want api.tls.certificate and key, or api.tls.endsBefore: true where a proxy speaks TLS", listen)
	default:
		return nil
	}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
