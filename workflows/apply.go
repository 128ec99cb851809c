package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tenure/activities"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/workflows/contract"
)

// applied is the answer of apply: what is in force, in a sentence.
type applied struct {
	text string
	// cuts is set where activities in flight may no longer be wanted.
	cuts bool
}

// refusal says why an override cannot be applied to this person now.
type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

func refuse(format string, args ...any) (applied, error) {
	return applied{}, &refusal{text: fmt.Sprintf(format, args...)}
}

// apply puts an override in force. It is pure: it changes nothing but the
// state, and nothing at all where it refuses. The override has been validated;
// planned is what the last plan asks.
func apply(s *State, planned []plan.Attention, kind contract.Kind, o contract.Override, now time.Time) (applied, error) {
	if o.Key != "" {
		if _, err := plan.ParseKey(o.Key); err != nil && kind != contract.Approve {
			return refuse("%q is no key of the timeline: want <workflow>/<stay>/<generation>[/<task>]", o.Key)
		}
	}
	by := plan.By{ID: o.ID, Actor: o.Actor, Reason: o.Reason, At: now}
	overrides := &s.Facts.Overrides
	switch kind {
	case contract.Hold:
		return applyHold(s, o.HoldKind, by)
	case contract.Release:
		return applyRelease(s, o.HoldKind, by)
	case contract.Terminate:
		overrides.Blocked = &by
		return applied{text: "terminated: access is cut now; only rescinding the termination lifts it", cuts: true}, nil
	case contract.Rescind:
		return applyRescind(s, o.What, by)
	case contract.SetDate:
		return applySetDate(s, o, by)
	case contract.ReEvaluate:
		return applyReEvaluate(s, o.Target, by), nil
	case contract.Approve:
		return applyApprove(s, planned, o.Key, by)
	case contract.Link, contract.Unlink:
		return applyLink(s, o, by)
	case contract.Erase:
		return applyErase(s, by)
	default:
		return applyToLine(s, kind, o, by)
	}
}

// applyReEvaluate plans again; with a target its account is looked at as well.
func applyReEvaluate(s *State, target string, by plan.By) applied {
	if target == "" {
		return applied{text: "planned again"}
	}
	overrides := &s.Facts.Overrides
	overrides.Checks = slices.DeleteFunc(overrides.Checks, func(c plan.Check) bool { return c.Target == target })
	overrides.Checks = append(overrides.Checks, plan.Check{By: by, Target: target})
	return applied{text: "the account in " + target + " is looked at again"}
}

// applyLink orders that an account becomes the person's, or with no object ID
// that it is let go of. It replaces an order that was not carried out yet.
func applyLink(s *State, o contract.Override, by plan.By) (applied, error) {
	overrides := &s.Facts.Overrides
	same := func(l plan.LinkOverride) bool { return l.Target == o.Target }
	account := accountIn(&s.Facts, o.Target)
	switch {
	case o.ObjectID == "" && account.ID == "" && !slices.ContainsFunc(overrides.Links, same):
		return refuse("no account of this person in %s is linked", o.Target)
	case o.ObjectID == "" && account.ID == "":
		overrides.Links = slices.DeleteFunc(overrides.Links, same)
		return applied{text: "the order to link an account in " + o.Target + " is taken back"}, nil
	case o.ObjectID != "" && o.ObjectID == account.ID:
		overrides.Links = slices.DeleteFunc(overrides.Links, same)
		return applied{text: "that account in " + o.Target + " is linked already"}, nil
	case o.ObjectID != "" && account.ID != "":
		return refuse("another account in %s is linked: unlink it first", o.Target)
	}
	overrides.Links = append(slices.DeleteFunc(overrides.Links, same), plan.LinkOverride{By: by, Target: o.Target, ObjectID: o.ObjectID})
	if o.ObjectID == "" {
		return applied{text: "the account in " + o.Target + " is let go of", cuts: true}, nil
	}
	return applied{text: "the account in " + o.Target + " becomes this person's", cuts: true}, nil
}

// applyToLine applies the overrides that name a task or a run.
func applyToLine(s *State, kind contract.Kind, o contract.Override, by plan.By) (applied, error) {
	overrides := &s.Facts.Overrides
	named := plan.KeyOverride{By: by, Key: o.Key}
	switch kind {
	case contract.RunNow:
		return applyRunNow(s, o, by)
	case contract.Retry:
		return applyRetry(s, o.Key, by)
	case contract.Skip:
		overrides.Skips = append(withoutKey(overrides.Skips, o.Key), named)
		s.Facts.Parked = slices.DeleteFunc(s.Facts.Parked, func(p plan.Parked) bool { return covers(o.Key, p.Key) })
		return applied{text: "skipped", cuts: true}, nil
	case contract.Postpone:
		return applyPostpone(s, o, by)
	default:
		return refuse("unknown override %q", kind)
	}
}

