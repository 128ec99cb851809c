package fault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tenure/activities"
	"tenure/deploy/devstack/chaos/audit"
	"tenure/deploy/devstack/chaos/site"
	"tenure/deploy/devstack/chaos/story"
	"tenure/internal/httpapi"
	"tenure/workflows/contract"
)

// person is somebody in the middle of a tale.
type person struct {
	site *site.Site
	key  string
	// codes are those under which tasks of the person waited visibly, and asked
	// those that a human had to answer.
	codes, asked []string
	// movedAt is when the person's clock was moved first.
	movedAt time.Time
	// waits keeps the clock from being moved over waits between attempts.
	waits bool
}

const (
	// patience is for a crowd on a machine that has much else to do.
	patience = 10 * time.Minute
	// settled is how long a person who is quiet may differ from what must be.
	settled = 30 * time.Second
	// impatient is after how long of waiting the clock is moved over the waits
	// between the attempts of an activity.
	impatient = 10 * time.Second
	nudge     = 2 * time.Minute
)

// begin lets HR say what it says, or time pass.
func (p *person) begin(ctx context.Context, number int, s story.Step) error {
	if s.Passes != story.NoTime && p.movedAt.IsZero() {
		p.movedAt = time.Now()
	}
	return story.Begin(ctx, p.site, number, s)
}

// forward moves the person's clock.
func (p *person) forward(ctx context.Context, by time.Duration) error {
	if p.movedAt.IsZero() {
		p.movedAt = time.Now()
	}
	return p.site.Advance(ctx, p.key, by)
}

// settle waits until the person is quiet and nothing waits, and returns what is
// true then. What waits for time is given time; what waits for a human is
// answered by one.
func (p *person) settle(ctx context.Context, s story.Step) (audit.Verdict, error) {
	var verdict audit.Verdict
	var last httpapi.PersonDetail
	busy, wrong := time.Now(), time.Time{}
	err := site.AwaitWithin(ctx, patience, p.key+" "+s.Name, func(ctx context.Context) (bool, error) {
		evidence, err := p.site.Evidence(ctx, s.Says)
		if err != nil || evidence.Person.Source != httpapi.SourceJourney {
			return false, nil //nolint:nilerr // nobody by that name yet, or no worker has time to answer
		}
		last = evidence.Person
		verdict = audit.Judge(s.Want, evidence)
		p.see(last)
		switch {
		case !site.Quiet(last):
			wrong = time.Time{}
			if p.waits || time.Since(busy) < impatient {
				return false, nil
			}
			busy = time.Now()
			return false, p.forward(ctx, nudge)
		case len(last.Parked) > 0 || len(givenUp(last)) > 0:
			busy, wrong = time.Now(), time.Time{}
			return false, p.goOn(ctx, last)
		case verdict.Clean():
			return true, nil
		case wrong.IsZero():
			wrong = time.Now()
		}
		return time.Since(wrong) > settled, nil
	})
	if errors.Is(err, site.ErrWaited) {
		return verdict, fmt.Errorf("%w, running %v, parked %+v: %s", err, last.Running, last.Parked, verdict)
	}
	return verdict, err
}

// see keeps the codes of what waits.
func (p *person) see(detail httpapi.PersonDetail) {
	for _, task := range detail.Parked {
		if !slices.Contains(p.codes, task.Code) {
			p.codes = append(p.codes, task.Code)
		}
	}
	for _, task := range givenUp(detail) {
		if !slices.Contains(p.codes, task.code) {
			p.codes = append(p.codes, task.code)
		}
	}
}

// left is a task that was given up while its run went on, as leavers' do: a human
// is told.
type left struct{ key, code string }

// givenUp are such tasks, as people are told of them.
func givenUp(detail httpapi.PersonDetail) []left {
	var out []left
	for _, question := range detail.Questions {
		if question.Code != activities.AttentionTaskFailed {
			continue
		}
		_, rest, _ := strings.Cut(question.Text, "could not be done (")
		code, _, _ := strings.Cut(rest, ")")
		out = append(out, left{key: question.Key, code: code})
	}
	return out
}

// goOn moves the clock to the next attempt, or answers as a human where there is
// none.
func (p *person) goOn(ctx context.Context, detail httpapi.PersonDetail) error {
	for _, task := range givenUp(detail) {
		p.asked = append(p.asked, task.code)
		_ = p.site.Steer(ctx, p.key, contract.RunNow, contract.Override{Key: task.key})
	}
	next := time.Duration(0)
	for _, task := range detail.Parked {
		if task.Retry == nil {
			p.asked = append(p.asked, task.Code)
			// Not being heard is no failure: the next look asks again.
			_ = p.site.Steer(ctx, p.key, contract.Retry, contract.Override{Key: task.Key})
			continue
		}
		if wait := task.Retry.Sub(detail.Now); next == 0 || wait < next {
			next = wait
		}
	}
	if next > 0 {
		return p.forward(ctx, next+time.Second)
	}
	return nil
}

// endure waits until a task visibly waits and lets the fault stand for as long
// as it must on the person's clock.
func (p *person) endure(ctx context.Context, stands time.Duration) error {
	err := site.Await(ctx, p.key+" visibly waits", func(ctx context.Context) (bool, error) {
		detail, err := p.site.Person(ctx, p.key)
		if err != nil {
			return false, nil //nolint:nilerr // nobody by that name yet
		}
		p.see(detail)
		if len(detail.Parked) > 0 {
			return true, nil
		}
		if len(detail.Running) > 0 {
			return false, p.forward(ctx, nudge) // over the waits between attempts
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	return p.forward(ctx, stands)
}
