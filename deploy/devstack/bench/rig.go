package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"

	"tenure/deploy/devstack/stack"
	"tenure/internal/platform"
	"tenure/internal/sim/graph"
	"tenure/workflows"
	"tenure/workflows/contract"
)

//go:embed policy.yaml
var policyText string

const (
	realm  = "bench"
	free   = "127.0.0.1:0"
	oneDay = 24 * time.Hour
	// senders is how many webhooks are under way at a time.
	senders = 16
	// within bounds every wait.
	within    = 10 * time.Minute
	lookEvery = 20 * time.Millisecond
	// countEvery is the pace of questions that cost the server something.
	countEvery = 3 * time.Second

	licence = "6fd2c87f-b296-42f0-b197-1e91e994b900"
	seats   = 1_000_000
)

// rig is a running stack and the hands on it.
type rig struct {
	*stack.Stack
	dir      string
	opts     stack.Options
	temporal client.Client
	seen     *watch
	http     *http.Client
}

// raise starts a stack on a new folder with the benchmark's policy.
func raise(ctx context.Context, s settings, changes ...func(*stack.Options)) (_ *rig, err error) {
	dir, err := os.MkdirTemp("", "tenure-bench-")
	if err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	r := &rig{dir: dir, seen: newWatch(), http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: senders}}}
	defer func() {
		if err != nil {
			err = r.lower(err)
		}
	}()
	file := filepath.Join(dir, "policy.yaml")
	if err := os.WriteFile(file, []byte(policyAt(time.Now().UTC(), s.wake)), 0o600); err != nil {
		return nil, fmt.Errorf("write policy: %w", err)
	}
	r.opts = stack.Options{
		Dir: dir, Policy: file, APIAddr: free, TemporalAddr: free, GraphAddr: free, MailAddr: free,
		Worker: true, Starter: true, Engine: s.engine, Store: s.store, Record: r.seen.record, Unthrottled: true,
	}
	for _, change := range changes {
		change(&r.opts)
	}
	if r.Stack, err = stack.Start(ctx, r.opts); err != nil {
		return nil, err
	}
	if err := r.Graph().Arrange(graph.Arrangement{Seats: map[string]int{licence: seats}}); err != nil {
		return nil, err
	}
	r.temporal, err = r.dial(ctx)
	return r, err
}

// policyAt fills in the policy for a day. With an instant at which to wake people, a
// lifecycle workflow gives everybody a line at that time of the day.
func policyAt(now, wake time.Time) string {
	minute := ""
	if !wake.IsZero() {
		minute = fmt.Sprintf("\n  - name: Wake\n    category: joiner\n"+
			"    trigger: {on: startDate, offset: -%dd, at: %q}\n"+
			"    tasks:\n      - sendWelcomeEmail: {to: person}\n        when: 'assignment.jobTitle == \"Nobody\"'\n",
			aheadDays, wake.Format(clock))
	}
	return strings.NewReplacer("BASELINE", now.AddDate(0, 0, -30).Format(time.DateOnly), "MINUTES", minute).Replace(policyText)
}

func (r *rig) dial(ctx context.Context) (client.Client, error) {
	codec, err := platform.ParseCodec("none")
	if err != nil {
		return nil, err
	}
	options, err := platform.ClientOptions(platform.ClientConfig{
		HostPort: r.Addresses().Temporal, Logger: slog.New(slog.DiscardHandler), Codec: codec, Inputs: []any{workflows.State{}},
	})
	if err != nil {
		return nil, err
	}
	return client.DialContext(ctx, options)
}

// lower stops the stack and removes what it kept. Of what failed it shows the end
// of the log.
func (r *rig) lower(failed error) error {
	if r.temporal != nil {
		r.temporal.Close()
	}
	var err error
	if r.Stack != nil {
		err = r.Close()
	}
	if failed != nil {
		const end = 2000
		log, _ := os.ReadFile(filepath.Join(r.dir, "tenure.log"))
		failed = fmt.Errorf("%w; the log ends with:\n%s", failed, log[max(0, len(log)-end):])
	}
	return errors.Join(failed, err, os.RemoveAll(r.dir))
}

// send hands in a person as HR would, and returns when it was accepted.
func (r *rig) send(ctx context.Context, h hire) error {
	now := time.Now()
	body, err := json.Marshal(h.event(now))
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.Addresses().API+"/v1/feeds/bench/events", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("send event: %w", err)
	}
	request.Header = signed("hire-"+h.key, now, body)
	request.Header.Set("Content-Type", "application/json")
	response, err := r.http.Do(request)
	if err != nil {
		return fmt.Errorf("send event: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	const most = 1 << 16
	answer, err := io.ReadAll(io.LimitReader(response.Body, most))
	if err != nil || response.StatusCode != http.StatusAccepted {
		return errors.Join(fmt.Errorf("send event: the API answered %s: %s", response.Status, answer), err)
	}
	return nil
}

// sendAll hands in many, some at a time.
func (r *rig) sendAll(ctx context.Context, hires []hire) error {
	return inParallel(ctx, hires, r.send)
}

// inParallel does something for each, some at a time; the first error ends it.
func inParallel[T any](ctx context.Context, all []T, do func(context.Context, T) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	todo := make(chan T)
	var workers sync.WaitGroup
	for range senders {
		workers.Go(func() {
			for one := range todo {
				if err := do(ctx, one); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	for _, one := range all {
		select {
		case todo <- one:
		case <-ctx.Done():
		}
	}
	close(todo)
	workers.Wait()
	return context.Cause(ctx)
}

// until waits for a condition that is looked at without asking Temporal.
func until(ctx context.Context, what string, holds func() (bool, error)) error {
	return untilEvery(ctx, lookEvery, what, holds)
}

func untilEvery(ctx context.Context, every time.Duration, what string, holds func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		ok, err := holds()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait until %s: %w", what, ctx.Err())
		case <-ticker.C:
		}
	}
}

// histories are the runs of a person's journey, the newest first.
func (r *rig) histories(ctx context.Context, key string) ([]*historypb.History, error) {
	var out []*historypb.History
	for run := ""; ; {
		history := &historypb.History{}
		events := r.temporal.GetWorkflowHistory(ctx, contract.JourneyID(realm, key), run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			e, err := events.Next()
			if err != nil {
				return nil, fmt.Errorf("read history of %s: %w", key, err)
			}
			history.Events = append(history.Events, e)
		}
		out = append(out, history)
		if run = history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId(); run == "" {
			return out, nil
		}
	}
}
