package starter

import (
	"bytes"
	"encoding/base64"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/converter"

	"tenure/internal/config"
	"tenure/internal/httpapi"
	"tenure/internal/store"
	"tenure/internal/store/storetest"
)

var testNow = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// hookSecret signs the webhooks of the tests.
var hookSecret = "whsec_" + base64.StdEncoding.EncodeToString([]byte("an invented secret of the tests!"))

// bench is a service over a real store and journeys in memory.
type bench struct {
	*service
	t        *testing.T
	temporal *temporalFake
	out      *bytes.Buffer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := openBench(t, storetest.New(t), newTemporalFake())
	b.apply(policyText(t))
	return b
}

// openBench starts a service as a new process would.
func openBench(t *testing.T, db *store.Store, temporal *temporalFake) *bench {
	t.Helper()
	out := &bytes.Buffer{}
	s := newService(Options{
		Config:     config.Config{TemporalUI: "http://127.0.0.1:8233/"},
		References: config.Fixed(map[string]string{"HOOK_SECRET": hookSecret}),
		Log:        slog.New(slog.NewJSONHandler(out, nil)),
	}, db, newEngine(temporal, "default", converter.GetDefaultDataConverter()))
	// Time goes on, so that of two imports one is the newer.
	var calls atomic.Int64
	s.now = func() time.Time { return testNow.Add(time.Duration(calls.Add(1)) * time.Millisecond) }
	s.wakeEvery = time.Microsecond
	temporal.policies = s.policies
	s.background.start(t.Context())
	t.Cleanup(s.background.stop)
	return &bench{service: s, t: t, temporal: temporal, out: out}
}

func policyText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (b *bench) apply(text string) httpapi.PolicyApplied {
	b.t.Helper()
	applied, err := b.ApplyPolicy(b.t.Context(), httpapi.PolicySource{Name: "policy.yaml", Content: []byte(text)},
		b.expect(text), httpapi.Decision{Actor: "kim", Reason: "test"})
	if err != nil {
		b.t.Fatalf("ApplyPolicy() = %v", err)
	}
	b.background.work.Wait()
	return applied
}

// expect is what a preview of a policy says.
func (b *bench) expect(text string) string {
	b.t.Helper()
	preview, err := b.PreviewPolicy(b.t.Context(), httpapi.PolicyPreviewRequest{To: httpapi.PolicyChoice{Source: text}})
	if err != nil {
		b.t.Fatalf("PreviewPolicy() = %v", err)
	}
	return preview.Expect
}

// header begins every file of the tests.
const header = "ID,First,Last,Status,Start,End,Department\n"

// hires are people who start on a Monday in December.
func hires(keys ...string) string {
	var text strings.Builder
	text.WriteString(header)
	for _, key := range keys {
		text.WriteString(key + ",Ada,Example,A,2026-12-07,,Sales\n")
	}
	return text.String()
}

// importFile imports a file and waits until it is sent.
func (b *bench) importFile(content, asOf string) httpapi.Import {
	b.t.Helper()
	done, err := b.Import(b.t.Context(), httpapi.ImportRequest{
		Feed: "hr", FileName: "people.csv", AsOf: asOf, Actor: "kim", Content: strings.NewReader(content),
	})
	if err != nil {
		b.t.Fatalf("Import() = %v", err)
	}
	b.background.work.Wait()
	return done
}

func (b *bench) status(id string) httpapi.Import {
	b.t.Helper()
	got, err := b.ImportStatus(b.t.Context(), "hr", id)
	if err != nil {
		b.t.Fatalf("ImportStatus(%s) = %v", id, err)
	}
	return got
}

// wantProblem fails unless the error is a problem of a kind.
func wantProblem(t *testing.T, err error, kind httpapi.Kind, contains string) *httpapi.Problem {
	t.Helper()
	var problem *httpapi.Problem
	if !errors.As(err, &problem) {
		t.Fatalf("error = %v, want a problem %s", err, kind)
	}
	if problem.Kind() != kind || !strings.Contains(problem.Error(), contains) {
		t.Errorf("problem %s %q, want %s with %q", problem.Kind(), problem.Error(), kind, contains)
	}
	return problem
}
