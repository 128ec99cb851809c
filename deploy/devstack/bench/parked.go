package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
)

const (
	// aheadDays is how far away the first day of those is who are parked: their
	// account is due in weeks.
	aheadDays = 60
	// few are parked first, and tell how long many take.
	few = 1000
	// rehearsed are parked before the size of a database is taken, so that its
	// tables are there.
	rehearsed = 200
)

// measureParked parks people hired for later, takes the memory, and lets a line of
// all of them fall due in the same minute. Some are parked first, on a stack of
// their own, to learn by when all can be.
func measureParked(ctx context.Context, s settings) (figures, error) {
	first := min(few, s.parked)
	took, err := rehearse(ctx, s, first)
	if err != nil {
		return nil, err
	}
	s.wake = wakeAt(time.Now().UTC(), took*time.Duration(s.parked)/time.Duration(first))
	return parkAndWake(ctx, s, first)
}

// rehearse returns how long it takes to park so many.
func rehearse(ctx context.Context, s settings, count int) (took time.Duration, err error) {
	s.engine, s.store = "", "" // PostgreSQL's databases stay empty
	r, err := raise(ctx, s)
	if err != nil {
		return 0, err
	}
	defer func() { err = r.lower(err) }()
	return r.parkAll(ctx, hires("rehearsal", count, time.Now().UTC().AddDate(0, 0, aheadDays)), count)
}

func parkAndWake(ctx context.Context, s settings, first int) (_ figures, err error) {
	r, err := raise(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = r.lower(err) }()
	out, at := figures{"rss_0_parked_bytes": memory(), "timers": float64(s.parked)}, s.wake
	all := hires("parked", s.parked, time.Now().UTC().AddDate(0, 0, aheadDays))
	began, before := time.Now(), 0
	for _, part := range [][]hire{all[:first], all[first:]} {
		before += len(part)
		if _, err := r.parkAll(ctx, part, before); err != nil {
			return nil, err
		}
		if len(part) > 0 {
			out[fmt.Sprintf("rss_%d_parked_bytes", before)] = memory()
		}
	}
	out["parked_per_s"] = float64(s.parked) / time.Since(began).Seconds()
	if !time.Now().Before(at) {
		return nil, fmt.Errorf("park %d people: they were not ready at %s, when their timers are due", s.parked, at.Format(clock))
	}
	return out, r.lateness(ctx, all, at, before, out)
}

// clock is how the policy writes a time of day.
const clock = "15:04"

// wakeAt is a minute by which all are surely parked where it takes so
// long as it did with few.
func wakeAt(now time.Time, takes time.Duration) time.Time {
	const reserve, least = 2.5, 2 * time.Minute
	ready := now.Add(time.Duration(reserve*float64(takes)) + least)
	return ready.Truncate(time.Minute).Add(time.Minute)
}

// parkAll hands people in and waits until so many journeys in all sleep until a
// deadline.
func (r *rig) parkAll(ctx context.Context, people []hire, total int) (time.Duration, error) {
	began := time.Now()
	if err := r.sendAll(ctx, people); err != nil {
		return 0, err
	}
	err := r.untilAsleep(ctx, began, total)
	return time.Since(began), err
}

// untilAsleep waits until so many journeys sleep until a deadline after an instant.
func (r *rig) untilAsleep(ctx context.Context, after time.Time, total int) error {
	query := fmt.Sprintf("TenureNextDeadline > %q", after.UTC().Format(time.RFC3339))
	return untilEvery(ctx, countEvery, fmt.Sprintf("%d journeys sleep", total), func() (bool, error) {
		answer, err := r.temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: query})
		if err != nil {
			return false, fmt.Errorf("count journeys: %w", err)
		}
		return answer.GetCount() >= int64(total), nil
	})
}

// maxRead is how many histories are read for lateness.
const maxRead = 2000

// lateness waits until everybody was woken and reads from histories when. A timer
// is late by when the engine wrote that it fired, a journey by when it had planned.
func (r *rig) lateness(ctx context.Context, all []hire, at time.Time, parked int, out figures) error {
	if err := r.untilAsleep(ctx, at.Add(time.Minute), parked); err != nil {
		return err
	}
	var some []hire
	for i := 0; i < len(all); i += max(1, len(all)/maxRead) {
		some = append(some, all[i])
	}
	fired, planned := make(chan float64, len(some)), make(chan float64, len(some))
	err := inParallel(ctx, some, func(ctx context.Context, h hire) error {
		histories, err := r.histories(ctx, h.key)
		if err != nil {
			return err
		}
		timer, plan := wokenAt(histories, at)
		if timer.IsZero() || plan.IsZero() {
			return fmt.Errorf("check %s: its timer of %s has not fired", h.key, at.Format(clock))
		}
		fired <- timer.Sub(at).Seconds()
		planned <- plan.Sub(at).Seconds()
		return nil
	})
	if err != nil {
		return err
	}
	late, woken := drain(fired), drain(planned)
	out["timer_lateness_p50_s"], out["timer_lateness_p99_s"] = percentile(late, 50), percentile(late, 99)
	out["woken_lateness_p50_s"], out["woken_lateness_p99_s"] = percentile(woken, 50), percentile(woken, 99)
	return nil
}

func drain(from chan float64) []float64 {
	close(from)
	var out []float64
	for one := range from {
		out = append(out, one)
	}
	return out
}

// wokenAt finds the first timer that fired from an instant on, and the end of the
// workflow task after it.
func wokenAt(histories []*historypb.History, at time.Time) (timer, plan time.Time) {
	for _, history := range slices.Backward(histories) {
		for _, e := range history.GetEvents() {
			when := e.GetEventTime().AsTime()
			switch {
			case e.GetEventType() == enumspb.EVENT_TYPE_TIMER_FIRED && timer.IsZero() && !when.Before(at):
				timer = when
			case e.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED && !timer.IsZero() && plan.IsZero():
				plan = when
			}
		}
	}
	return timer, plan
}
