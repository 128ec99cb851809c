package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"tenure/internal/directory"
	"tenure/internal/lifecycle"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// maxRemoved is how much of what a leave takes away is kept for a rescind (S13).
const maxRemoved = 200

// The codes of attention about access.
const (
	attentionLeftBehind   = "left-behind"
	attentionLicensesStay = "licences-stay"
)

// accessBefore is the before-image of a task that takes everything away, or of one
// that writes attributes of a leaver.
type accessBefore struct {
	Groups   []string `json:"groups,omitempty"`
	Licenses []string `json:"licenses,omitempty"`
	// Attributes are those that the task writes, with what they have; "" is nothing.
	Attributes map[string]string `json:"attributes,omitempty"`
}

// accessImage looks at what a task is about to take away: everything, or of a
// leaver what the task names.
func accessImage(ctx context.Context, j *job, task plan.Task) ([]byte, error) {
	kind := lifecycle.TaskKind(task.Verb)
	all := kind == lifecycle.RemoveUserFromAllGroups || kind == lifecycle.RemoveAllLicenseAssignments
	named := kind == lifecycle.RemoveUserFromGroups || kind == lifecycle.RemoveLicensesFromUser
	if writesAttributes(kind) && j.ofLeaver(task) {
		return j.attributesImage(ctx, task)
	}
	if !all && (!named || !j.ofLeaver(task)) {
		return nil, nil
	}
	live, err := j.find(ctx)
	if live == nil || err != nil {
		return nil, err
	}
	before, err := j.accessNow(ctx, kind)
	if err != nil {
		return nil, err
	}
	if named {
		defined, err := j.definition(task)
		if err != nil {
			return nil, err
		}
		before.Groups = within(before.Groups, labelIDs(j.rules.Groups, groupLabels(task, defined)))
		before.Licenses = within(before.Licenses, labelIDs(j.rules.Licenses, defined.Licenses))
	}
	return json.Marshal(before)
}

// accessNow reads the groups, or the direct licences, that a task is about.
func (j *job) accessNow(ctx context.Context, kind lifecycle.TaskKind) (accessBefore, error) {
	var before accessBefore
	if kind == lifecycle.RemoveUserFromAllGroups || kind == lifecycle.RemoveUserFromGroups {
		groups, err := j.target.Groups.Memberships(ctx, j.live.ID)
		if err != nil {
			return before, fmt.Errorf("list groups: %w", err)
		}
		for _, group := range groups {
			before.Groups = append(before.Groups, group.ID)
		}
		return before, nil
	}
	licenses, err := j.target.Licenses.Licenses(ctx, j.live.ID)
	if err != nil {
		return before, fmt.Errorf("list licences: %w", err)
	}
	for _, license := range licenses {
		if license.ViaGroup == "" {
			before.Licenses = append(before.Licenses, license.SKU)
		}
	}
	return before, nil
}

// ofLeaver reports whether a task is of a leaver workflow.
func (j *job) ofLeaver(task plan.Task) bool {
	workflow, _ := j.policy.Workflow(task.Workflow)
	return workflow.Category == lifecycle.Leaver
}

// changeAccess does one task on groups, licences or sessions.
func (j *job) changeAccess(ctx context.Context, task plan.Task) (string, error) {
	defined, err := j.definition(task)
	if err != nil {
		return "", err
	}
	live, err := j.find(ctx)
	if err != nil {
		return "", err
	}
	if live == nil {
		return j.accessWithoutAccount(task, defined)
	}
	if err := j.link(ctx, *live); err != nil {
		return "", err
	}
	if defined.Kind == lifecycle.RemoveUserFromAllGroups || defined.Kind == lifecycle.RemoveAllLicenseAssignments {
		if err := j.checkLink(task); err != nil {
			return "", err
		}
	}
	if err := j.refuseTakingFromProtected(ctx, task, defined); err != nil {
		return "", err
	}
	switch defined.Kind {
	case lifecycle.AddUserToGroups:
		return "", j.addToGroups(ctx, groupLabels(task, defined))
	case lifecycle.RemoveUserFromGroups:
		return "", j.removeFromGroups(ctx, task, groupLabels(task, defined))
	case lifecycle.RemoveUserFromAllGroups:
		return "", j.removeFromAllGroups(ctx, task, defined)
	case lifecycle.AssignLicensesToUser:
		return "", j.changeLicenses(ctx, labelIDs(j.rules.Licenses, defined.Licenses), nil)
	case lifecycle.RemoveLicensesFromUser:
		return "", j.removeLicenses(ctx, task, labelIDs(j.rules.Licenses, defined.Licenses))
	case lifecycle.RemoveAllLicenseAssignments:
		return "", j.removeAllLicenses(ctx, task)
	case lifecycle.MoveUserToContainer, lifecycle.DisableUserAndMoveToContainer, lifecycle.HideUserFromAddressLists, lifecycle.SetUserAttributes,
		lifecycle.UnlockUserAccount:
		return j.setAttributes(ctx, task, defined)
	case lifecycle.RevokeAllRefreshTokens:
		return "", wrap("revoke sessions", j.target.Sessions.RevokeSessions(ctx, live.ID))
	default:
		return "", fail(CodePolicy, fmt.Sprintf("task %s is not one on groups, licences or sessions", defined.Kind))
	}
}

