package engine_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"tenure/deploy/devstack/engine"
	"tenure/internal/platform"
)

const (
	queue = "engine"
	// childDir makes this test binary a process that starts the engine on the
	// folder, starts a workflow and waits to be killed.
	childDir = "ENGINE_TEST_CHILD_DIR"
	started  = "started"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := child(context.Background(), dir); err != nil { //nolint:forbidigo // a process of its own has no test whose context it could take
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child says where it listens once the workflow's timer is set, and waits.
func child(ctx context.Context, dir string) error {
	e, err := engine.Start(ctx, engine.Config{Dir: dir, Addr: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	c, err := e.Dial(ctx, client.Options{})
	if err != nil {
		return err
	}
	w := worker.New(c, queue, worker.Options{})
	w.RegisterWorkflow(Nap)
	if err := w.Start(); err != nil {
		return err
	}
	if err := nap(ctx, c, "nap", 5*time.Second); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(os.Stdout, started)
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// Nap is a workflow that sleeps, and says when it was started.
func Nap(ctx workflow.Context, d time.Duration) (time.Time, error) {
	at := workflow.Now(ctx)
	if err := workflow.SetQueryHandler(ctx, "asleep", func() (bool, error) { return true, nil }); err != nil {
		return at, err
	}
	return at, workflow.Sleep(ctx, d)
}

// nap starts Nap and returns when it sleeps.
func nap(ctx context.Context, c client.Client, id string, d time.Duration) error {
	if _, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: queue}, Nap, d); err != nil {
		return err
	}
	_, err := c.QueryWorkflow(ctx, id, "", "asleep")
	return err
}

func config(t *testing.T, dir string) engine.Config {
	t.Helper()
	return engine.Config{Dir: dir, Addr: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler)}
}

func start(t *testing.T, cfg engine.Config) *engine.Engine {
	t.Helper()
	began := time.Now()
	e, err := engine.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("ready after %s", time.Since(began).Round(time.Millisecond))
	t.Cleanup(func() { stop(t, e) })
	return e
}

func stop(t *testing.T, e *engine.Engine) {
	t.Helper()
	began := time.Now()
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("Close took %s", took)
	} else {
		t.Logf("closed after %s", took.Round(time.Millisecond))
	}
}

func dial(t *testing.T, e *engine.Engine) client.Client {
	t.Helper()
	c, err := e.Dial(t.Context(), client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestKilledProcessContinues(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close() })
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, len(started))
	if _, err := io.ReadFull(out, line); err != nil || string(line) != started {
		t.Fatalf("child said %q, %v", line, err)
	}

	if _, err := engine.Start(t.Context(), config(t, dir)); err == nil || !strings.Contains(err.Error(), "another devstack") {
		t.Errorf("second engine on a folder in use = %v, want a refusal that says why", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()

	c := dial(t, start(t, config(t, dir)))
	w := worker.New(c, queue, worker.Options{})
	w.RegisterWorkflow(Nap)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	var at time.Time
	if err := c.GetWorkflow(t.Context(), "nap", "").Get(t.Context(), &at); err != nil {
		t.Fatal(err)
	}
	if age := time.Since(at); age < 5*time.Second || age > time.Minute {
		t.Errorf("the workflow ended %s after its start, want its five seconds and a restart", age)
	}
}

func TestCloseAndStartAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, config(t, dir))
	c := dial(t, first)
	w := worker.New(c, queue, worker.Options{})
	w.RegisterWorkflow(Nap)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	if err := nap(t.Context(), c, "nap", 4*time.Second); err != nil {
		t.Fatal(err)
	}
	w.Stop()
	c.Close()
	stop(t, first)
	if err := first.Close(); err != nil {
		t.Errorf("second Close = %v, want what the first one said", err)
	}

	c = dial(t, start(t, config(t, dir)))
	w = worker.New(c, queue, worker.Options{})
	w.RegisterWorkflow(Nap)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	if err := c.GetWorkflow(t.Context(), "nap", "").Get(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

func TestReadyMeansReady(t *testing.T) {
	t.Parallel()
	cfg := config(t, t.TempDir())
	cfg.UIAddr = "127.0.0.1:0"
	e := start(t, cfg)
	c := dial(t, e)
	if err := platform.CheckSearchAttributes(t.Context(), c.OperatorService(), engine.Namespace); err != nil {
		t.Error(err)
	}
	w := worker.New(c, queue, worker.Options{})
	w.RegisterWorkflow(Nap)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "attributes", TaskQueue: queue, TypedSearchAttributes: attributes()}, Nap, time.Millisecond)
	if err != nil {
		t.Fatalf("start with search attributes: %v", err)
	}
	if err := run.Get(t.Context(), nil); err != nil {
		t.Error(err)
	}
	for path, want := range map[string]string{
		"/":                          "<html",
		"/api/v1/namespaces/default": `"default"`,
		"/api/v1/settings":           `"default"`,
		"/api/v1/namespaces/default/workflows/attributes": "TenurePhase",
	} {
		if got := get(t, "http://"+e.UIAddr()+path); !strings.Contains(got, want) {
			t.Errorf("web ui %s lacks %q: %.300s", path, want, got)
		}
	}
}

func attributes() temporal.SearchAttributes {
	return temporal.NewSearchAttributes(
		platform.KeyPhase.ValueSet("prehire"),
		platform.KeyAttention.ValueSet("none"),
		platform.KeyRealm.ValueSet("main"),
		platform.KeyNextDeadline.ValueSet(time.Now().Add(time.Hour)),
		platform.KeyHeld.ValueSet(false),
	)
}

func get(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("GET %s = %s, %v", url, resp.Status, err)
	}
	return string(body)
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		change func(*engine.Config)
		want   string
	}{
		{"every interface", func(c *engine.Config) { c.Addr = ":0" }, "not a loopback address"},
		{"another machine", func(c *engine.Config) { c.UIAddr = "192.0.2.1:0" }, "not a loopback address"},
		{"no port", func(c *engine.Config) { c.Addr = "127.0.0.1" }, "host:port"},
		{"frontend port taken", func(c *engine.Config) { c.Addr = taken.Addr().String() }, "the Temporal frontend"},
		{"ui port taken", func(c *engine.Config) { c.UIAddr = taken.Addr().String() }, "the Temporal Web UI"},
		{"folder is a file", func(c *engine.Config) { c.Dir = file }, "not a directory"},
		{"no logger", func(c *engine.Config) { c.Logger = nil }, "no logger"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg := config(t, filepath.Join(t.TempDir(), "state"))
			tt.change(&cfg)
			_, err := engine.Start(t.Context(), cfg)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Start = %v, want an error with %q", err, tt.want)
			}
		})
	}
}
