package oidc_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"tenure/internal/access"
	"tenure/internal/access/oidc"
)

const audience = "api://tenure"

// provider is a real issuer on this machine: discovery, keys, signed tokens.
type provider struct {
	t      *testing.T
	server *httptest.Server
	// issuer is what the discovery document says.
	issuer  string
	looks   atomic.Int64
	failing atomic.Bool

	mu   sync.Mutex
	keys []jose.JSONWebKey
	now  time.Time
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{t: t, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		p.write(w, map[string]any{
			"issuer": p.issuer, "jwks_uri": p.server.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256", "ES256", "HS256", "none"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		p.looks.Add(1)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.write(w, jose.JSONWebKeySet{Keys: p.keys})
	})
	p.server = httptest.NewServer(mux)
	t.Cleanup(p.server.Close)
	p.issuer = p.server.URL
	return p
}

func (p *provider) write(w http.ResponseWriter, value any) {
	if p.failing.Load() {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		p.t.Errorf("write: %v", err)
	}
}

func (p *provider) clock() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

func (p *provider) pass(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = p.now.Add(d)
}

// rotate replaces the keys by a new one and returns its private half.
func (p *provider) rotate(id string) *rsa.PrivateKey {
	p.t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		p.t.Fatal(err)
	}
	p.publish(id, key.Public(), "RS256")
	return key
}

func (p *provider) publish(id string, key crypto.PublicKey, algorithm string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = []jose.JSONWebKey{{Key: key, KeyID: id, Algorithm: algorithm, Use: "sig"}}
}

func (p *provider) claims(change func(map[string]any)) map[string]any {
	claims := map[string]any{
		"iss": p.issuer, "aud": audience, "sub": "s-1", "exp": p.clock().Add(time.Hour).Unix(), "iat": p.clock().Unix(),
		"roles": []string{"Tenure.Read", "Tenure.Operate", "Other"}, "email": "kim@contoso.example",
	}
	if change != nil {
		change(claims)
	}
	return claims
}

func (p *provider) sign(algorithm jose.SignatureAlgorithm, key any, id string, claims map[string]any) string {
	p.t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key},
		(&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", id))
	if err != nil {
		p.t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		p.t.Fatal(err)
	}
	return token
}

func (p *provider) issuerOf(change func(*oidc.Options)) *oidc.Issuer {
	o := oidc.Options{
		Issuer: p.server.URL, Audience: audience, RoleClaim: "roles", Now: p.clock,
		Roles: map[string]access.Role{"Tenure.Read": access.Viewer, "Tenure.Operate": access.Operator},
	}
	if change != nil {
		change(&o)
	}
	return oidc.New(o)
}

func TestS19TokensOfAnIssuer(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	key := p.rotate("k1")
	caller, err := p.issuerOf(nil).Authenticate(t.Context(), p.sign(jose.RS256, key, "k1", p.claims(nil)))
	if want := (access.Caller{Name: "oidc:s-1", Role: access.Operator, Verified: true}); err != nil || caller != want {
		t.Errorf("Authenticate() = %+v, %v, want %+v", caller, err, want)
	}
	elliptical, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p.publish("e1", elliptical.Public(), "ES256")
	if caller, err := p.issuerOf(nil).Authenticate(t.Context(), p.sign(jose.ES256, elliptical, "e1", p.claims(nil))); err != nil || !caller.Verified {
		t.Errorf("Authenticate() of an elliptic signature = %+v, %v", caller, err)
	}
}

func TestS19RolesComeFromTheClaim(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	key := p.rotate("k1")
	for name, c := range map[string]struct {
		claim  string
		claims func(map[string]any)
		want   access.Role
	}{
		"none of them is ours": {"roles", func(c map[string]any) { c["roles"] = []string{"Other"} }, 0},
		"no such claim":        {"groups", nil, 0},
		"a single text":        {"roles", func(c map[string]any) { c["roles"] = "Tenure.Read" }, access.Viewer},
		"a number":             {"roles", func(c map[string]any) { c["roles"] = 7 }, 0},
		"numbers in a list":    {"roles", func(c map[string]any) { c["roles"] = []any{7, "Tenure.Read"} }, access.Viewer},
		"a path": {
			"realm_access.roles",
			func(c map[string]any) { c["realm_access"] = map[string]any{"roles": []string{"Tenure.Read"}} },
			access.Viewer,
		},
		"a name with dots": {
			"https://contoso.example/roles",
			func(c map[string]any) { c["https://contoso.example/roles"] = []string{"Tenure.Operate"} },
			access.Operator,
		},
		"another case": {"roles", func(c map[string]any) { c["roles"] = []string{"tenure.operate"} }, 0},
	} {
		issuer := p.issuerOf(func(o *oidc.Options) { o.RoleClaim = c.claim })
		caller, err := issuer.Authenticate(t.Context(), p.sign(jose.RS256, key, "k1", p.claims(c.claims)))
		if err != nil || caller.Role != c.want {
			t.Errorf("%s: Authenticate() = %+v, %v, want role %s", name, caller, err, c.want)
		}
	}
	byMail := p.issuerOf(func(o *oidc.Options) { o.NameClaim = "email" })
	if caller, err := byMail.Authenticate(t.Context(), p.sign(jose.RS256, key, "k1", p.claims(nil))); err != nil || caller.Name != "oidc:kim@contoso.example" {
		t.Errorf("Authenticate() with nameClaim email = %+v, %v", caller, err)
	}
}

