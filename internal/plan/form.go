package plan

import (
	"slices"
	"time"

	"tenure/internal/lifecycle"
)

// Form is a policy as it makes account lines due, for as long as no later
// version changed that.
type Form struct {
	// Policy is nil where that version can no longer be loaded: nothing is known
	// to have been due under it.
	Policy *lifecycle.Policy
	// Version is the first one of this form.
	Version     int
	Activations map[string]time.Time
	// Since is when that version was applied; zero for the first one ever.
	Since time.Time
}

// FormSeen is when a journey first planned with a form of the policy, by the
// journey's own clock.
type FormSeen struct {
	Version int       `json:"v"`
	At      time.Time `json:"at"`
}

// maxForms is how many forms of the policy a journey remembers.
const maxForms = 16

// advanceForms remembers when the present form was first planned with.
func (p *planner) advanceForms() {
	if len(p.in.Forms) < 2 {
		return
	}
	version := p.in.Forms[len(p.in.Forms)-1].Version
	if slices.ContainsFunc(p.memory.Forms, func(seen FormSeen) bool { return seen.Version == version }) {
		return
	}
	p.memory.Forms = append(p.memory.Forms, FormSeen{Version: version, At: p.now})
	p.memory.Forms = p.memory.Forms[max(0, len(p.memory.Forms)-maxForms):]
}

// formsSince are the instants from which the forms counted for the journey.
func (p *planner) formsSince() []time.Time {
	out := make([]time.Time, len(p.in.Forms))
	for i, form := range p.in.Forms {
		out[i] = form.Since
		for _, seen := range p.memory.Forms {
			if seen.Version == form.Version {
				out[i] = seen.At
			}
		}
		if i > 0 && out[i].Before(out[i-1]) {
			out[i] = out[i-1]
		}
	}
	return out
}

// asksForm reports whether an account line is due only since the policy was
// changed: then a human is asked before it runs (S15). The line's way through the
// forms of the policy decides: it is due by itself where its instant came while a
// form was in force, or where HR or a human made it due; it asks where it was due
// at once when a form came into force under which it had not been due before.
//
// A question about anything but a delete ends at the instant of the former form:
// from then on it is not the change that makes the line due, and access never
// stays open for want of an answer.
func (p *planner) asksForm(it *item) bool {
	if len(p.in.Forms) < 2 || !isFormVerb(it.Verb) {
		return false
	}
	begins := p.formsSince()
	last := len(begins) - 1
	known := p.knownSince(it)
	if it.Due.After(begins[last]) || !known.Before(begins[last]) {
		return false
	}
	var way formWay
	for i, begin := range begins {
		until := p.now
		if i < last {
			until = begins[i+1]
			if !until.After(known) {
				continue // what made the line due was not known yet
			}
		}
		atOnce := !begin.IsZero() && known.Before(begin)
		way.through(p.dueUnder(i, it), begin, until, atOnce)
	}
	if !way.asks || it.Verb != Delete && !way.promised.IsZero() && !way.promised.After(p.now) {
		return false
	}
	it.asked = begins[last]
	if it.Verb != Delete {
		p.wake(way.promised, string(it.Verb)+" the account in "+it.Target)
	}
	return true
}

// formWay is how far a line's way through the forms has come.
type formWay struct {
	due, asks bool
	// promised is when the form before the one that made the line ask would have
	// made it due; zero for never.
	promised time.Time
	before   time.Time
}

// through goes through one form under which the line is due at an instant, zero for
// never. atOnce says whether the line could have been due before the form.
func (w *formWay) through(at, begin, until time.Time, atOnce bool) {
	switch {
	case at.IsZero(), at.After(until):
		w.due, w.asks, w.promised = false, false, time.Time{}
	case w.due, w.asks:
	case atOnce && !at.After(begin):
		w.asks, w.promised = true, w.before
	default:
		w.due = true
	}
	w.before = at
}

// dueUnder is when a form of the policy makes a line due, as things stand; zero
// where it does not.
func (p *planner) dueUnder(form int, it *item) time.Time {
	if form == len(p.in.Forms)-1 {
		return it.Due
	}
	for _, other := range p.formItems(form) {
		// What a mode kept from being done was due all the same.
		due := isOpen(other.State) || other.State == Observed
		if due && other.Workflow == it.Workflow && other.Stay == it.Stay && other.Verb == it.Verb {
			return other.Due
		}
	}
	return time.Time{}
}

// formItems are the lines that an earlier form of the policy would make of the
// same facts.
func (p *planner) formItems(form int) []*item {
	if items, found := p.formers[form]; found {
		return items
	}
	former := p.in.Forms[form]
	var items []*item
	if former.Policy != nil {
		other := newPlanner(Input{
			Policy: former.Policy, Version: former.Version, Activations: former.Activations, Facts: p.in.Facts, Now: p.in.Now,
		})
		other.compute()
		items = other.items
	}
	if p.formers == nil {
		p.formers = map[int][]*item{}
	}
	p.formers[form] = items
	return items
}

// knownSince is when the facts that make an account line due became known.
func (p *planner) knownSince(it *item) time.Time {
	known := it.known
	if it.Verb != Create && it.Verb != Enable {
		return known
	}
	if anchor, found := p.anchor(it.Stay, AnchorStart); found && anchor.Since.After(known) {
		known = anchor.Since
	}
	return known
}

// isFormVerb reports whether a verb is that of a line which the account section
// of a target rules.
func isFormVerb(verb Verb) bool {
	return verb == Create || verb == Enable || verb == Cut || verb == Delete
}

// isOpen reports whether a line in this state is still to be done.
func isOpen(state LineState) bool {
	switch state {
	case Future, Due, Running, Asks, ParkedState, Waiting, Held, Blocked:
		return true
	default:
		return false
	}
}
