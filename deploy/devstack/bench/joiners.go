package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"

	"tenure/internal/sim/graph"
)

const (
	// warmUp is how many go before, so that connections and caches are there.
	warmUp = 40
	// sampled is how many journeys' histories are read.
	sampled = 50
	// mailsPerJoiner are the reminder and the pass.
	mailsPerJoiner = 2
)

// measureJoiners compares full joiners with bare workflows that perform as many
// activities without doing anything, on the same server, in turns.
func measureJoiners(ctx context.Context, s settings) (_ figures, err error) {
	r, err := raise(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = r.lower(err) }()
	if _, err := r.joinAll(ctx, "warm", warmUp); err != nil {
		return nil, err
	}
	cost, err := r.costOf(ctx, "warm", warmUp)
	if err != nil {
		return nil, err
	}
	bare, err := startBare(r.temporal, int(cost["full_joiner_activities"]))
	if err != nil {
		return nil, err
	}
	defer bare.stop()
	if _, err := bare.run(ctx, "warm", warmUp); err != nil {
		return nil, err
	}
	var full, empty, fullWork, emptyWork time.Duration
	const rounds = 2
	_, _, before := r.seen.counts()
	for round := range rounds {
		name := fmt.Sprintf("round%d", round)
		start := cpu()
		took, err := profiled(s.profile, "bare-"+name, func() (time.Duration, error) { return bare.run(ctx, name, s.joiners) })
		if err != nil {
			return nil, err
		}
		between := cpu()
		empty, emptyWork = empty+took, emptyWork+between-start
		took, err = profiled(s.profile, "full-"+name, func() (time.Duration, error) { return r.joinAll(ctx, name, s.joiners) })
		if err != nil {
			return nil, err
		}
		full, fullWork = full+took, fullWork+cpu()-between
	}
	_, _, after := r.seen.counts()
	if cost, err = r.costOf(ctx, "round1", s.joiners); err != nil {
		return nil, err
	}
	count := float64(rounds * s.joiners)
	cost["joiners_per_s"] = count / full.Seconds()
	cost["bare_per_s"] = count / empty.Seconds()
	cost["joiners_per_s_ratio_to_bare"] = empty.Seconds() / full.Seconds()
	cost["cpu_s_per_joiner"], cost["cpu_s_per_bare"] = fullWork.Seconds()/count, emptyWork.Seconds()/count
	cost["cpu_ratio_to_bare"] = emptyWork.Seconds() / fullWork.Seconds()
	cost["graph_requests_per_joiner"] = float64(after-before) / count
	cost["joiners_measured"] = count
	return cost, r.checkJoiners("warm", "round0", "round1")
}

// hireBoss hires everybody's manager, once.
func (r *rig) hireBoss(ctx context.Context) error {
	if _, found := r.seen.createdAt(bossKey); found {
		return nil
	}
	if err := r.send(ctx, boss(time.Now().UTC())); err != nil {
		return err
	}
	return until(ctx, "the manager has an account", func() (bool, error) {
		_, found := r.seen.createdAt(bossKey)
		return found, nil
	})
}

// joinAll lets a series of people join, all due at once, and returns how long it
// took until the last pass and mail were out.
func (r *rig) joinAll(ctx context.Context, series string, count int) (time.Duration, error) {
	today := time.Now().UTC()
	if err := r.hireBoss(ctx); err != nil {
		return 0, err
	}
	_, passes, _ := r.seen.counts()
	mails := len(r.Mail().Messages())
	began := time.Now()
	if err := r.sendAll(ctx, hires(series, count, today)); err != nil {
		return 0, err
	}
	err := until(ctx, "everybody has joined", func() (bool, error) {
		_, now, _ := r.seen.counts()
		return now-passes >= count && len(r.Mail().Messages())-mails >= mailsPerJoiner*count, nil
	})
	return time.Since(began), err
}