// accessWithoutAccount: taking away from nobody is done, once it is sure that
// nobody is there; giving has to wait.
func (j *job) accessWithoutAccount(task plan.Task, defined lifecycle.Task) (string, error) {
	gives := defined.Kind == lifecycle.AddUserToGroups || defined.Kind == lifecycle.AssignLicensesToUser
	switch {
	case gives, writesAttributes(defined.Kind) && !j.ofLeaver(task):
		return "", failForNow(CodeNoAccount, "this person has no account in "+j.rules.Name)
	default:
		return CodeNoAccount, j.goneForNow(task)
	}
}

// groupLabels are those that the plan read from value maps, else the policy's.
func groupLabels(task plan.Task, defined lifecycle.Task) []string {
	if len(task.Groups) > 0 {
		return task.Groups
	}
	return defined.Groups
}

func (j *job) addToGroups(ctx context.Context, labels []string) error {
	for _, id := range labelIDs(j.rules.Groups, labels) {
		if err := j.checkAssigned(ctx, id); err != nil {
			return err
		}
		if err := j.target.Groups.AddToGroup(ctx, j.live.ID, id); err != nil {
			return fmt.Errorf("add to group %s: %w", id, err)
		}
		j.changes = append(j.changes, store.AttributeChange{Attribute: "group", After: id})
	}
	return nil
}

// checkAssigned refuses groups whose members somebody else decides.
func (j *job) checkAssigned(ctx context.Context, id string) error {
	group, err := j.target.Groups.Group(ctx, id)
	if errors.Is(err, directory.ErrNotFound) {
		return fail(CodeNotFound, fmt.Sprintf("group %s does not exist in %s", id, j.rules.Name))
	}
	if err != nil {
		return fmt.Errorf("read group %s: %w", id, err)
	}
	if group.Kind != directory.GroupAssigned {
		return fail(CodeGroupKind, fmt.Sprintf("group %s is %s: only assigned groups are changed", id, group.Kind))
	}
	return nil
}

