package e2e_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"google.golang.org/protobuf/proto"

	"tenure/deploy/devstack/stack"
	"tenure/internal/config"
	"tenure/internal/platform"
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
