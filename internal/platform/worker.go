package platform

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/worker"

	"tenure/workflows/contract"
)

const (
	// TaskQueue is the one task queue of workflows and activities.
	TaskQueue = contract.TaskQueue

	// stopTimeout lets a write in flight end: it is longer than the longest
	// single call to a target, so that a stop leaves no open effect behind.
	stopTimeout = 30 * time.Second

	// activitiesAtOnce bounds what one process has under way. More would not be
	// done sooner, and under load none of them would get to send its heartbeat: the
	// server takes it for dead then and the work is done twice. It is also fewer
	// than wait for a target's budget without being sent back (five seconds of
	// Graph's writes are a hundred).
	activitiesAtOnce = 64
	// plansAtOnce bounds the plans, which hold workflow tasks.
	plansAtOnce = 32
)

// WorkerOptions returns the options of a worker in production. The codec and
// the failure converter come with the client. Pollers stay unset, so that the
// server may scale them.
//
// A bug in workflow code blocks the workflow task: nobody's journey fails, and
// the fixed worker goes on where it stood. Tests that want a bug to fail the
// workflow set WorkflowPanicPolicy to worker.FailWorkflow.
//
// OnFatal is called when the worker can no longer work; the process should log
// the error and exit with a failure.
func WorkerOptions(onFatal func(error)) worker.Options {
	return worker.Options{
		WorkerStopTimeout:                       stopTimeout,
		WorkflowPanicPolicy:                     worker.BlockWorkflow,
		OnFatalError:                            onFatal,
		MaxConcurrentActivityExecutionSize:      activitiesAtOnce,
		MaxConcurrentLocalActivityExecutionSize: plansAtOnce,
		MaxConcurrentWorkflowTaskExecutionSize:  plansAtOnce,
	}
}

// ReplayerOptions returns the options of a replayer that reads histories just
// as a worker with the same codec does.
func ReplayerOptions(codec *Codec, inputs ...any) (worker.WorkflowReplayerOptions, error) {
	plugin, err := NewPlugin(codec, inputs...)
	if err != nil {
		return worker.WorkflowReplayerOptions{}, fmt.Errorf("make replayer options: %w", err)
	}
	return worker.WorkflowReplayerOptions{Plugins: []worker.Plugin{plugin}}, nil
}
