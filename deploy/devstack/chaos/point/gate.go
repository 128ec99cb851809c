package point

import (
	"sync"
	"time"
)

// Gate is where a worker asks. It is safe for concurrent use.
type Gate struct {
	mu     sync.Mutex
	people map[string]*person
	held   []Held
	// dead is closed when the worker that asks was killed.
	dead chan struct{}
	last time.Time
	// passed counts all passings.
	passed int
}

// Held is somebody whose journey was held at a mark.
type Held struct {
	Person string
	Mark   Mark
	At     time.Time
}

type person struct {
	step   int
	counts map[string]int
	trail  []Mark
	mark   *Mark
}

// NewGate returns a gate that lets everybody through.
func NewGate() *Gate {
	return &Gate{people: map[string]*person{}, dead: make(chan struct{})}
}

// Step begins a step of a person's story; counts begin anew.
func (g *Gate) Step(who string, step int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.of(who)
	p.step, p.counts = step, map[string]int{}
}

// HoldAt holds a person once, at a mark.
func (g *Gate) HoldAt(who string, mark Mark) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.of(who).mark = &mark
}

// Trail is what a person passed, in order.
func (g *Gate) Trail(who string) []Mark {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]Mark(nil), g.of(who).trail...)
}

// Passed counts all passings so far.
func (g *Gate) Passed() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.passed
}

// Pass answers when a worker may go on. It is called by net/rpc.
func (g *Gate) Pass(at Passing, _ *struct{}) error {
	g.mu.Lock()
	g.last = time.Now()
	g.passed++
	p := g.of(at.Person)
	p.counts[at.Name]++
	mark := Mark{Step: p.step, Name: at.Name, Nth: p.counts[at.Name], Blocks: at.Blocks}
	p.trail = append(p.trail, mark)
	if p.mark == nil || !p.mark.same(mark) {
		g.mu.Unlock()
		return nil
	}
	p.mark = nil
	g.held = append(g.held, Held{Person: at.Person, Mark: mark, At: g.last})
	dead := g.dead
	g.mu.Unlock()
	<-dead
	return nil
}

// Ready reports whether the worker should be killed now: nobody passed anything
// for a while, or somebody is held for so long that the server would take the work
// away. That is later for those whose activity tells that it lives, and both are
// shorter where others wait for somebody.
func (g *Gate) Ready(quiet, longest, alive time.Duration) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, held := range g.held {
		limit, still := longest, quiet
		if held.Mark.Lives() {
			limit = alive
		}
		if held.Mark.Blocks {
			still, limit = quiet/blockedShare, min(limit, quiet)
		}
		if time.Since(g.last) > still || time.Since(held.At) > limit {
			return true
		}
	}
	return false
}

// blockedShare is how much sooner a kill comes where others wait for who is held.
const blockedShare = 4

// Killed tells that the worker is dead, and returns whom it held.
func (g *Gate) Killed() []Held {
	g.mu.Lock()
	defer g.mu.Unlock()
	held := g.held
	g.held = nil
	close(g.dead)
	g.dead = make(chan struct{})
	return held
}

func (g *Gate) of(who string) *person {
	if g.people[who] == nil {
		g.people[who] = &person{counts: map[string]int{}}
	}
	return g.people[who]
}
