package entra_test

import (
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/entra"
)

// canned is a Graph that says what a test wants, behind a token endpoint that
// always agrees.
type canned struct {
	server *httptest.Server

	mu       sync.Mutex
	requests []*http.Request
	bodies   []string
}

// newCanned answers every Graph request with one function.
func newCanned(t *testing.T, answer http.HandlerFunc) *canned {
	t.Helper()
	c := &canned{}
	c.server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1.0/") {
			body, _ := io.ReadAll(r.Body)
			c.mu.Lock()
			c.requests, c.bodies = append(c.requests, r), append(c.bodies, string(body))
			c.mu.Unlock()
			answer(w, r)
			return
		}
		base := "https://" + r.Host + "/tenant"
		reply := map[string]any{"access_token": "token", "token_type": "Bearer", "expires_in": 3600}
		if strings.HasSuffix(r.URL.Path, "openid-configuration") {
			reply = map[string]any{
				"issuer": base + "/v2.0", "authorization_endpoint": base + "/oauth2/v2.0/authorize",
				"token_endpoint": base + "/oauth2/v2.0/token",
			}
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(reply)
	}))
	t.Cleanup(c.server.Close)
	return c
}

func (c *canned) config() entra.Config {
	pool := x509.NewCertPool()
	pool.AddCert(c.server.Certificate())
	return entra.Config{
		Name: "entra", Tenant: "tenant",
		Credential: entra.Credential{
			Kind: entra.CredentialSecret, ClientID: clientID, Secret: directory.NewSecret(clientSecret),
		},
		BaseURL: c.server.URL + "/v1.0", Authority: c.server.URL + "/", RootCAs: pool, RequestTimeout: 10 * time.Second,
	}
}

// seen returns what was asked so far.
func (c *canned) seen() ([]*http.Request, []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.requests, c.bodies
}

// say answers one status, header and body.
func say(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}
