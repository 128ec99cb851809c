package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"tenure/internal/platform"
	"tenure/workflows/contract"
)

const bareQueue = "bench-bare"

// bare runs workflows that perform activities which do nothing, one after the other.
type bare struct {
	temporal   client.Client
	worker     worker.Worker
	activities int
	performed  atomic.Int64
}

func startBare(temporal client.Client, activities int) (*bare, error) {
	b := &bare{temporal: temporal, worker: worker.New(temporal, bareQueue, platform.WorkerOptions(func(error) {})), activities: activities}
	b.worker.RegisterWorkflowWithOptions(b.workflow, workflow.RegisterOptions{Name: "Bare"})
	b.worker.RegisterActivity(b.Nothing)
	if err := b.worker.Start(); err != nil {
		return nil, fmt.Errorf("start bare worker: %w", err)
	}
	return b, nil
}

func (b *bare) stop() { b.worker.Stop() }

// Nothing is the activity that does nothing.
func (b *bare) Nothing(context.Context) error {
	b.performed.Add(1)
	return nil
}

func (b *bare) workflow(ctx workflow.Context, activities int) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	for range activities {
		if err := workflow.ExecuteActivity(ctx, b.Nothing).Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

// run starts so many and returns how long it took until the last activity ended.
func (b *bare) run(ctx context.Context, series string, count int) (time.Duration, error) {
	ids := make([]string, count)
	for i := range ids {
		ids[i] = fmt.Sprintf("bare-%s-%d", series, i)
	}
	before := b.performed.Load()
	began := time.Now()
	err := inParallel(ctx, ids, func(ctx context.Context, id string) error {
		_, err := b.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: bareQueue}, "Bare", b.activities)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("start bare workflows: %w", err)
	}
	err = until(ctx, "every bare activity ran", func() (bool, error) {
		return b.performed.Load()-before >= int64(count*b.activities), nil
	})
	return time.Since(began), err
}

func journeyID(key string) string { return contract.JourneyID(realm, key) }
