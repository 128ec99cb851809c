package e2e_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/proxy"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"tenure/deploy/devstack/stack"
	"tenure/internal/config"
	"tenure/internal/httpapi"
	"tenure/internal/platform"
	"tenure/internal/store"
	"tenure/worker"
	"tenure/workflows/contract"
)

// TestCodec lives a joiner with encrypted payloads. A worker without the key
// fails nobody's journey, and no history shows whom it is about.
func TestCodec(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	secret := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("k7"), 16))
	if err := os.WriteFile(key, []byte(secret), 0o600); err != nil {
		t.Fatalf("write key: %v", err)
	}
	b := begin(t, hooked(t), func(o *stack.Options) { o.Codec, o.Worker = "2026-11=file:"+key, false })
	b.send("chief", time.Now(), chief())
	b.send("hire", time.Now(), joiner(t, "7501", "Quilla", "Zetterlund", 5))
	b.withoutKey(contract.JourneyID(hooks, "7501"))
	b.down()
	b.opts.Worker = true
	b.up()
	b.eventually("the pass is mailed", func() bool { return len(b.messages("Quilla")) == 2 })
	b.idle(hooks, "7501")
	b.complete("7501")
	b.steer("7501", contract.Hold, contract.Override{})
	b.steer("7501", contract.Release, contract.Override{})

	b.webUIDecodes(contract.JourneyID(hooks, "7501"), "Zetterlund")
	for _, history := range b.histories(b.dial(true), hooks, "7501") {
		for _, e := range history.GetEvents() {
			raw, err := proto.Marshal(e)
			if err != nil {
				t.Fatalf("encode event: %v", err)
			}
			for _, word := range []string{"Quilla", "Zetterlund", "zetterlund", "fabrikam", "Account Manager", "quilla"} {
				if bytes.Contains(raw, []byte(word)) {
					t.Errorf("event %d, %s, shows %q", e.GetEventId(), e.GetEventType(), word)
				}
			}
		}
	}
}

// webUIDecodes asks as a page of the Web UI does: it learns the endpoint from the
// UI's own settings, asks whether it may, and sends the payloads of each event.
func (b *bench) webUIDecodes(journey, name string) {
	b.t.Helper()
	ui := "http://" + b.Addresses().UI
	var settings struct {
		Codec struct{ Endpoint string }
	}
	if err := json.Unmarshal(b.fetch(http.MethodGet, ui+"/api/v1/settings", nil, nil), &settings); err != nil {
		b.t.Fatalf("read the settings of the web ui: %v", err)
	}
	header := http.Header{"Origin": {ui}, "Sec-Fetch-Site": {"same-site"}, "Content-Type": {"application/json"}, "X-Namespace": {"default"}}
	endpoint := settings.Codec.Endpoint + "/decode?preserveStorageRefs=true"
	b.fetch(http.MethodOptions, endpoint, http.Header{"Origin": {ui}, "Access-Control-Request-Method": {"POST"}}, nil)
	shown := false
	events := b.dial(true).GetWorkflowHistory(b.t.Context(), journey, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			b.t.Fatalf("read history: %v", err)
		}
		err = proxy.VisitPayloads(b.t.Context(), e, proxy.VisitPayloadsOptions{
			SkipSearchAttributes: true,
			Visitor: func(_ *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
				body, err := protojson.Marshal(&commonpb.Payloads{Payloads: payloads})
				if err != nil {
					return nil, err
				}
				var plain commonpb.Payloads
				if err := protojson.Unmarshal(b.fetch(http.MethodPost, endpoint, header, body), &plain); err != nil {
					return nil, err
				}
				for _, p := range plain.GetPayloads() {
					shown = shown || bytes.Contains(p.GetData(), []byte(name))
				}
				return payloads, nil
			},
		})
		if err != nil {
			b.t.Fatalf("decode event %d: %v", e.GetEventId(), err)
		}
	}
	if !shown {
		b.t.Error("the Web UI shows nothing of the person")
	}
	b.decodeRecorded(journey, name)
}

// decodeRecorded wants one look in the chain of operations, without content.
func (b *bench) decodeRecorded(journey, name string) {
	b.t.Helper()
	db, err := store.Open(b.t.Context(), b.StoreURL())
	if err != nil {
		b.t.Fatalf("open store: %v", err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.Ledger(b.t.Context(), store.Operations, 1, 0)
	if err != nil {
		b.t.Fatalf("read ledger: %v", err)
	}
	looks := 0
	for _, row := range rows {
		if row.Task == "POST /v1/codec/decode" {
			looks++
			if row.Run != journey || row.Kind != store.LedgerRead || row.Outcome != httpapi.OutcomeDone || strings.Contains(fmt.Sprintf("%+v", row), name) {
				b.t.Errorf("the ledger keeps of a decode: %+v", row)
			}
		}
	}
	if looks != 1 {
		b.t.Errorf("the ledger has %d looks at %s, want one", looks, journey)
	}
}

// fetch is a request of a browser, which must be answered well and be shared
// with the page.
func (b *bench) fetch(method, address string, header http.Header, body []byte) []byte {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, address, bytes.NewReader(body))
	if err != nil {
		b.t.Fatalf("make request: %v", err)
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, address, err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= http.StatusBadRequest {
		b.t.Fatalf("%s %s answered %s: %s %v", method, address, response.Status, content, err)
	}
	if origin := header.Get("Origin"); response.Header.Get("Access-Control-Allow-Origin") != origin {
		b.t.Fatalf("%s %s is shared with %q, want %q", method, address, response.Header.Get("Access-Control-Allow-Origin"), origin)
	}
	return content
}

// withoutKey runs a worker that cannot read the journey until it has tried.
func (b *bench) withoutKey(journey string) {
	b.t.Helper()
	file, values := b.Settings()
	content, err := os.ReadFile(file)
	if err != nil {
		b.t.Fatalf("read settings: %v", err)
	}
	settings, err := config.Load(file, bytes.NewReader(content))
	if err != nil {
		b.t.Fatalf("load settings: %v", err)
	}
	settings.Codec = platform.CodecNone
	ctx, cancel := context.WithCancel(b.t.Context())
	done := make(chan error, 1)
	go func() {
		done <- worker.Run(ctx, worker.Options{
			Config: settings, References: config.Fixed(values), HostPort: b.Addresses().Temporal, Log: slog.New(slog.DiscardHandler),
		})
	}()
	c := b.dial(false)
	b.eventually("a worker without the key has tried", func() bool {
		d, err := c.DescribeWorkflowExecution(b.t.Context(), journey, "")
		if err != nil {
			b.t.Fatalf("describe journey: %v", err)
		}
		if status := d.GetWorkflowExecutionInfo().GetStatus(); status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
			b.t.Fatalf("the journey is %s", status)
		}
		return d.GetPendingWorkflowTask().GetAttempt() > 1
	})
	cancel()
	if err := <-done; err != nil {
		b.t.Errorf("the worker without the key ended: %v", err)
	}
}
