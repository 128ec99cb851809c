package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"tenure/internal/lifecycle"
)

// WriteBackWorkflow begins the workflow of the line that tells HR what became of
// an account; the feed follows.
const WriteBackWorkflow = lifecycle.WriteBackPrefix

// leastLook is how soon an account that lacks a value is read again.
const leastLook = 10 * time.Minute

// WrittenBack is what a feed was told last, and of what. Its values are digests
// under a key that the state does not hold.
type WrittenBack struct {
	Feed string `json:"feed"`
	// Stay and Generation are of the line that was done at At.
	Stay       string    `json:"stay"`
	Generation int       `json:"gen"`
	At         time.Time `json:"at"`
	// Basis is what the line was for: another one makes it due again.
	Basis string `json:"basis"`
	// Missing is set where the account lacked something that is told.
	Missing bool         `json:"missing,omitempty"`
	Values  []BackDigest `json:"values,omitempty"`
}

// BackDigest is the keyed digest of a value that HR was told.
type BackDigest struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

// BackSeen follows what a write-back is made of.
type BackSeen struct {
	Feed string `json:"feed"`
	// Basis is what was last seen, since Since; Handled is what HR was told for, or
	// a human skipped, when the account was last looked at.
	Basis   string    `json:"basis,omitempty"`
	Since   time.Time `json:"since,omitzero"`
	Handled string    `json:"handled,omitempty"`
	Looked  time.Time `json:"looked,omitzero"`
	// Stay is whose Handled is; Generation is that of the next line.
	Stay       string `json:"stay,omitempty"`
	Generation int    `json:"gen,omitempty"`
	Missing    bool   `json:"missing,omitempty"`
}

// WriteBackKey names what a feed is told of a stay, whatever was told before.
func WriteBackKey(feed, stay string) string {
	return RunPrefix(WriteBackWorkflow+feed, stay) + string(WriteBack)
}

// Back finds what a feed was told.
func (f *Facts) Back(feed string) (WrittenBack, bool) {
	for _, written := range f.WrittenBack {
		if written.Feed == feed {
			return written, true
		}
	}
	return WrittenBack{}, false
}

// backRule is a write-back that concerns the person.
type backRule struct {
	feed   string
	rules  *lifecycle.WriteBack
	target *lifecycle.Target
	c      *chapter
}

func (r backRule) workflow() string { return WriteBackWorkflow + r.feed }

// backRules are the write-backs to feeds that speak of the person. Of somebody who
// has left, or never came, nothing is told.
func (p *planner) backRules() []backRule {
	c := p.current(p.now)
	if c == nil || c.undone || c.left(p.now) {
		return nil
	}
	var out []backRule
	for i := range p.in.Policy.Feeds {
		feed := &p.in.Policy.Feeds[i]
		if feed.WriteBack == nil || !p.speaks(feed.Name) {
			continue
		}
		for k := range p.in.Policy.Targets {
			if target := &p.in.Policy.Targets[k]; target.Name == feed.WriteBack.Target {
				out = append(out, backRule{feed.Name, feed.WriteBack, target, c})
			}
		}
	}
	return out
}

// speaks reports whether the feed has stated something of the person.
func (p *planner) speaks(feed string) bool {
	for i := range p.facts.Person.Feeds {
		if p.facts.Person.Feeds[i].Feed == feed {
			return true
		}
	}
	return false
}

func isThere(account Account) bool {
	return account.State == AccountEnabled || account.State == AccountDisabled
}

// advanceBacks follows what each write-back is made of.
func (p *planner) advanceBacks() {
	for _, rule := range p.backRules() {
		account := p.account(rule.target.Name)
		if !isThere(account) {
			continue
		}
		seen := p.backSeen(rule.feed)
		if seen.Stay != rule.c.stay.ID {
			seen.Stay, seen.Basis, seen.Handled, seen.Looked, seen.Missing = rule.c.stay.ID, "", "", time.Time{}, false
		}
		if told, found := p.facts.Back(rule.feed); found && told.Generation >= seen.Generation && told.Stay == seen.Stay {
			seen.Generation, seen.Handled, seen.Looked, seen.Missing = told.Generation+1, told.Basis, told.At, told.Missing
		}
		if basis := p.backBasis(rule, account); basis != seen.Basis {
			seen.Basis, seen.Since = basis, p.now
		}
	}
}

