package graphtest_test

import (
	"errors"
	"net/http"
	"net/url"
	"testing"

	"tenure/internal/sim/fault"
	"tenure/internal/sim/graph"
	"tenure/internal/sim/graph/graphtest"
)

func exchange(method, path, request string, status int, response string) graph.Exchange {
	return graph.Exchange{
		Method: method, URL: &url.URL{Path: path}, RequestBody: []byte(request), Status: status, ResponseBody: []byte(response),
		RequestHeader:  http.Header{"Content-Type": {"application/json"}},
		ResponseHeader: http.Header{"Content-Type": {"application/json;odata.metadata=minimal"}},
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	c := graphtest.Load(t)
	const user = "/v1.0/users/1"
	page := exchange("GET", user, "", 502, "<html>")
	page.Fault = string(fault.GatewayPage)
	tests := []struct {
		name  string
		ex    graph.Exchange
		whole bool // the exchange keeps the contract
		reply bool // the answer does
	}{
		{"good", exchange("PATCH", user, `{"jobTitle":"x"}`, 204, ""), true, true},
		{"clear with null", exchange("PATCH", user, `{"jobTitle":null}`, 204, ""), true, true},
		{"slip in a name", exchange("PATCH", user, `{"jobTitel":"x"}`, 204, ""), false, true},
		{"wrong type", exchange("PATCH", user, `{"accountEnabled":"yes"}`, 204, ""), false, true},
		{"slip in an answer", exchange("GET", user, "", 200, `{"id":"1","displayname":"x"}`), false, false},
		{"no such status", exchange("GET", user, "", 201, `{"id":"1"}`), false, false},
		{"error without a code", exchange("GET", user, "", 404, `{"error":{"message":"x"}}`), false, false},
		{"batch as the SDK writes it", exchange("POST", "/v1.0/$batch",
			`{"requests":[{"id":"1","method":"GET","url":"/users","headers":{},"body":null,"dependsOn":[]}]}`, 200, `{"responses":[]}`), true, true},
		{"gateway page", page, true, true},
		{"dropped", exchange("GET", user, "", 0, ""), true, true},
		{"not Graph", exchange("POST", "/t/oauth2/v2.0/token", "x", 200, "x"), true, true},
	}
	for _, tt := range tests {
		if err := c.Check(tt.ex); (err == nil) != tt.whole {
			t.Errorf("%s: Check = %v, want good %v", tt.name, err, tt.whole)
		}
		if err := c.CheckAnswer(tt.ex); (err == nil) != tt.reply {
			t.Errorf("%s: CheckAnswer = %v, want good %v", tt.name, err, tt.reply)
		}
	}
	if err := c.Check(exchange("GET", "/v1.0/users/1/nothing", "", 200, "{}")); !errors.Is(err, graphtest.ErrUnknownOperation) {
		t.Errorf("unknown operation: %v", err)
	}
}

func TestRecorder(t *testing.T) {
	t.Parallel()
	c := graphtest.Load(t)
	var r graphtest.Recorder
	r.Record(exchange("PATCH", "/v1.0/users/1", `{"jobTitle":"x"}`, 204, ""))
	if n := r.Verify(t, c); n != 1 {
		t.Errorf("Verify = %d, want 1", n)
	}
}
