package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"tenure/deploy/devstack/stack"
)

// The budget of one application in one tenant, as Graph documents it.
const (
	budgetWrites = 3000
	budgetPer    = 150 * time.Second
	// writesPerJoiner are the account with its manager, two groups, the licence and
	// the pass.
	writesPerJoiner = 5
	// left is what somebody else left of the budget when the measurement begins.
	left = 200
)

// measureBudget lets more people join than a throttled tenant has writes for, and
// looks how much of what it allows is used, and how often it had to refuse.
func measureBudget(ctx context.Context, s settings) (_ figures, err error) {
	r, err := raise(ctx, s, func(o *stack.Options) { o.ThrottleScale, o.Unthrottled = 1, false })
	if err != nil {
		return nil, err
	}
	defer func() { err = r.lower(err) }()
	if _, err := r.joinAll(ctx, "warm", warmUp); err != nil {
		return nil, err
	}
	r.Graph().LeaveWrites(left)
	window := time.Duration(s.budget) * time.Second
	rate := float64(budgetWrites) / budgetPer.Seconds()
	// Enough work for the window and what the bucket holds, with a reserve.
	const reserve = 1.5
	count := int(reserve * (rate*window.Seconds() + left) / writesPerJoiner)
	began := time.Now()
	if err := r.sendAll(ctx, hires("budget", count, began.UTC())); err != nil {
		return nil, err
	}
	const settled = 5 * time.Second
	from := began.Add(settled)
	to := from.Add(window)
	if err := until(ctx, "the window is over", func() (bool, error) { return time.Now().After(to), nil }); err != nil {
		return nil, err
	}
	writes, refused, calls := 0, 0, r.seen.between(from, to)
	for _, c := range calls {
		if c.status == http.StatusTooManyRequests {
			refused++
		} else if c.write {
			writes++
		}
	}
	if err := r.checkNobodyTwice(); err != nil {
		return nil, err
	}
	if len(calls) == 0 {
		return nil, errors.New("check: nothing was asked of the tenant")
	}
	return figures{
		"graph_budget_used":  float64(writes) / (rate * window.Seconds()),
		"graph_429_share":    float64(refused) / float64(len(calls)),
		"graph_writes_per_s": float64(writes) / window.Seconds(),
	}, nil
}

// checkNobodyTwice reads the tenant for a second account or pass of somebody.
func (r *rig) checkNobodyTwice() error {
	count := map[string]int{}
	for _, user := range r.Graph().State().Users {
		number, _ := user.Props["employeeId"].(string)
		if count[number]++; count[number] > 1 || len(user.Passes) > 1 {
			return fmt.Errorf("check %s: %d accounts, %d passes", number, count[number], len(user.Passes))
		}
	}
	return nil
}
