package entra_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/entra"
	"tenure/internal/sim/fault"
	"tenure/internal/sim/graph"
)

// The value that Graph quotes in these answers and that no error may show.
const quoted = "zoe.secretive@contoso.example"

// graphError is an answer in Graph's envelope.
func graphError(code, message, details string) string {
	return fmt.Sprintf(`{"error":{"code":%q,"message":%q,"details":[%s],"innerError":{"date":"2026-11-22T12:25:59",`+
		`"request-id":"r-1","client-request-id":"c-1"}}}`, code, message, details)
}

// TestWhatARefusalMeans states the matcher: one row per answer seen in the wild.
func TestWhatARefusalMeans(t *testing.T) {
	t.Parallel()
	const bad = "Request_BadRequest"
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
		want   error
		text   string
	}{
		{"unknown", say(404, graphError("Request_ResourceNotFound", "Resource '"+quoted+"' does not exist", "")), directory.ErrNotFound, "request r-1"},
		{"forbidden", say(403, graphError("Authorization_RequestDenied", "Insufficient privileges", "")), directory.ErrDenied, "Authorization_RequestDenied"},
		{"no token", say(401, graphError("InvalidAuthenticationToken", "Access token is empty.", "")), directory.ErrDenied, "status 401"},
		{"concurrent", say(409, graphError("Directory_ConcurrencyViolation", "Error due to concurrent requests", "")), directory.ErrConflict, "another change"},
		{"quota by 403", say(403, graphError("Directory_QuotaExceeded", "quota", "")), directory.ErrExhausted, "quota"},
		{"quota by 400", say(400, graphError("Directory_QuotaExceeded", "quota", "")), directory.ErrExhausted, "quota"},
		{"bad value", say(400, graphError(bad, "Invalid value '"+quoted+"' specified for property 'mailNickname'", `{"code":"InvalidValue","message":"`+quoted+`","target":"mailNickname"}`)), directory.ErrInvalid, "attribute mailNickname"},
		{"no usage location", say(400, graphError(bad, "License assignment cannot be done for user with invalid usage location.", "")), directory.ErrInvalid, "usage location is missing"},
		{"no seats", say(400, graphError(bad, "Subscription with SKU x does not have any available licenses.", "")), directory.ErrExhausted, "no free seat"},
		{"unknown licence", say(400, graphError(bad, "License x does not correspond to a valid company License.", "")), directory.ErrInvalid, "licence is not known"},
		{"synced", say(400, graphError(bad, "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.", "")), directory.ErrInvalid, "mastered on premises"},
		{"domain", say(400, graphError(bad, "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.", "")), directory.ErrInvalid, "not verified"},
		{"password", say(400, graphError(bad, "The specified password does not comply with password complexity requirements.", "")), directory.ErrInvalid, "password is refused"},
		{"html page", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusBadGateway)
			_, _ = fmt.Fprint(w, "<html>"+quoted+"</html>")
		}, directory.ErrUnavailable, "status 502"},
		{"empty body", say(503, ""), directory.ErrUnavailable, "status 503"},
		{"json of somebody else", say(500, `{"message":"`+quoted+`"}`), directory.ErrUnavailable, "status 500"},
		{"redirect", say(302, "", "Location", "https://elsewhere.example/"+quoted), directory.ErrUnavailable, "unexpected status 302"},
		{"html success", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = fmt.Fprint(w, "<html>"+quoted+"</html>")
		}, directory.ErrUnavailable, "cannot be read"},
		{"broken json", say(200, `{"id": "`+quoted), directory.ErrUnavailable, "cannot be read"},
		{"bad instant", say(200, `{"id":"x","employeeHireDate":"`+quoted+`"}`), directory.ErrUnavailable, "cannot be read"},
		{"strange code", say(400, graphError(quoted+" is bad", "x", "")), directory.ErrInvalid, "status 400"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newCanned(t, tc.answer)
			d := connect(t, c.config())
			_, err := d.AccountByUserName(t.Context(), quoted)
			if !errors.Is(err, tc.want) {
				t.Errorf("error = %v, want %v", err, tc.want)
			}
			if err == nil || !strings.Contains(err.Error(), tc.text) || strings.Contains(err.Error(), "secretive") {
				t.Errorf("error text = %q, want it to say %q and no value", err, tc.text)
			}
			if requests, _ := c.seen(); len(requests) != 1 {
				t.Errorf("requests = %d, want 1: nothing is repeated", len(requests))
			}
		})
	}
}

