package activities

import (
	"context"
	"encoding/json"
	"strings"

	"tenure/internal/lifecycle"
	"tenure/internal/plan"
)

// writesAttributes reports whether tasks of a kind write attributes beside the
// target's mapping, the container among them.
func writesAttributes(kind lifecycle.TaskKind) bool {
	switch kind {
	case lifecycle.MoveUserToContainer, lifecycle.DisableUserAndMoveToContainer, lifecycle.HideUserFromAddressLists, lifecycle.SetUserAttributes,
		lifecycle.UnlockUserAccount:
		return true
	default:
		return false
	}
}

// setAttributes writes what a task wants otherwise. What is so already is done.
func (j *job) setAttributes(ctx context.Context, task plan.Task, defined lifecycle.Task) (string, error) {
	var before accessBefore
	if err := decodeImage(j.before, &before); err != nil {
		return "", err
	}
	wanted, err := j.attributesOf(task, defined)
	if err != nil {
		return "", err
	}
	kept := make([]plan.Removed, 0, len(before.Attributes))
	for _, name := range sortedKeys(before.Attributes) {
		kept = append(kept, plan.Removed{Kind: removedAttribute, ID: name, Value: before.Attributes[name], Wrote: wanted.Set[name]})
	}
	j.keep(task, kept)
	change, err := j.keptInSync(task, j.withoutMastered(difference(*j.live, wanted)))
	if err != nil {
		return "", err
	}
	if !change.IsEmpty() {
		if err := j.update(ctx, change); err != nil {
			return "", err
		}
	}
	j.raiseMastered()
	return "", nil
}

// attributesOf is what a task makes of the record: of a leaver as it was before HR
// said terminated, since HR systems empty the job of those who left (S10).
func (j *job) attributesOf(task plan.Task, defined lifecycle.Task) (plan.WantedAttributes, error) {
	rules := j.rules
	rules.Mapping = defined.Attributes
	view := j.view(task)
	if j.ofLeaver(task) {
		for _, a := range j.Scoped {
			view = view.With(a)
		}
	}
	wanted := plan.AttributesWanted(&rules, j.mappingScope(view))
	switch {
	case wanted.LeftOut != "":
		return wanted, fail(CodeMapping, "the expression of "+wanted.LeftOut+" leaves this person out")
	case len(wanted.Failed) > 0:
		return wanted, fail(CodeMapping, wanted.Failed[0].String())
	default:
		return wanted, nil
	}
}

// containerAttribute is where an account of Active Directory lies.
const containerAttribute = lifecycle.ContainerAttribute

// attributesImage is what the attributes have that a leaver's task is about to write,
// where it writes another.
func (j *job) attributesImage(ctx context.Context, task plan.Task) ([]byte, error) {
	live, err := j.find(ctx)
	if live == nil || err != nil {
		return nil, err
	}
	defined, err := j.definition(task)
	if err != nil {
		return nil, err
	}
	wanted, err := j.attributesOf(task, defined)
	if err != nil {
		return nil, err
	}
	change := difference(*j.live, wanted)
	before := accessBefore{Attributes: map[string]string{}}
	for name := range change.Set {
		before.Attributes[name] = live.Attributes[name]
	}
	for _, name := range change.Clear {
		before.Attributes[name] = live.Attributes[name]
	}
	return json.Marshal(before)
}

// restoreAttributes gives back what a leave that was taken back wrote over. What the
// mapping makes it has brought back itself.
func (j *job) restoreAttributes(ctx context.Context, values map[string]string) error {
	wanted := plan.WantedAttributes{Set: map[string]string{}}
	for _, name := range sortedKeys(values) {
		switch {
		case j.isMapped(name):
		case values[name] == "":
			wanted.Clear = append(wanted.Clear, name)
		default:
			wanted.Set[name] = values[name]
		}
	}
	change, err := j.keptInSync(plan.Task{Verb: plan.Restore}, j.withoutMastered(difference(*j.live, wanted)))
	if err != nil || change.IsEmpty() {
		return err
	}
	return j.update(ctx, change)
}

func (j *job) isMapped(name string) bool {
	for _, m := range j.rules.Mapping {
		if strings.EqualFold(m.To, name) && !m.OnCreate {
			return true
		}
	}
	return false
}
