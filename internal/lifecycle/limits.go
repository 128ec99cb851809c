package lifecycle

import (
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// LimitKind is a kind of effect that a budget bounds (S15).
type LimitKind string

// The kinds of limits. A remove-all takes every group or licence away.
const (
	LimitCreate    LimitKind = "create"
	LimitEnable    LimitKind = "enable"
	LimitDisable   LimitKind = "disable"
	LimitRemoveAll LimitKind = "remove-all"
	LimitDelete    LimitKind = "delete"
	LimitPass      LimitKind = "pass"
)

// LimitKinds returns every kind, in the order of a person's life.
func LimitKinds() []LimitKind {
	return []LimitKind{LimitCreate, LimitEnable, LimitPass, LimitDisable, LimitRemoveAll, LimitDelete}
}

// Limit is how many people an effect may reach in a target within a window
// before a human must agree.
type Limit struct {
	Kind LimitKind
	// Count is the number of people; Unlimited lifts it.
	Count     int
	Unlimited bool
	// Percent, where it is not zero, is a share of the accounts that Tenure
	// holds in the target, at least one; the lower of both allows.
	Percent float64
	// Window is how far back the count looks.
	Window time.Duration
	// Approvals is how many different people must agree to what exceeds it.
	Approvals int
}

// Allowed is how many people the limit allows where Tenure holds so many
// accounts; ok is false where nothing bounds it.
func (l Limit) Allowed(accounts int) (allowed int, ok bool) {
	allowed, ok = l.Count, !l.Unlimited
	if l.Percent > 0 {
		share := max(1, int(l.Percent*float64(accounts)/100))
		if !ok || share < allowed {
			allowed, ok = share, true
		}
	}
	return allowed, ok
}

// Limit is the one in force for a kind of effect, stated or standard.
func (t Target) Limit(kind LimitKind) Limit {
	for _, limit := range t.Limits {
		if limit.Kind == kind {
			return limit
		}
	}
	return limitStandard(kind)
}

// limitStandard is what holds where a policy says nothing.
func limitStandard(kind LimitKind) Limit {
	limit := Limit{Kind: kind, Window: time.Hour, Approvals: 1}
	switch kind {
	case LimitDelete:
		limit.Count = 10
	case LimitDisable, LimitRemoveAll:
		limit.Count = 25
	case LimitPass:
		limit.Count = 50
	default:
		limit.Count = 500
	}
	return limit
}

const (
	// unlimited lifts a count.
	unlimited = "unlimited"
	// maxLimit bounds counts to what an organisation can have.
	maxLimit = 1_000_000
	// maxApprovals bounds how many people must agree.
	maxApprovals = 5
	maxWindow    = 7 * 24 * time.Hour
)

// limits reads the limits that a target states.
func (l *loader) limits(target string, node *yaml.Node) []Limit {
	o, ok := l.object(node, shapeLimits)
	if !ok {
		return nil
	}
	var out []Limit
	for _, kind := range LimitKinds() {
		stated := o.get(string(kind))
		if stated == nil {
			continue
		}
		l.mark(stated, path("target", target, "limits", kind)...)
		out = append(out, l.limit(kind, stated))
	}
	return out
}

func (l *loader) limit(kind LimitKind, node *yaml.Node) Limit {
	limit := limitStandard(kind)
	o, ok := l.object(node, shapeLimit)
	if !ok {
		return limit
	}
	if count := o.get("count"); count != nil {
		limit.Unlimited = count.Kind == yaml.ScalarNode && count.Value == unlimited
		if !limit.Unlimited {
			limit.Count = l.whole(count, "count", limit.Count, 0, maxLimit, ", or unlimited")
		}
	}
	limit.Percent = l.percent(o.get("percent"), "percent", 0)
	if o.has("percent") && limit.Percent == 0 {
		l.fail(o.get("percent"), "percent must be more than 0%%: write count: 0 where every %s is to be approved", kind)
	}
	limit.Window = l.instant(o.get("window"), "window", limit.Window, time.Minute, maxWindow)
	limit.Approvals = l.whole(o.get("approvals"), "approvals", limit.Approvals, 1, maxApprovals, "")
	return limit
}

// whole reads a whole number within bounds.
func (l *loader) whole(node *yaml.Node, what string, standard, least, most int, further string) int {
	if node == nil {
		return standard
	}
	n, err := strconv.Atoi(node.Value)
	if node.Kind != yaml.ScalarNode || node.Tag != "!!int" || err != nil || n < least || n > most {
		l.fail(node, "%s must be a whole number from %d to %d%s", what, least, most, further)
		return standard
	}
	return n
}

// checkLimits warns of limits that bound nothing where something is taken away.
func (l *loader) checkLimits(t Target) {
	for _, limit := range t.Limits {
		_, bounded := limit.Allowed(0)
		takes := limit.Kind == LimitDisable || limit.Kind == LimitDelete || limit.Kind == LimitRemoveAll
		if takes && !bounded {
			l.warnAt(path("target", t.Name, "limits", limit.Kind),
				"%s is unlimited: a wrong file can reach everybody before anybody looks (S15)", limit.Kind)
		}
	}
}
