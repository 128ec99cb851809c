package plan

import "time"

// The codes of what a task meets in an account that is not ours to change (S17):
// they decide which attention a parked line raises.
const (
	// CodeProtected: no feed may take the access of this account.
	CodeProtected = "protected"
	// CodeSynced: the account is mastered in another directory.
	CodeSynced = "synced"
	// CodeNoCounterpart: the account comes from another directory and has not come.
	CodeNoCounterpart = "no-counterpart"
)

// protectedWithin is how long a human has for a protected leaver.
const protectedWithin = 24 * time.Hour

// attendForeign raises the attention of a parked line whose account is not ours to
// change; false where the line waits for something else.
func (p *planner) attendForeign(it *item, parked Parked) bool {
	switch {
	case parked.Code == CodeProtected && it.Verb == Update:
		p.attendWith(AttentionProtected, it.Key, "what HR says now is not written")
	case parked.Code == CodeProtected:
		p.attendProtected(it, parked)
	case parked.Code == CodeSynced && p.follows(it, parked):
	case parked.Code == CodeSynced && it.Verb == Cut:
		p.attend(AttentionDisableOnPremises, it.Key)
	case parked.Code == CodeNoCounterpart:
		p.awaitCounterpart(it, parked)
	default:
		return false
	}
	return true
}

// attendRunning keeps that attention while the line is tried again.
func (p *planner) attendRunning(it *item) {
	if parked, found := p.parkedFor(it); found {
		p.attendForeign(it, parked)
	}
}

// attendProtected opens the manual task: with a deadline, and loudly where a human
// wants the access cut now.
func (p *planner) attendProtected(it *item, parked Parked) {
	deadline := parked.Since.Add(protectedWithin)
	p.wake(deadline, "tell that the manual task is overdue")
	_, _, shut := p.shut()
	if shut && it.Verb == Cut || !deadline.After(p.now) {
		p.attend(AttentionProtectedOverdue, it.Key)
		return
	}
	p.attendWith(AttentionProtected, it.Key, "to be done until "+deadline.UTC().Format("2006-01-02 15:04 UTC"))
}
