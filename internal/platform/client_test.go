package platform

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
)

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestClientOptionsFromEnvironment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "temporal.toml")
	if err := os.WriteFile(file, []byte("[profile.default]\naddress = \"from-file:7233\"\nnamespace = \"from-file\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TEMPORAL_CONFIG_FILE", file)
	t.Setenv("TEMPORAL_NAMESPACE", "from-env")
	for _, tt := range []struct {
		name, host, namespace, wantHost, wantNamespace string
	}{
		{"file and environment", "", "", "from-file:7233", "from-env"},
		{"given namespace wins", "", "given", "from-file:7233", "given"},
		{"given address ignores both", "127.0.0.1:1", "", "127.0.0.1:1", "default"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opts, err := ClientOptions(ClientConfig{HostPort: tt.host, Namespace: tt.namespace, Logger: discard(), Codec: NoCodec()})
			if err != nil {
				t.Fatal(err)
			}
			if opts.HostPort != tt.wantHost || opts.Namespace != tt.wantNamespace {
				t.Errorf("options = %s %s, want %s %s", opts.HostPort, opts.Namespace, tt.wantHost, tt.wantNamespace)
			}
			if len(opts.Plugins) != 1 || opts.Plugins[0].Name() != PluginName {
				t.Errorf("plugins = %v, want the one plugin", opts.Plugins)
			}
		})
	}
}

func TestClientOptionsStrict(t *testing.T) {
	file := filepath.Join(t.TempDir(), "temporal.toml")
	if err := os.WriteFile(file, []byte("[profile.default]\nhostport = \"typo:7233\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TEMPORAL_CONFIG_FILE", file)
	_, err := ClientOptions(ClientConfig{Logger: discard(), Codec: NoCodec()})
	if err == nil || !strings.Contains(err.Error(), "hostport") {
		t.Errorf("ClientOptions = %v, want an error that names the unknown key", err)
	}
}

func TestDialNamesTheAddress(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var lines bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&lines, nil))
	_, err = Dial(t.Context(), client.Options{HostPort: addr, Namespace: "people", Logger: NewLogger(discard())}, time.Second, logger)
	if err == nil || !strings.Contains(err.Error(), addr) || !strings.Contains(err.Error(), `"people"`) {
		t.Errorf("Dial = %v, want an error with address %s and the namespace", err, addr)
	}
	if n := strings.Count(lines.String(), "not reachable yet"); n < 2 {
		t.Errorf("%d attempts were logged, want several:\n%s", n, lines.String())
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	start := time.Now()
	_, err := Dial(ctx, client.Options{HostPort: "127.0.0.1:1", Logger: NewLogger(discard())}, time.Minute, discard())
	if err == nil || time.Since(start) > 10*time.Second {
		t.Errorf("Dial = %v after %s, want an error at once", err, time.Since(start))
	}
}

func TestWorkerOptions(t *testing.T) {
	t.Parallel()
	called := false
	opts := WorkerOptions(func(error) { called = true })
	if opts.WorkflowPanicPolicy != worker.BlockWorkflow {
		t.Errorf("WorkflowPanicPolicy = %v: a bug would fail journeys", opts.WorkflowPanicPolicy)
	}
	if opts.WorkerStopTimeout <= 0 {
		t.Error("WorkerStopTimeout is 0: a stop would cut writes in flight")
	}
	if opts.OnFatalError(nil); !called {
		t.Error("OnFatalError is not the given function")
	}
}

func TestLogger(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	l := NewLogger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{AddSource: true})))
	l.Debug("hidden")
	log.With(l, "Namespace", "people").Info("Started Worker", "TaskQueue", TaskQueue, "WorkflowID", "journey/main/1", "odd")
	line := out.String()
	for _, want := range []string{`msg="Started Worker"`, "namespace=people", "task_queue=tenure", "workflow_id=journey/main/1", "client_test.go"} {
		if !strings.Contains(line, want) {
			t.Errorf("log line lacks %q: %s", want, line)
		}
	}
	if strings.Contains(line, "hidden") {
		t.Errorf("a debug line passed: %s", line)
	}
}

func TestSnake(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"WorkflowID": "workflow_id", "RunID": "run_id", "TaskQueue": "task_queue", "Error": "error",
		"HTTPStatus": "http_status", "already_snake": "already_snake", "Attempt": "attempt", "WorkerID": "worker_id",
		"Some Key": "some_key",
	} {
		if got := snake(in); got != want {
			t.Errorf("snake(%q) = %q, want %q", in, got, want)
		}
	}
}
