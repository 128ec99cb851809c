package plan

import (
	"slices"
	"time"

	"tenure/internal/lifecycle"
)

// sourceName is the target of the policy from which the accounts of another come
// by synchronisation, "" where they do not.
func (p *planner) sourceName(target string) string {
	rules, _ := p.in.Policy.Target(target)
	source, _ := p.in.Policy.SourceOf(rules)
	return source.Name
}

// sourcesFirst are the targets, those before whose accounts come from another:
// what they wait for is planned before them.
func (p *planner) sourcesFirst() []*lifecycle.Target {
	var out, synced []*lifecycle.Target
	for i := range p.in.Policy.Targets {
		target := &p.in.Policy.Targets[i]
		if _, found := p.in.Policy.SourceOf(*target); found {
			synced = append(synced, target)
		} else {
			out = append(out, target)
		}
	}
	return append(out, synced...)
}

// awaitsSource reports whether the look for an account that comes by
// synchronisation has to wait until the one that it comes from is there (S17).
func (p *planner) awaitsSource(target *lifecycle.Target, it *item) bool {
	source, found := p.in.Policy.SourceOf(*target)
	if !found || it.Verb != Create && it.Verb != Link || it.objectID != "" {
		return false
	}
	switch p.account(source.Name).State {
	case AccountEnabled, AccountDisabled:
		return false
	default:
	}
	return slices.ContainsFunc(p.items, func(other *item) bool {
		switch {
		case other.Target != source.Name || !allows(&source, other.Verb):
			return false
		case other.Verb == Link:
			return other.State == Due || other.State == Running
		default:
			return it.Verb == Create && other.Verb == Create && other.Stay == it.Stay && other.State != BeforeBaseline && other.State != Skipped
		}
	})
}

// awaitCounterpart tells of an account that does not come in time.
func (p *planner) awaitCounterpart(it *item, parked Parked) {
	rules, _ := p.in.Policy.Target(it.Target)
	what, since := "the counterpart of the account in "+rules.SyncedFrom, parked.Since
	if source, own := p.in.Policy.SourceOf(rules); own && p.account(it.Target).State == AccountDeleted {
		if p.amongLeavers(&source, it.Stay) && p.isToEnable(source.Name, it.Stay) {
			it.Reason += "; waits for the account in " + source.Name + " to be enabled, which takes it back to where it is synchronised"
			return
		}
		if at, _ := p.enabledIn(source.Name, it.Stay); at.After(since) {
			since = at
		}
	}
	if it.await(p, what, since, p.in.Policy.CounterpartOf(rules).Within) {
		p.attend(AttentionNoCounterpart, it.Key)
	}
}

// follows takes a line of an account that is mastered in a domain of ours: there
// the same is done, and the cloud has a term to show it. False where it is left to
// others.
func (p *planner) follows(it *item, parked Parked) bool {
	rules, _ := p.in.Policy.Target(it.Target)
	source, own := p.in.Policy.SourceOf(rules)
	if !own || !source.Enforced() {
		return false
	}
	since := parked.Since
	if it.Verb == Enable {
		at, pending := p.enabledIn(source.Name, it.Stay)
		if pending {
			it.Reason += "; waits for the account in " + source.Name + " to be enabled"
			return true
		}
		if at.After(since) {
			since = at
		}
	}
	switch origin := p.account(source.Name); {
	case it.Verb == Cut && origin.State == AccountEnabled:
		// Ours to disable: where that is not under way, somebody has to.
		if !p.cutting(source.Name) {
			return false
		}
	case it.Verb == Cut && origin.DisabledAt.After(since):
		since = origin.DisabledAt
	case it.Verb == Delete && origin.DeletedAt.After(since):
		since = origin.DeletedAt
	case it.Verb != Cut && it.Verb != Enable && it.Verb != Delete:
		return false
	}
	what := map[Verb]string{Cut: "disabled", Enable: "enabled", Delete: "deleted"}[it.Verb]
	if it.await(p, "the cloud to show the account "+what+" as in "+source.Name, since, p.in.Policy.CounterpartOf(rules).Follows) {
		p.attend(AttentionSyncOverdue, it.Key)
	}
	return true
}

// amongLeavers reports whether the account of a returning person still lies where the
// tasks of the former leave put it, out of sight of the synchronisation.
func (p *planner) amongLeavers(domain *lifecycle.Target, stay string) bool {
	account := p.account(domain.Name)
	return account.State == AccountDisabled && slices.ContainsFunc(account.Removed, func(r Removed) bool {
		return r.ID == lifecycle.ContainerAttribute && r.Stay != stay && r.Wrote != "" && !domain.Syncs(r.Wrote)
	})
}

// enabledIn is when the account in a domain was enabled for a stay; pending is set
// while that is still to be done there, where its own line tells what keeps it.
func (p *planner) enabledIn(domain, stay string) (at time.Time, pending bool) {
	for _, done := range p.facts.Done {
		key, err := ParseKey(done.Key)
		enables := err == nil && (isAccountKey(key, domain, stay, Enable) || isAccountKey(key, domain, stay, Create) && !done.Shut)
		if enables && done.Outcome == OutcomeDone && done.At.After(at) {
			at = done.At
		}
	}
	return at, p.account(domain).State == AccountDisabled && slices.ContainsFunc(p.items, func(it *item) bool {
		return it.Target == domain && it.Verb == Enable && it.State != Future && isOpen(it.State)
	})
}

// isToEnable reports whether the account in a domain is to be enabled for a stay,
// now or later: nothing comes of waiting where that was skipped.
func (p *planner) isToEnable(domain, stay string) bool {
	return slices.ContainsFunc(p.items, func(it *item) bool {
		return it.Target == domain && it.Stay == stay && it.Verb == Enable && isOpen(it.State)
	})
}

// await shows what a line waits for, and reports whether it has waited too long.
func (it *item) await(p *planner, what string, since time.Time, term time.Duration) (overdue bool) {
	until := since.Add(term).UTC()
	it.Reason += "; waits for " + what + " since " + since.UTC().Format(explainLayout) + " UTC, due by " + until.Format(explainLayout) + " UTC"
	p.waits = append(p.waits, Wait{Key: it.Key, For: what, Since: since.UTC(), Until: until})
	p.wake(until, "tell that it takes too long: "+what)
	return !until.After(p.now)
}
