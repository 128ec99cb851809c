package entra_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"tenure/internal/directory"
)

// applicationsOf answers a list of applications of the gallery, and to everything
// else that it does not exist.
func applicationsOf(ids ...string) http.HandlerFunc {
	list := make([]map[string]any, 0, len(ids))
	for _, id := range ids {
		list = append(list, map[string]any{"id": id, "displayName": "App", "applicationTemplateId": "t"})
	}
	body, _ := json.Marshal(map[string]any{"value": list})
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1.0/servicePrincipals" && !r.URL.Query().Has("$filter") {
			say(http.StatusOK, string(body))(w, r)
			return
		}
		if r.URL.Path == "/v1.0/organization" {
			say(http.StatusOK, `{"value":[{"id":"o","verifiedDomains":[]}]}`)(w, r)
			return
		}
		if strings.HasSuffix(r.URL.Path, "/synchronization/jobs") {
			say(http.StatusOK, `{"value":[{"id":"a/../../b?$top=1#c","schedule":{"state":"Active"}}]}`)(w, r)
			return
		}
		say(http.StatusNotFound, `{"error":{"code":"Request_ResourceNotFound","message":"no"}}`)(w, r)
	}
}

// TestIDsOfAnswersStayPartsOfPaths: an ID that Graph answers is one part of the
// next path, whatever it holds, and none that climbs is asked for.
func TestIDsOfAnswersStayPartsOfPaths(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"users?$select=passwordProfile": "/v1.0/servicePrincipals/users%3F$select=passwordProfile/synchronization/jobs",
		"a/b":                           "/v1.0/servicePrincipals/a%2Fb/synchronization/jobs",
		"a#b":                           "/v1.0/servicePrincipals/a%23b/synchronization/jobs",
		"a%2e%2e":                       "/v1.0/servicePrincipals/a%252e%252e/synchronization/jobs",
		"..":                            "",
		".":                             "",
		"x/../../users":                 "",
	} {
		here := newCanned(t, applicationsOf(id))
		found, err := connect(t, here.config()).Inspect(t.Context(), directory.Wanted{})
		if err != nil {
			t.Fatal(err)
		}
		var asked []string
		requests, _ := here.seen()
		for _, r := range requests {
			asked = append(asked, r.URL.EscapedPath())
			if r.URL.Path == "/v1.0/users" || strings.Contains(r.URL.Path, "..") && want == "" {
				t.Errorf("%q led to %s", id, r.URL)
			}
		}
		if want != "" && !slices.Contains(asked, want) {
			t.Errorf("%q led to %v, want %s", id, asked, want)
		}
		if !slices.ContainsFunc(found, func(f directory.Finding) bool { return f.State == directory.FindingUnknown && f.Conflict }) {
			t.Errorf("%q: findings %+v, want one that cannot be told", id, found)
		}
	}
}

// TestManyApplicationsAreAskedAFewAtATime holds that a tenant with thousands of
// applications is neither flooded nor believed to be looked at whole.
func TestManyApplicationsAreAskedAFewAtATime(t *testing.T) {
	t.Parallel()
	const most, atOnce = 1000, 4
	ids := make([]string, most+1)
	for i := range ids {
		ids[i] = fmt.Sprintf("app-%d", i)
	}
	var now, peak, asked atomic.Int64
	answer := applicationsOf(ids...)
	here := newCanned(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/synchronization/jobs") {
			answer(w, r)
			return
		}
		asked.Add(1)
		for n, old := now.Add(1), peak.Load(); n > old && !peak.CompareAndSwap(old, n); old = peak.Load() {
		}
		say(http.StatusOK, `{"value":[]}`)(w, r)
		now.Add(-1)
	})
	found, err := connect(t, here.config()).Inspect(t.Context(), directory.Wanted{})
	if err != nil {
		t.Fatal(err)
	}
	if asked.Load() != most || peak.Load() > atOnce {
		t.Errorf("%d applications were asked for, %d at once; want %d, at most %d at once", asked.Load(), peak.Load(), most, atOnce)
	}
	text := fmt.Sprintf("%d of %d applications of the gallery were looked at", most, len(ids))
	if !slices.ContainsFunc(found, func(f directory.Finding) bool { return f.Conflict && f.Detail == text }) {
		t.Errorf("findings %+v, want one that says %q", found, text)
	}
}

// TestFiltersQuoteWhatTheySearch: a number that holds a quote stays a text of the
// filter.
func TestFiltersQuoteWhatTheySearch(t *testing.T) {
	t.Parallel()
	here := newCanned(t, say(http.StatusOK, `{"value":[]}`))
	const hostile = "1' or employeeId ne '"
	_, err := connect(t, here.config()).AccountsByEmployeeID(t.Context(), hostile)
	if err != nil && !errors.Is(err, directory.ErrNotFound) {
		t.Fatal(err)
	}
	requests, _ := here.seen()
	if got, want := requests[0].URL.Query().Get("$filter"), "employeeId eq '1'' or employeeId ne '''"; got != want {
		t.Errorf("filter = %s, want %s", got, want)
	}
}