// costOf counts what journeys of a series have in their histories.
func (r *rig) costOf(ctx context.Context, series string, count int) (figures, error) {
	var events, activities, plans, bytes, runs int
	today := time.Now().UTC()
	some := hires(series, count, today)
	some = some[:min(sampled, count)]
	for _, h := range some {
		if err := r.quiet(ctx, h.key); err != nil {
			return nil, err
		}
		histories, err := r.histories(ctx, h.key)
		if err != nil {
			return nil, err
		}
		runs += len(histories)
		for _, history := range histories {
			e, a, p, b := tally(history)
			events, activities, plans, bytes = events+e, activities+a, plans+p, bytes+b
		}
	}
	of := func(total int) float64 { return float64(total) / float64(len(some)) }
	return figures{
		"full_joiner_events": of(events), "full_joiner_activities": of(activities), "full_joiner_plans": of(plans),
		"full_joiner_history_bytes": of(bytes), "full_joiner_runs": of(runs),
	}, nil
}

// quiet waits until a journey has nothing in flight.
func (r *rig) quiet(ctx context.Context, key string) error {
	return until(ctx, "the journey of "+key+" is quiet", func() (bool, error) {
		described, err := r.temporal.DescribeWorkflowExecution(ctx, journeyID(key), "")
		if err != nil {
			return false, fmt.Errorf("describe journey: %w", err)
		}
		return len(described.GetPendingActivities()) == 0 && described.GetPendingWorkflowTask() == nil, nil
	})
}

// tally leaves out what moving a clock writes, which no production cluster does.
func tally(history *historypb.History) (events, activities, plans, bytes int) {
	for _, e := range history.GetEvents() {
		switch e.GetEventType() {
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED:
			continue
		default:
		}
		events++
		bytes += e.Size()
		if e.GetActivityTaskScheduledEventAttributes() != nil {
			activities++
		}
		if e.GetMarkerRecordedEventAttributes().GetMarkerName() == "LocalActivity" {
			plans++
		}
	}
	return events, activities, plans, bytes
}

// checkJoiners reads the tenant: everybody of the series has one account, enabled,
// with the manager, two groups, the licence and a pass, and nobody a second one.
func (r *rig) checkJoiners(series ...string) error {
	state := r.Graph().State()
	bossID := ""
	byNumber := map[string][]graph.UserState{}
	for _, user := range state.Users {
		number, _ := user.Props["employeeId"].(string)
		byNumber[number] = append(byNumber[number], user)
		if number == bossKey {
			bossID = user.ID
		}
	}
	var problems []error
	want := 0
	for number, users := range byNumber {
		at := slices.IndexFunc(series, func(s string) bool { return len(number) > len(s) && number[:len(s)+1] == s+"-" })
		if at < 0 {
			continue
		}
		want++
		if problem := checkJoiner(users, bossID); problem != "" {
			problems = append(problems, fmt.Errorf("check %s: %s", number, problem))
		}
	}
	accounts, passes, _ := r.seen.counts()
	mails := len(r.Mail().Messages())
	if accounts != want+1 || passes != want || mails != mailsPerJoiner*want {
		problems = append(problems, fmt.Errorf("check: %d joiners, %d accounts, %d passes, %d mails", want, accounts-1, passes, mails))
	}
	return errors.Join(problems...)
}

func checkJoiner(users []graph.UserState, bossID string) string {
	user := users[0]
	enabled, _ := user.Props["accountEnabled"].(bool)
	const groups = 2
	switch {
	case len(users) != 1:
		return fmt.Sprintf("%d accounts", len(users))
	case !enabled:
		return "the account is not enabled"
	case user.Manager != bossID:
		return "another manager"
	case len(user.Groups) != groups || len(user.Licences) != 1 || len(user.Passes) != 1:
		return fmt.Sprintf("%d groups, %d licences, %d passes", len(user.Groups), len(user.Licences), len(user.Passes))
	default:
		return ""
	}
}
