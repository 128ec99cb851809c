package main

import (
	"context"
	"errors"
	"time"
)

// measureLatency takes the time from handing in an HR event until the account is
// there: on an idle machine, and at half the load that it can bear.
func measureLatency(ctx context.Context, s settings) (_ figures, err error) {
	r, err := raise(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = r.lower(err) }()
	if _, err := r.joinAll(ctx, "warm", warmUp); err != nil {
		return nil, err
	}
	took, err := r.joinAll(ctx, "most", max(s.load/2, 1))
	if err != nil {
		return nil, err
	}
	const half = 2
	every := half * took / time.Duration(max(s.load/2, 1))
	out := figures{"load_per_s": 1 / every.Seconds()}
	for _, part := range []struct {
		name  string
		count int
		pause time.Duration
	}{{"idle", s.idle, 0}, {"load", s.load, every}} {
		latencies, err := r.latencies(ctx, part.name, part.count, part.pause)
		if err != nil {
			return nil, err
		}
		out["event_to_account_"+part.name+"_p50_s"] = percentile(latencies, 50)
		out["event_to_account_"+part.name+"_p99_s"] = percentile(latencies, 99)
	}
	return out, r.checkJoiners("warm", "most", "idle", "load")
}

// latencies hands people in with a pause between them; without one, each comes
// when the one before has all that is theirs.
func (r *rig) latencies(ctx context.Context, series string, count int, pause time.Duration) ([]float64, error) {
	today := time.Now().UTC()
	all := hires(series, count, today)
	sent := map[string]time.Time{}
	_, before, _ := r.seen.counts()
	mails := len(r.Mail().Messages())
	joined := func(people int) error {
		return until(ctx, "everybody has joined", func() (bool, error) {
			_, passes, _ := r.seen.counts()
			return passes-before >= people && len(r.Mail().Messages())-mails >= mailsPerJoiner*people, nil
		})
	}
	ticker := time.NewTicker(max(pause, time.Millisecond))
	defer ticker.Stop()
	failed := make(chan error, count)
	for i, h := range all {
		sent[h.key] = time.Now()
		go func() { failed <- r.send(ctx, h) }()
		if pause == 0 {
			if err := errors.Join(<-failed, joined(i+1), r.quiet(ctx, h.key)); err != nil {
				return nil, err
			}
		}
		<-ticker.C
	}
	for range count {
		if pause > 0 {
			if err := <-failed; err != nil {
				return nil, err
			}
		}
	}
	if err := joined(count); err != nil {
		return nil, err
	}
	out := make([]float64, 0, count)
	for _, h := range all {
		at, _ := r.seen.createdAt(h.key)
		out = append(out, at.Sub(sent[h.key]).Seconds())
	}
	return out, nil
}
