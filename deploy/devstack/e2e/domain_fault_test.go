package e2e_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/directory/ad/adtest"
	simulated "tenure/internal/sim/ad"
	"tenure/internal/sim/fault"
)

// mishap is one request of a story, and what happens to it.
type mishap struct {
	step, nth int
	op, path  string
	kind      fault.Kind
}

func (m mishap) String() string {
	return fmt.Sprintf("%s at %s %s, the %d. of step %d", m.kind, m.op, m.path, m.nth, m.step+1)
}

// TestDomainFaults tells the same story of somebody who joins, moves, leaves and is
// deleted once for every request that it takes, and each time that request is lost:
// cut off before it was made, after it was made, or refused for now. Nobody may end
// otherwise than one who was left alone.
func TestDomainFaults(t *testing.T) {
	s, controller := adtest.Simulated(t, simulated.Options{Exchange: true})
	f := &faulty{domain: beginDomain(t, controller, domainPolicy), server: s}
	manager := joiner(t, "4001", "Ingrid", "Vasquez", -1)
	manager.Manager = ""
	f.hire(manager)
	f.eventually("the manager works", func() bool { a := f.account("4001"); return a != nil && a.enabled })
	mishaps := f.scout()
	t.Logf("%d things can go wrong", len(mishaps))
	if want := 60; len(mishaps) < want {
		t.Fatalf("%d mishaps, want %d at least", len(mishaps), want)
	}
	inTurns(len(mishaps), func(i int) { f.suffers(strconv.Itoa(6000+i), mishaps[i]) })
	for _, rule := range s.Faults().Standing() {
		if rule.Hits == 0 {
			t.Errorf("%s at %s %s, about %s, never happened", rule.Kind, rule.Method, rule.Path, rule.About)
		}
	}
}

// inTurns does something so many times, several at once.
func inTurns(count int, do func(i int)) {
	const atOnce = 12
	slots := make(chan struct{}, atOnce)
	var wait sync.WaitGroup
	for i := range count {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			do(i)
		})
	}
	wait.Wait()
}

// faulty is a domain in which requests are lost.
type faulty struct {
	*domain
	server *simulated.Server
	steps  []domainAccount // of one who was left alone, after each step; the last is gone
}

const given, family = "Nadja", "Okafor"

// subject is by what the simulator knows whom a request is about: a search for names
// has no number.
func (f *faulty) subject(key, path string) string {
	switch {
	case strings.Contains(path, "userprincipalname"):
		return strings.ToLower(given+"."+family) + key + "@" + f.place.Suffix
	case path == "/sub/cn":
		return given + " " + family + key
	default:
		return key
	}
}

// story are the steps of somebody's time here.
func (f *faulty) story(key string) []func() {
	t := f.t
	h := joiner(t, key, given, family+key, 20)
	h.Manager = "4001"
	start, last := h.Start, day(t, h.Start, 10)
	to := func(date, clock string) { f.forward(hooks, key, berlin(t, date, clock)) }
	return []func(){
		func() { f.hire(h); to(day(t, start, -14), "06:01") },
		func() { to(start, "08:01") },
		func() { h.Department, h.Title = "Engineering", "Engineer"; f.say("moves-"+key, h) },
		func() { h.Last = last; f.say("leaves-"+key, h); to(day(t, last, 1), "00:01") },
		func() { to(day(t, last, 32), "00:00") },
	}
}

// scout tells the story once and returns what can go wrong in it.
func (f *faulty) scout() []mishap {
	const alone = "5999"
	var out []mishap
	for step, tell := range f.story(alone) {
		f.server.ResetRequests()
		tell()
		seen := map[string]int{}
		for _, line := range f.server.Requests() {
			if line.Op == simulated.OpBind {
				continue
			}
			what := line.Op + line.Path
			seen[what]++
			for _, kind := range []fault.Kind{fault.Reset, fault.Lost, fault.Unavailable} {
				// A search changes nothing: one way to lose it is enough.
				if line.Op == simulated.OpSearch && (kind != fault.Lost || seen[what] > 1) {
					continue
				}
				out = append(out, mishap{step: step, nth: seen[what], op: line.Op, path: line.Path, kind: kind})
			}
		}
		f.steps = append(f.steps, f.shown(alone))
	}
	return out
}

// shown is what the domain shows of somebody, without what is their own.
func (f *faulty) shown(key string) domainAccount {
	a := f.account(key)
	if a == nil {
		return domainAccount{}
	}
	_, a.dn, _ = strings.Cut(a.dn, ",")
	a.name = ""
	if a.info != "" {
		a.info = "left"
	}
	return *a
}

// suffers tells the story to somebody to whom one thing happens.
func (f *faulty) suffers(key string, m mishap) {
	for step, tell := range f.story(key) {
		if step == m.step {
			rule := fault.Rule{ID: key, Method: m.op, Path: m.path, About: f.subject(key, m.path), Skip: m.nth - 1, Kind: m.kind}
			if err := f.server.Faults().Add(rule); err != nil {
				f.t.Errorf("plant %s: %v", m, err)
				return
			}
		}
		tell()
		f.settles(key, m, step)
	}
}

// settles waits until somebody is as one who was left alone.
func (f *faulty) settles(key string, m mishap, step int) {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	var wrong []string
	for began := time.Now(); time.Since(began) < patience; <-ticker.C {
		parked := f.person(hooks, key).Parked
		diff := cmp.Diff(f.steps[step], f.shown(key), cmp.AllowUnexported(domainAccount{}))
		if diff == "" && len(parked) == 0 {
			return
		}
		wrong = []string{diff}
		for _, p := range parked {
			wrong = append(wrong, "parked: "+p.Key+" "+p.Code)
		}
	}
	f.t.Errorf("%s after step %d, with %s (-want +got):\n%s", key, step+1, m, strings.Join(wrong, "\n"))
}
