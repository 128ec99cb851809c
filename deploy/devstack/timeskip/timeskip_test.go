package timeskip_test

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"tenure/deploy/devstack/engine"
	"tenure/deploy/devstack/timeskip"
)

const (
	queue = "timeskip"
	day   = 24 * time.Hour
)

// works are the workflows' activities. They remember when they were called.
type works struct {
	mu    sync.Mutex
	calls []time.Time
}

// Note records the instant that the workflow takes for now.
func (w *works) Note(_ context.Context, at time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, at)
	return nil
}

// Refuse never succeeds.
func (w *works) Refuse(context.Context) error {
	return temporal.NewNonRetryableApplicationError("refused", "Refused", nil)
}

func note(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 5 * time.Second})
	return workflow.ExecuteActivity(ctx, (*works).Note, workflow.Now(ctx)).Get(ctx, nil)
}

// TwoTimers works after 30 days and again after two years.
func TwoTimers(ctx workflow.Context) error {
	for _, d := range []time.Duration{30 * day, 730 * day} {
		if err := workflow.Sleep(ctx, d); err != nil {
			return err
		}
		if err := note(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Chapters works every 100 days, each time in a new run.
func Chapters(ctx workflow.Context, left int) error {
	if err := workflow.Sleep(ctx, 100*day); err != nil {
		return err
	}
	if err := note(ctx); err != nil || left == 1 {
		return err
	}
	return workflow.NewContinueAsNewError(ctx, Chapters, left-1)
}

// Parked tries again every hour and never gets anywhere.
func Parked(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 5 * time.Second})
	for {
		if err := workflow.ExecuteActivity(ctx, (*works).Refuse).Get(ctx, nil); err == nil {
			return nil
		}
		if err := workflow.Sleep(ctx, time.Hour); err != nil {
			return err
		}
	}
}

// setUp starts the engine and a worker.
func setUp(t *testing.T) (client.Client, *works) {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError + 1}))
	e, err := engine.Start(t.Context(), engine.Config{Dir: t.TempDir(), Addr: "127.0.0.1:0", Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	c, err := e.Dial(t.Context(), client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	w, a := worker.New(c, queue, worker.Options{WorkflowPanicPolicy: worker.FailWorkflow}), &works{}
	for _, f := range []any{TwoTimers, Chapters, Parked} {
		w.RegisterWorkflow(f)
	}
	w.RegisterActivity(a)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	return c, a
}

func start(t *testing.T, c client.Client, id string, wf any, args ...any) client.WorkflowRun {
	t.Helper()
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: queue}, wf, args...)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func forward(t *testing.T, c client.Client, id string, d time.Duration, opts ...timeskip.Option) (timeskip.Result, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return timeskip.FastForward(ctx, c, engine.Namespace, id, d, opts...)
}

func now(t *testing.T, c client.Client, id string) time.Time {
	t.Helper()
	at, err := timeskip.Now(t.Context(), c, engine.Namespace, id)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// near fails unless got is within a minute of want.
func near(t *testing.T, what string, got, want time.Time) {
	t.Helper()
	if d := got.Sub(want); d < -time.Minute || d > time.Minute {
		t.Errorf("%s = %s, want about %s", what, got, want)
	}
}

func TestFastForward(t *testing.T) {
	t.Parallel()
	c, a := setUp(t)

	t.Run("30 days, then two years", func(t *testing.T) {
		began := time.Now()
		run := start(t, c, "two-timers", TwoTimers)
		near(t, "clock before", now(t, c, "two-timers"), began)

		res, err := forward(t, c, "two-timers", 31*day)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "result", res.To, began.Add(31*day))
		near(t, "clock", now(t, c, "two-timers"), began.Add(31*day))
		if res.Ended || !res.Settled {
			t.Errorf("result = %+v, want it settled and running", res)
		}
		if len(a.calls) != 1 {
			t.Fatalf("%d activities ran within 31 days, want 1", len(a.calls))
		}
		near(t, "first activity", a.calls[0], began.Add(30*day))

		// The second timer fires before the target: the end is a success.
		res, err = forward(t, c, "two-timers", 800*day)
		if err != nil || !res.Ended {
			t.Fatalf("second fast-forward = %+v, %v; want the end of the workflow", res, err)
		}
		if err := run.Get(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		near(t, "second activity", a.calls[1], began.Add(760*day))

		if _, err := forward(t, c, "two-timers", day); err == nil {
			t.Error("a closed workflow was moved")
		}
	})

	t.Run("others stay where they are", func(t *testing.T) {
		start(t, c, "ahead", TwoTimers)
		start(t, c, "present", TwoTimers)
		if _, err := forward(t, c, "ahead", 10*day); err != nil {
			t.Fatal(err)
		}
		near(t, "clock of another", now(t, c, "present"), time.Now())
		near(t, "own clock", now(t, c, "ahead"), time.Now().Add(10*day))
		// It goes on from where it is.
		if _, err := forward(t, c, "ahead", 10*day); err != nil {
			t.Fatal(err)
		}
		near(t, "own clock after the second time", now(t, c, "ahead"), time.Now().Add(20*day))
	})

	t.Run("a moment is not overshot", func(t *testing.T) {
		for i := range 10 {
			id := "moment-" + strconv.Itoa(i)
			start(t, c, id, TwoTimers)
			if _, err := forward(t, c, id, day); err != nil {
				t.Fatal(err)
			}
			if _, err := forward(t, c, id, time.Microsecond); err != nil {
				t.Fatal(err)
			}
			near(t, "clock", now(t, c, id), time.Now().Add(day))
		}
	})

	t.Run("across continue-as-new", func(t *testing.T) {
		began, before := time.Now(), len(a.calls)
		start(t, c, "chapters", Chapters, 10)
		res, err := forward(t, c, "chapters", 550*day)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "result", res.To, began.Add(550*day))
		if got := len(a.calls) - before; got != 5 {
			t.Errorf("%d chapters within 550 days, want 5", got)
		}
	})

	t.Run("a parked run does not spin", func(t *testing.T) {
		start(t, c, "parked", Parked)
		_, err := forward(t, c, "parked", 365*day, timeskip.MaxSkips(20))
		var limit *timeskip.SkipLimitError
		if !errors.As(err, &limit) {
			t.Fatalf("FastForward = %v, want a SkipLimitError", err)
		}
		near(t, "clock where it stopped", limit.Reached, time.Now().Add(20*time.Hour))
	})

	t.Run("nonsense", func(t *testing.T) {
		if _, err := forward(t, c, "absent", day); err == nil {
			t.Error("an absent workflow was moved")
		}
		if _, err := forward(t, c, "present", -day); err == nil {
			t.Error("time went backwards")
		}
	})
}
