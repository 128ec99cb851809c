package fault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tenure/deploy/devstack/chaos/audit"
	"tenure/deploy/devstack/chaos/site"
	"tenure/deploy/devstack/chaos/story"
	"tenure/deploy/devstack/chaos/tally"
	simfault "tenure/internal/sim/fault"
)

// play tells one tale with its fault and counts what came of it.
func (r *runner) play(ctx context.Context, s *site.Site, c cast) {
	number, began := r.number(), time.Now()
	told := tell(c.call.tale, number, r.today)
	verdict, hits, err := r.tell(ctx, s, c, told)
	r.count(tally.Tally{Faults: hits, Lost: verdict.Lost, Doubled: verdict.Doubled, Unknown: verdict.Unknown})
	if err != nil {
		r.fail(fmt.Errorf("%s (%s): %w", c, told.Person().Key, err))
	}
	switch {
	case !verdict.Clean():
		r.options.Out.Printf("%s (%s): %s", c, told.Person().Key, verdict)
	case r.options.Verbose && err == nil:
		r.options.Out.Printf("%s (%s): %d faults, as it must be after %s", c, told.Person().Key, hits, time.Since(began).Round(time.Millisecond))
	}
}

// tell tells the tale and breaks the call in its last step.
func (r *runner) tell(ctx context.Context, s *site.Site, c cast, told story.Story) (verdict audit.Verdict, hits int, err error) {
	p := &person{site: s, key: told.Person().Key}
	for i, chapter := range told.Steps[:len(told.Steps)-1] {
		if err := p.begin(ctx, i+1, chapter); err != nil {
			return verdict, 0, err
		}
		if verdict, err = p.settle(ctx, chapter); err != nil || !verdict.Clean() {
			return verdict, 0, errors.Join(err, errors.New("before the fault"))
		}
	}
	p.codes, p.asked, p.movedAt = nil, nil, time.Time{}
	p.waits = c.call.server != smtp && c.leastWait() > 0
	schedule := scheduleOf(s, c.call.server)
	if err := schedule.Add(c.rules(told.Person())...); err != nil {
		return verdict, 0, fmt.Errorf("arrange fault: %w", err)
	}
	armed := time.Now()
	verdict, standing, err := r.meet(ctx, c, p, schedule, len(told.Steps), last(told))
	for _, rule := range standing {
		hits += rule.Hits
	}
	if err == nil {
		err = errors.Join(fired(standing), c.seen(p), c.waited(s, p, armed), c.named(s, p), r.final(ctx, s, p, told, &verdict))
	}
	return verdict, hits, err
}

// meet lets the last step meet the fault, and takes the fault away.
func (r *runner) meet(ctx context.Context, c cast, p *person, schedule *simfault.Schedule, number int, s story.Step) (verdict audit.Verdict, gone []simfault.Standing, err error) {
	err = p.begin(ctx, number, s)
	if err == nil && c.kind.stands > 0 {
		err = p.endure(ctx, c.kind.stands)
		gone = schedule.Remove(p.key)
	}
	if err == nil {
		verdict, err = p.settle(ctx, s)
	}
	return verdict, append(gone, schedule.Remove(p.key)...), err
}

// rules are those of the fault, for one person.
func (c cast) rules(e site.Employee) []simfault.Rule {
	own := c.kind.rule
	own.Skip = c.call.nth
	if !c.kind.everywhere {
		own.Method, own.Path = c.call.method, c.call.path
	} else if c.call.server == tenant {
		own.Path = graphRoot + "/**"
	}
	rules := append([]simfault.Rule{own}, c.kind.more...)
	for i := range rules {
		rules[i].ID, rules[i].About = e.Key, c.call.subject(e)
	}
	return rules
}

func scheduleOf(s *site.Site, on server) *simfault.Schedule {
	switch on {
	case tenant:
		return s.Graph().Faults()
	case badges:
		return s.Badges().Faults()
	default:
		return s.Mail().Faults()
	}
}

// fired wants every rule to have hit something.
func fired(standing []simfault.Standing) error {
	var problems []error
	for _, rule := range standing {
		if rule.Hits == 0 {
			problems = append(problems, fmt.Errorf("the fault %s %s %s never fired", rule.Kind, rule.Method, rule.Path))
		}
	}
	return errors.Join(problems...)
}

// seen wants what a human must know of to have waited visibly, and no human to
// be asked for what mends itself.
func (c cast) seen(p *person) error {
	want := ""
	if c.kind.shows != nil {
		want = c.kind.shows(c.call)
	}
	if want != "" && !slices.Contains(p.codes, want) {
		return fmt.Errorf("no task waited visibly with %s, only %v", want, p.codes)
	}
	for _, code := range p.asked {
		if code != want {
			return fmt.Errorf("a human was asked because of %s", code)
		}
	}
	return nil
}

// named wants the account under another name where somebody took the first, and
// the other account untouched.
func (c cast) named(s *site.Site, p *person) error {
	if c.kind.rule.Kind != simfault.Taken {
		return nil
	}
	mine, others := "", 0
	for _, u := range s.Graph().State().Users {
		name, _ := u.Props["userPrincipalName"].(string)
		switch {
		case u.Props["employeeId"] == p.key:
			mine = name
		case strings.Contains(name, p.key) && len(u.Groups) == 0 && u.Manager == "" && len(u.Passes) == 0:
			others++
		}
	}
	if mine == "" || others != 1 {
		return fmt.Errorf("the account is %q beside %d others that have the name and nothing else, want one", mine, others)
	}
	return nil
}

// final tries the passes that were mailed.
func (r *runner) final(ctx context.Context, s *site.Site, p *person, told story.Story, verdict *audit.Verdict) error {
	if last(told).Want.Passes == 0 {
		return nil
	}
	err := site.Await(ctx, p.key+" answers", func(ctx context.Context) (bool, error) {
		detail, err := s.Person(ctx, p.key)
		return err == nil && site.Quiet(detail), nil
	})
	if err != nil {
		return err
	}
	got, err := story.Player{Site: s}.Final(ctx, told)
	if err == nil {
		*verdict = got
	}
	return err
}
