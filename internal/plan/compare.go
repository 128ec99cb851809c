package plan

import (
	"cmp"
	"slices"
	"time"
)

// LineChange is what becomes of a line under another policy.
type LineChange string

// The changes, the ones that need the closest look first.
const (
	// NewlyDue lines are due at once, and were not before.
	NewlyDue LineChange = "newly due"
	// Added lines are to come, and were not before.
	Added LineChange = "added"
	// Moved lines come at another instant.
	Moved LineChange = "moved"
	// NowAsks lines stay when they are, and ask a human, which they did not before.
	NowAsks LineChange = "now asks"
	// Dropped lines are not done any more.
	Dropped LineChange = "dropped"
	// Destructive lines stay what they are, and take the account in another target
	// with them, which they did not before (S17).
	Destructive LineChange = "now deletes"
)

// Difference is one line that another policy changes for a person.
type Difference struct {
	Change LineChange
	// Line is the line under the new policy, and under the old one where it is
	// dropped.
	Line Line
	// OldDue and NewDue are its instants, zero where there is none.
	OldDue, NewDue time.Time
	// Asks is set where a human is asked before the line runs.
	Asks bool
}

// Compare plans for one person under two policies and lists the lines that are
// still to be done and differ, in the order of plans. The facts and the instant
// of both inputs are the same.
func Compare(before, after Input) []Difference {
	old, present := openLines(before), openLines(after)
	was := pairs(old, present)
	var out []Difference
	paired := map[int]bool{}
	for i, line := range present {
		d := Difference{Line: line, NewDue: line.Due, Asks: asksFirst(line)}
		if was[i] >= 0 {
			paired[was[i]] = true
			d.OldDue = old[was[i]].Due
		}
		asks := was[i] >= 0 && d.Asks && !asksFirst(old[was[i]])
		deletes := was[i] >= 0 && line.Deletes != "" && old[was[i]].Deletes == ""
		switch {
		case !line.Due.After(after.Now) && (was[i] < 0 || d.OldDue.After(before.Now)):
			d.Change = NewlyDue
		case was[i] < 0:
			d.Change = Added
		case deletes:
			d.Change = Destructive
		case asks:
			d.Change = NowAsks
		case !d.OldDue.Equal(line.Due):
			d.Change = Moved
		default:
			continue
		}
		out = append(out, d)
	}
	for i, line := range old {
		if !paired[i] {
			out = append(out, Difference{Change: Dropped, Line: line, OldDue: line.Due})
		}
	}
	slices.SortStableFunc(out, func(a, b Difference) int {
		return cmp.Or(a.Line.Due.Compare(b.Line.Due), cmp.Compare(a.Line.Key, b.Line.Key), cmp.Compare(a.Change, b.Change))
	})
	return out
}

// asksFirst reports whether a human is asked before a line runs, once it is due.
func asksFirst(line Line) bool { return line.State == Asks || line.Code == AttentionOutsideSync }

// openLines are the lines that are still to be done, in order of time.
func openLines(in Input) []Line {
	lines, _, _ := Lines(in)
	return slices.DeleteFunc(lines, func(line Line) bool { return !isOpen(line.State) })
}

// pairs finds for each present line the old one that it is, -1 for none. Account
// lines of one verb are told apart by their instant, then by their place: their
// generation counts operations, and where one comes or goes that of all later ones
// is another.
func pairs(old, present []Line) []int {
	out := make([]int, len(present))
	taken := make([]bool, len(old))
	for i := range out {
		out[i] = -1
	}
	for _, sameDue := range []bool{true, false} {
		for i, line := range present {
			if out[i] >= 0 {
				continue
			}
			at := -1
			for k, o := range old {
				if at < 0 && !taken[k] && lineName(o) == lineName(line) && (!sameDue || o.Due.Equal(line.Due)) {
					at = k
				}
			}
			if at >= 0 {
				out[i], taken[at] = at, true
			}
		}
	}
	return out
}

// lineName is what a line is known by whatever its generation, if it is an
// account line.
func lineName(line Line) string {
	if IsAccountVerb(line.Verb) {
		return RunPrefix(line.Workflow, line.Stay) + string(line.Verb)
	}
	return line.Key
}
