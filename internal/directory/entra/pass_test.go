package entra_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/directory"
	"tenure/internal/sim/graph"
)

func TestSignInFacts(t *testing.T) {
	t.Parallel()
	const password = `{"@odata.type":"#microsoft.graph.passwordAuthenticationMethod","id":"1"}`
	const tap = `{"@odata.type":"#microsoft.graph.temporaryAccessPassAuthenticationMethod","id":"2","startDateTime":"2026-12-01T08:00:00Z"}`
	const phone = `{"@odata.type":"#microsoft.graph.phoneAuthenticationMethod","id":"3"}`
	for _, tc := range []struct {
		name                     string
		activity, methods, roles string
		want                     directory.SignInFacts
	}{
		{"nothing", `null`, password + "," + tap, `{"@odata.type":"#microsoft.graph.group","id":"g","displayName":"G","isAssignableToRole":false}`, directory.SignInFacts{}},
		{"never", `{"lastSignInDateTime":"0001-01-01T00:00:00Z","lastNonInteractiveSignInDateTime":"","lastSignInRequestId":"x"}`, password, ``, directory.SignInFacts{}},
		{"signed in", `{"lastSignInDateTime":"2026-11-20T08:00:00Z"}`, password, ``, directory.SignInFacts{SignedIn: true}},
		{"another method", `null`, password + "," + phone, ``, directory.SignInFacts{OtherMethods: 1}},
		{"role", `null`, ``, `{"@odata.type":"#microsoft.graph.directoryRole","id":"r"}`, directory.SignInFacts{HasRole: true}},
		{"role-assignable group", `null`, ``, `{"@odata.type":"#microsoft.graph.group","id":"g","displayName":"G","isAssignableToRole":true}`, directory.SignInFacts{HasRole: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newCanned(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case strings.HasSuffix(r.URL.Path, "/methods"):
					say(200, `{"value":[`+tc.methods+`]}`)(w, r)
				case strings.HasSuffix(r.URL.Path, "/transitiveMemberOf"):
					say(200, `{"value":[`+tc.roles+`]}`)(w, r)
				default:
					say(200, `{"id":"x","signInActivity":`+tc.activity+`}`)(w, r)
				}
			})
			got, err := connect(t, c.config()).SignInFacts(t.Context(), "x")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("facts differ (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAFactThatMayNotBeReadIsAnError keeps a missing permission from looking
// like an account that nobody has used.
func TestAFactThatMayNotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	c := newCanned(t, say(403, graphError("Authorization_RequestDenied", "x", "")))
	if got, err := connect(t, c.config()).SignInFacts(t.Context(), "x"); !errors.Is(err, directory.ErrDenied) {
		t.Errorf("facts = %+v, %v, want denied", got, err)
	}
}

// TestAGroupThatMayNotBeReadIsAnError holds for an answer of 200 that tells no
// more than the ID.
func TestAGroupThatMayNotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	c := newCanned(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/transitiveMemberOf") {
			say(200, `{"value":[{"@odata.type":"#microsoft.graph.group","id":"g","displayName":null,"isAssignableToRole":null}]}`)(w, r)
			return
		}
		say(200, `{"id":"x","value":[]}`)(w, r)
	})
	if got, err := connect(t, c.config()).SignInFacts(t.Context(), "x"); !errors.Is(err, directory.ErrDenied) {
		t.Errorf("facts = %+v, %v, want denied", got, err)
	}
}

func TestAPassOutsideThePolicyIsInvalid(t *testing.T) {
	t.Parallel()
	d := connect(t, configFor(newSimulator(t, graph.Options{})))
	a, err := d.CreateAccount(t.Context(), newHire("zoe", "E1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, lifetime := range []time.Duration{0, 30 * time.Second, 90 * time.Second, 31 * 24 * time.Hour, 10 * time.Hour} {
		_, secret, err := d.IssuePass(t.Context(), a.ID, directory.PassRequest{Lifetime: lifetime})
		if !errors.Is(err, directory.ErrInvalid) || secret.Reveal() != "" {
			t.Errorf("lifetime %s: error = %v, want invalid and no secret", lifetime, err)
		}
	}
	if _, _, err := d.IssuePass(t.Context(), a.ID, directory.PassRequest{Lifetime: time.Hour}); err != nil {
		t.Errorf("a start of now: %v", err)
	}
}
