package ad

import (
	"context"
	"net"
	"testing"
	"time"

	"tenure/internal/directory"
)

// TestWhoIsGoneSaysNothing: a question that is cancelled does not count against the
// controller that was asked, one without an answer does.
func TestWhoIsGoneSaysNothing(t *testing.T) {
	t.Parallel()
	silent, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	d, err := New(Config{
		Name: "corp", Hosts: []string{silent.Addr().String(), silent.Addr().String()}, BindName: "x", Secret: directory.NewSecret("x"),
		BaseDN: "DC=x", Domain: "contoso.example", ConnectTimeout: 100 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for ctx, want := range map[context.Context]bool{gone: false, t.Context(): true} {
		r := newReplicas(d.cfg)[0]
		_, answers := r.ask(ctx, time.Hour, func(*link) (bool, error) { return false, nil })
		if got := r.mayKnow(time.Hour); answers || got != want {
			t.Errorf("answers = %v, may know = %v, want no answer and %v", answers, got, want)
		}
	}
}
