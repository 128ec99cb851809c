package plan

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tenure/internal/lifecycle"
)

// mayLose is the target that would lose the person's account if the one in a
// domain left the synchronisation; "" where there is none, or no place to leave to.
func (p *planner) mayLose(domain string) string {
	rules, _ := p.in.Policy.Target(domain)
	if !slices.ContainsFunc(rules.Containers, func(c lifecycle.Container) bool { return !c.Synced }) {
		return ""
	}
	for i := range p.in.Policy.Targets {
		cloud := &p.in.Policy.Targets[i]
		account := p.account(cloud.Name)
		lives := account.ID != "" && (account.State == AccountEnabled || account.State == AccountDisabled)
		if source, found := p.in.Policy.SourceOf(*cloud); found && source.Name == domain && lives {
			return cloud.Name
		}
	}
	return ""
}

// leavesSyncFor is the target that loses the account if it is moved to a
// container, "" for none (S17).
func (p *planner) leavesSyncFor(domain, container string) string {
	rules, _ := p.in.Policy.Target(domain)
	if container == "" || rules.Syncs(container) {
		return ""
	}
	return p.mayLose(domain)
}

// checkSynced makes the line of an account ask that cannot come: the one that it
// comes from lies, or is to lie, where no synchronisation sees it.
func (a *accountPlan) checkSynced(it *item, c *chapter, t time.Time) {
	source, found := a.p.in.Policy.SourceOf(*a.target)
	if !found || !source.Enforced() {
		return
	}
	container, known := a.p.placeIn(&source, c, t)
	if known && !source.Syncs(container) {
		it.Code = AttentionOutsideSync
		it.Reason += "; the account in " + source.Name + " is to lie in a container that is not synchronised, so that none comes"
	}
}

// placeIn is the container of a domain in which the person's account is to lie;
// false where that is not sure.
func (p *planner) placeIn(domain *lifecycle.Target, c *chapter, t time.Time) (container string, known bool) {
	account := p.account(domain.Name)
	scope := p.mappingScope(c, t)
	scope.Creating, scope.Random = account.Linked == "", new(counting)
	wanted := AttributesWanted(domain, scope)
	failed := slices.ContainsFunc(wanted.Failed, func(f FailedMapping) bool { return f.To == lifecycle.ContainerAttribute })
	if failed || wanted.LeftOut != "" {
		return "", false
	}
	if container = wanted.Set[lifecycle.ContainerAttribute]; container != "" {
		return container, true
	}
	return cmp.Or(domain.Under, domain.Base), account.Linked == ""
}

// leavesSync makes an update ask that would take the account out of the
// synchronisation: of somebody who works here nothing is deleted without a human.
func (a *accountPlan) leavesSync(it *item, c *chapter) {
	if a.p.mayLose(a.target.Name) == "" {
		return
	}
	wanted := AttributesWanted(a.target, a.p.mappingScope(c, a.p.now))
	if cloud := a.p.leavesSyncFor(a.target.Name, wanted.Set[lifecycle.ContainerAttribute]); cloud != "" {
		it.unsyncs, it.loses, it.Code = true, cloud, AttentionLeavesSync
		it.tellDeletes(cloud)
	}
}

// tellDeletes shows a line as the delete that it is.
func (it *item) tellDeletes(cloud string) {
	it.Deletes = cloud
	it.Reason += "; deletes the account and the mailbox in " + cloud
}

// taskLeavesSync is the target that loses the account by a task, "" for none.
func (p *planner) taskLeavesSync(task *lifecycle.Task) string {
	container := ""
	for _, m := range task.Attributes {
		if m.To == lifecycle.ContainerAttribute {
			container = m.Constant
		}
	}
	return p.leavesSyncFor(task.Target, container)
}

// ruleLeavesSync: a move out of the synchronisation deletes the account in the
// cloud, so it is kept back by what keeps a delete, and goes once the delete there
// has passed its minimum, its gate and its holds. Where none is to come it asks, and
// then uses up a delete there. A delete that is due there is never jumped over.
func (p *planner) ruleLeavesSync(_ *run, task *lifecycle.Task, it *item, _ *runProgress) bool {
	cloud := p.taskLeavesSync(task)
	if cloud == "" {
		return false
	}
	it.tellDeletes(cloud)
	it.unsyncs, it.aside = true, true
	kind, kept := p.keptBy(Delete)
	switch {
	case kept:
		it.State = Held
		it.Reason += keptWords(kind)
	case p.deletes(cloud, func(it *item) bool { return it.State == ParkedState && it.Code == CodeSynced }):
		it.aside = false
		return false
	case p.agreed(it) && !p.deletes(cloud, func(it *item) bool { return it.State != Future }):
		it.aside, it.loses = false, cloud
		return false
	case p.deletes(cloud, func(*item) bool { return true }):
		it.State, it.Code = Waiting, codeBefore
		it.Reason += "; waits for the delete there"
	default:
		it.State, it.Code, it.loses = Asks, AttentionLeavesSync, cloud
		p.attend(AttentionLeavesSync, it.Key)
	}
	return true
}

// deletes reports whether the account in a target has a delete line that stands so.
func (p *planner) deletes(target string, stands func(*item) bool) bool {
	return slices.ContainsFunc(p.items, func(it *item) bool {
		open := it.State != BeforeBaseline && it.State != Skipped && it.State != Finished
		return it.Target == target && it.Verb == Delete && strings.HasPrefix(it.Workflow, AccountWorkflow) && open && stands(it)
	})
}
