package webhook_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"tenure/internal/hr/webhook"
)

// The published vector of Standard Webhooks.
const (
	vectorSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	vectorID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	vectorTime      = 1614265330
	vectorBody      = `{"test": 2432232314}`
	vectorSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

func headers(id, stamp string, signatures ...string) http.Header {
	out := http.Header{}
	out.Set(webhook.HeaderID, id)
	out.Set(webhook.HeaderTimestamp, stamp)
	for _, signature := range signatures {
		out.Add(webhook.HeaderSignature, signature)
	}
	return out
}

// TestDigestTellsBodiesApart: through a change of secrets too, as long as the ring
// holds the one of before, and never by what anybody could compute.
func TestDigestTellsBodiesApart(t *testing.T) {
	t.Parallel()
	other := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	ring := func(secrets ...string) *webhook.Verifier {
		v, err := webhook.NewVerifier(secrets, 0)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	made := ring(vectorSecret).Digest([]byte(vectorBody))
	plain := sha256.Sum256([]byte(vectorBody))
	if strings.Contains(made, hex.EncodeToString(plain[:])) || made == ring(other).Digest([]byte(vectorBody)) {
		t.Errorf("the digest %s does not hang on the secret", made)
	}
	for _, tt := range []struct {
		name     string
		verifier *webhook.Verifier
		made     string
		body     string
		want     bool
	}{
		{"same body", ring(vectorSecret), made, vectorBody, false},
		{"other body", ring(vectorSecret), made, vectorBody + " ", true},
		{"same body, new secret", ring(other, vectorSecret), made, vectorBody, false},
		{"other body, new secret", ring(other, vectorSecret), made, vectorBody + " ", true},
		{"secret is gone", ring(other), made, vectorBody + " ", false},
		{"no digest", ring(vectorSecret), "", vectorBody, false},
		{"cut digest", ring(vectorSecret), made[:40], vectorBody, true},
	} {
		if got := tt.verifier.Differs(tt.made, []byte(tt.body)); got != tt.want {
			t.Errorf("%s: differs = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	other := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	stamp := strconv.Itoa(vectorTime)
	twice := headers(vectorID, stamp, vectorSignature)
	twice.Add(webhook.HeaderID, vectorID)
	tests := []struct {
		name    string
		secrets []string
		headers http.Header
		body    string
		off     time.Duration
		want    string
	}{
		{"vector", []string{vectorSecret}, headers(vectorID, stamp, vectorSignature), vectorBody, 0, ""},
		{"without prefix", []string{strings.TrimPrefix(vectorSecret, "whsec_")}, headers(vectorID, stamp, vectorSignature), vectorBody, 0, ""},
		{"old key of the ring", []string{other, vectorSecret}, headers(vectorID, stamp, vectorSignature), vectorBody, 0, ""},
		{"second signature", []string{vectorSecret}, headers(vectorID, stamp, "v1,AAAA v1a,AAAA "+vectorSignature), vectorBody, 0, ""},
		{"second header", []string{vectorSecret}, headers(vectorID, stamp, "v1,AAAA", vectorSignature), vectorBody, 0, ""},
		{"edge of the window", []string{vectorSecret}, headers(vectorID, stamp, vectorSignature), vectorBody, 5 * time.Minute, ""},
		{"too old", []string{vectorSecret}, headers(vectorID, stamp, vectorSignature), vectorBody, 5*time.Minute + time.Second, "off"},
		{"too new", []string{vectorSecret}, headers(vectorID, stamp, vectorSignature), vectorBody, -5*time.Minute - time.Second, "off"},
		{"other body", []string{vectorSecret}, headers(vectorID, stamp, vectorSignature), vectorBody + " ", 0, "no signature matches"},
		{"other id", []string{vectorSecret}, headers("msg_2", stamp, vectorSignature), vectorBody, 0, "no signature matches"},
		{"other key", []string{other}, headers(vectorID, stamp, vectorSignature), vectorBody, 0, "no signature matches"},
		{"asymmetric only", []string{vectorSecret}, headers(vectorID, stamp, strings.Replace(vectorSignature, "v1", "v1a", 1)), vectorBody, 0, "no signature matches"},
		{"empty signature", []string{vectorSecret}, headers(vectorID, stamp, "v1,"), vectorBody, 0, "no signature matches"},
		{"no signature", []string{vectorSecret}, headers(vectorID, stamp), vectorBody, 0, "want 1 to 16 signatures"},
		{"many signatures", []string{vectorSecret}, headers(vectorID, stamp, strings.Repeat("v1,AAAA ", 17)), vectorBody, 0, "want 1 to 16 signatures"},
		{"leading zero", []string{vectorSecret}, headers(vectorID, "0"+stamp, vectorSignature), vectorBody, 0, "number of seconds"},
		{"signed time", []string{vectorSecret}, headers(vectorID, "+"+stamp, vectorSignature), vectorBody, 0, "number of seconds"},
		{"no time", []string{vectorSecret}, headers(vectorID, "", vectorSignature), vectorBody, 0, "want one header"},
		{"two ids", []string{vectorSecret}, twice, vectorBody, 0, "want one header"},
		{"long id", []string{vectorSecret}, headers(strings.Repeat("a", 129), stamp, vectorSignature), vectorBody, 0, "printable"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v, err := webhook.NewVerifier(tt.secrets, 0)
			if err != nil {
				t.Fatal(err)
			}
			id, err := v.Verify(tt.headers, []byte(tt.body), time.Unix(vectorTime, 0).Add(tt.off))
			if tt.want == "" {
				if err != nil || id != vectorID {
					t.Errorf("Verify = %q, %v; want %q", id, err, vectorID)
				}
				return
			}
			if !errors.Is(err, webhook.ErrUnverified) || !strings.Contains(err.Error(), tt.want) || id != "" {
				t.Errorf("Verify = %q, %v; want ErrUnverified with %q", id, err, tt.want)
			}
		})
	}
}

func TestNewVerifierRefusesWeakSecrets(t *testing.T) {
	t.Parallel()
	for name, secrets := range map[string][]string{
		"none":       nil,
		"empty":      {""},
		"prefix":     {"whsec_"},
		"short":      {"whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 23))},
		"long":       {"whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 65))},
		"no base64":  {"whsec_topsecret!"},
		"second one": {vectorSecret, ""},
	} {
		v, err := webhook.NewVerifier(secrets, 0)
		if err == nil || v != nil {
			t.Errorf("%s: NewVerifier = %v, want an error", name, v)
		}
		if err != nil && strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%s: error shows the secret: %v", name, err)
		}
	}
}

// The library of the standard signs, we verify.
func TestVerifyTakesTheLibrarysSignature(t *testing.T) {
	t.Parallel()
	library, err := standardwebhooks.NewWebhook(vectorSecret)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	signature, err := library.Sign("msg_1", now, []byte(vectorBody))
	if err != nil {
		t.Fatal(err)
	}
	v, err := webhook.NewVerifier([]string{vectorSecret}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(headers("msg_1", strconv.FormatInt(now.Unix(), 10), signature), []byte(vectorBody), now); err != nil {
		t.Errorf("Verify = %v, want the library's signature taken", err)
	}
}

func FuzzVerify(f *testing.F) {
	f.Add(vectorID, "1614265330", vectorSignature, []byte(vectorBody))
	f.Add("", "-1", "v1,", []byte(nil))
	v, err := webhook.NewVerifier([]string{vectorSecret}, 0)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, id, stamp, signature string, body []byte) {
		got, err := v.Verify(headers(id, stamp, signature), body, time.Unix(vectorTime, 0))
		if err == nil && (got != vectorID || string(body) != vectorBody) {
			t.Fatalf("Verify took another message: id %q, body %q", id, body)
		}
	})
}
