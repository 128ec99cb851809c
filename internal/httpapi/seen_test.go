package httpapi_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"
	"time"

	"tenure/internal/httpapi"
)

// TestSeen wants every answer told by the pattern of its route, never by its path:
// that names people.
func TestSeen(t *testing.T) {
	t.Parallel()
	var seen []string
	api, err := httpapi.New(httpapi.Options{
		Journeys: &fake{}, Log: slog.New(slog.DiscardHandler),
		Seen: func(route string, status int, took time.Duration) {
			if took < 0 {
				t.Errorf("%s took %s", route, took)
			}
			seen = append(seen, route+" "+strconv.Itoa(status))
		},
	})
	if err != nil {
		t.Fatalf("New() = %v", err)
	}
	for _, path := range []string{"/livez", "/v1/people/main/ada", "/v1/nothing/ada", "/v1//people"} {
		request := httptest.NewRequest(http.MethodGet, path, nil)
		request.Host = "127.0.0.1"
		api.ServeHTTP(httptest.NewRecorder(), request)
	}
	if len(seen) != 4 || seen[0] != "GET /livez 200" || !slices.Equal(seen[2:], []string{"none 404", "none 404"}) {
		t.Errorf("seen %q", seen)
	}
	if route := "GET /v1/people/{realm}/{key} "; seen[1][:len(route)] != route {
		t.Errorf("seen %q, want the route %s", seen[1], route)
	}
}