// applyPostpone moves a line. A disable is not moved for longer than plans will
// let it: what is answered is what happens.
func applyPostpone(s *State, o contract.Override, by plan.By) (applied, error) {
	overrides := &s.Facts.Overrides
	text := "postponed to " + o.To.UTC().Format(time.RFC3339)
	if key, err := plan.ParseKey(o.Key); err == nil && plan.IsAccountCut(key) {
		if o.To.After(latestCut(s, key.Stay, by.At)) {
			return refuse("a disable is postponed by %d days at most: set the last day, or rescind the termination", mostPostponedDays)
		}
		text += fmt.Sprintf("; the account is disabled %d days after it was due at the latest", mostPostponedDays)
	}
	overrides.Postponed = slices.DeleteFunc(overrides.Postponed, func(p plan.Postponed) bool { return p.Key == o.Key })
	overrides.Postponed = append(overrides.Postponed, plan.Postponed{By: by, Key: o.Key, To: o.To.UTC()})
	return applied{text: text, cuts: true}, nil
}

// mostPostponedDays is [plan.MostPostponed] in words.
const mostPostponedDays = int(plan.MostPostponed / (24 * time.Hour))

// latestCut is until when the disable of a stay may be postponed: the planner
// knows the very instant, and holds it.
func latestCut(s *State, id string, now time.Time) time.Time {
	due := now
	for i := range s.Facts.Memory.Stays {
		stay := &s.Facts.Memory.Stays[i]
		if stay.ID != id {
			continue
		}
		last := leaveDate(stay)
		for _, set := range s.Facts.Overrides.Dates {
			if set.Stay == id && set.On == plan.AnchorLastDay {
				last = set.Date
			}
		}
		// A day of the west of all zones.
		if end := last.AddDays(1).At(person.TimeOfDay{}, time.UTC).Add(12 * time.Hour); !last.IsZero() && end.After(due) {
			due = end
		}
	}
	return due.Add(plan.MostPostponed)
}

func applyRunNow(s *State, o contract.Override, by plan.By) (applied, error) {
	overrides := &s.Facts.Overrides
	if slices.Contains(overrides.HoldKinds(), plan.HoldHRError) {
		return refuse("a hold is set: release it first")
	}
	if o.Workflow == "" {
		overrides.RunNow = append(withoutKey(overrides.RunNow, o.Key), plan.KeyOverride{By: by, Key: o.Key})
		overrides.Postponed = slices.DeleteFunc(overrides.Postponed, func(p plan.Postponed) bool { return covers(o.Key, p.Key) })
		return applied{text: "runs now" + unlessKept(overrides)}, nil
	}
	stay := currentStay(s)
	if stay == nil {
		return refuse("this person has no stay to run a lifecycle workflow for")
	}
	overrides.Demands = append(overrides.Demands, plan.Demand{By: by, Workflow: o.Workflow, Stay: stay.ID})
	return applied{text: fmt.Sprintf("started %q", o.Workflow)}, nil
}

// applyRetry makes parked tasks due. A human who names a task whose delivery is
// unknown agrees that it may happen twice.
func applyRetry(s *State, key string, by plan.By) (applied, error) {
	count := 0
	for i := range s.Facts.Parked {
		parked := &s.Facts.Parked[i]
		if key != "" && !covers(key, parked.Key) {
			continue
		}
		parked.Retry = by.At
		// To look at a gate or a pause again agrees to nothing else, and is no answer
		// to a question about accounts.
		if key != "" && !activities.IsBraked(parked.Code) && !plan.AsksWhenParked(parked.Code) {
			s.Facts.Overrides.Approved = append(withoutKey(s.Facts.Overrides.Approved, parked.Key),
				plan.KeyOverride{By: by, Key: parked.Key})
		}
		count++
	}
	if count == 0 {
		return refuse("nothing of this name is parked")
	}
	if count == 1 {
		return applied{text: "trying 1 parked task again"}, nil
	}
	return applied{text: fmt.Sprintf("trying %d parked tasks again", count)}, nil
}

