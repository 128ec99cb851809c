package event

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tenure/deploy/devstack/chaos/site"
	"tenure/deploy/devstack/chaos/tally"
	"tenure/internal/sim/graph"
)

// shuffled tells everybody's statements in any order, a third of them twice.
func (r *run) shuffled(ctx context.Context, dim size) error {
	random := r.Random(useStatements)
	everybody := make([][]statement, dim.people)
	var all []statement
	for i := range everybody {
		everybody[i] = draw(random, firstNumber+i, dim.statements, r.now)
		all = append(all, everybody[i]...)
	}
	random = r.Random(useShuffle)
	for _, s := range all {
		if random.IntN(3) == 0 {
			all = append(all, s)
		}
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	began := time.Now()
	if err := site.Each(ctx, senders, all, func(ctx context.Context, s statement) error { return r.deliver(ctx, s, s.id) }); err != nil {
		return err
	}
	if r.Verbose {
		r.Out.Printf("event: %d deliveries about %d people in %s", len(all), len(everybody), time.Since(began).Round(time.Second))
	}
	return site.Each(ctx, senders, everybody, r.ends)
}

// ends waits until the tenant shows what holds of a person, and counts what it
// does not show in the end.
func (r *run) ends(ctx context.Context, said []statement) error {
	want := holds(said)
	var wrong []string
	doubled, seen := 0, false
	err := site.Await(ctx, want.Key+" stands as HR says", func(ctx context.Context) (bool, error) {
		got, err := r.site.Evidence(ctx, want)
		if err != nil {
			return false, nil //nolint:nilerr // a worker may be away
		}
		chiefs, err := r.chief(ctx, want.Manager)
		if err != nil {
			return false, nil //nolint:nilerr // as above
		}
		wrong, doubled, seen = differs(want, r.now.Format(time.DateOnly), chiefs, got.Live), max(0, len(got.Live)-1), true
		return len(wrong) == 0 && doubled == 0 && site.Quiet(got.Person), nil
	})
	if errors.Is(err, site.ErrWaited) && seen && len(wrong)+doubled > 0 {
		r.add(tally.Tally{Lost: len(wrong), Doubled: doubled}, "%s: %s; HR said%s", want.Key, strings.Join(wrong, ", "), listed(said))
		return nil
	}
	return err
}

// chief is the object of a manager's account.
func (r *run) chief(ctx context.Context, key string) (string, error) {
	detail, err := r.site.Person(ctx, key)
	if err != nil {
		return "", err
	}
	if len(detail.Accounts) != 1 {
		return "", fmt.Errorf("the manager %s has %d accounts", key, len(detail.Accounts))
	}
	return detail.Accounts[0].ID, nil
}

// differs names what the tenant shows and HR does not say. Whoever does not work
// here may have an account that is disabled, or none: that hangs on what was
// heard first.
func differs(want site.Employee, today, manager string, live []graph.UserState) []string {
	var out []string
	if !works(want, today) {
		for _, account := range live {
			if account.Props["accountEnabled"] == true {
				out = append(out, "the account is enabled")
			}
		}
		return out
	}
	switch {
	case len(live) == 0 && want.Status == terminated:
		return nil // who is terminated when first heard of gets none (S2)
	case len(live) == 0:
		return []string{"there is no account"}
	}
	account := live[0]
	if account.Props["accountEnabled"] != true {
		out = append(out, "the account is disabled")
	}
	if account.Manager != manager {
		out = append(out, "the manager is "+account.Manager+", want "+manager)
	}
	for name, value := range map[string]string{
		"department": want.Department, "jobTitle": want.Title, "officeLocation": want.Office,
		"givenName": want.Given, "displayName": want.Given + " " + want.Family,
	} {
		if got, _ := account.Props[name].(string); got != value {
			out = append(out, fmt.Sprintf("%s is %q, want %q", name, got, value))
		}
	}
	return out
}

// listed is what was said, in order.
func listed(said []statement) string {
	var b strings.Builder
	for _, s := range inOrder(said) {
		fmt.Fprintf(&b, "\n    %s seq=%d asOf=%s part=%d %+v", s.id, s.sequence, s.asOf.Format(time.TimeOnly), s.part, s.says)
	}
	return b.String()
}
