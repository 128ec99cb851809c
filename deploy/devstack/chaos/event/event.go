package event

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tenure/deploy/devstack/chaos/fleet"
	"tenure/deploy/devstack/chaos/site"
	"tenure/deploy/devstack/chaos/tally"
)

// size is how much a run shuffles.
type size struct {
	people, statements, pairs, steps int
	// rounds are how often every worker is replaced: if it never ended, nobody
	// would get to work on a machine that is busy with other things.
	rounds int
}

var (
	whole500 = size{people: 500, statements: 20, pairs: 20, steps: 8, rounds: 200}
	short50  = size{people: 44, statements: 11, pairs: 4, steps: 5, rounds: 12}
)

const (
	workers = 2
	senders = 8
	// pause is the time between two rounds in which every worker is replaced.
	pause = 3 * time.Second
)

// The numbers of the people, and the uses of chance.
const (
	firstNumber = 300_000
	firstPair   = 200_000

	useStatements = 1
	useShuffle    = 2
	usePairs      = 3
)

// Run shuffles the statements of many people, then compares pairs of people who
// hear the same in order, one of them with repeats.
func Run(ctx context.Context, o tally.Options) (_ tally.Tally, err error) {
	dim := whole500
	if o.Short {
		dim = short50
	}
	databases, err := site.OpenDatabases(ctx, o.Database)
	if err != nil {
		return tally.Tally{}, err
	}
	defer func() { err = errors.Join(err, databases.Close()) }()
	s, err := site.Start(ctx, o.Dir, databases.Use, fleet.Outside)
	if err != nil {
		return tally.Tally{}, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	crews, err := fleet.New(s.Stack, o.Dir)
	if err != nil {
		return tally.Tally{}, err
	}
	defer func() { err = errors.Join(err, crews.Close()) }()
	front, err := crews.Starter(ctx, nil)
	if err != nil {
		return tally.Tally{}, err
	}
	defer func() { err = errors.Join(err, front.Stop()) }()
	crew, err := fleet.NewCrew(ctx, workers, crews.Worker)
	if err != nil {
		return tally.Tally{}, err
	}
	defer func() { err = errors.Join(err, crew.Stop()) }()
	if err := s.Open(ctx, front.Addr); err != nil {
		return tally.Tally{}, err
	}
	if err := hireSecond(ctx, s); err != nil {
		return tally.Tally{}, err
	}
	r := &run{Options: o, site: s, now: time.Now().UTC()}
	err = r.whileReplaced(ctx, crew, dim.rounds, func(ctx context.Context) error {
		return errors.Join(r.shuffled(ctx, dim), r.pairs(ctx, dim))
	})
	o.Out.Printf("event: workers were replaced %d times", crew.Replaced())
	return r.sum, err
}

// run is one run of the section.
type run struct {
	tally.Options
	site *site.Site
	now  time.Time

	mu  sync.Mutex
	sum tally.Tally
}

// whileReplaced works while every worker is stopped and replaced in turn.
func (r *run) whileReplaced(ctx context.Context, crew *fleet.Crew, rounds int, work func(context.Context) error) error {
	rolling, stop := context.WithCancel(ctx)
	rolled := make(chan error, 1)
	go func() { rolled <- crew.RollUntil(rolling, pause, rounds) }()
	err := work(ctx)
	stop()
	return errors.Join(err, <-rolled)
}

// add counts, and says what was found.
func (r *run) add(found tally.Tally, format string, args ...any) {
	r.mu.Lock()
	r.sum = r.sum.Add(found)
	r.mu.Unlock()
	if found.Wrong() {
		r.Out.Printf("event: "+format, args...)
	}
}

// hireSecond makes a second manager known.
func hireSecond(ctx context.Context, s *site.Site) error {
	second := site.Employee{
		Key: secondChief, Given: "Tobias", Family: "Okafor", Start: time.Now().AddDate(-4, 0, 0).Format(time.DateOnly),
		Department: "Engineering", Title: "Head of Engineering", Office: "Berlin",
	}
	if err := s.Say(ctx, "second-chief", time.Now(), second); err != nil {
		return err
	}
	return site.Await(ctx, "the second manager has an account", func(ctx context.Context) (bool, error) {
		detail, err := s.Person(ctx, secondChief)
		return err == nil && len(detail.Accounts) == 1 && detail.Accounts[0].Enabled && site.Quiet(detail), nil
	})
}

func (r *run) deliver(ctx context.Context, s statement, message string) error {
	body, err := s.body()
	if err != nil {
		return err
	}
	if err := r.site.Deliver(ctx, message, body); err != nil {
		return fmt.Errorf("deliver %s: %w", message, err)
	}
	r.add(tally.Tally{Events: 1}, "")
	return nil
}
