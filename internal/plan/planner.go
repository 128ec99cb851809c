package plan

import (
	"cmp"
	"slices"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// planner holds one computation. Its methods fill lines, settled, attention
// and wakes; memory starts as a copy of what the facts remember.
type planner struct {
	in       Input
	now      time.Time
	facts    *Facts
	feed     lifecycle.Feed
	feedZone *time.Location
	baseline time.Time
	zones    map[string]*time.Location
	views    map[viewKey]person.Attributes
	zonesOn  map[viewKey]zone

	memory   Memory
	chapters []chapter

	items     []*item
	settled   []Done
	attention []Attention
	wakes     []wake
	waits     []Wait
	// decided indexes the facts' done tasks and what this plan settles.
	decided map[string]Done
	demands []Done
	// ordered is set when an enable or disable task was settled: the account
	// lines are computed again.
	ordered bool
	// formers are the lines that earlier forms of the policy would make.
	formers map[int][]*item
}

// item is a line in the making.
type item struct {
	Line
	// known is when the line's reason became known; overrides and parkings
	// older than it speak of another one.
	known time.Time
	// asked is when a change of the policy made the line ask; answers from before
	// speak of something else.
	asked   time.Time
	index   int // of the task in its run
	run     string
	change  int // the number of the change that started the run
	class   lifecycle.Class
	enabled bool
	urgent  bool
	digest  string
	// leftOut is the attribute whose expression leaves out the account; failed says
	// which expression has no value.
	leftOut, failed string
	// objectID is the account that a human named; staff may have one that
	// Tenure did not make.
	objectID string
	staff    bool
	// fresh creates take no account that is there: a human said so.
	fresh   bool
	pass    *PassTerms
	attempt int
	// joins lets an access task share the batch that makes its account.
	joins bool
	// aside is set for a task that the others of its run do not wait for.
	aside bool
	// leave is, for a leaver's task, the generation of the leave.
	leave int
	// leaves is set for a disable in a domain by which the person loses the account
	// for good.
	leaves bool
	// unsyncs is set for a line that takes the account out of the synchronisation,
	// and so deletes it in the cloud.
	unsyncs bool
	// loses is the target whose budget of deletes the line uses up: it is moved on a
	// human's word, not behind the delete line there (S15).
	loses string
	// from is the target from which the accounts of the item's come.
	from string
	// groups are the labels of a task that names value maps.
	groups []string
}

// wake is an instant at which something may change, and what.
type wake struct {
	at   time.Time
	what string
}

func newPlanner(in Input) *planner {
	p := &planner{
		in: in, now: in.Now.UTC().Round(0), facts: &in.Facts, zones: map[string]*time.Location{},
		views: map[viewKey]person.Attributes{}, zonesOn: map[viewKey]zone{},
	}
	p.feed, p.feedZone = p.statusFeed()
	p.baseline = baselineOf(p.feed, p.feedZone)
	p.memory = in.Facts.Memory.clone()
	p.indexDone()
	p.advanceModes()
	p.advanceStays()
	p.makeChapters()
	p.advanceAnchors()
	p.pinZones()
	p.advanceReissues()
	p.advanceScoped()
	p.advanceChanges()
	p.advanceMapped()
	p.advanceBacks()
	p.advanceRunNow()
	p.advanceForms()
	p.advanceScopes()
	return p
}

// compute makes the lines. An enable or disable task that is due sets an
// override and is thereby done, which changes the account lines: then all of
// it is computed again. Each round settles a task, so the rounds are few.
func (p *planner) compute() {
	ahead := slices.Clip(p.wakes) // what the chapters wait for
	for {
		p.items, p.attention, p.wakes, p.waits, p.ordered = nil, nil, ahead, nil, false
		p.personAttention()
		p.accountLines()
		p.passLines()
		p.runLines()
		p.backLines()
		p.pastLines()
		if !p.ordered {
			break
		}
	}
	slices.SortStableFunc(p.items, compareItems)
}

// compareItems is the order of a plan: by instant, then as S5 says, then by
// name, so that no input order shows.
func compareItems(a, b *item) int {
	return cmp.Or(
		a.Due.Compare(b.Due),
		cmp.Compare(a.Order, b.Order),
		cmp.Compare(a.Workflow, b.Workflow),
		cmp.Compare(a.Stay, b.Stay),
		cmp.Compare(a.run, b.run),
		cmp.Compare(a.index, b.index),
		cmp.Compare(a.Key, b.Key),
	)
}

// statusFeed is the policy's feed that owns the person's status: that of the
// newest statement among those known.
func (p *planner) statusFeed() (lifecycle.Feed, *time.Location) {
	var best lifecycle.Feed
	var newest time.Time
	for _, state := range p.facts.Person.Feeds {
		for _, feed := range p.in.Policy.Feeds {
			if feed.Name == state.Feed && state.OwnsStatus && (best.Name == "" || state.Latest.AsOf.After(newest)) {
				best, newest = feed, state.Latest.AsOf
			}
		}
	}
	if best.Zone == nil {
		return best, time.UTC
	}
	return best, best.Zone
}

func baselineOf(feed lifecycle.Feed, zone *time.Location) time.Time {
	if feed.Baseline.IsZero() {
		return time.Time{}
	}
	return feed.Baseline.At(person.TimeOfDay{}, zone)
}

// indexDone indexes decided tasks; of several entries for a key the last wins.
func (p *planner) indexDone() {
	p.decided = make(map[string]Done, len(p.facts.Done))
	for _, done := range p.facts.Done {
		p.remember(done)
	}
}

func (p *planner) remember(done Done) {
	p.decided[done.Key] = done
	if key, err := ParseKey(done.Key); err == nil && key.Demand != "" {
		p.demands = append(p.demands, done)
	}
}

// doneOf finds how a task was decided.
func (p *planner) doneOf(key Key) (Done, bool) {
	if done, found := p.decided[key.String()]; found {
		return done, true
	}
	for _, done := range p.demands {
		if other, err := ParseKey(done.Key); err == nil && key.sameDemand(other) {
			return done, true
		}
	}
	if key.Demand != "" {
		return Done{}, false
	}
	for _, through := range p.facts.Through {
		if through.Workflow == key.Workflow && through.Stay == key.Stay && key.Generation <= through.Generation {
			return Done{Key: key.String(), Outcome: OutcomeDone}, true
		}
	}
	return Done{}, false
}

// settle decides a task without an effect.
func (p *planner) settle(key Key, outcome Outcome, code string) {
	done := Done{Key: key.String(), At: p.now, Outcome: outcome, Code: code}
	if old, found := p.doneOf(key); found && old.Outcome == outcome && old.Code == code {
		return // run by hand, and decided as before
	}
	p.settled = append(p.settled, done)
	p.remember(done)
}

func (p *planner) attend(code, key string) { p.attendWith(code, key, "") }

// attendWith is attend with what only this line can tell.
func (p *planner) attendWith(code, key, detail string) {
	attention := attentionOf(code, key)
	if detail != "" {
		attention.Text = detail + ": " + attention.Text
	}
	if !slices.Contains(p.attention, attention) {
		p.attention = append(p.attention, attention)
	}
}

func (p *planner) wake(at time.Time, what string) {
	if at.After(p.now) {
		p.wakes = append(p.wakes, wake{at: at, what: what})
	}
}

// account is what is known of the account in a target.
func (p *planner) account(target string) Account {
	for _, account := range p.facts.Accounts {
		if account.Target == target {
			return account
		}
	}
	return Account{Target: target}
}

func (p *planner) running(key string) bool { return slices.Contains(p.facts.Running, key) }

// clone copies what the planner writes to, so that facts stay as they are.
func (m Memory) clone() Memory {
	m.Anchors = slices.Clone(m.Anchors)
	m.Changes = slices.Clone(m.Changes)
	m.Detected = slices.Clone(m.Detected)
	m.Zones = slices.Clone(m.Zones)
	m.Mapped = slices.Clone(m.Mapped)
	m.Scoped = slices.Clone(m.Scoped)
	m.Reissues = slices.Clone(m.Reissues)
	m.Enabled = slices.Clone(m.Enabled)
	m.Deletes = slices.Clone(m.Deletes)
	m.LeftScopes = slices.Clone(m.LeftScopes)
	m.Modes = slices.Clone(m.Modes)
	m.Skipped = slices.Clone(m.Skipped)
	m.Forms = slices.Clone(m.Forms)
	m.Backs = slices.Clone(m.Backs)
	return m
}
