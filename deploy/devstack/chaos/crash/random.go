package crash

import (
	"context"
	"time"

	"tenure/deploy/devstack/chaos/process"
	"tenure/deploy/devstack/chaos/story"
	"tenure/deploy/devstack/chaos/tally"
)

// random tells stories while the starter, Temporal and the worker are killed in
// turn, each after so many steps of the worker as chance says.
func (m *matrix) random(ctx context.Context) error {
	people, kills := 12, 6
	if !m.opts.Short {
		people, kills = 100, 60
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	killed := make(chan error, 1)
	go func() { killed <- m.shoot(ctx, kills) }()
	tellers := story.Tellers()
	err := m.tell(ctx, people, crowd, func(i int) told {
		return told{story: tellers[i%len(tellers)](randomPeople+i, m.today), what: "while processes are killed at random"}
	})
	cancel()
	if shot := <-killed; err == nil {
		err = shot
	}
	return err
}

// shoot kills until the stories are told.
func (m *matrix) shoot(ctx context.Context, kills int) error {
	const least, spread = 10, 60
	chance := m.opts.Random(2)
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for i := range kills {
		due := m.gate.Passed() + least + chance.IntN(spread)
		for m.gate.Passed() < due {
			select {
			case <-ctx.Done():
				return nil
			case <-ticker.C:
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		victim := []*process.Process{m.starter, m.engine, m.worker}[i%3]
		name := []process.Role{process.Starter, process.Engine, process.Worker}[i%3]
		if err := victim.Kill(ctx, nil); err != nil {
			return err
		}
		m.add(tally.Tally{Points: 1})
		if m.opts.Verbose {
			m.opts.Out.Printf("killed the %s", name)
		}
	}
	return nil
}
