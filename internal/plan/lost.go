package plan

import "time"

// lost is when a line was last tried that did not answer, unless one that looks
// at the account was done since: what it should have done may be so.
func (a *accountPlan) lost(verb Verb) time.Time {
	var tried time.Time
	for _, parked := range a.p.facts.Parked {
		key, err := ParseKey(parked.Key)
		if err == nil && key.Workflow == AccountWorkflow+a.target.Name && key.Task == string(verb) &&
			parked.Code != refusedUntried && parked.Attempts > 0 && parked.Tried.After(tried) {
			tried = parked.Tried
		}
	}
	for _, done := range a.p.decided {
		key, err := ParseKey(done.Key)
		looks := key.Task == string(Create) || key.Task == string(Enable) || key.Task == string(Cut)
		if err == nil && key.Workflow == AccountWorkflow+a.target.Name && looks && done.Outcome == OutcomeDone && !done.At.Before(tried) {
			return time.Time{}
		}
	}
	if a.sought {
		return time.Time{}
	}
	return tried
}

// refusedUntried is the code of a create that was refused before the target was
// asked for anything.
const refusedUntried = "no-employee-id"

// tried is when a line that is parked was first tried; its answer may be lost.
// What a gate or a pause stopped was not tried.
func (a *accountPlan) tried(verb Verb) time.Time {
	for _, parked := range a.p.facts.Parked {
		key, err := ParseKey(parked.Key)
		if err == nil && key.Workflow == AccountWorkflow+a.target.Name && key.Task == string(verb) && parked.Code != refusedUntried && parked.Attempts > 0 {
			return parked.Since
		}
	}
	return time.Time{}
}

// enableTried is when, since our last disable, an enable was first tried that
// did not answer: the account may be enabled.
func (a *accountPlan) enableTried() time.Time {
	tried := a.tried(Enable)
	if tried.After(a.account.DisabledAt) {
		return tried
	}
	return time.Time{}
}

// lookAgain enables an account that is believed enabled: a disable was tried, did
// not answer, and is not wanted any more.
func (a *accountPlan) lookAgain(s schedule, tried time.Time) *item {
	m := s.enable
	m.at, m.known, m.ask = tried, tried, ""
	m.reason = "a disable that is not wanted any more did not answer"
	return a.line(Enable, s.c, m)
}
