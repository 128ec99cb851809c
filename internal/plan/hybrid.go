package plan

import (
	"slices"

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
