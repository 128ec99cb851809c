package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// startsIn is how many days ahead a standard joiner is hired.
const startsIn = 30

// measureStandard counts what one standard joiner takes: hired a month ahead, the
// account two weeks before the first day, access, pass and mail one week before, and
// the account enabled on the day. The person's clock is moved.
func measureStandard(ctx context.Context, s settings) (_ figures, err error) {
	r, err := raise(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = r.lower(err) }()
	if err := r.hireBoss(ctx); err != nil {
		return nil, err
	}
	_, _, before := r.seen.counts()
	start := time.Now().UTC().Truncate(oneDay).AddDate(0, 0, startsIn)
	joiner := hires("standard", 1, start)[0]
	if err := r.send(ctx, joiner); err != nil {
		return nil, err
	}
	if err := r.untilAsleep(ctx, time.Now(), 1); err != nil {
		return nil, err
	}
	if err := r.forward(ctx, joiner.key, time.Until(start.Add(time.Minute))); err != nil {
		return nil, err
	}
	if err := r.quiet(ctx, joiner.key); err != nil {
		return nil, err
	}
	if err := r.checkJoiners("standard"); err != nil {
		return nil, err
	}
	histories, err := r.histories(ctx, joiner.key)
	if err != nil {
		return nil, err
	}
	var events, activities, plans, size int
	for _, history := range histories {
		e, a, p, b := tally(history)
		events, activities, plans, size = events+e, activities+a, plans+p, size+b
	}
	_, _, after := r.seen.counts()
	return figures{
		"events_per_joiner": float64(events), "activities_per_joiner": float64(activities), "plans_per_joiner": float64(plans),
		"history_bytes_per_joiner": float64(size), "runs_per_joiner": float64(len(histories)),
		"standard_joiner_graph_requests": float64(after - before),
	}, nil
}

// forward moves somebody's clock ahead.
func (r *rig) forward(ctx context.Context, key string, by time.Duration) error {
	body, err := json.Marshal(map[string]string{"duration": by.String()})
	if err != nil {
		return fmt.Errorf("move the clock of %s: %w", key, err)
	}
	address := "http://" + r.Addresses().API + "/v1/dev/people/" + realm + "/" + key + "/fast-forward"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("move the clock of %s: %w", key, err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := r.http.Do(request)
	if err != nil {
		return fmt.Errorf("move the clock of %s: %w", key, err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("move the clock of %s: the API answered %s: %s", key, response.Status, answer)
	}
	return nil
}
