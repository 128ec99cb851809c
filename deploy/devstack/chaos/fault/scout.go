package fault

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"tenure/deploy/devstack/chaos/site"
	"tenure/deploy/devstack/chaos/story"
	"tenure/internal/sim/graph"
)

// whole breaks every call with every kind that fits it. The calls are those that
// the simulators saw while each tale was told without a fault.
func whole(ctx context.Context, r *runner, s *site.Site) ([]cast, error) {
	calls, err := r.scout(ctx, s)
	if err != nil {
		return nil, err
	}
	for _, step := range []string{smtpConnect, smtpMail, smtpRcpt} {
		calls = append(calls, ofAnybody(smtp, smtpMethod, step))
	}
	calls = append(calls, onMail(joiner, smtpRcpt, aboutAddress), ofAnybody(tenant, "POST", signInPath))
	return r.everyKind(calls), nil
}

// wholeSendGrid breaks every mail of the tales by SendGrid.
func wholeSendGrid(ctx context.Context, r *runner, s *site.Site) ([]cast, error) {
	calls, err := r.scout(ctx, s)
	if err != nil {
		return nil, err
	}
	var mails []call
	for _, c := range calls {
		if c.server == smtp {
			mails = append(mails, onSendGrid(c.tale, c.about))
		}
	}
	return r.everyKind(mails), nil
}

// everyKind crosses calls with kinds.
func (r *runner) everyKind(calls []call) []cast {
	var out []cast
	for _, c := range calls {
		for _, k := range kinds() {
			if k.fits(c) {
				out = append(out, cast{call: c, kind: k})
			}
		}
	}
	r.options.Out.Printf("%d calls, %d times a call and a fault", len(calls), len(out))
	return out
}

// scout tells every tale to somebody without a fault and lists the calls of the
// last steps.
func (r *runner) scout(ctx context.Context, s *site.Site) ([]call, error) {
	var (
		mu       sync.Mutex
		calls    []call
		problems []error
		wait     sync.WaitGroup
	)
	began := time.Now()
	for _, name := range slices.Sorted(maps.Keys(tales())) {
		told := tell(name, r.number(), r.today)
		wait.Go(func() {
			got, err := r.calls(ctx, s, told)
			mu.Lock()
			defer mu.Unlock()
			calls = append(calls, got...)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s without a fault: %w", told.Name, err))
			}
		})
	}
	wait.Wait()
	calls = append(calls, anybodys(s.Graph().Requests(), began)...)
	slices.SortFunc(calls, func(a, b call) int { return cmp.Compare(a.String(), b.String()) })
	return calls, errors.Join(problems...)
}

// calls tells one tale and returns the calls of its last step. Where one is made
// several times, the seed chooses which of them is broken.
func (r *runner) calls(ctx context.Context, s *site.Site, told story.Story) ([]call, error) {
	p := &person{site: s, key: told.Person().Key}
	var began time.Time
	for i, chapter := range told.Steps {
		began = time.Now()
		if err := p.begin(ctx, i+1, chapter); err != nil {
			return nil, err
		}
		verdict, err := p.settle(ctx, chapter)
		if err != nil {
			return nil, err
		}
		if !verdict.Clean() {
			return nil, errors.New(verdict.String())
		}
	}
	out := r.counted(told.Name, ofPerson(s.Graph().Requests(), p.key, began))
	evidence, err := s.Evidence(ctx, last(told).Says)
	if err != nil {
		return nil, err
	}
	for _, m := range evidence.Mails {
		if m.Received.After(began) {
			out = append(out, onMail(told.Name, smtpData, aboutMail(m.Subject, told.Person())))
		}
	}
	if told.Name == mover {
		out = append(out, onBadges())
	}
	return out, nil
}

// aboutMail is what tells a mail: its subject, or how the welcome greets.
func aboutMail(subject string, e site.Employee) string {
	if !strings.Contains(subject, e.Family) {
		return aboutWelcome
	}
	return strings.ReplaceAll(subject, e.Family, "{family}")
}

// ofPerson are the requests about somebody, as method and path template.
func ofPerson(log []graph.LogLine, key string, since time.Time) []graph.LogLine {
	return slices.DeleteFunc(log, func(l graph.LogLine) bool {
		return l.At.Before(since) || l.Route == "" || !slices.Contains(l.About, key)
	})
}

// counted makes calls of requests.
func (r *runner) counted(name string, log []graph.LogLine) []call {
	times := map[[2]string]int{}
	for _, line := range log {
		times[[2]string{line.Method, line.Route}]++
	}
	var out []call
	for i, route := range slices.SortedFunc(maps.Keys(times), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		c := onGraph(name, route[0], pattern(route[1]))
		c.nth = r.options.Random(uint64(i)).IntN(times[route])
		out = append(out, c)
	}
	return out
}

// anybodys are the calls that name nobody of the tales, once each.
func anybodys(log []graph.LogLine, since time.Time) []call {
	var out []call
	for _, line := range log {
		if line.At.Before(since) || line.Route == "" || len(line.About) > 0 && !slices.Contains(line.About, site.ChiefKey) {
			continue
		}
		c := ofAnybody(tenant, line.Method, graphRoot+pattern(line.Route))
		if len(line.About) > 0 {
			c.about = site.ChiefKey
		}
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// pattern is a path template as the fault schedule matches it.
func pattern(route string) string {
	segments := strings.Split(route, "/")
	for i, segment := range segments {
		if strings.HasPrefix(segment, "{") {
			segments[i] = "*"
		}
	}
	return strings.Join(segments, "/")
}
