package stack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"

	"tenure/deploy/devstack/timeskip"
	"tenure/internal/httpapi"
	"tenure/internal/platform"
	"tenure/workflows"
	"tenure/workflows/contract"
)

// clock moves single people ahead in time, with their objects in the simulators.
type clock struct {
	stack    *Stack
	temporal client.Client
}

const (
	namespace = "default"
	// forwardWithin bounds a fast-forward: it waits for activities that run.
	forwardWithin = 5 * time.Minute
	queryWithin   = 10 * time.Second
	dialWithin    = time.Minute
)

// openClock connects with the stack's own codec, since facts are read.
func (s *Stack) openClock(ctx context.Context) (*clock, error) {
	codec, err := platform.ParseCodec(s.settings.Codec)
	if err != nil {
		return nil, err
	}
	options, err := platform.ClientOptions(platform.ClientConfig{
		HostPort: s.addrs.Temporal, Logger: s.log, Codec: codec, Inputs: []any{workflows.State{}},
	})
	if err != nil {
		return nil, err
	}
	temporal, err := platform.Dial(ctx, options, dialWithin, s.log)
	if err != nil {
		return nil, err
	}
	s.onClose("the clock", func() error { temporal.Close(); return nil })
	return &clock{stack: s, temporal: temporal}, nil
}

// FastForward moves one person's clock ahead. A parked task that is tried again
// and again ends it early, and is reported.
func (c *clock) FastForward(ctx context.Context, realm, key string, by time.Duration) (httpapi.FastForwardReport, error) {
	ctx, cancel := context.WithTimeout(ctx, forwardWithin)
	defer cancel()
	report := httpapi.FastForwardReport{PersonID: httpapi.PersonID{Realm: realm, Key: key}}
	journey := contract.JourneyID(realm, key)
	result, err := timeskip.FastForward(ctx, c.temporal, namespace, journey, by)
	var limit *timeskip.SkipLimitError
	switch {
	case errors.As(err, &limit):
		report.Note = fmt.Sprintf("stopped after %d jumps: something is parked and tried again and again; retry or skip it, then go on", limit.MaxSkips)
	case err != nil:
		return report, fmt.Errorf("fast-forward: %w", err)
	}
	report.From, report.To = result.From, result.To
	view, err := c.view(ctx, journey)
	if err != nil {
		return report, err
	}
	for _, parked := range view.Facts.Parked {
		entry := httpapi.Parked{Key: parked.Key, Code: parked.Code, Detail: parked.Detail, Since: parked.Since, Attempts: parked.Attempts}
		if !parked.Retry.IsZero() {
			entry.Retry = &parked.Retry
		}
		report.Parked = append(report.Parked, entry)
	}
	if number, _ := view.Facts.Person.Record.Attributes.Get("employeeId"); number != "" {
		if err := c.stack.graph.AdvanceEmployee(number, result.To.Sub(result.From)); err != nil {
			return report, fmt.Errorf("move the clock of the account: %w", err)
		}
	}
	return report, nil
}

// view waits for the worker for a while: it may be busy with what fell due.
func (c *clock) view(ctx context.Context, journey string) (workflows.View, error) {
	ctx, cancel := context.WithTimeout(ctx, queryWithin)
	defer cancel()
	var view workflows.View
	answer, err := c.temporal.QueryWorkflow(ctx, journey, "", contract.QueryFacts)
	if err == nil {
		err = answer.Get(&view)
	}
	if err != nil {
		return view, fmt.Errorf("read what is known of the person: %w", err)
	}
	return view, nil
}
