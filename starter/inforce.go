package starter

import (
	"slices"
	"time"

	"tenure/internal/httpapi"
	"tenure/internal/plan"
	"tenure/workflows"
	"tenure/workflows/contract"
)

// overridesOf lists what humans changed, the oldest first.
func overridesOf(o plan.Overrides) []httpapi.InForce {
	out := []httpapi.InForce{}
	add := func(kind contract.Kind, by plan.By, key, detail string) {
		out = append(out, httpapi.InForce{
			Kind: string(kind), ID: by.ID, Actor: by.Actor, Reason: by.Reason, At: by.At.UTC(), Key: key, Detail: detail,
		})
	}
	for _, hold := range o.InForce() {
		add(contract.Hold, hold.By, "", string(hold.Kind)+": "+workflows.HoldText(hold.Kind))
	}
	if o.Blocked != nil {
		add(contract.Terminate, *o.Blocked, "", "access is cut until the termination is rescinded by hand")
	}
	for _, date := range o.Dates {
		add(contract.SetDate, date.By, "", date.On+" is "+date.Date.String()+" until HR states the same")
	}
	for _, rescinded := range o.Rescinded {
		add(contract.Rescind, rescinded.By, "", "the "+rescinded.What+" of "+rescinded.Date.String()+" is taken back")
	}
	for _, one := range o.Skips {
		add(contract.Skip, one.By, one.Key, "")
	}
	for _, one := range o.RunNow {
		add(contract.RunNow, one.By, one.Key, "")
	}
	for _, one := range o.Approved {
		add(contract.Approve, one.By, one.Key, "")
	}
	for _, one := range o.Links {
		if one.ObjectID == "" {
			add(contract.Unlink, one.By, one.Target, "the account is let go of")
		} else {
			add(contract.Link, one.By, one.Target, "account "+one.ObjectID+" becomes this person's")
		}
	}
	for _, one := range o.Checks {
		if one.Looked.IsZero() {
			add(contract.ReEvaluate, one.By, one.Target, "the account is to be looked at again")
		}
	}
	for _, one := range o.Postponed {
		add(contract.Postpone, one.By, one.Key, "to "+one.To.UTC().Format(time.RFC3339))
	}
	for _, one := range o.Demands {
		add(contract.RunNow, one.By, one.Workflow, "started on demand")
	}
	slices.SortStableFunc(out, func(a, b httpapi.InForce) int { return a.At.Compare(b.At) })
	return out
}

// distinct sorts and drops repetitions.
func distinct(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}
