package plan

import (
	"slices"
	"strings"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// BudgetLine is a line that uses up a budget of its target (S15) and is not
// decided yet.
type BudgetLine struct {
	Target string
	Kind   lifecycle.LimitKind
	// Line is [LineOf] its key.
	Line string
	Due  time.Time
	// Reason says why, and what HR stated when, without personal data.
	Reason string
	// Counts is set where it is coming or due and takes something away: the gate
	// counts it before it is performed. The others only stand.
	Counts bool
}

// Brakes is what the store knows of gates and pauses that a plan must heed. The
// zero value is that of a store that could not be asked.
type Brakes struct {
	Known bool
	// Paused are the targets that are paused.
	Paused []string
	Gates  []GateLine
}

// GateLine is what a gate says of a line: frozen, or rejected.
type GateLine struct {
	Target   string
	Kind     lifecycle.LimitKind
	Line     string
	Rejected bool
}

// LimitOf is the kind of limit that an effect of a verb falls under, "" where
// none does.
func LimitOf(verb Verb) lifecycle.LimitKind {
	switch verb {
	case Create:
		return lifecycle.LimitCreate
	case Enable:
		return lifecycle.LimitEnable
	case Cut:
		return lifecycle.LimitDisable
	case Delete:
		return lifecycle.LimitDelete
	case Verb(lifecycle.GenerateTemporaryAccessPass), Verb(lifecycle.GenerateInitialPassword):
		return lifecycle.LimitPass
	case Verb(lifecycle.RemoveUserFromAllGroups), Verb(lifecycle.RemoveAllLicenseAssignments):
		return lifecycle.LimitRemoveAll
	default:
		return ""
	}
}

// LineOf names the line of a task for a budget: an account line whatever
// operations came between, a run that takes everything away as one.
func LineOf(key string, verb Verb) string {
	parsed, err := ParseKey(key)
	switch {
	case err != nil:
		return key
	case IsAccountVerb(verb):
		return accountLineName(parsed.Workflow, parsed.Stay, verb)
	case LimitOf(verb) == lifecycle.LimitRemoveAll:
		return parsed.Run()
	default:
		return key
	}
}

// LeaveLine names the disable of a stay in a target.
func LeaveLine(target, stay string) string {
	return accountLineName(AccountWorkflow+target, stay, Cut)
}

func accountLineName(workflow, stay string, verb Verb) string {
	return RunPrefix(workflow, stay) + escape(string(verb))
}

// budgetLines are the lines of the plan that use up a budget, each once.
func (p *planner) budgetLines() []BudgetLine {
	var out []BudgetLine
	for _, it := range p.items {
		target, kind := it.budget()
		if kind == "" || target == "" {
			continue
		}
		line, stands := p.budgetLine(it, target, kind)
		same := func(other BudgetLine) bool {
			return other.Target == line.Target && other.Kind == line.Kind && other.Line == line.Line
		}
		at := slices.IndexFunc(out, same)
		switch {
		case !stands:
		case at < 0:
			out = append(out, line)
		default:
			out[at].Counts = out[at].Counts || line.Counts
		}
	}
	return out
}

// budget is what a line uses up: of its own target, or of the one in which it
// deletes the account.
func (it *item) budget() (target string, kind lifecycle.LimitKind) {
	if it.loses != "" {
		return it.loses, lifecycle.LimitDelete
	}
	return it.Target, LimitOf(it.Verb)
}

func (p *planner) budgetLine(it *item, target string, kind lifecycle.LimitKind) (line BudgetLine, stands bool) {
	takes := kind == lifecycle.LimitDisable || kind == lifecycle.LimitRemoveAll || kind == lifecycle.LimitDelete
	line = BudgetLine{
		Target: target, Kind: kind, Line: LineOf(it.Key, it.Verb), Due: it.Due.UTC(),
		Reason: strings.TrimPrefix(it.Reason, "because ") + p.statedBy(),
	}
	switch it.State {
	case Due, Running:
		line.Counts = takes
	case Future:
		line.Counts = takes
		return line, takes
	case ParkedState:
		line.Counts = takes && !isGated(it.Code) && !it.Retry.IsZero()
	case Held, Asks, Waiting:
	default:
		return line, false
	}
	return line, true
}

// statedBy says which feed said so when.
func (p *planner) statedBy() string {
	owner := person.FeedState{}
	for _, feed := range p.facts.Person.Feeds {
		if feed.OwnsStatus {
			owner = feed
		}
	}
	if owner.Feed == "" {
		return ""
	}
	return ", stated by feed " + owner.Feed + " at " + owner.Latest.AsOf.UTC().Format(explainLayout) + " UTC"
}

func isGated(code string) bool { return code == AttentionGated || code == AttentionGateRejected }

// isReleased reports whether a line that a gate or a pause stopped may ask
// again.
func (p *planner) isReleased(it *item, code string) bool {
	brakes := p.in.Brakes
	if !brakes.Known {
		return false
	}
	target, kind := it.budget()
	switch code {
	case AttentionPaused:
		return !slices.Contains(brakes.Paused, it.Target) && !slices.Contains(brakes.Paused, target)
	case AttentionGated, AttentionGateRejected:
		line, leave := LineOf(it.Key, it.Verb), ""
		if !IsAccountVerb(it.Verb) {
			leave = LeaveLine(it.Target, it.Stay)
		}
		return !slices.ContainsFunc(brakes.Gates, func(g GateLine) bool {
			spoken := g.Target == target && g.speaksOf(kind, line, "") || g.Target == it.Target && g.speaksOf(LimitOf(it.Verb), line, leave)
			return spoken && g.Rejected == (code == AttentionGateRejected)
		})
	default:
		return false
	}
}

// speaksOf reports whether the gate's word is about a line, or about the leave
// that the line belongs to. One without a line is about the whole kind.
func (g GateLine) speaksOf(kind lifecycle.LimitKind, line, leave string) bool {
	switch {
	case g.Kind == kind:
		return g.Line == "" || g.Line == line
	case g.Kind == lifecycle.LimitDisable && leave != "":
		return g.Line == "" || g.Line == leave
	default:
		return false
	}
}
