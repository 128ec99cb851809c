package story

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tenure/deploy/devstack/chaos/audit"
	"tenure/deploy/devstack/chaos/site"
	"tenure/internal/httpapi"
	"tenure/workflows/contract"
)

// Player tells stories in a site.
type Player struct {
	Site *site.Site
	// Patience is how long a step may go without a change; site.Patience where it
	// is 0.
	Patience time.Duration
	// Stepped, where it is set, is called before HR says a step.
	Stepped func(ctx context.Context, s Story, step int) error
}

// Play tells a story step by step, answers what asks a human on the way, and
// returns what is true in the end.
func (p Player) Play(ctx context.Context, s Story) (audit.Verdict, error) {
	for i, step := range s.Steps {
		if p.Stepped != nil {
			if err := p.Stepped(ctx, s, i); err != nil {
				return audit.Verdict{}, err
			}
		}
		if err := Begin(ctx, p.Site, i+1, step); err != nil {
			return audit.Verdict{}, fmt.Errorf("%s %s: %w", s.Name, step.Name, err)
		}
		verdict, err := p.Settle(ctx, step)
		if err != nil || i == len(s.Steps)-1 || !verdict.Clean() {
			return verdict, err
		}
	}
	return audit.Verdict{}, nil
}

// Begin lets HR say what it says in a step, or time pass. Steps are numbered from
// 1.
func Begin(ctx context.Context, at *site.Site, number int, s Step) error {
	key := s.Says.Key
	switch s.Passes {
	case NoTime:
		return at.Say(ctx, fmt.Sprintf("%s-%d", key, number), time.Now(), s.Says)
	case UntilPurged:
		return at.Advance(ctx, key, keptFor+slack)
	case UntilDue:
		return untilDue(ctx, at, key)
	default:
		return fmt.Errorf("unknown time %d", s.Passes)
	}
}

// untilDue lets time pass until what lies ahead of somebody is due.
func untilDue(ctx context.Context, at *site.Site, key string) error {
	var left time.Duration
	err := site.Await(ctx, "something lies ahead of "+key, func(ctx context.Context) (bool, error) {
		detail, err := at.Person(ctx, key)
		if err != nil || detail.NextDeadline == nil || !site.Quiet(detail) {
			return false, nil //nolint:nilerr // processes may be away
		}
		left = detail.NextDeadline.Sub(detail.Now)
		return true, nil
	})
	if err != nil {
		return err
	}
	// The clock of the account follows after each move: it is to be deleted about
	// when it is deleted, and not purged at once.
	if left > slack {
		if err := at.Advance(ctx, key, left-slack); err != nil {
			return err
		}
		left = slack
	}
	return at.Advance(ctx, key, left+time.Minute)
}

const (
	// keptFor is how long a tenant keeps what was deleted, slack what nobody
	// notices.
	keptFor = 30 * 24 * time.Hour
	slack   = time.Hour
)

// errStuck says that nothing changed any more.
var errStuck = errors.New("nothing changes any more")

// longestStep bounds a step that changes without an end.
const longestStep = 30 * time.Minute

// Settle waits until everything a step asks for is true and the journey is
// quiet, and answers what waits for a human. What is still wrong when nothing has
// changed for as long as the patience is in the verdict.
func (p Player) Settle(ctx context.Context, step Step) (audit.Verdict, error) {
	patience := p.Patience
	if patience == 0 {
		patience = site.Patience
	}
	var verdict audit.Verdict
	seen, last, changed, answered := false, "", time.Now(), map[string]int{}
	err := site.AwaitWithin(ctx, longestStep, step.Says.Key+" "+step.Name, func(ctx context.Context) (bool, error) {
		if time.Since(changed) > patience {
			return false, errStuck
		}
		evidence, err := p.Site.Evidence(ctx, step.Says)
		if err != nil {
			return false, nil //nolint:nilerr // the starter may be away
		}
		verdict, seen = audit.Judge(step.Want, evidence), true
		if now := verdict.String() + strings.Join(evidence.Person.Running, " "); now != last {
			last, changed = now, time.Now()
		}
		if len(evidence.Person.Parked) > 0 {
			p.answer(ctx, step.Says.Key, evidence.Person.Parked, answered)
			return false, nil
		}
		return verdict.Clean() && site.Quiet(evidence.Person), nil
	})
	if seen && (errors.Is(err, site.ErrWaited) || errors.Is(err, errStuck)) {
		if verdict.Clean() {
			return verdict, err // all is true, but it never came to rest
		}
		return verdict, nil
	}
	return verdict, err
}

// answer is what an operator does who looks at what waits: it goes again, once
// for each attempt that failed. Not being heard is no failure; the next look asks
// again, under the same ID.
func (p Player) answer(ctx context.Context, key string, parked []httpapi.Parked, answered map[string]int) {
	for _, task := range parked {
		if answered[task.Key] >= task.Attempts {
			continue
		}
		id := fmt.Sprintf("%s-%s-%d", key, task.Key, task.Attempts)
		if err := p.Site.Steer(ctx, key, contract.Retry, contract.Override{ID: id, Key: task.Key}); err == nil {
			answered[task.Key] = task.Attempts
		}
	}
}

// Final adds whether the pass that was mailed last opens the account, and no
// other does. The account is of no use for a story afterwards.
func (p Player) Final(ctx context.Context, s Story) (audit.Verdict, error) {
	last := s.Steps[len(s.Steps)-1]
	var evidence audit.Evidence
	err := site.Await(ctx, last.Says.Key+" answers", func(ctx context.Context) (bool, error) {
		var err error
		evidence, err = p.Site.Evidence(ctx, last.Says)
		// Without an answer processes are away: they come back.
		return err == nil && evidence.Person.Source == httpapi.SourceJourney, nil
	})
	if err != nil {
		return audit.Verdict{}, fmt.Errorf("%s: %w", s.Name, err)
	}
	if last.Want.Passes > 0 {
		if evidence.SignIns, err = p.Site.SignIns(last.Says, evidence.Mails); err != nil {
			return audit.Verdict{}, fmt.Errorf("%s %s: %w", s.Name, last.Says.Key, err)
		}
	}
	return audit.Judge(last.Want, evidence), nil
}
