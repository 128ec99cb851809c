package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/coreos/go-oidc/v3/oidc"

	"tenure/internal/access"
	"tenure/workflows/contract"
)

// Options name an issuer and say what its tokens allow.
type Options struct {
	// Issuer is its URL exactly as its tokens state it.
	Issuer string
	// Audience must be among those of a token.
	Audience string
	// RoleClaim holds a text or a list of texts. A name that is no claim of the
	// token is taken as a path: realm_access.roles.
	RoleClaim string
	// NameClaim is who the caller is, sub where it is "".
	NameClaim string
	// Roles gives the values of the role claim their roles. A caller with several
	// has the greatest one.
	Roles map[string]access.Role
	// HTTP carries the calls to the issuer; nil is a client of this package's own.
	HTTP http.RoundTripper
	Now  func() time.Time
}

// NamePrefix begins the names of callers of an issuer, so that none of them is
// taken for a named token.
const NamePrefix = contract.IssuerPrefix

// defaultNameClaim is unique with the issuer and never given to somebody else.
const defaultNameClaim = "sub"

// maxName bounds a name, which becomes the actor of decisions.
const maxName = 180

// Issuer verifies tokens. It is safe for concurrent use.
type Issuer struct {
	options Options
	client  *http.Client

	mu       sync.Mutex
	verifier *oidc.IDTokenVerifier
}

// New makes an issuer. It is discovered when the first token comes, so that it
// may be away when the starter starts.
func New(o Options) *Issuer {
	if o.NameClaim == "" {
		o.NameClaim = defaultNameClaim
	}
	return &Issuer{options: o, client: newClient(o.HTTP, o.Now)}
}

// Authenticate implements [access.Authenticator].
func (i *Issuer) Authenticate(ctx context.Context, bearer string) (access.Caller, error) {
	verifier, err := i.discovered(ctx)
	if err != nil {
		return access.Caller{}, err
	}
	var fetch error
	token, err := verifier.Verify(context.WithValue(ctx, fetchKey{}, &fetch), bearer)
	var expired *oidc.TokenExpiredError
	switch {
	case errors.As(err, &expired):
		return access.Caller{}, access.ErrExpired
	case fetch != nil:
		return access.Caller{}, unavailable(fetch)
	case err != nil:
		// The library's text may quote what the sender wrote.
		return access.Caller{}, access.ErrUnknown
	}
	var claims map[string]any
	if err := token.Claims(&claims); err != nil {
		return access.Caller{}, access.ErrUnknown
	}
	return i.caller(claims)
}

// Ready discovers the issuer, for the doctor.
func (i *Issuer) Ready(ctx context.Context) error {
	_, err := i.discovered(ctx)
	return err
}

// discovered is the verifier, once the issuer has said where its keys are.
func (i *Issuer) discovered(ctx context.Context) (*oidc.IDTokenVerifier, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.verifier != nil {
		return i.verifier, nil
	}
	ctx = oidc.ClientContext(context.WithoutCancel(ctx), i.client)
	provider, err := oidc.NewProvider(ctx, i.options.Issuer)
	if err != nil {
		return nil, unavailable(err)
	}
	var document struct {
		KeysURL    string   `json:"jwks_uri"`
		Algorithms []string `json:"id_token_signing_alg_values_supported"`
	}
	if err := provider.Claims(&document); err != nil {
		return nil, unavailable(err)
	}
	keys := keySet{remote: oidc.NewRemoteKeySet(ctx, document.KeysURL)}
	i.verifier = oidc.NewVerifier(i.options.Issuer, keys, &oidc.Config{
		ClientID: i.options.Audience, Now: i.options.Now, SupportedSigningAlgs: asymmetric(document.Algorithms),
	})
	return i.verifier, nil
}

// asymmetric keeps the algorithms whose verifier cannot also sign: never none,
// never one with a shared secret, whatever the issuer says.
func asymmetric(offered []string) []string {
	known := []string{
		oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA,
	}
	kept := slices.DeleteFunc(slices.Clone(offered), func(name string) bool { return !slices.Contains(known, name) })
	if len(kept) == 0 {
		return []string{oidc.RS256}
	}
	return kept
}

// unavailable says why the issuer cannot be asked. The cause is of the network
// or of the issuer's documents and quotes no token.
func unavailable(cause error) error {
	if failed, ok := errors.AsType[*url.Error](cause); ok {
		cause = failed.Err
	}
	return fmt.Errorf("%w: %w", access.ErrUnavailable, cause)
}

// caller reads who a verified token speaks of, and what that allows.
func (i *Issuer) caller(claims map[string]any) (access.Caller, error) {
	name, _ := claims[i.options.NameClaim].(string)
	if name == "" || len(name) > maxName || name != strings.TrimSpace(name) || strings.ContainsFunc(name, isHidden) {
		return access.Caller{}, access.ErrUnknown
	}
	caller := access.Caller{Name: NamePrefix + name, Verified: true}
	for _, value := range texts(claim(claims, i.options.RoleClaim)) {
		caller.Role = max(caller.Role, i.options.Roles[value])
	}
	return caller, nil
}

// isHidden finds what cannot be seen in a name, or turns the reading direction:
// one that only looks like another is another person's.
func isHidden(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }

// claim finds a claim by its name, else by a path of names.
func claim(claims map[string]any, name string) any {
	if value, found := claims[name]; found {
		return value
	}
	first, rest, deep := strings.Cut(name, ".")
	inner, is := claims[first].(map[string]any)
	if !deep || !is {
		return nil
	}
	return claim(inner, rest)
}

// texts reads a text or a list of them.
func texts(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case []any:
		var out []string
		for _, one := range value {
			if text, is := one.(string); is {
				out = append(out, text)
			}
		}
		return out
	default:
		return nil
	}
}
