package lifecycle

import "time"

// Counterpart says how long a synchronisation may take before somebody is told
// (S17). Zero is not stated.
type Counterpart struct {
	// Within is until the account has come, Follows until it is seen as the one that
	// it comes from is: enabled, disabled or gone.
	Within, Follows time.Duration
}

// What holds where a policy does not say: a synchronisation every half hour may
// fail some times in a row; of somebody else's directory nobody knows when the
// account is made.
const (
	counterpartWithin   = 3 * time.Hour
	counterpartFollows  = time.Hour
	foreignWithin       = 24 * time.Hour
	leastWithin         = 30 * time.Minute
	leastFollows        = 5 * time.Minute
	longestCounterparts = 14 * 24 * time.Hour
)

// CounterpartOf is how long the synchronisation may take from which the accounts
// of a target come.
func (p *Policy) CounterpartOf(t Target) Counterpart {
	out := t.Counterpart
	if _, own := p.SourceOf(t); out.Within == 0 {
		out.Within = foreignWithin
		if own {
			out.Within = counterpartWithin
		}
	}
	if out.Follows == 0 {
		out.Follows = counterpartFollows
	}
	return out
}

func (l *loader) counterpart(target object) Counterpart {
	node := target.get("counterpart")
	if node == nil {
		return Counterpart{}
	}
	if !target.has("syncedFrom") {
		l.fail(node, "counterpart is for targets whose accounts come from another directory: name it under syncedFrom, or leave counterpart out")
	}
	o, ok := l.object(node, shapeCounterpart)
	if !ok {
		return Counterpart{}
	}
	return Counterpart{
		Within:  l.instant(o.get("within"), "within", 0, leastWithin, longestCounterparts),
		Follows: l.instant(o.get("follows"), "follows", 0, leastFollows, longestCounterparts),
	}
}
