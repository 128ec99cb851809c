package crash

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tenure/deploy/devstack/chaos/audit"
	"tenure/deploy/devstack/chaos/point"
	"tenure/deploy/devstack/chaos/story"
	"tenure/deploy/devstack/chaos/tally"
)

// Run kills at every point that a story passes, or in a short run at one of each
// kind, and then processes at random.
func Run(ctx context.Context, o tally.Options) (_ tally.Tally, err error) {
	p, err := build(ctx, o)
	if err != nil {
		return tally.Tally{}, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	m := &matrix{plant: p, opts: o, today: time.Now().UTC()}
	trails, err := m.dry(ctx)
	if err != nil {
		return m.sum, err
	}
	if err := m.points(ctx, choose(trails, o.Short, o.Random(1))); err != nil {
		return m.sum, err
	}
	return m.sum, m.random(ctx)
}

// matrix is the crash matrix.
type matrix struct {
	*plant

	opts  tally.Options
	today time.Time

	mu  sync.Mutex
	sum tally.Tally
}

// The numbers of people, by what becomes of them.
const (
	dryPeople    = 100
	pointPeople  = 1000
	randomPeople = 900_000
	// crowd is how many stories are told at a time.
	crowd = 120
)

// dry tells every story once, without a kill, and returns what was passed.
func (m *matrix) dry(ctx context.Context) (map[int][]point.Mark, error) {
	trails := map[int][]point.Mark{}
	err := m.tell(ctx, len(story.Tellers()), func(i int) (story.Story, string) {
		return story.Tellers()[i](dryPeople+i, m.today), "left alone"
	})
	for i, tell := range story.Tellers() {
		s := tell(dryPeople+i, m.today)
		trails[i] = m.gate.Trail(s.Person().Key)
		m.opts.Out.Printf("%s passes %d points", s.Name, len(trails[i]))
	}
	return trails, err
}

// points tells each story once for each kill in it.
func (m *matrix) points(ctx context.Context, targets []target) error {
	before := len(m.killed())
	err := m.tell(ctx, len(targets), func(i int) (story.Story, string) {
		s := story.Tellers()[targets[i].story](pointPeople+i, m.today)
		m.gate.HoldAt(s.Person().Key, targets[i].mark)
		return s, "killed at " + targets[i].mark.String()
	})
	kinds := map[string]int{}
	killed := m.killed()[before:]
	for _, held := range killed {
		kinds[held.Mark.Kind()]++
	}
	m.add(tally.Tally{Points: len(killed)})
	m.opts.Out.Printf("%d of %d points were killed at, in %d kills of the worker: %v", len(killed), len(targets), m.worker.Kills(), kinds)
	return err
}

// tell plays stories, many at a time, and counts what became of them.
func (m *matrix) tell(ctx context.Context, count int, make func(i int) (story.Story, string)) error {
	var (
		wait  sync.WaitGroup
		slots = newSlots(crowd)
		mu    sync.Mutex
		wrong []error
	)
	for i := range count {
		if err := slots.take(ctx); err != nil {
			break
		}
		wait.Go(func() {
			defer slots.give()
			s, what := make(i)
			if err := m.play(ctx, s, what); err != nil {
				mu.Lock()
				defer mu.Unlock()
				wrong = append(wrong, fmt.Errorf("%s %s, %s: %w", s.Name, s.Person().Key, what, err))
			}
		})
	}
	wait.Wait()
	return errors.Join(append(wrong, ctx.Err())...)
}

func (m *matrix) play(ctx context.Context, s story.Story, what string) error {
	began := time.Now()
	player := story.Player{Site: m.Site, Stepped: func(_ context.Context, s story.Story, step int) error {
		m.gate.Step(s.Person().Key, step)
		return nil
	}}
	verdict, err := player.Play(ctx, s)
	if err == nil && verdict.Clean() {
		verdict, err = player.Final(ctx, s)
	}
	m.count(verdict)
	if m.opts.Verbose || !verdict.Clean() {
		m.opts.Out.Printf("%s %s, %s, after %s: %s", s.Name, s.Person().Key, what, time.Since(began).Round(time.Second), verdict)
	}
	return err
}

func (m *matrix) count(v audit.Verdict) {
	m.add(tally.Tally{Lost: v.Lost, Doubled: v.Doubled, Unknown: v.Unknown})
}

func (m *matrix) add(t tally.Tally) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sum = m.sum.Add(t)
}

// slots bound how many stories are told at a time.
type slots chan struct{}

func newSlots(count int) slots { return make(slots, count) }

func (s slots) take(ctx context.Context) error {
	select {
	case s <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s slots) give() { <-s }
