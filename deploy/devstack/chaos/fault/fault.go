package fault

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tenure/deploy/devstack/chaos/site"
	"tenure/deploy/devstack/chaos/tally"
)

// firstNumber is that of the first person; those before belong to other sections.
const firstNumber = 300_000

// crowd is how many people are in their tales at a time: most of them wait.
const crowd = 48

// Run breaks one call after the other.
func Run(ctx context.Context, o tally.Options) (_ tally.Tally, err error) {
	r := &runner{options: o, today: time.Now().UTC(), next: firstNumber}
	for _, part := range parts(o) {
		if err := r.part(ctx, part); err != nil {
			r.fail(fmt.Errorf("%s: %w", part.name, err))
		}
	}
	return r.sum, errors.Join(r.problems...)
}

// part is what is proved in one site.
type part struct {
	name string
	// start makes the site.
	start func(ctx context.Context, dir string, on *site.Databases) (*site.Site, error)
	// plan says what is broken, once the site runs.
	plan func(ctx context.Context, r *runner, s *site.Site) ([]cast, error)
}

// cast is one person's part: a tale, a call of it, and what happens to the call.
type cast struct {
	call call
	kind kind
}

func (c cast) String() string { return fmt.Sprintf("%s: %s", c.call, c.kind.name) }

// runner runs casts and keeps count.
type runner struct {
	options tally.Options
	today   time.Time

	mu       sync.Mutex
	next     int
	sum      tally.Tally
	problems []error
}

func (r *runner) number() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next++
	return r.next
}

func (r *runner) fail(err error) {
	if err == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problems = append(r.problems, err)
}

func (r *runner) count(t tally.Tally) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum = r.sum.Add(t)
}

// part starts a site and plays everybody in it. Calls that name nobody are
// broken one after the other, beside the others: whoever they hit must come out
// right.
func (r *runner) part(ctx context.Context, p part) (err error) {
	databases, err := site.OpenDatabases(ctx, r.options.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, databases.Close()) }()
	s, err := p.start(ctx, r.options.Dir+"/"+p.name, databases)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	casts, err := p.plan(ctx, r, s)
	if err != nil {
		return err
	}
	var named, anonymous []cast
	for _, c := range casts {
		if c.call.anybodys() {
			anonymous = append(anonymous, c)
		} else {
			named = append(named, c)
		}
	}
	var wait sync.WaitGroup
	wait.Go(func() {
		for _, c := range anonymous {
			r.play(ctx, s, c)
		}
	})
	turns := make(chan struct{}, crowd)
	for _, c := range named {
		turns <- struct{}{}
		wait.Go(func() {
			defer func() { <-turns }()
			r.play(ctx, s, c)
		})
	}
	wait.Wait()
	return nil
}