// applyApprove answers what asks: a line or run by its key, every line of a
// code, or everything. Attention that only tells something is acknowledged.
func applyApprove(s *State, planned []plan.Attention, key string, by plan.By) (applied, error) {
	named := func(a plan.Attention) bool { return key == "" || a.Key == key || a.Code == key }
	keys := []string{}
	for _, a := range s.attention(planned) {
		if a.Asks && named(a) && !slices.Contains(keys, a.Key) {
			keys = append(keys, a.Key)
		}
	}
	acknowledged := s.lower(func(a plan.Attention) bool { return named(a) && !a.Asks })
	if _, err := plan.ParseKey(key); err == nil && len(keys) == 0 {
		keys = append(keys, key)
	}
	for _, k := range keys {
		s.Facts.Overrides.Approved = append(withoutApproval(s.Facts.Overrides.Approved, k, by.Actor), plan.KeyOverride{By: by, Key: k})
	}
	switch {
	case len(keys) == 1:
		return applied{text: "approved " + keys[0]}, nil
	case len(keys) > 0:
		return applied{text: fmt.Sprintf("approved %d questions", len(keys))}, nil
	case acknowledged:
		return applied{text: "acknowledged"}, nil
	default:
		return refuse("nothing of this name asks")
	}
}

func applyRescind(s *State, what string, by plan.By) (applied, error) {
	overrides := &s.Facts.Overrides
	if what == plan.RescindTermination {
		stay := leavingStay(s, by.At)
		if stay == nil && overrides.Blocked == nil {
			return refuse("there is no termination to rescind")
		}
		leaves := stay != nil && (!stay.LastDay.IsZero() || !stay.Termination.IsZero() || stay.Status == person.StatusTerminated)
		if !leaves && overrides.Blocked == nil {
			return refuse("there is no termination to rescind")
		}
		overrides.Blocked = nil
		if leaves {
			overrides.Rescinded = append(overrides.Rescinded, plan.Rescind{By: by, Stay: stay.ID, What: what, Date: leaveDate(stay)})
		}
		return applied{text: "the termination is rescinded", cuts: true}, nil
	}
	stay := currentStay(s)
	if stay == nil {
		return refuse("there is no hire to rescind")
	}
	overrides.Rescinded = append(overrides.Rescinded, plan.Rescind{By: by, Stay: stay.ID, What: what, Date: stay.Start})
	return applied{text: "the hire is rescinded", cuts: true}, nil
}

func applySetDate(s *State, o contract.Override, by plan.By) (applied, error) {
	date, err := person.ParseDate(o.Date)
	if err != nil {
		return refuse("%s", err)
	}
	stay := currentStay(s)
	if o.On == plan.AnchorLastDay {
		stay = leavingStay(s, by.At)
	}
	if stay == nil {
		return refuse("this person has no stay whose %s could be set", o.On)
	}
	override := plan.DateOverride{By: by, Stay: stay.ID, On: o.On, Date: date, HR: stay.Start}
	if o.On == plan.AnchorLastDay {
		override.HR = stay.LastDay
	}
	dates := slices.DeleteFunc(s.Facts.Overrides.Dates, func(d plan.DateOverride) bool {
		return d.Stay == stay.ID && d.On == o.On
	})
	s.Facts.Overrides.Dates = append(dates, override)
	return applied{text: o.On + " is " + date.String() + " until HR states the same", cuts: true}, nil
}

// currentStay is the newest one.
func currentStay(s *State) *person.Stay {
	stays := s.Facts.Memory.Stays
	if len(stays) == 0 {
		return nil
	}
	return &stays[len(stays)-1]
}

// leavingStay is the one whose end a human speaks of: the one that goes on, even
// where a later one is announced; else the newest.
func leavingStay(s *State, now time.Time) *person.Stay {
	stays, today := s.Facts.Memory.Stays, person.DateOf(now.UTC())
	for i := range slices.Backward(stays) {
		end := leaveDate(&stays[i])
		if !stays[i].Start.After(today) && (end.IsZero() || !end.Before(today)) {
			return &stays[i]
		}
	}
	return currentStay(s)
}

func leaveDate(stay *person.Stay) person.Date {
	if !stay.LastDay.IsZero() {
		return stay.LastDay
	}
	return stay.Termination
}

// covers reports whether a key names a task itself or the run it is part of.
func covers(key, task string) bool {
	return key == task || strings.HasPrefix(task, key+"/")
}

// withoutApproval drops an earlier answer to the same question. Those of other
// people to an on-demand run stay: it may need several.
func withoutApproval(overrides []plan.KeyOverride, key, actor string) []plan.KeyOverride {
	parsed, err := plan.ParseKey(key)
	several := err == nil && parsed.Demand != ""
	return slices.DeleteFunc(overrides, func(o plan.KeyOverride) bool {
		return o.Key == key && (!several || o.Actor == actor)
	})
}

func withoutKey(overrides []plan.KeyOverride, key string) []plan.KeyOverride {
	return slices.DeleteFunc(overrides, func(o plan.KeyOverride) bool { return o.Key == key })
}