func TestS19HostileTokensOfAnIssuer(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	key := p.rotate("k1")
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	asSecret := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	with := func(name string, value any) map[string]any {
		return p.claims(func(c map[string]any) {
			if c[name] = value; value == nil {
				delete(c, name)
			}
		})
	}
	good := p.sign(jose.RS256, key, "k1", p.claims(nil))
	parts := strings.Split(good, ".")
	payload := base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"` + p.issuer + `","aud":"` + audience + `","sub":"root","exp":4102444800,"roles":["Tenure.Operate"]}`))
	header := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"another audience":         {p.sign(jose.RS256, key, "k1", with("aud", "api://other")), access.ErrUnknown},
		"no audience":              {p.sign(jose.RS256, key, "k1", with("aud", nil)), access.ErrUnknown},
		"another issuer":           {p.sign(jose.RS256, key, "k1", with("iss", "https://evil.example")), access.ErrUnknown},
		"the issuer with a slash":  {p.sign(jose.RS256, key, "k1", with("iss", p.issuer+"/")), access.ErrUnknown},
		"expired":                  {p.sign(jose.RS256, key, "k1", with("exp", p.clock().Add(-time.Second).Unix())), access.ErrExpired},
		"no expiry":                {p.sign(jose.RS256, key, "k1", with("exp", nil)), access.ErrExpired},
		"not yet valid":            {p.sign(jose.RS256, key, "k1", with("nbf", p.clock().Add(time.Hour).Unix())), access.ErrUnknown},
		"no subject":               {p.sign(jose.RS256, key, "k1", with("sub", nil)), access.ErrUnknown},
		"a subject of many lines":  {p.sign(jose.RS256, key, "k1", with("sub", "a\nb")), access.ErrUnknown},
		"a hidden letter":          {p.sign(jose.RS256, key, "k1", with("sub", "s-1\u200b")), access.ErrUnknown},
		"a turned direction":       {p.sign(jose.RS256, key, "k1", with("sub", "\u202es-1")), access.ErrUnknown},
		"an endless subject":       {p.sign(jose.RS256, key, "k1", with("sub", strings.Repeat("x", 181))), access.ErrUnknown},
		"a blank around it":        {p.sign(jose.RS256, key, "k1", with("sub", " s-1")), access.ErrUnknown},
		"a stranger's key":         {p.sign(jose.RS256, stranger, "k1", p.claims(nil)), access.ErrUnknown},
		"an unknown key":           {p.sign(jose.RS256, stranger, "k9", p.claims(nil)), access.ErrUnknown},
		"the public key as secret": {p.sign(jose.HS256, asSecret, "k1", p.claims(nil)), access.ErrUnknown},
		"algorithm none":           {header(`{"alg":"none","typ":"JWT"}`) + "." + payload + ".", access.ErrUnknown},
		"none with a signature":    {header(`{"alg":"none","kid":"k1"}`) + "." + payload + "." + parts[2], access.ErrUnknown},
		"another payload":          {parts[0] + "." + payload + "." + parts[2], access.ErrUnknown},
		"no signature":             {parts[0] + "." + parts[1] + ".", access.ErrUnknown},
		"two parts":                {parts[0] + "." + parts[1], access.ErrUnknown},
		"a key of its own":         {header(`{"alg":"RS256","jwk":{"kty":"oct","k":"AA"}}`) + "." + payload + "." + parts[2], access.ErrUnknown},
		"no token":                 {"x", access.ErrUnknown},
		"nothing":                  {"", access.ErrUnknown},
	} {
		caller, err := p.issuerOf(nil).Authenticate(t.Context(), c.token)
		if !errors.Is(err, c.want) || caller != (access.Caller{}) {
			t.Errorf("%s: Authenticate() = %+v, %v, want %v", name, caller, err, c.want)
		}
		if err != nil && c.token != "x" && c.token != "" && strings.Contains(err.Error(), strings.Split(c.token, ".")[1]) {
			t.Errorf("%s: the error %q shows the token", name, err)
		}
	}
}

// TestS19ASharedSecretVerifiesNothing: whoever could check such a token could
// write one.
func TestS19ASharedSecretVerifiesNothing(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	secret := []byte("a secret of the issuer and of all who read its keys")
	p.mu.Lock()
	p.keys = []jose.JSONWebKey{{Key: secret, KeyID: "s1", Algorithm: "HS256", Use: "sig"}}
	p.mu.Unlock()
	token := p.sign(jose.HS256, secret, "s1", p.claims(nil))
	if caller, err := p.issuerOf(nil).Authenticate(t.Context(), token); !errors.Is(err, access.ErrUnknown) {
		t.Errorf("Authenticate() = %+v, %v, want ErrUnknown", caller, err)
	}
}

func TestS19RotatedKeysAreFound(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	old := p.rotate("k1")
	issuer := p.issuerOf(nil)
	first := p.sign(jose.RS256, old, "k1", p.claims(nil))
	if _, err := issuer.Authenticate(t.Context(), first); err != nil {
		t.Fatalf("Authenticate() = %v", err)
	}
	fresh := p.rotate("k2")
	second := p.sign(jose.RS256, fresh, "k2", p.claims(nil))
	if _, err := issuer.Authenticate(t.Context(), second); !errors.Is(err, access.ErrUnknown) {
		t.Errorf("Authenticate() right after a look = %v: want no second look yet", err)
	}
	for range 50 {
		_, _ = issuer.Authenticate(t.Context(), p.sign(jose.RS256, fresh, "k3", p.claims(nil)))
	}
	if got := p.looks.Load(); got != 1 {
		t.Errorf("the issuer was asked for its keys %d times, want once", got)
	}
	p.pass(11 * time.Second)
	// The library hands over what a look found before it keeps it, and shares the
	// answer of one that is about to end: both take effect a moment later.
	soon(func() bool {
		caller, err := issuer.Authenticate(t.Context(), second)
		return err == nil && caller.Role == access.Operator
	}, func() { t.Error("Authenticate() does not take a token of the new key") })
	soon(func() bool {
		_, err := issuer.Authenticate(t.Context(), first)
		return errors.Is(err, access.ErrUnknown)
	}, func() { t.Error("Authenticate() takes a token of the withdrawn key") })
}

// soon tries some hundred times, and else complains.
func soon(holds func() bool, complain func()) {
	for range 500 {
		if holds() {
			return
		}
	}
	complain()
}

func TestS19AnIssuerThatIsAway(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	key := p.rotate("k1")
	p.failing.Store(true)
	issuer := p.issuerOf(nil)
	token := p.sign(jose.RS256, key, "k1", p.claims(nil))
	if _, err := issuer.Authenticate(t.Context(), token); !errors.Is(err, access.ErrUnavailable) {
		t.Errorf("Authenticate() = %v, want ErrUnavailable", err)
	}
	if err := issuer.Ready(t.Context()); !errors.Is(err, access.ErrUnavailable) || !strings.Contains(err.Error(), "502") {
		t.Errorf("Ready() = %v, want what the issuer answers", err)
	}
	p.failing.Store(false)
	p.pass(11 * time.Second)
	if _, err := issuer.Authenticate(t.Context(), token); err != nil {
		t.Errorf("Authenticate() once it is back = %v", err)
	}
	p.failing.Store(true)
	p.pass(11 * time.Second)
	if _, err := issuer.Authenticate(t.Context(), token); err != nil {
		t.Errorf("Authenticate() with keys that are known = %v: the issuer need not be asked", err)
	}
	other := p.sign(jose.RS256, key, "k9", p.claims(nil))
	if _, err := issuer.Authenticate(t.Context(), other); !errors.Is(err, access.ErrUnavailable) {
		t.Errorf("Authenticate() with an unknown key = %v, want ErrUnavailable", err)
	}
}

func TestS19ADiscoveryOfSomebodyElse(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	key := p.rotate("k1")
	p.issuer = "https://evil.example"
	if _, err := p.issuerOf(nil).Authenticate(t.Context(), p.sign(jose.RS256, key, "k1", p.claims(nil))); !errors.Is(err, access.ErrUnavailable) {
		t.Errorf("Authenticate() = %v, want ErrUnavailable", err)
	}
}
