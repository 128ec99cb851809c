package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestBodiesAreNotQuoted: what stands in a body that cannot be read may be
// anything, and goes neither into the answer nor into the log.
func TestBodiesAreNotQuoted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, body := range []string{
		`{"actor":"kim","reason":"r","key":"k","to":"Zetterlund"}`, `{"actor":"kim","reason":4155550123}`, `{"actor":["Zetterlund"]}`,
		`{"actor":"kim","reason":"Zetterlund`, `{"actor":"kim","reason":"r","key":"k","to":4155550123}`, `{"actor":4155550123e99999}`, `"Zetterlund"`,
	} {
		w := b.call("POST", ada.Path()+"/overrides/postpone", body, "Content-Type", "application/json")
		if w.Code < http.StatusBadRequest {
			t.Errorf("%s was taken: %d", body, w.Code)
		}
		for place, text := range map[string]string{"answer": w.Body.String(), "log": b.log.String()} {
			if strings.Contains(text, "Zetterlund") || strings.Contains(text, "4155550123") {
				t.Errorf("the %s to %s quotes it: %s", place, body, text)
			}
		}
		b.log.Reset()
	}
}
