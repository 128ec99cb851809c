package lifecycle

import (
	"fmt"
	"slices"
	"strings"
)

// Feed finds a feed by name.
func (p *Policy) Feed(name string) (Feed, bool) {
	return find(p.Feeds, func(f Feed) bool { return f.Name == name })
}

// StatusFeed is the feed that owns status and dates in a realm (S12).
func (p *Policy) StatusFeed(realm string) (Feed, bool) {
	return find(p.Feeds, func(f Feed) bool { return f.Realm == realm && f.OwnsStatus() })
}

// Target finds a target by name.
func (p *Policy) Target(name string) (Target, bool) {
	return find(p.Targets, func(t Target) bool { return t.Name == name })
}

// SourceOf is the domain of Active Directory from which the accounts of a target
// come by synchronisation, where the policy manages that one too.
func (p *Policy) SourceOf(target Target) (Target, bool) {
	return find(p.Targets, func(t Target) bool { return t.Kind == KindAD && t.Name == target.SyncedFrom })
}

// Neighbours are the other domains of a target's forest, in the order of the
// policy.
func (p *Policy) Neighbours(target Target) []Target {
	if target.Forest == "" {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(p.Targets), func(t Target) bool { return t.Forest != target.Forest || t.Name == target.Name })
}

// Workflow finds a lifecycle workflow by name.
func (p *Policy) Workflow(name string) (Workflow, bool) {
	return find(p.Workflows, func(w Workflow) bool { return w.Name == name })
}

// Extension finds an extension by name.
func (p *Policy) Extension(name string) (Extension, bool) {
	return find(p.Extensions, func(e Extension) bool { return e.Name == name })
}

// Task finds a task of the workflow by its name in it.
func (w Workflow) Task(name string) (Task, bool) {
	return find(w.Tasks, func(t Task) bool { return t.Name == name })
}

// Group returns the object ID behind a label.
func (t Target) Group(label string) (string, bool) { return labelID(t.Groups, label) }

// License returns the SKU ID behind a label.
func (t Target) License(label string) (string, bool) { return labelID(t.Licenses, label) }

// GroupLabel returns the label of an object ID, "" where it has none.
func (t Target) GroupLabel(id string) string { return labelName(t.Groups, id) }

// LicenseLabel returns the label of a SKU ID, "" where it has none.
func (t Target) LicenseLabel(id string) string { return labelName(t.Licenses, id) }

func labelID(labels []Label, name string) (string, bool) {
	label, found := find(labels, func(l Label) bool { return l.Name == name })
	return label.ID, found
}

func labelName(labels []Label, id string) string {
	label, _ := find(labels, func(l Label) bool { return strings.EqualFold(l.ID, id) })
	return label.Name
}

func find[T any](all []T, fits func(T) bool) (T, bool) {
	for _, one := range all {
		if fits(one) {
			return one, true
		}
	}
	var none T
	return none, false
}

// String writes the duration as the policy does: -7d, 2h, 30m.
func (d Duration) String() string {
	if d.Instant != 0 {
		if d.Instant < 0 {
			return "-" + short(-d.Instant)
		}
		return short(d.Instant)
	}
	return fmt.Sprintf("%dd", d.Days)
}

// String says the rule in words: startDate - 7d at 09:00.
func (r DateRule) String() string {
	var out strings.Builder
	out.WriteString(r.On)
	switch offset := r.Offset.String(); {
	case r.Offset.IsZero():
	case strings.HasPrefix(offset, "-"):
		out.WriteString(" - " + offset[1:])
	default:
		out.WriteString(" + " + offset)
	}
	if r.At != nil {
		out.WriteString(" at " + r.At.String())
	}
	if r.Zone != "" && r.Zone != ZonePerson {
		out.WriteString(" (" + r.Zone + ")")
	}
	return out.String()
}

// String says the rule as the policy does.
func (l Late) String() string {
	if l.Within.IsZero() {
		return string(l.Then)
	}
	return fmt.Sprintf("{run: %s, then: %s}", l.Within, l.Then)
}

// String is manager, person or the fixed address.
func (r Recipient) String() string {
	if r.Kind == ToFixed {
		return r.Address
	}
	return r.Kind
}
