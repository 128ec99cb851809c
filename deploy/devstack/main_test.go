package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tenure/deploy/devstack/stack"
)

// free takes a free port.
const free = "127.0.0.1:0"

// devstack runs the command until stop is called, which returns its exit code.
func devstack(t *testing.T, args ...string) (ready stack.Addresses, stdout func() string, stop func() int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ready.json")
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	// What a killed process left behind must not be taken for ready.
	if err := os.WriteFile(file, []byte("stale"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, problems bytes.Buffer
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, append([]string{
			"--temporal-addr", free, "--ui-addr", free, "--api-addr", free, "--graph-addr", free, "--mail-addr", free,
			"--ready-file", file,
		}, args...), &out, &problems)
	}()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		data, err := os.ReadFile(file)
		if err == nil && string(data) != "stale" {
			if err := json.Unmarshal(data, &ready); err != nil {
				t.Fatalf("ready file %q: %v", data, err)
			}
			break
		}
		select {
		case code := <-done:
			t.Fatalf("it ended with %d before it was ready: %s", code, &problems)
		case <-tick.C:
		}
	}
	stop = func() int {
		cancel()
		code := <-done
		if _, err := os.Stat(file); err == nil {
			t.Error("the ready file is still there after the stop")
		}
		if problems.Len() > 0 {
			t.Errorf("it said %s", &problems)
		}
		return code
	}
	return ready, out.String, stop
}

func TestRunAndRestart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	for range 2 {
		ready, stdout, stop := devstack(t, "--dir", dir)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+ready.UI+"/api/v1/namespaces/default", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("web ui says %s, %v: %s", resp.Status, err, body)
		}
		_ = resp.Body.Close()
		if code := stop(); code != exitOK {
			t.Errorf("exit code = %d, want %d", code, exitOK)
		}
		if out := stdout(); !strings.Contains(out, "http://"+ready.UI) || !strings.Contains(out, "http://"+ready.API) ||
			!strings.Contains(out, "http://"+ready.Mail) || ready.Domain == "" || !strings.Contains(out, "timeline 2010") {
			t.Errorf("output lacks an address: %s", out)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"help", []string{"--help"}, exitOK, "-ready-file"},
		{"unknown flag", []string{"--tempral-addr", "x"}, exitUsage, "tempral-addr"},
		{"argument", []string{"worker"}, exitUsage, `"worker"`},
		{"no folder", []string{"--dir", ""}, exitUsage, "--dir"},
		{"port taken", []string{"--temporal-addr", taken.Addr().String()}, exitFailed, "the Temporal frontend"},
		{"not loopback", []string{"--temporal-addr", "0.0.0.0:0"}, exitFailed, "not a loopback address"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			args := tt.args
			if tt.name != "no folder" {
				args = append([]string{"--dir", t.TempDir()}, args...)
			}
			code := run(t.Context(), args, &stdout, &stderr)
			if code != tt.code || !strings.Contains(stderr.String(), tt.want) {
				t.Errorf("run = %d, %q; want %d and %q", code, stderr.String(), tt.code, tt.want)
			}
			if stdout.Len() > 0 {
				t.Errorf("stdout = %q, want nothing", &stdout)
			}
		})
	}
}

func TestInterruptedStartIsClean(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	args := []string{"--dir", t.TempDir(), "--temporal-addr", free, "--ui-addr", free}
	if code := run(ctx, args, &out, &out); code != exitOK || out.Len() > 0 {
		t.Errorf("run = %d, %q; want a clean stop", code, &out)
	}
}

// TestOnboarding: the organisation that goes live has a folder of its own, an
// export to import, and nothing is imported by itself.
func TestOnboarding(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	ready, stdout, stop := devstack(t, "--dir", dir, "--onboarding")
	if _, err := os.Stat(filepath.Join(dir, "hr.csv")); err != nil {
		t.Errorf("the export is not there: %v", err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+ready.API+"/v1/feeds/hr/imports", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil || strings.TrimSpace(string(body)) != "[]" {
		t.Errorf("imports = %s, %v; want none", body, err)
	}
	if code := stop(); code != exitOK {
		t.Errorf("exit code = %d, want %d", code, exitOK)
	}
	if out := stdout(); !strings.Contains(out, "docs/going-live.md") || !strings.Contains(out, "feed import "+dir+"/hr.csv --as-of ") {
		t.Errorf("output does not say how to go on: %s", out)
	}
	for args, want := range map[string]string{"": ".tenure", "--onboarding": filepath.Join(".tenure", "onboarding")} {
		opts, err := parse(strings.Fields(args), io.Discard)
		if err != nil || opts.Dir != want {
			t.Errorf("the folder of %q is %s, %v; want %s", args, opts.Dir, err, want)
		}
	}
}