// backSeen is the memory of a feed's write-back.
func (p *planner) backSeen(feed string) *BackSeen {
	at := slices.IndexFunc(p.memory.Backs, func(seen BackSeen) bool { return seen.Feed == feed })
	if at < 0 {
		p.memory.Backs = append(p.memory.Backs, BackSeen{Feed: feed})
		at = len(p.memory.Backs) - 1
	}
	return &p.memory.Backs[at]
}

// backBasis digests what a write-back is made of, as far as a plan knows it: the
// rules, what they read of the record, and our own work on the account.
func (p *planner) backBasis(rule backRule, account Account) string {
	hash := sha256.New()
	// Writing to a hash never fails.
	_, _ = fmt.Fprintf(hash, "%q %q %d\n", account.ID, account.UserName, account.Operations)
	for i := range rule.rules.Mapping {
		m := &rule.rules.Mapping[i]
		_, _ = fmt.Fprintf(hash, "%q %q %q %q %t\n", m.To, m.Attribute, m.Constant, m.Expression.Source, m.Clear)
	}
	reads := rule.rules.ReadsRecord()
	for _, a := range p.viewNow(rule.c) {
		if slices.Contains(reads, a.Name) {
			_, _ = fmt.Fprintf(hash, "%q=%q\n", a.Name, a.Value)
		}
	}
	return hex.EncodeToString(hash.Sum(nil)[:digestBytes])
}

// backLines makes the lines that tell HR of accounts.
func (p *planner) backLines() {
	for _, rule := range p.backRules() {
		m, wanted := p.backMoment(rule)
		if !wanted {
			continue
		}
		it := p.backItem(rule, m)
		p.items = append(p.items, it)
		p.decideBack(rule, it)
	}
}

// backMoment is when HR is to be told, and why; false where it knows.
func (p *planner) backMoment(rule backRule) (moment, bool) {
	z := p.zoneOn(rule.c.stay, p.todayIn(rule.c.stay))
	m := moment{zone: z.name(), source: z.source}
	account := p.account(rule.target.Name)
	if !isThere(account) {
		m.reason = "the account will be there"
		create := p.createOf(rule.target.Name, rule.c.stay.ID)
		if create == nil {
			return m, false
		}
		m.at = create.Due
		return p.notBefore(rule, m), true
	}
	seen := p.backSeen(rule.feed)
	again := seen.Looked.Add(p.backInterval(rule, seen))
	check, asked := p.checked(rule.target.Name)
	switch {
	case seen.Handled == "":
		m.at, m.reason = seen.Since, "the account is there"
	case seen.Handled != seen.Basis:
		m.at, m.reason = seen.Since, "the account, or what HR or the policy says of it, changed"
	case asked && check.At.After(seen.Looked):
		m.at, m.reason = check.At, "somebody asked to look at the account again"
	case !again.After(p.now):
		m.at, m.reason = again, "the account is looked at from time to time"
	default:
		p.wake(again, "look whether "+rule.feed+" knows the account as it is")
		return m, false
	}
	return p.notBefore(rule, m), true
}

// backInterval is how long after a look the account is looked at again. What is
// missing may come soon, such as an address after a licence: the interval doubles.
func (p *planner) backInterval(rule backRule, seen *BackSeen) time.Duration {
	if !seen.Missing {
		return rule.rules.Look
	}
	return min(max(seen.Looked.Sub(seen.Since), leastLook), rule.rules.Look)
}

// notBefore puts off what the policy lets begin later.
func (p *planner) notBefore(rule backRule, m moment) moment {
	if begin := p.momentOf(rule.c, rule.rules.Begin); !begin.isZero() && begin.at.After(m.at) {
		m.at, m.zone, m.source, m.reason = begin.at, begin.zone, begin.source, begin.reason
	}
	return m
}

