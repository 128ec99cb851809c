package with_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/dirtest"
	"tenure/internal/directory/memory"
	"tenure/internal/directory/memory/memorytest"
	"tenure/internal/directory/with"
)

// clock moves when somebody sleeps on it.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	slept time.Duration
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.slept += d
	return nil
}

func (c *clock) Advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

func limits() directory.Limits {
	return directory.Limits{
		Writes: directory.Budget{Amount: 400, Per: 100 * time.Second},
		Costs:  map[directory.Verb]directory.Cost{directory.VerbRevokeSessions: {Writes: 1}},
	}
}

func newLimited(c *clock, workers int) (*memory.Directory, directory.Target, string) {
	d := memory.New(memory.Options{Clock: c.Now})
	id := d.AddAccount(directory.Account{UserName: "keeper@contoso.example"})
	l := with.NewLimiter(limits(), with.LimiterOptions{Workers: workers, Clock: c.Now, Sleep: c.Sleep})
	return d, with.Wrap(directory.Bundle(d), with.Limit(l)), id
}

// TestWrappedTargetConforms shows that a decorator hides and changes nothing.
func TestWrappedTargetConforms(t *testing.T) {
	t.Parallel()
	dirtest.Run(t, dirtest.Harness{New: func(*testing.T) dirtest.Fixture {
		c := newClock()
		d, fixture := memorytest.Fixture(c)
		// The suite repeats a throttled call at once: the fence is waited out.
		limiter := with.NewLimiter(limits(), with.LimiterOptions{
			Workers: 1, MaxWait: 2 * dirtest.ThrottleAfter, Clock: c.Now, Sleep: c.Sleep,
		})
		target := with.Wrap(directory.Bundle(d), with.Limit(limiter))
		fixture.Directory = with.Wrap(target, with.Log(slog.New(slog.DiscardHandler), "memory", c.Now))
		return fixture
	}})
}

func TestWrapHidesWhatIsNotThere(t *testing.T) {
	t.Parallel()
	bare := directory.Target{Directory: memory.New(memory.Options{})}
	got := with.Wrap(bare, with.Log(slog.New(slog.DiscardHandler), "memory", time.Now))
	if got.Writer != nil || got.Remover != nil || got.Groups != nil || got.Licenses != nil || got.Sessions != nil || got.Passes != nil ||
		got.Anchors != nil || got.Passwords != nil || got.Lister != nil || got.Protections != nil || got.Inspector != nil {
		t.Errorf("Wrap invented an ability: %+v", got)
	}
}

func TestNoWindowSeesMoreThanTheShare(t *testing.T) {
	t.Parallel()
	c := newClock()
	d, target, id := newLimited(c, 2) // a share of 200 writes per 100 seconds
	start := c.Now()
	for c.Now().Sub(start) < 100*time.Second {
		if err := target.Sessions.RevokeSessions(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if got := d.Revocations(id); got < 197 || got > 201 {
		t.Errorf("calls in a window = %d, want about 200 and no more than the share", got)
	}
	// The first window began with a full bucket; what follows lives on the refill.
	first := d.Revocations(id)
	for c.Now().Sub(start) < 300*time.Second {
		if err := target.Sessions.RevokeSessions(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if got := d.Revocations(id) - first; got < 380 || got > 400 {
		t.Errorf("calls in two windows more = %d, want at least 95 of 100 and no more than the share", got)
	}
}

// TestWhoIsSentBackHasATurn lets more callers come at once than may wait.
func TestWhoIsSentBackHasATurn(t *testing.T) {
	t.Parallel()
	c := newClock()
	c2 := &sleeper{clock: c}
	d := memory.New(memory.Options{Clock: c.Now})
	id := d.AddAccount(directory.Account{UserName: "keeper@contoso.example"})
	limiter := with.NewLimiter(limits(), with.LimiterOptions{Workers: 4, Clock: c.Now, Sleep: c2.Sleep})
	target := with.Wrap(directory.Bundle(d), with.Limit(limiter))
	var turns []time.Duration
	for range 30 {
		err := target.Sessions.RevokeSessions(t.Context(), id)
		if throttled, ok := errors.AsType[*directory.ThrottledError](err); ok {
			turns = append(turns, throttled.After)
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if len(turns) < 20 {
		t.Fatalf("%d callers were sent back, want most of 30", len(turns))
	}
	for i := 1; i < len(turns); i++ {
		if apart := turns[i] - turns[i-1]; apart < time.Second {
			t.Errorf("turn %d is %s behind the one before, want the second that a write takes", i, apart)
		}
	}
}

// sleeper lets callers wait beside each other: time stands still.
type sleeper struct{ *clock }

func (s *sleeper) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func TestALongWaitIsTheEnginesMatter(t *testing.T) {
	t.Parallel()
	c := newClock()
	d, target, id := newLimited(c, 1)
	d.Inject(directory.VerbRevokeSessions, memory.Fault{Before: &directory.ThrottledError{After: 30 * time.Second}})
	if err := target.Sessions.RevokeSessions(t.Context(), id); !errors.Is(err, directory.ErrUnavailable) {
		t.Fatalf("first call: error = %v, want the target's", err)
	}
	// The fence holds back every verb, and no call reaches the target.
	_, err := target.Account(t.Context(), id)
	var throttled *directory.ThrottledError
	if !errors.As(err, &throttled) || throttled.After != 30*time.Second {
		t.Errorf("behind the fence: error = %v, want *ThrottledError of 30s", err)
	}
	if got := d.Calls(directory.VerbAccount); got != 0 {
		t.Errorf("calls behind the fence = %d, want 0", got)
	}
	if err := c.Sleep(t.Context(), 27*time.Second); err != nil {
		t.Fatal(err)
	}
	slept := c.slept
	if _, err := target.Account(t.Context(), id); err != nil {
		t.Fatalf("3 s before the end of the fence: %v", err)
	}
	if got := c.slept - slept; got != 3*time.Second {
		t.Errorf("waited %s, want 3s", got)
	}
}

func TestACancelledWaitGivesBack(t *testing.T) {
	t.Parallel()
	c := newClock()
	_, target, id := newLimited(c, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		if err := target.Sessions.RevokeSessions(ctx, id); !errors.Is(err, context.Canceled) {
			t.Fatalf("error = %v, want cancelled", err)
		}
	}
	if err := target.Sessions.RevokeSessions(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if c.slept > 5*time.Second {
		t.Errorf("waited %s after cancelled calls, want next to nothing", c.slept)
	}
}

func TestLogShowsVerbAndErrorOnly(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	logger := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	d := memory.New(memory.Options{})
	target := with.Wrap(directory.Bundle(d), with.Log(logger, "entra", newClock().Now))
	if _, err := target.AccountByUserName(t.Context(), "zoe@contoso.example"); !errors.Is(err, directory.ErrNotFound) {
		t.Fatalf("error = %v, want not found", err)
	}
	for _, want := range []string{"target=entra", "verb=account-by-user-name", "not found"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("log %q lacks %q", out.String(), want)
		}
	}
	if strings.Contains(out.String(), "zoe") {
		t.Errorf("log %q shows a user name", out.String())
	}
}