func (j *job) removeFromGroups(ctx context.Context, task plan.Task, labels []string) error {
	var before accessBefore
	if err := decodeImage(j.before, &before); err != nil {
		return err
	}
	j.keepRemoved(task, removedGroup, before.Groups)
	for _, id := range labelIDs(j.rules.Groups, labels) {
		if err := j.checkAssigned(ctx, id); err != nil {
			return err
		}
		if err := j.removeFromGroup(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (j *job) removeLicenses(ctx context.Context, task plan.Task, skus []string) error {
	var before accessBefore
	if err := decodeImage(j.before, &before); err != nil {
		return err
	}
	j.keepRemoved(task, removedLicense, before.Licenses)
	return j.changeLicenses(ctx, nil, skus)
}

func (j *job) removeFromGroup(ctx context.Context, id string) error {
	if err := j.target.Groups.RemoveFromGroup(ctx, j.live.ID, id); err != nil {
		return fmt.Errorf("remove from group %s: %w", id, err)
	}
	j.changes = append(j.changes, store.AttributeChange{Attribute: "group", Before: id})
	return nil
}

// removeFromAllGroups ends every membership that is ours to end; the others
// stay and are reported. What was there before the first attempt is kept, so
// that a rescinded leave can restore it.
func (j *job) removeFromAllGroups(ctx context.Context, task plan.Task, defined lifecycle.Task) error {
	groups, err := j.target.Groups.Memberships(ctx, j.live.ID)
	if err != nil {
		return fmt.Errorf("list groups: %w", err)
	}
	except := labelIDs(j.rules.Groups, slices.Concat(defined.Except, j.rules.Protect.KeepMembership))
	var before accessBefore
	if err := decodeImage(j.before, &before); err != nil {
		return err
	}
	if len(before.Groups) > maxRemoved && !j.answered(task) {
		return failForHuman(CodeTooMany, fmt.Sprintf("%d memberships are more than the %d that can be restored: retry agrees to that", len(before.Groups), maxRemoved))
	}
	j.keepRemoved(task, removedGroup, without(before.Groups, except))
	stay := leftBehind{}
	for _, group := range groups {
		switch {
		case slices.Contains(except, group.ID):
		case group.Kind != directory.GroupAssigned:
			stay.add(string(group.Kind) + " group")
		default:
			if err := j.removeFromGroup(ctx, group.ID); err != nil {
				return err
			}
		}
	}
	return j.raiseLeftBehind(ctx, task, stay)
}

func (j *job) changeLicenses(ctx context.Context, add, remove []string) error {
	if err := j.target.Licenses.ChangeLicenses(ctx, j.live.ID, add, remove); err != nil {
		return fmt.Errorf("change licences: %w", err)
	}
	for _, sku := range add {
		j.changes = append(j.changes, store.AttributeChange{Attribute: "licence", After: sku})
	}
	for _, sku := range remove {
		j.changes = append(j.changes, store.AttributeChange{Attribute: "licence", Before: sku})
	}
	return nil
}

// removeAllLicenses takes direct licences away; inherited ones go with their
// group and are reported where they stay.
func (j *job) removeAllLicenses(ctx context.Context, task plan.Task) error {
	licenses, err := j.target.Licenses.Licenses(ctx, j.live.ID)
	if err != nil {
		return fmt.Errorf("list licences: %w", err)
	}
	var direct []string
	inherited := 0
	for _, license := range licenses {
		if license.ViaGroup == "" {
			direct = append(direct, license.SKU)
		} else {
			inherited++
		}
	}
	var before accessBefore
	if err := decodeImage(j.before, &before); err != nil {
		return err
	}
	j.keepRemoved(task, removedLicense, before.Licenses)
	if len(direct) > 0 {
		if err := j.changeLicenses(ctx, nil, direct); err != nil {
			return err
		}
	}
	if inherited > 0 {
		j.attention = append(j.attention, plan.Attention{
			Code: attentionLicensesStay, Key: task.Key,
			Text: fmt.Sprintf("%d licences in %s come through groups the person is still in", inherited, j.rules.Name),
		})
	}
	return nil
}

// The kinds of what was taken away.
const (
	removedGroup   = "group"
	removedLicense = "license"
	// removedAttribute is what an attribute had before a leaver's task wrote it.
	removedAttribute = "attribute"
)

// keepRemoved remembers what a leaver's task takes away, once, and before any of it
// goes: a task that is cancelled or fails half-way has taken some, and may never be
// tried again. What a former stay lost is nobody's to give back: a rehire restores
// nothing (S18).
func (j *job) keepRemoved(task plan.Task, kind string, ids []string) {
	list := make([]plan.Removed, 0, len(ids))
	for _, id := range ids {
		list = append(list, plan.Removed{Kind: kind, ID: id})
	}
	j.keep(task, list)
}

func (j *job) keep(task plan.Task, list []plan.Removed) {
	if !j.ofLeaver(task) {
		return
	}
	j.account.Removed = slices.DeleteFunc(slices.Clone(j.account.Removed), func(r plan.Removed) bool { return r.Stay != task.Stay })
	for _, removed := range list {
		known := slices.IndexFunc(j.account.Removed, func(r plan.Removed) bool { return r.Kind == removed.Kind && r.ID == removed.ID })
		switch {
		case known >= 0: // of several tasks the first knows what was there, the last what is
			j.account.Removed[known].Wrote = removed.Wrote
		case len(j.account.Removed) < maxRemoved:
			removed.Stay, removed.Leave = task.Stay, task.Leave
			j.account.Removed = append(j.account.Removed, removed)
		}
	}
}

// restoreAccess gives back what a rescinded leave of this stay took away.
func (j *job) restoreAccess(ctx context.Context, task plan.Task) (string, error) {
	if _, err := j.mustFind(ctx); err != nil {
		return "", err
	}
	if err := j.mayTouch(ctx); err != nil {
		return "", err
	}
	var licenses []string
	attributes := map[string]string{}
	for _, removed := range j.account.Removed {
		if removed.Stay != task.Stay {
			continue
		}
		switch removed.Kind {
		case removedLicense:
			licenses = append(licenses, removed.ID)
			continue
		case removedAttribute:
			attributes[removed.ID] = removed.Value
			continue
		}
		group, err := j.target.Groups.Group(ctx, removed.ID)
		if errors.Is(err, directory.ErrNotFound) || (err == nil && group.Kind != directory.GroupAssigned) {
			continue // gone since, or never ours to give
		}
		if err != nil {
			return "", fmt.Errorf("read group %s: %w", removed.ID, err)
		}
		if err := j.target.Groups.AddToGroup(ctx, j.live.ID, removed.ID); err != nil {
			return "", fmt.Errorf("add to group %s: %w", removed.ID, err)
		}
		j.changes = append(j.changes, store.AttributeChange{Attribute: "group", After: removed.ID})
	}
	if len(licenses) > 0 {
		if err := j.changeLicenses(ctx, licenses, nil); err != nil {
			return "", err
		}
	}
	if err := j.restoreAttributes(ctx, attributes); err != nil {
		return "", err
	}
	j.account.Removed = nil
	return "", nil
}

// labelIDs are the object IDs of labels; the policy's loader has checked them.
func labelIDs(labels []lifecycle.Label, names []string) []string {
	var out []string
	for _, name := range names {
		for _, label := range labels {
			if label.Name == name {
				out = append(out, label.ID)
			}
		}
	}
	return out
}

func within(ids, named []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !slices.Contains(named, id) })
}

func without(ids, except []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(except, id) })
}

func decodeImage(text []byte, into *accessBefore) error {
	if len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read before-image: %w", err)
	}
	return nil
}

func wrap(verb string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", verb, err)
}
