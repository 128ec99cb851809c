package workflows

import (
	"fmt"
	"slices"
	"strings"

	"tenure/activities"
	"tenure/internal/plan"
)

// applyHold puts a hold of a kind in force; one of the same kind is replaced.
func applyHold(s *State, name string, by plan.By) (applied, error) {
	kind := plan.HoldKind(name)
	if kind == "" {
		kind = plan.HoldHRError
	}
	overrides := &s.Facts.Overrides
	dropHold(overrides, kind)
	overrides.Holds = append(overrides.Holds, plan.Hold{By: by, Kind: kind})
	return applied{text: "held: " + HoldText(kind), cuts: true}, nil
}

// applyRelease lifts the hold of a kind, or the only one in force.
func applyRelease(s *State, name string, by plan.By) (applied, error) {
	overrides := &s.Facts.Overrides
	kinds := overrides.HoldKinds()
	kind := plan.HoldKind(name)
	switch {
	case len(kinds) == 0:
		return refuse("no hold is set")
	case name == "" && len(kinds) > 1:
		return refuse("holds of several kinds are set: %s; name the kind to release", kindWords(kinds))
	case name == "":
		kind = kinds[0]
	case !slices.Contains(kinds, kind):
		return refuse("no hold of kind %s is set: %s is", kind, kindWords(kinds))
	}
	dropHold(overrides, kind)
	for i := range s.Facts.Parked {
		if parked := &s.Facts.Parked[i]; parked.Code == activities.CodeHeld {
			parked.Retry = by.At
		}
	}
	if left := overrides.HoldKinds(); len(left) > 0 {
		return applied{text: fmt.Sprintf("released the %s hold; still held: %s", kind, kindWords(left))}, nil
	}
	return applied{text: "released"}, nil
}

func dropHold(overrides *plan.Overrides, kind plan.HoldKind) {
	if kind == plan.HoldHRError {
		overrides.Hold = nil
	}
	overrides.Holds = slices.DeleteFunc(overrides.Holds, func(h plan.Hold) bool { return h.Kind == kind })
}

// HoldText says what a hold keeps, in a sentence.
func HoldText(kind plan.HoldKind) string {
	switch kind {
	case plan.HoldLegal:
		return "no account is deleted, no group or licence is taken away until release"
	case plan.HoldSecurity:
		return "the account is disabled and stays so until release"
	default:
		return "no planned line is done until release"
	}
}

// unlessKept warns who runs a line by hand under a hold that may keep it.
func unlessKept(overrides *plan.Overrides) string {
	kinds := overrides.HoldKinds()
	if len(kinds) == 0 {
		return ""
	}
	return "; what a hold of kind " + kindWords(kinds) + " keeps waits for its release"
}

// kindWords lists kinds of hold in words.
func kindWords(kinds []plan.HoldKind) string {
	words := make([]string, len(kinds))
	for i, kind := range kinds {
		words[i] = string(kind)
	}
	return strings.Join(words, ", ")
}

// heldText is the row of the live description.
func heldText(overrides *plan.Overrides) string {
	var parts []string
	for _, hold := range overrides.InForce() {
		parts = append(parts, plain(string(hold.Kind))+" since "+stamp(hold.At)+" by "+plain(hold.Actor))
	}
	return strings.Join(parts, "; ")
}
