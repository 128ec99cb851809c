package graph_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"tenure/internal/sim/graph"
)

const workloadSubject = "system:serviceaccount:tenure:worker"

func listen(t *testing.T, o graph.Options) *graph.Server {
	t.Helper()
	s, err := graph.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	return s
}

func selfSigned(t *testing.T) (*x509.Certificate, *rsa.PrivateKey) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "app"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func encoded(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// credentials are the three that the product offers, made by azidentity as it is.
func credentials(t *testing.T, s *graph.Server, cert *x509.Certificate, key crypto.PrivateKey, secretText, subject string) map[string]azcore.TokenCredential {
	t.Helper()
	client := s.Client()
	t.Cleanup(client.CloseIdleConnections)
	opts := policy.ClientOptions{
		Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: s.URL()},
		Transport: client, Retry: policy.RetryOptions{MaxRetries: -1},
	}
	bySecret, err := azidentity.NewClientSecretCredential(s.TenantID(), appID, secretText,
		&azidentity.ClientSecretCredentialOptions{ClientOptions: opts, DisableInstanceDiscovery: true})
	if err != nil {
		t.Fatal(err)
	}
	byCert, err := azidentity.NewClientCertificateCredential(s.TenantID(), appID, []*x509.Certificate{cert}, key,
		&azidentity.ClientCertificateCredentialOptions{ClientOptions: opts, DisableInstanceDiscovery: true})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "token")
	assertion := encoded(`{"alg":"RS256"}`) + "." + encoded(fmt.Sprintf(
		`{"iss":"https://issuer.contoso.example","sub":%q,"aud":"api://AzureADTokenExchange","exp":%d}`,
		subject, time.Now().Add(time.Hour).Unix())) + "." + encoded("signature")
	if err := os.WriteFile(file, []byte(assertion), 0o600); err != nil {
		t.Fatal(err)
	}
	byWorkload, err := azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
		ClientOptions: opts, DisableInstanceDiscovery: true, ClientID: appID, TenantID: s.TenantID(), TokenFilePath: file,
	})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]azcore.TokenCredential{"secret": bySecret, "certificate": byCert, "workload": byWorkload}
}

func tokenOptions() policy.TokenRequestOptions {
	return policy.TokenRequestOptions{Scopes: []string{"https://graph.microsoft.com/.default"}}
}

func get(ctx context.Context, t *testing.T, s *graph.Server, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"/v1.0/users", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	client := s.Client()
	defer client.CloseIdleConnections()
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

func TestAzidentitySignsIn(t *testing.T) {
	t.Parallel()
	cert, key := selfSigned(t)
	s := listen(t, graph.Options{Apps: []graph.App{{
		ID: appID, Secret: secret, Keys: []crypto.PublicKey{cert.PublicKey},
		Federated: []graph.Federated{{Issuer: "https://issuer.contoso.example", Subject: workloadSubject}},
	}}})
	for name, cred := range credentials(t, s, cert, key, secret, workloadSubject) {
		tok, err := cred.GetToken(t.Context(), tokenOptions())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := get(t.Context(), t, s, tok.Token); got != 200 {
			t.Errorf("%s: GET /users = %d, want 200", name, got)
		}
		if until := time.Until(tok.ExpiresOn); until < 50*time.Minute || until > time.Hour {
			t.Errorf("%s: the token lives %s", name, until)
		}
	}
	otherCert, otherKey := selfSigned(t)
	for name, cred := range credentials(t, s, otherCert, otherKey, "wrong", "somebody else") {
		if _, err := cred.GetToken(t.Context(), tokenOptions()); err == nil || !strings.Contains(err.Error(), "AADSTS7000") {
			t.Errorf("wrong %s: %v, want AADSTS7000...", name, err)
		}
	}
}

func TestAuthorityIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := graph.New(graph.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ca, tenant := first.CA(), first.TenantID()
	if err := first.Start(t.Context(), "127.0.0.1:0"); err == nil {
		t.Error("Start twice = nil, want an error")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := listen(t, graph.Options{Dir: dir})
	if !bytes.Equal(ca, second.CA()) || second.TenantID() != tenant {
		t.Error("the authority or the tenant changed with a restart")
	}
	file, err := os.ReadFile(filepath.Join(dir, "graph-ca.pem"))
	if err != nil || !bytes.Equal(file, ca) {
		t.Errorf("graph-ca.pem differs from CA(): %v", err)
	}
	info, err := os.Stat(filepath.Join(dir, "graph-ca.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file = %v %v, want mode 0600", info, err)
	}
	if got := get(t.Context(), t, second, "nothing"); got != 401 {
		t.Errorf("without a token = %d, want 401", got)
	}
}

func TestTokenEndpointRefusals(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *graph.Options) { o.Apps = append(o.Apps, graph.App{ID: nobody}) })
	const form = "application/x-www-form-urlencoded"
	path := h.url + "/" + h.TenantID() + "/oauth2/v2.0/token"
	scope := "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"
	tests := []struct {
		body   string
		status int
		code   string
	}{
		{"grant_type=password", 400, "unsupported_grant_type"},
		{"grant_type=client_credentials&client_id=" + appID + "&client_secret=" + secret, 400, "invalid_scope"},
		{"grant_type=client_credentials&client_id=x" + scope, 400, "unauthorized_client"},
		{"grant_type=client_credentials&client_id=" + appID + "&client_secret=no" + scope, 401, "invalid_client"},
		{"grant_type=client_credentials&client_id=" + nobody + "&client_secret=" + scope, 401, "invalid_client"},
		{"grant_type=client_credentials&client_id=" + nobody + "&client_assertion=x.y.z" + scope, 400, "invalid_request"},
		{"grant_type=client_credentials&client_id=" + appID + "&client_secret=" + secret + scope, 200, ""},
	}
	for _, tt := range tests {
		if a := h.do("POST", path, tt.body, "Content-Type", form); a.status != tt.status || str(a.body, "error") != tt.code {
			t.Errorf("%s: %d %s, want %d %s", tt.body, a.status, a.text, tt.status, tt.code)
		}
	}
	h.must(400, "GET", h.url+"/"+nobody+"/v2.0/.well-known/openid-configuration", nil)
	h.must(200, "GET", h.url+"/common/discovery/instance?api-version=1.1", nil)
	h.must(404, "GET", h.url+"/elsewhere", nil)
	for _, ex := range h.rec.Exchanges() {
		if bytes.Contains(ex.RequestBody, []byte(secret)) || len(ex.ResponseBody) > 0 && bytes.Contains(ex.ResponseBody, []byte("access_token")) {
			t.Error("the recorder was given a secret")
		}
	}
}

func TestExpiredToken(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *graph.Options) { o.TokenLife = -time.Second })
	if a := h.must(401, "GET", "/users", nil); !strings.Contains(a.message(), "expired") {
		t.Errorf("expired token: %s", a.message())
	}
}
