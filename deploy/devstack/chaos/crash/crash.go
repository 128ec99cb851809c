package crash

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"tenure/deploy/devstack/chaos/audit"
	"tenure/deploy/devstack/chaos/point"
	"tenure/deploy/devstack/chaos/site"
	"tenure/deploy/devstack/chaos/story"
	"tenure/deploy/devstack/chaos/tally"
	"tenure/workflows/contract"
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
	if err := m.random(ctx); err != nil {
		return m.sum, err
	}
	return m.sum, m.hands(ctx)
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
	// crowd is how many stories are told at a time, few and alone how many where
	// each kill is of some of them and hurts the others.
	crowd = 120
	few   = 30
	alone = 16
)

// dry tells every story once, without a kill, and returns what was passed.
func (m *matrix) dry(ctx context.Context) (map[int][]point.Mark, error) {
	trails := map[int][]point.Mark{}
	err := m.tell(ctx, len(story.Tellers()), crowd, func(i int) told {
		return told{story: story.Tellers()[i](dryPeople+i, m.today), what: "left alone"}
	})
	told := map[string]bool{}
	for i, tell := range story.Tellers() {
		s := tell(dryPeople+i, m.today)
		all := m.gate.Trail(s.Person().Key)
		trails[i] = unlike(told, s, all)
		m.opts.Out.Printf("%s passes %d points, %d of them in what no other story told", s.Name, len(all), len(trails[i]))
	}
	return trails, err
}

// points tells each story once for each kill in it.
func (m *matrix) points(ctx context.Context, targets []target) error {
	before, next := len(m.killed()), pointPeople
	var wrong []error
	for _, round := range rounds(m.opts.Short) {
		own := slices.DeleteFunc(slices.Clone(targets), func(t target) bool { return !round.takes(t.mark) })
		for batch := range slices.Chunk(own, round.batch) {
			first := next
			next += len(batch)
			wrong = append(wrong, m.tell(ctx, len(batch), round.crowd, func(i int) told {
				s := story.Tellers()[batch[i].story](first+i, m.today)
				m.gate.HoldAt(s.Person().Key, batch[i].mark)
				return told{story: s, what: "killed at " + batch[i].mark.String()}
			}))
		}
	}
	kinds := map[string]int{}
	killed := m.killed()[before:]
	for _, held := range killed {
		kinds[held.Mark.Kind()]++
	}
	m.add(tally.Tally{Points: len(killed)})
	m.opts.Out.Printf("%d of %d points were killed at, in %d kills of the worker: %v", len(killed), len(targets), m.worker.Kills(), kinds)
	return errors.Join(wrong...)
}

// round is a part of the points: batches of stories, so many at a time.
type round struct {
	takes        func(point.Mark) bool
	batch, crowd int
}

// rounds are one where there are few points. Where there are many, those come
// first of whom many can be held at a time, then those that must be killed soon,
// and last those that keep others waiting.

func rounds(short bool) []round {
	if short {
		return []round{{takes: func(point.Mark) bool { return true }, batch: crowd, crowd: crowd}}
	}
	return []round{
		{takes: point.Mark.Lives, batch: crowd, crowd: crowd},
		{takes: func(m point.Mark) bool { return !m.Lives() && !m.Blocks }, batch: few, crowd: few},
		{takes: func(m point.Mark) bool { return m.Blocks }, batch: math.MaxInt, crowd: alone},
	}
}

// tell plays stories, many at a time, and counts what became of them.
func (m *matrix) tell(ctx context.Context, count, atOnce int, teller func(i int) told) error {
	var (
		wait  sync.WaitGroup
		slots = newSlots(atOnce)
		mu    sync.Mutex
		wrong []error
	)
	for i := range count {
		if err := slots.take(ctx); err != nil {
			break
		}
		wait.Go(func() {
			defer slots.give()
			t := teller(i)
			if err := m.play(ctx, t); err != nil {
				mu.Lock()
				defer mu.Unlock()
				wrong = append(wrong, fmt.Errorf("%s: %w", t, err))
			}
		})
	}
	wait.Wait()
	return errors.Join(append(wrong, ctx.Err())...)
}

// told is a story and what happens to it.
type told struct {
	story story.Story
	what  string
	// between, where it is set, is done to the journey before each later step, or
	// once, before the second one, and then the journey comes to rest first. After
	// says one thing more when the story is told.
	between func(ctx context.Context, journey string) error
	once    bool
	after   func(ctx context.Context, s story.Story) (story.Step, error)
}

// String names the person and what happens.
func (t told) String() string {
	return fmt.Sprintf("%s %s, %s", t.story.Name, t.story.Person().Key, t.what)
}

func (m *matrix) play(ctx context.Context, t told) error {
	began := time.Now()
	player := story.Player{Site: m.Site}
	player.Stepped = func(ctx context.Context, s story.Story, step int) error {
		m.gate.Step(s.Person().Key, step)
		if t.between == nil || step == 0 || t.once && step > 1 {
			return nil
		}
		err := t.between(ctx, contract.JourneyID(site.Realm, s.Person().Key))
		if err != nil || !t.once {
			return err
		}
		_, err = player.Settle(ctx, s.Steps[step-1])
		return err
	}
	verdict, err := player.Play(ctx, t.story)
	if err == nil && verdict.Clean() && t.after != nil {
		verdict, err = m.more(ctx, player, t)
	}
	if err == nil && verdict.Clean() {
		verdict, err = player.Final(ctx, t.story)
	}
	m.count(verdict)
	if m.opts.Verbose || !verdict.Clean() {
		m.opts.Out.Printf("%s, after %s: %s", t, time.Since(began).Round(time.Second), verdict)
	}
	return err
}

// more says what comes after a story, and waits until it is settled.
func (m *matrix) more(ctx context.Context, player story.Player, t told) (audit.Verdict, error) {
	step, err := t.after(ctx, t.story)
	if err != nil {
		return audit.Verdict{}, err
	}
	return player.Settle(ctx, step)
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