func TestConflictNamesTheAttribute(t *testing.T) {
	t.Parallel()
	message := "Another object with the same value for property proxyAddresses already exists."
	for name, body := range map[string]string{
		"by details": graphError("Request_BadRequest", "x", `{"code":"ConflictingObjects","message":"x"},{"code":"ObjectConflict","message":"x","target":"proxyAddresses"}`),
		"by message": graphError("Request_BadRequest", message, ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := connect(t, newCanned(t, say(400, body)).config())
			err := d.UpdateAccount(t.Context(), "x", directory.Change{Set: map[string]string{"jobTitle": "Lead"}})
			var conflict *directory.ConflictError
			if !errors.As(err, &conflict) {
				t.Fatalf("error = %v, want *ConflictError", err)
			}
			if conflict.Attribute != "proxyAddresses" || conflict.RequestID != "r-1" {
				t.Errorf("conflict = %+v, want proxyAddresses and request r-1", conflict)
			}
		})
	}
}

func TestRetryAfterIsHandedOn(t *testing.T) {
	t.Parallel()
	const date = "Sun, 22 Nov 2026 09:00:00 GMT"
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
		want   time.Duration
	}{
		{"seconds", say(429, graphError("TooManyRequests", "x", ""), "Retry-After", "17"), 17 * time.Second},
		{"date", say(429, "", "Date", date, "Retry-After", "Sun, 22 Nov 2026 09:01:30 GMT"), 90 * time.Second},
		{"none", say(429, graphError("ApplicationThrottled", "x", "")), 0},
		{"nonsense", say(429, "", "Retry-After", "soon"), 0},
		{"busy server", say(503, "", "Retry-After", "30"), 30 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newCanned(t, tc.answer)
			_, err := connect(t, c.config()).Account(t.Context(), "x")
			var throttled *directory.ThrottledError
			if !errors.As(err, &throttled) {
				t.Fatalf("error = %v, want *ThrottledError", err)
			}
			if throttled.After != tc.want {
				t.Errorf("after = %s, want %s", throttled.After, tc.want)
			}
			if requests, _ := c.seen(); len(requests) != 1 {
				t.Errorf("requests = %d, want 1", len(requests))
			}
		})
	}
}

func TestARequestHasADeadline(t *testing.T) {
	t.Parallel()
	s := newSimulator(t, graph.Options{Sleep: func(ctx context.Context, _ time.Duration) error {
		<-ctx.Done()
		return ctx.Err()
	}})
	cfg := configFor(s)
	cfg.RequestTimeout = time.Second
	if err := s.SetFaults(fault.Rule{Kind: fault.Slow, DelayMillis: 1}); err != nil {
		t.Fatal(err)
	}
	_, err := connect(t, cfg).Account(t.Context(), clientID)
	if !errors.Is(err, directory.ErrUnavailable) || !strings.Contains(err.Error(), "answer in time") {
		t.Errorf("error = %v, want unavailable for want of an answer", err)
	}
}

func TestACallEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := newSimulator(t, graph.Options{Sleep: func(ctx context.Context, _ time.Duration) error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	}})
	if err := s.SetFaults(fault.Rule{Kind: fault.Slow, DelayMillis: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := connect(t, configFor(s)).Account(ctx, clientID); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want the caller's own", err)
	}
}

func TestAnUnreachableTenantIsUnavailable(t *testing.T) {
	t.Parallel()
	c := newCanned(t, say(200, "{}"))
	cfg := c.config()
	c.server.Close()
	_, err := connect(t, cfg).AccountsByEmployeeID(t.Context(), "E4711")
	if !errors.Is(err, directory.ErrUnavailable) || strings.Contains(err.Error(), "E4711") {
		t.Errorf("error = %v, want unavailable without the number", err)
	}
}

func TestConfigReportsEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := entra.New(entra.Config{
		BaseURL: "http://graph.example", Attributes: []string{"shoeSize"},
		Credential: entra.Credential{Kind: entra.CredentialSecret},
	})
	if err == nil {
		t.Fatal("New() gave no error")
	}
	for _, want := range []string{
		"name is missing", "tenant is missing", "no https address", "client ID is missing", "secret is missing", `"shoeSize"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q lacks %q", err, want)
		}
	}
}
