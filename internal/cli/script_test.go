package cli_test

import (
	"context"
	"flag"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tenure/internal/cli"
	"tenure/internal/config"
	"tenure/internal/httpapi"
)

var update = flag.Bool("update", false, "write the golden files again")

// TestMain lets scripts run the command as a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tenure": func() { os.Exit(command()) }})
}

func command() int {
	process := func(name string) cli.Process {
		return func(_ context.Context, c config.Config, log *slog.Logger) error {
			log.Info("process runs", "process", name, "store", c.Store)
			return nil
		}
	}
	ctx := context.Background() //nolint:forbidigo // the process of a script has no test whose context it could take
	return cli.Run(ctx, os.Args[1:], cli.Environment{
		Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, User: "olga",
		Worker: process("worker"), Starter: process("starter"), Heads: headsOfFile, Rebuild: rebuildOfScript, Poll: time.Millisecond,
	})
}

// TestScripts runs every command against the real routes with an invented
// organisation behind them.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: *update, RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			o := newOrganisation()
			db, err := fillStore(filepath.Join(e.WorkDir, "tenure.db"))
			if err != nil {
				return err
			}
			e.Defer(func() { _ = db.Close() })
			o.evidence = func() ([]byte, error) { return evidenceOf(db) }
			api, err := httpapi.New(httpapi.Options{Journeys: o, Dev: o, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				return err
			}
			server := httptest.NewServer(api)
			e.Defer(server.Close)
			e.Setenv("TENURE_API", server.URL)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"code": exitCode, "sql": runSQL},
	})
}

// exitCode runs a command line and compares its exit code: code 3 tenure ...
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command...")
	}
	err := ts.Exec("sh", append([]string{"-c", `"$@"; code=$?; [ $code = "$0" ] || { echo "exit code $code, want $0" >&2; exit 99; }`}, args...)...)
	ts.Check(err)
}
