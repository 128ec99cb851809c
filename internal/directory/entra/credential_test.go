package entra_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/entra"
	"tenure/internal/sim/graph"
)

// otherClient is the application of the credential tests.
const otherClient = "99999999-2222-4333-8444-555555555555"

func TestEveryKindOfCredentialSignsIn(t *testing.T) {
	t.Parallel()
	certificate, key := newCertificate(t)
	tokenFile := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(tokenFile, []byte(workloadToken(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newSimulator(t, graph.Options{Apps: []graph.App{{
		ID: otherClient, Secret: clientSecret, Keys: []crypto.PublicKey{key},
		Federated: []graph.Federated{{Issuer: "https://cluster.example", Subject: "system:serviceaccount:tenure:worker"}},
	}}})
	for _, c := range []entra.Credential{
		{Kind: entra.CredentialSecret, Secret: directory.NewSecret(clientSecret)},
		{Kind: entra.CredentialCertificate, Certificate: certificate},
		{Kind: entra.CredentialWorkload, TokenFile: tokenFile},
	} {
		t.Run(string(c.Kind), func(t *testing.T) {
			cfg := configFor(s)
			cfg.Credential = c
			cfg.Credential.ClientID = otherClient
			if _, err := connect(t, cfg).AccountsByEmployeeID(t.Context(), "E1"); err != nil {
				t.Errorf("first request: %v", err)
			}
		})
	}
}

func TestARefusedSignInShowsItsCodeOnly(t *testing.T) {
	t.Parallel()
	cfg := configFor(newSimulator(t, graph.Options{}))
	cfg.Credential.Secret = directory.NewSecret("another-wrong-one")
	_, err := connect(t, cfg).Account(t.Context(), clientID)
	if !errors.Is(err, directory.ErrDenied) || !strings.Contains(err.Error(), "AADSTS") {
		t.Fatalf("error = %v, want denied with the vendor's code", err)
	}
	for _, hidden := range []string{"another-wrong-one", clientID, "https://"} {
		if strings.Contains(err.Error(), hidden) {
			t.Errorf("error %q shows %q", err, hidden)
		}
	}
}

func newCertificate(t *testing.T) ([]byte, crypto.PublicKey) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "tenure"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	out := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return append(out, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})...), &key.PublicKey
}

// workloadToken is what a cluster puts into the token file; the simulator does
// not check its signature.
func workloadToken(t *testing.T) string {
	t.Helper()
	part := func(v map[string]any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	return part(map[string]any{"alg": "RS256", "typ": "JWT"}) + "." + part(map[string]any{
		"iss": "https://cluster.example", "sub": "system:serviceaccount:tenure:worker",
		"aud": "api://AzureADTokenExchange", "exp": time.Now().Add(time.Hour).Unix(),
	}) + "." + base64.RawURLEncoding.EncodeToString([]byte("signature"))
}