func (p *planner) backItem(rule backRule, m moment) *item {
	seen := p.backSeen(rule.feed)
	it := &item{
		Line: Line{
			Workflow: rule.workflow(), Stay: rule.c.stay.ID, Generation: seen.Generation, Task: string(WriteBack),
			Verb: WriteBack, Target: rule.target.Name, Activity: ActivityWriteBack, Due: m.at, Zone: m.zone,
			ZoneSource: m.source, Reason: "because " + m.reason, Order: orderAccountUp,
		},
		known: m.at, class: lifecycle.ClassExtension, digest: seen.Basis,
	}
	it.Key = TaskKey(it.Workflow, it.Stay, it.Generation, it.Task)
	for _, postponed := range p.facts.Overrides.Postponed {
		if covers(postponed.Key, it.Key) {
			it.Due, it.Reason = postponed.To, "postponed by hand; "+it.Reason
		}
	}
	return it
}

// decideBack gives the line its state.
func (p *planner) decideBack(rule backRule, it *item) {
	holds, err := rule.rules.When.Holds(lifecycle.Scope{Attributes: p.viewNow(rule.c).Get})
	kind, kept := p.keptBy(it.Verb)
	switch {
	case p.running(it.Key):
		it.State = Running
	case p.backSkipped(it):
		p.skipBack(rule, it)
	case err != nil:
		it.State, it.Code = ParkedState, AttentionCondition
		p.attend(AttentionCondition, it.Key)
	case !holds:
		it.State, it.Code = OutOfScope, codeWhen
	case !rule.target.Enforced():
		it.observe(rule.target)
	case p.facts.Overrides.Blocked != nil:
		it.State = Blocked
	case kept:
		it.State, it.Reason = Held, it.Reason+keptWords(kind)
	case p.statusUnknown():
		it.State, it.Code = Waiting, AttentionStatusUnknown
	case it.Due.After(p.now) && !p.ranNow(it, time.Time{}):
		it.State = Future
		p.wake(it.Due, it.Workflow+": "+it.Task)
	case !isThere(p.account(rule.target.Name)), p.changing(rule.target.Name):
		it.State, it.Reason = Waiting, it.Reason+"; waits for the account"
	case p.changedSince(rule, it):
		it.State = Due
	default:
		p.decideParked(it)
	}
}

// backSkipped reports whether a human skipped the line.
func (p *planner) backSkipped(it *item) bool {
	return slices.ContainsFunc(p.facts.Overrides.Skips, func(o KeyOverride) bool {
		return covers(o.Key, it.Key) && !p.ranNow(it, o.At.Add(time.Nanosecond))
	})
}

// skipBack settles a line that a human skipped: HR is told again when something
// changes.
func (p *planner) skipBack(rule backRule, it *item) {
	p.settle(Key{Workflow: it.Workflow, Stay: it.Stay, Generation: it.Generation, Task: it.Task}, OutcomeSkipped, "")
	it.State, it.At = Skipped, p.now
	seen := p.backSeen(rule.feed)
	seen.Generation, seen.Handled, seen.Looked, seen.Missing = seen.Generation+1, seen.Basis, p.now, false
	p.wake(p.now.Add(rule.rules.Look), "look whether "+rule.feed+" knows the account as it is")
}

// changing reports whether a line of the account is due or in flight: HR is told
// what comes of it.
func (p *planner) changing(target string) bool {
	return slices.ContainsFunc(p.items, func(it *item) bool {
		return it.Target == target && IsAccountVerb(it.Verb) && it.Verb != WithdrawPass && (it.State == Due || it.State == Running)
	})
}

// changedSince reports whether what was refused is made of something else by now: it
// is tried at once.
func (p *planner) changedSince(rule backRule, it *item) bool {
	parked, found := p.parkedFor(it)
	if !found || parked.Code == AttentionPaused || !p.backSeen(rule.feed).Since.After(parked.Tried) {
		return false
	}
	it.attempt, it.At = parked.Attempts, parked.Since
	return true
}

// pastBackLine fills in what is known of a line that was done.
func (p *planner) pastBackLine(it *item) {
	feed, found := strings.CutPrefix(it.Workflow, WriteBackWorkflow)
	if !found {
		return
	}
	it.Activity, it.Order, it.Reason = ActivityWriteBack, orderAccountUp, "what "+feed+" was told of the account"
	if known, found := p.in.Policy.Feed(feed); found && known.WriteBack != nil {
		it.Target = known.WriteBack.Target
	}
	if c := p.chapterOf(it.Stay); c != nil {
		z := p.zoneOn(c.stay, p.todayIn(c.stay))
		it.Zone, it.ZoneSource = z.name(), z.source
	}
}
