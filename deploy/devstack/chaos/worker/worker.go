package worker

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"tenure/deploy/devstack/chaos/point"
	"tenure/deploy/devstack/chaos/site"
	"tenure/internal/config"
	"tenure/worker"
	"tenure/workflows/contract"
)

// Options say what a worker joins.
type Options struct {
	// Config is the path of the configuration; its references are in the
	// environment.
	Config string
	// Temporal is the server's address.
	Temporal string
	// Gate is the socket of the gate.
	Gate  string
	Ready func()
}

// Run works until the context ends.
func Run(ctx context.Context, o Options) error {
	file, err := os.Open(o.Config)
	if err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	settings, err := config.Load(o.Config, file)
	_ = file.Close()
	if err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	gate, err := point.Dial(o.Gate)
	if err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	hooks := &hooks{gate: gate}
	return worker.Run(ctx, worker.Options{
		Config: settings, References: config.Environment(), HostPort: o.Temporal,
		Log:   slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Ready: o.Ready,
		Around: worker.Around{
			Work: &interceptors{hooks: hooks}, Calls: hooks.call, HTTP: hooks.transport, Store: hooks.database,
		},
	})
}

// hooks ask the gate.
type hooks struct{ gate *point.Client }

// The phases of a point.
const (
	before = " before"
	after  = " after"
)

// pass asks for a person; nobody's work goes on unasked. Without a gate the
// worker is of no use.
func (h *hooks) pass(who, name string, blocks bool) {
	if who == "" {
		return
	}
	if err := h.gate.Pass(point.Passing{Person: who, Name: name, Blocks: blocks}); err != nil {
		slog.Error("no gate answers", "error", err)
		os.Exit(1)
	}
}

// personOf is who a workflow is about, "" where it is about nobody of the chaos
// program.
func personOf(workflow string) string {
	key, found := strings.CutPrefix(workflow, contract.JourneyID(site.Realm, ""))
	if !found {
		return ""
	}
	return key
}

// who is on whose behalf something is done, and by which activity.
type who struct{ person, activity string }

type whoKey struct{}

func whoOf(ctx context.Context) who {
	w, _ := ctx.Value(whoKey{}).(who)
	return w
}
