package plan

import (
	"slices"
	"time"

	"tenure/internal/lifecycle"
)

// HoldKind says what a hold keeps from being done (S16).
type HoldKind string

// The kinds of hold. One that is not known keeps everything, as HoldHRError.
const (
	// HoldLegal keeps evidence: nothing is deleted, no group or licence is taken
	// away. Access still ends.
	HoldLegal HoldKind = "legal"
	// HoldSecurity keeps the account disabled.
	HoldSecurity HoldKind = "security"
	// HoldHRError keeps every planned line, since what HR says is wrong.
	HoldHRError HoldKind = "hr-error"
)

// Hold is a hold in force.
type Hold struct {
	By
	Kind HoldKind `json:"kind"`
}

// InForce lists the holds, one per kind. One that was set before holds had
// kinds is for an error of HR.
func (o *Overrides) InForce() []Hold {
	if o.Hold == nil {
		return o.Holds
	}
	return append([]Hold{{By: *o.Hold, Kind: HoldHRError}}, o.Holds...)
}

// HoldKinds lists the kinds of the holds in force, sorted.
func (o *Overrides) HoldKinds() []HoldKind {
	var out []HoldKind
	for _, hold := range o.InForce() {
		out = append(out, hold.Kind)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Keeps reports whether a hold of this kind keeps a line from being done. It
// says nothing of terminate, which no hold keeps.
func (k HoldKind) Keeps(verb Verb) bool {
	switch k {
	case HoldLegal:
		return verb == Delete || takesAccess(verb)
	case HoldSecurity:
		switch verb {
		case Enable, Restore, Delete, Verb(lifecycle.EnableUserAccount):
			return true
		default:
			return lifecycle.TaskKind(verb).IsPass()
		}
	default:
		return true
	}
}

// keepsTheRun reports whether the tasks behind one that is kept wait for it. A
// hold that keeps only some must not keep the others by their place in a run.
func (k HoldKind) keepsTheRun() bool { return k != HoldLegal && k != HoldSecurity }

// takesAccess reports whether a task takes groups or licences away.
func takesAccess(verb Verb) bool {
	switch lifecycle.TaskKind(verb) {
	case lifecycle.RemoveUserFromGroups, lifecycle.RemoveUserFromAllGroups,
		lifecycle.RemoveLicensesFromUser, lifecycle.RemoveAllLicenseAssignments:
		return true
	default:
		return false
	}
}

// keptBy is the hold that keeps a verb from being done; where several do, the
// one that keeps most.
func (p *planner) keptBy(verb Verb) (HoldKind, bool) {
	var out HoldKind
	for _, hold := range p.facts.Overrides.InForce() {
		if hold.Kind.Keeps(verb) && (out == "" || hold.Kind.keepsTheRun()) {
			out = hold.Kind
		}
	}
	return out, out != ""
}

// shut says since when and why access is to be off whatever HR says: a human
// terminated the person, or set a security hold.
func (p *planner) shut() (at time.Time, reason string, is bool) {
	if blocked := p.facts.Overrides.Blocked; blocked != nil {
		at, reason = blocked.At, "terminated by hand"
	}
	for _, hold := range p.facts.Overrides.InForce() {
		if hold.Kind != HoldSecurity {
			continue
		}
		if reason == "" {
			reason = "a security hold keeps the account disabled"
		}
		if hold.At.After(at) {
			at = hold.At
		}
	}
	return at, reason, reason != ""
}

// keptWords is what the reason of a line says of the hold that keeps it.
func keptWords(kind HoldKind) string { return "; kept by a hold of kind " + string(kind) }
