package event

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tenure/deploy/devstack/chaos/audit"
	"tenure/deploy/devstack/chaos/site"
	"tenure/deploy/devstack/chaos/tally"
	"tenure/internal/store"
)

// pair is two people of whom HR says the same, in order. Of the second it says
// everything again and again.
type pair struct{ once, again []statement }

// pairs compares runs, mails and calls: repeats are not noticed.
func (r *run) pairs(ctx context.Context, dim size) error {
	random := r.Random(usePairs)
	all := make([]pair, dim.pairs)
	for i := range all {
		said := draw(random, firstPair+2*i, dim.steps, r.now)
		all[i] = pair{once: inOrder(said), again: inOrder(said)}
		for j := range all[i].again {
			s := &all[i].again[j]
			key := fmt.Sprintf("%06d", firstPair+2*i+1)
			s.id, s.says.Family = strings.Replace(s.id, s.says.Key, key, 1), strings.Replace(s.says.Family, s.says.Key, key, 1)
			s.says.Key = key
		}
	}
	return site.Each(ctx, len(all), all, r.compare)
}

func (r *run) compare(ctx context.Context, p pair) error {
	for i := range p.once {
		if err := r.step(ctx, p.once[i], nil); err != nil {
			return err
		}
		if err := r.step(ctx, p.again[i], p.again[:i+1]); err != nil {
			return err
		}
	}
	once, err := r.noticed(ctx, p.once[0].says)
	if err != nil {
		return err
	}
	again, err := r.noticed(ctx, p.again[0].says)
	if err != nil {
		return err
	}
	lost, doubled := missing(once, again), missing(again, once)
	r.add(tally.Tally{Lost: len(lost), Doubled: len(doubled)}, "%s heard everything again: lost %q, doubled %q; HR said%s",
		p.again[0].says.Key, lost, doubled, listed(p.again))
	return nil
}

// step says something, waits until all of it is done, and says it again with
// everything before: under its own ID, and under another one.
func (r *run) step(ctx context.Context, s statement, repeats []statement) error {
	if err := r.deliver(ctx, s, s.id); err != nil {
		return err
	}
	if err := r.quiet(ctx, s.says, s.id); err != nil {
		return err
	}
	for _, old := range repeats {
		if err := r.deliver(ctx, old, old.id); err != nil {
			return err
		}
	}
	if len(repeats) < 2 {
		return nil
	}
	stale := repeats[len(repeats)-2]
	stale.id += "-a"
	if inOrder([]statement{stale, s})[1].id == stale.id {
		return nil // of the same instant, and the greater ID: that one would count
	}
	stale.id += s.id
	if err := r.deliver(ctx, stale, stale.id); err != nil {
		return err
	}
	return r.quiet(ctx, s.says, stale.id)
}

// quiet waits until the journey has heard an event and has nothing to do.
func (r *run) quiet(ctx context.Context, e site.Employee, id string) error {
	return site.Await(ctx, e.Key+" has done what "+id+" asks for", func(ctx context.Context) (bool, error) {
		got, err := r.site.Evidence(ctx, e)
		if err != nil {
			return false, nil //nolint:nilerr // a worker may be away
		}
		heard := slices.ContainsFunc(got.Ledger, func(row store.LedgerRow) bool { return row.Kind == store.LedgerEvent && row.Task == id })
		return heard && site.Quiet(got.Person), nil
	})
}

// noticed is all that anybody sees of a person, without the name.
func (r *run) noticed(ctx context.Context, e site.Employee) ([]string, error) {
	got, err := r.site.Evidence(ctx, e)
	if err != nil {
		return nil, err
	}
	return seen(e, got), nil
}

func seen(e site.Employee, got audit.Evidence) []string {
	var out []string
	for _, m := range got.Mails {
		out = append(out, "mail "+strings.ReplaceAll(m.Subject, e.Family, "X"))
	}
	for range got.Calls {
		out = append(out, "call")
	}
	for _, row := range got.Ledger {
		if row.Kind == store.LedgerTask || row.Kind == store.LedgerPlan {
			out = append(out, row.Run+"/"+row.Task+" "+row.Outcome)
		}
	}
	for _, account := range got.Live {
		out = append(out, fmt.Sprintf("account enabled=%v groups=%d licences=%d", account.Props["accountEnabled"], len(account.Groups), len(account.Licences)))
	}
	slices.Sort(out)
	return out
}

// missing are those of one list that the other has fewer of.
func missing(from, in []string) []string {
	left := slices.Clone(in)
	var out []string
	for _, one := range from {
		if i := slices.Index(left, one); i >= 0 {
			left = slices.Delete(left, i, i+1)
			continue
		}
		out = append(out, one)
	}
	return out
}
