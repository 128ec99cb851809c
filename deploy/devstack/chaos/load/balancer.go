package load

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tenure/deploy/devstack/chaos/fleet"
	"tenure/deploy/devstack/chaos/site"
)

// balancer is what stands before several starters: it asks each for its
// readiness and sends requests to those that are ready. It tries nothing twice,
// so that every refusal is seen.
type balancer struct {
	crew    *fleet.Crew
	server  *http.Server
	addr    string
	next    atomic.Uint64
	refused atomic.Int64

	mu    sync.Mutex
	ready []string
}

// lookEvery is how often a starter is asked whether it is ready.
const lookEvery = 200 * time.Millisecond

func newBalancer(ctx context.Context, crew *fleet.Crew) (*balancer, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &balancer{crew: crew, addr: listener.Addr().String()}
	proxy := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = "http", b.pick() },
		Transport:    &http.Transport{MaxIdleConnsPerHost: 64},
		ErrorHandler: b.refuse,
		ErrorLog:     log.New(io.Discard, "", 0),
	}
	b.server = &http.Server{Handler: proxy, ReadHeaderTimeout: time.Minute}
	go func() { _ = b.server.Serve(listener) }()
	b.look(ctx)
	return b, nil
}

// refuse counts what no starter answered.
func (b *balancer) refuse(w http.ResponseWriter, r *http.Request, _ error) {
	if r.Context().Err() == nil { // else the caller went away
		b.refused.Add(1)
	}
	w.WriteHeader(http.StatusBadGateway)
}

// pick takes those that are ready in turn.
func (b *balancer) pick() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.ready) == 0 {
		return "127.0.0.1:1" // nobody listens there
	}
	return b.ready[b.next.Add(1)%uint64(len(b.ready))]
}

// watch asks all starters until the context ends.
func (b *balancer) watch(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			b.look(ctx)
		}
	}
}

func (b *balancer) look(ctx context.Context) {
	var ready []string
	for _, m := range b.crew.Members() {
		is, told := isReady(ctx, m.Addr)
		if is || !told && b.has(m.Addr) { // silence for once is no answer
			ready = append(ready, m.Addr)
		}
	}
	b.mu.Lock()
	b.ready = ready
	b.mu.Unlock()
}

func (b *balancer) has(addr string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Contains(b.ready, addr)
}

// joined waits until requests are sent to a new starter: whoever replaces
// starters one by one waits for that before the next.
func (b *balancer) joined(ctx context.Context, m *fleet.Member) error {
	return site.Await(ctx, "the balancer knows a new starter", func(context.Context) (bool, error) { return b.has(m.Addr), nil })
}

// isReady asks one starter; told is false where it did not answer in time.
func isReady(ctx context.Context, addr string) (ready, told bool) {
	const within = time.Second
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", http.NoBody)
	if err != nil {
		return false, true
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, !errors.Is(err, context.DeadlineExceeded)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK, true
}

func (b *balancer) close() error { return b.server.Close() }
