package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"

	"tenure/activities"
	"tenure/internal/catalog"
	"tenure/internal/config"
	"tenure/internal/metrics"
	"tenure/internal/plan"
	"tenure/internal/platform"
	"tenure/internal/store"
	"tenure/workflows"
	"tenure/workflows/contract"
)

// dialWithin is how long a worker tries to reach Temporal at its start.
const dialWithin = 2 * time.Minute

// Options say what a worker runs with.
type Options struct {
	Config     config.Config
	References config.References
	// HostPort reaches a Temporal server in this process or machine; empty
	// means Temporal's own configuration.
	HostPort string
	Log      *slog.Logger
	// Ready, where it is set, is called once the worker polls.
	Ready func()
	// Around sees what goes through the doors of the process.
	Around Around
	// Unthrottled says that the targets have no budgets: simulators that are asked
	// for all that they can do. Real ones answer that with refusals.
	Unthrottled bool
}

// Run works until the context ends or the worker can no longer work.
func Run(ctx context.Context, o Options) error {
	codec, err := platform.ParseCodec(o.Config.Codec)
	if err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	url, err := o.References.Resolve(o.Config.Store)
	if err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	db, err := store.Open(ctx, url, o.Around.Store)
	if err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	defer func() { _ = db.Close() }()
	metered, err := platform.OpenMetrics(ctx, o.Config.Metrics.Worker, o.Log)
	if err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	defer metered.Close()
	temporal, err := dial(ctx, o, codec, metered.SDK)
	if err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	defer temporal.Close()
	if err := activities.RefuseLostStore(ctx, db, temporal); err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	return work(ctx, o, temporal, db, metered.Metrics)
}

func work(ctx context.Context, o Options, temporal client.Client, db *store.Store, counted *metrics.Metrics) error {
	fatal := make(chan error, 1)
	options := platform.WorkerOptions(func(err error) { fatal <- err })
	options.Interceptors = o.Around.work()
	running := sdkworker.New(temporal, contract.TaskQueue, options)
	known := deps(o, temporal, db, counted)
	Register(running, known, reconcilerDeps(known, temporal))
	if err := running.Start(); err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	defer running.Stop()
	if o.Ready != nil {
		o.Ready()
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-fatal:
		return errors.Join(errors.New("the worker can no longer work"), err)
	}
}

// Register registers every workflow and activity under its frozen name.
func Register(registry sdkworker.Registry, deps activities.Deps, reconciler activities.ReconcilerDeps) {
	workflows.Register(registry)
	registry.RegisterActivity(activities.NewPlanner(deps.Policies, deps.Store, deps.Callers, deps.Log))
	registry.RegisterActivity(activities.NewTasks(deps))
	registry.RegisterActivity(activities.NewReconciler(reconciler))
}

// factsWithin bounds a question to a journey.
const factsWithin = 10 * time.Second

func reconcilerDeps(known activities.Deps, temporal client.Client) activities.ReconcilerDeps {
	return activities.ReconcilerDeps{
		Store: known.Store, Policies: known.Policies, Target: known.Target, Log: known.Log,
		Facts: func(ctx context.Context, journey string) (plan.Facts, error) {
			view, err := ask(ctx, temporal, journey)
			return view.Facts, err
		},
	}
}

func deps(o Options, temporal client.Client, db *store.Store, counted *metrics.Metrics) activities.Deps {
	targets := NewTargets(o.Config, o.References, o.Log)
	targets.unthrottled, targets.metrics = o.Unthrottled, counted
	targets.around = o.Around.HTTP
	mail := newMail(o)
	extensions := newExtensions(o.References, o.Around.transport())
	return activities.Deps{
		Store:      db,
		Policies:   activities.NewPolicies(db, catalog.LoadStored),
		Target:     targets.Target,
		Mail:       mail.mail,
		Extension:  extensions.call,
		WriteBacks: newWriteBacks(o),
		Wake: func(ctx context.Context, journey string) error {
			return temporal.SignalWorkflow(ctx, journey, "", contract.SignalManagerArrived, nil)
		},
		LookAgain: func(ctx context.Context, journey, target, id string) error {
			err := temporal.SignalWorkflow(ctx, journey, "", string(contract.ReEvaluate), contract.Override{
				ID: id, Actor: contract.ActorManager, Reason: "another account of the manager counts now", Target: target,
			})
			if _, ended := errors.AsType[*serviceerror.NotFound](err); ended {
				return nil // nobody is left to be asked
			}
			return err
		},
		Callers: activities.Callers{Verified: o.Config.API.Credentials(), Steer: o.Config.API.Signals.Steer},
		Metrics: counted,
		Log:     o.Log,
	}
}
