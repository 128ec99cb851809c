package crash

import (
	"context"
	"errors"
	"sync"
	"time"

	"tenure/deploy/devstack/chaos/site"
	"tenure/deploy/devstack/chaos/story"
	"tenure/deploy/devstack/chaos/tally"
)

// Run tells every story.
func Run(ctx context.Context, o tally.Options) (_ tally.Tally, err error) {
	s, err := site.Start(ctx, o.Dir)
	if err != nil {
		return tally.Tally{}, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var (
		mu    sync.Mutex
		sum   tally.Tally
		wrong []error
		wait  sync.WaitGroup
	)
	today := time.Now().UTC()
	for i, tell := range story.Tellers() {
		told := tell(100+i, today)
		wait.Go(func() {
			player, began := story.Player{Site: s}, time.Now()
			verdict, err := player.Play(ctx, told)
			if err == nil && verdict.Clean() {
				verdict, err = player.Final(ctx, told)
			}
			mu.Lock()
			defer mu.Unlock()
			sum = sum.Add(tally.Tally{Lost: verdict.Lost, Doubled: verdict.Doubled, Unknown: verdict.Unknown})
			if o.Verbose || !verdict.Clean() {
				o.Out.Printf("%s %s after %s: %s", told.Name, told.Person().Key, time.Since(began).Round(time.Second), verdict)
			}
			wrong = append(wrong, err)
		})
	}
	wait.Wait()
	return sum, errors.Join(wrong...)
}
