package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"tenure/deploy/devstack/chaos/fleet"
	"tenure/deploy/devstack/chaos/site"
	"tenure/deploy/devstack/chaos/story"
	"tenure/deploy/devstack/chaos/tally"
	"tenure/internal/config"
)

const (
	// crowd and shortCrowd are how many journeys are under way.
	crowd, shortCrowd = 1000, 150
	starters, workers = 2, 2
	senders           = 8
	firstNumber       = 400_000
	// drain is longer than the balancer needs to notice.
	drain = 3 * time.Second
	// pause is the time between two rounds.
	pause = 2 * time.Second
	// rounds are how often all are replaced: with more of them on a small machine
	// nobody gets to work.
	rounds = 3
	// leastReplaced is how many of each kind a run must have replaced.
	leastReplaced = 2
)

// Run replaces all while a crowd is hired, then floods one starter.
func Run(ctx context.Context, o tally.Options) (_ tally.Tally, err error) {
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
	r := &run{Options: o, site: s, crews: crews}
	err = errors.Join(r.replaced(ctx), r.flooded(ctx))
	return r.sum, err
}

// run is one run of the section.
type run struct {
	tally.Options
	site  *site.Site
	crews *fleet.Fleet
	// front is where deliveries go.
	front string

	mu  sync.Mutex
	sum tally.Tally
}

func (r *run) add(found tally.Tally, format string, args ...any) {
	r.mu.Lock()
	r.sum = r.sum.Add(found)
	r.mu.Unlock()
	if found.Wrong() {
		r.Out.Printf("load: "+format, args...)
	}
}

// replaced hires a crowd while starters and workers are replaced one by one.
func (r *run) replaced(ctx context.Context) (err error) {
	front, err := fleet.NewCrew(ctx, starters, func(ctx context.Context) (*fleet.Member, error) {
		return r.crews.Starter(ctx, func(api *config.API) { api.Drain = drain })
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, front.Stop()) }()
	back, err := fleet.NewCrew(ctx, workers, r.crews.Worker)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, back.Stop()) }()
	balance, err := newBalancer(ctx, front)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, balance.close()) }()
	front.Joined = balance.joined
	watching, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	go balance.watch(watching)
	r.front = balance.addr
	if err := r.site.Open(ctx, balance.addr); err != nil {
		return err
	}
	if err := r.whileRolling(ctx, front, back, r.hire); err != nil {
		return err
	}
	if refused := balance.refused.Load(); refused > 0 {
		return fmt.Errorf("%d requests were refused while starters were replaced", refused)
	}
	r.Out.Printf("load: %d starters and %d workers were replaced under way, no request was refused", front.Replaced(), back.Replaced())
	if front.Replaced() < leastReplaced || back.Replaced() < leastReplaced {
		return fmt.Errorf("fewer than %d of each were replaced", leastReplaced)
	}
	return nil
}

// whileRolling works while both crews are replaced, round after round.
func (r *run) whileRolling(ctx context.Context, front, back *fleet.Crew, work func(context.Context) error) error {
	rolling, stop := context.WithCancel(ctx)
	rolled := make(chan error, 2)
	for _, crew := range []*fleet.Crew{front, back} {
		go func() { rolled <- crew.RollUntil(rolling, pause, rounds) }()
	}
	err := work(ctx)
	stop()
	return errors.Join(err, <-rolled, <-rolled)
}

// hire says everybody's statement, waits until all is done, and judges.
func (r *run) hire(ctx context.Context) error {
	count, today := crowd, time.Now().UTC()
	if r.Short {
		count = shortCrowd
	}
	stories := make([]story.Story, count)
	for i := range stories {
		stories[i] = story.Joiner(firstNumber+i, today)
	}
	began := time.Now()
	if err := site.Each(ctx, senders, stories, r.say); err != nil {
		return err
	}
	said := time.Since(began)
	err := site.Each(ctx, senders, stories, r.judge)
	r.Out.Printf("load: %d journeys were begun in %s and done after %s", count, said.Round(time.Second), time.Since(began).Round(time.Second))
	return err
}

// say delivers once: what a balancer with several starters passes on is never
// refused.
func (r *run) say(ctx context.Context, told story.Story) error {
	got, err := r.post(ctx, told.Steps[0].Says)
	switch {
	case err != nil:
		return fmt.Errorf("the delivery about %s was refused: %w", told.Person().Key, err)
	case got.status != http.StatusAccepted:
		return fmt.Errorf("the delivery about %s was answered with %d", told.Person().Key, got.status)
	}
	r.add(tally.Tally{Events: 1}, "")
	return nil
}

func (r *run) judge(ctx context.Context, told story.Story) error {
	player := story.Player{Site: r.site, Patience: 2 * site.Patience}
	verdict, err := player.Settle(ctx, told.Steps[0])
	if err == nil && verdict.Clean() {
		// A worker that is just being replaced may not answer at the first look.
		err = site.Await(ctx, told.Person().Key+" is judged", func(ctx context.Context) (bool, error) {
			var err error
			verdict, err = player.Final(ctx, told)
			return err == nil && verdict.Clean(), nil
		})
		if errors.Is(err, site.ErrWaited) && !verdict.Clean() {
			err = nil // the verdict says it
		}
	}
	r.add(tally.Tally{Lost: verdict.Lost, Doubled: verdict.Doubled, Unknown: verdict.Unknown}, "%s: %s", told.Person().Key, verdict)
	return err
}
