package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"

	"tenure/deploy/devstack/sample"
	"tenure/deploy/devstack/stack"
	"tenure/deploy/policy"
	"tenure/internal/httpapi"
	"tenure/internal/platform"
	"tenure/internal/store"
	"tenure/workflows"
	"tenure/workflows/contract"
)

const (
	free   = "127.0.0.1:0"
	main   = "main"
	hooks  = "hooks"
	actor  = "kim"
	oneDay = 24 * time.Hour
	// patience ends a test that hangs: what takes no virtual time takes seconds,
	// and longer on a busy machine. How fast things are is for make bench.
	patience = 2 * time.Minute

	allStaff    = "3f0c1a52-7f0b-4c57-9d55-1f3f6f6b0001"
	sales       = "91aa6d0e-52c1-4a0e-8a55-1f3f6f6b0002"
	engineering = "5b7d2b7c-9c1e-4b43-a3c1-1f3f6f6b0003"
	licenceE3   = "6fd2c87f-b296-42f0-b197-1e91e994b900"
)

// bench is a running stack and the hands on it.
type bench struct {
	t    *testing.T
	opts stack.Options
	// token is sent to the API where it is not "".
	token string
	*stack.Stack
}

// begin starts a stack with a policy in a folder of its own.
func begin(t *testing.T, policyText string, changes ...func(*stack.Options)) *bench {
	t.Helper()
	dir := t.TempDir()
	b := &bench{t: t, opts: stack.Options{
		Dir: dir, APIAddr: free, TemporalAddr: free, UIAddr: free, GraphAddr: free, MailAddr: free,
		Sample: true, Worker: true, Starter: true,
	}}
	if policyText != "" {
		b.opts.Policy = filepath.Join(dir, "given.yaml")
		if err := os.WriteFile(b.opts.Policy, []byte(policyText), 0o600); err != nil {
			t.Fatalf("write policy: %v", err)
		}
	}
	for _, change := range changes {
		change(&b.opts)
	}
	b.up()
	t.Cleanup(b.down)
	return b
}

// up starts the stack on its folder; ports may differ from those before.
func (b *bench) up() {
	b.t.Helper()
	started := time.Now()
	running, err := stack.Start(b.t.Context(), b.opts)
	if err != nil {
		b.t.Fatalf("start stack: %v", err)
	}
	b.t.Logf("the stack was ready after %s", time.Since(started).Round(time.Millisecond))
	b.Stack = running
}

// down stops the stack if it runs.
func (b *bench) down() {
	if b.Stack == nil {
		return
	}
	if err := b.Close(); err != nil {
		b.t.Errorf("stop stack: %v", err)
	}
	if b.t.Failed() {
		if log, err := os.ReadFile(filepath.Join(b.opts.Dir, "tenure.log")); err == nil {
			b.t.Logf("tenure.log:\n%s", log[max(0, len(log)-8000):])
		}
	}
	b.Stack = nil
}

// shipped is the shipped policy as the devstack adapts it, with edits.
func shipped(t *testing.T, edits ...func(string) string) string {
	t.Helper()
	content, err := sample.Policy(policy.First(), time.Now(), "env:TENURE_BADGE_URL")
	if err != nil {
		t.Fatalf("adapt the shipped policy: %v", err)
	}
	text := string(content)
	for _, edit := range edits {
		text = edit(text)
	}
	return text
}

// replacing edits a policy in one place that must be there.
func replacing(old, with string) func(string) string {
	return func(text string) string {
		if strings.Count(text, old) != 1 {
			panic("the shipped policy has not one line like " + old)
		}
		return strings.Replace(text, old, with, 1)
	}
}

// hooked is the shipped policy with a webhook feed for a realm of its own and a
// lifecycle workflow on demand.
func hooked(t *testing.T, edits ...func(string) string) string {
	t.Helper()
	baseline := time.Now().AddDate(0, 0, -21).Format(time.DateOnly)
	return shipped(t, append([]func(string) string{
		replacing("\nzones:", `
  hris:
    kind: webhook
    realm: hooks
    baseline: `+baseline+`
    zone: Europe/Berlin
    signature: {scheme: standard-webhooks, secrets: ["env:TENURE_HRIS_SECRET"]}

zones:`),
		replacing("\nextensions:", `
  - name: Sign out everywhere
    category: leaver
    trigger: {demand: {roles: [operator]}}
    tasks:
      - revokeAllRefreshTokens: {}

extensions:`),
	}, edits...)...)
}

// call speaks to the API; into may be nil. The problem is nil on success.
func (b *bench) call(method, path string, header http.Header, body []byte, into any) (*http.Response, *httpapi.Problem) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, "http://"+b.Addresses().API+path, bytes.NewReader(body))
	if err != nil {
		b.t.Fatalf("make request: %v", err)
	}
	request.Header.Set("Content-Type", "application/json")
	if b.token != "" {
		request.Header.Set("Authorization", "Bearer "+b.token)
	}
	for name := range header {
		request.Header[name] = header[name]
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		problem := &httpapi.Problem{}
		if err := json.Unmarshal(content, problem); err != nil {
			b.t.Fatalf("%s %s answered %s, and no problem: %s", method, path, response.Status, content)
		}
		return response, problem
	}
	if into != nil {
		if err := json.Unmarshal(content, into); err != nil {
			b.t.Fatalf("%s %s: %v in %s", method, path, err, content)
		}
	}
	return response, nil
}

// must calls the API and wants a success.
func (b *bench) must(method, path string, body []byte, into any) {
	b.t.Helper()
	if response, problem := b.call(method, path, nil, body, into); problem != nil {
		b.t.Fatalf("%s %s answered %s: %+v", method, path, response.Status, problem)
	}
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	content, err := json.Marshal(value)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	return content
}

func place(realm, key string) string { return httpapi.PersonID{Realm: realm, Key: key}.Path() }

// person reads one person.
func (b *bench) person(realm, key string) httpapi.PersonDetail {
	b.t.Helper()
	var detail httpapi.PersonDetail
	b.must(http.MethodGet, place(realm, key), nil, &detail)
	return detail
}

func (b *bench) timeline(realm, key string) httpapi.Timeline {
	b.t.Helper()
	var timeline httpapi.Timeline
	b.must(http.MethodGet, place(realm, key)+"/timeline", nil, &timeline)
	return timeline
}

// forward moves a person to an instant, which must lie ahead.
func (b *bench) forward(realm, key string, to time.Time) httpapi.FastForwardReport {
	b.t.Helper()
	now := b.person(realm, key).Now
	body := encode(b.t, map[string]string{"duration": to.Sub(now).String()})
	var report httpapi.FastForwardReport
	b.must(http.MethodPost, "/v1/dev/people/"+realm+"/"+key+"/fast-forward", body, &report)
	if report.Note != "" {
		b.t.Errorf("fast-forward of %s to %s: %s", key, to, report.Note)
	}
	b.idle(realm, key)
	return report
}

// idle waits until nothing is in flight for a person.
func (b *bench) idle(realm, key string) {
	b.t.Helper()
	b.eventually("the journey of "+key+" is quiet", func() bool {
		d := b.person(realm, key)
		due := d.NextDeadline != nil && !d.NextDeadline.After(d.Now)
		return len(d.Running) == 0 && !due && d.Source == httpapi.SourceJourney
	})
}

// eventually waits for a condition.
func (b *bench) eventually(what string, holds func() bool) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			b.t.Fatalf("waited %s in vain: %s", patience, what)
		case <-ticker.C:
		}
	}
}

// importCSV imports a file and waits until it is sent, unless it is held.
func (b *bench) importCSV(feed, name, asOf, content string) httpapi.Import {
	b.t.Helper()
	query := url.Values{"asOf": {asOf}, "fileName": {name}, "actor": {actor}}
	var in httpapi.Import
	header := http.Header{"Content-Type": {"text/csv"}}
	response, problem := b.call(http.MethodPost, "/v1/feeds/"+feed+"/imports?"+query.Encode(), header, []byte(content), &in)
	if problem != nil {
		b.t.Fatalf("import %s answered %s: %+v", name, response.Status, problem)
	}
	return b.sent(feed, in)
}

// sent waits until an import is with the journeys.
func (b *bench) sent(feed string, in httpapi.Import) httpapi.Import {
	b.t.Helper()
	b.eventually("the file is sent", func() bool {
		b.must(http.MethodGet, "/v1/feeds/"+feed+"/imports/"+in.ID, nil, &in)
		return in.State != httpapi.ImportRunning
	})
	return in
}

// override sends one over the API.
func (b *bench) override(realm, key string, kind contract.Kind, o contract.Override) (contract.Answer, *httpapi.Problem) {
	b.t.Helper()
	o.Actor, o.Reason = actor, "for a test"
	var answer contract.Answer
	_, problem := b.call(http.MethodPost, place(realm, key)+"/overrides/"+string(kind), nil, encode(b.t, o), &answer)
	return answer, problem
}

// dial connects to the engine; plain reads payloads as they are stored.
func (b *bench) dial(plain bool) client.Client {
	b.t.Helper()
	spec := b.opts.Codec
	if plain || spec == "" {
		spec = platform.CodecNone
	}
	codec, err := platform.ParseCodec(spec)
	if err != nil {
		b.t.Fatalf("codec: %v", err)
	}
	options, err := platform.ClientOptions(platform.ClientConfig{
		HostPort: b.Addresses().Temporal, Logger: slog.New(slog.DiscardHandler), Codec: codec, Inputs: []any{workflows.State{}},
	})
	if err != nil {
		b.t.Fatalf("client options: %v", err)
	}
	c, err := client.DialContext(b.t.Context(), options)
	if err != nil {
		b.t.Fatalf("dial: %v", err)
	}
	b.t.Cleanup(c.Close)
	return c
}

// ledger reads a journey's ledger and verifies its chain.
func (b *bench) ledger(realm, key string) []store.LedgerRow {
	b.t.Helper()
	db, err := store.Open(b.t.Context(), b.StoreURL())
	if err != nil {
		b.t.Fatalf("open store: %v", err)
	}
	defer func() { _ = db.Close() }()
	journey := contract.JourneyID(realm, key)
	rows, err := db.Ledger(b.t.Context(), journey, 1, 0)
	if err != nil {
		b.t.Fatalf("read ledger: %v", err)
	}
	if err := db.Verify(b.t.Context(), journey); err != nil {
		b.t.Errorf("the ledger of %s does not verify: %v", key, err)
	}
	return rows
}

// histories are the runs of a journey, the newest first.
func (b *bench) histories(c client.Client, realm, key string) []*historypb.History {
	b.t.Helper()
	var out []*historypb.History
	for run := ""; ; {
		history := &historypb.History{}
		events := c.GetWorkflowHistory(b.t.Context(), contract.JourneyID(realm, key), run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			e, err := events.Next()
			if err != nil {
				b.t.Fatalf("read history of %s: %v", key, err)
			}
			history.Events = append(history.Events, e)
		}
		out = append(out, history)
		run = history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId()
		if run == "" {
			return out
		}
	}
}
