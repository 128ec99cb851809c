package lifecycle

import (
	"slices"
	"strings"

	"tenure/internal/person"
)

// check looks at the policy as a whole, once every part has been read.
func (l *loader) check() {
	l.checkRealms()
	sound := map[string]bool{}
	for _, t := range l.policy.Targets {
		before := len(l.problems)
		l.checkAccount(t)
		sound[t.Name] = len(l.problems) == before
		l.checkMapped(t)
		l.checkLimits(t)
		l.checkValues(t)
		l.checkForest(t)
	}
	for i, w := range l.policy.Workflows {
		l.checkStated(i, w)
		l.checkOrder(i, w)
		l.checkLeaver(i, w)
		for n, t := range w.Tasks {
			if w.Category == Leaver && t.Kind == EnableUserAccount {
				l.warnAt(path("workflow", i, "task", n), "this leaver enables an account: access stays open until its disable line")
			}
			l.checkKept(i, n, t)
			if sound[t.Target] {
				l.checkReach(i, n, w, t)
			}
		}
	}
	l.checkMail()
}

// checkRealms: one feed of a realm owns status and dates (S12), and nothing is
// owned twice.
func (l *loader) checkRealms() {
	owner := map[string]string{}
	owned := map[string]string{}
	for _, f := range l.policy.Feeds {
		if f.Realm == "" {
			continue
		}
		if f.OwnsStatus() {
			if other, found := owner[f.Realm]; found {
				l.failAt(path("feed", f.Name), "feeds %s and %s both own status and dates of realm %s: one does, the other says owns: [attributes] (S12)", other, f.Name, f.Realm)
				continue
			}
			owner[f.Realm] = f.Name
		}
		for _, attribute := range f.Owns {
			place := f.Realm + "/" + attribute
			if other, found := owned[place]; found {
				l.failAt(path("feed", f.Name), "feeds %s and %s both own %s: leave it to one of them (S12)", other, f.Name, attribute)
			}
			owned[place] = f.Name
		}
	}
	for _, f := range l.policy.Feeds {
		if _, found := owner[f.Realm]; !found && f.Realm != "" {
			l.failAt(path("feed", f.Name), "no feed owns status and dates of realm %s: one of its feeds must say owns: all (S12)", f.Realm)
			owner[f.Realm] = f.Name
		}
	}
}

// checkAccount: lines that contradict each other or the safety rules.
func (l *loader) checkAccount(t Target) {
	at := func(line string) []string { return path("target", t.Name, "account", line) }
	a := t.Account
	for _, line := range []struct {
		name    string
		rule    *DateRule
		anchors []string
	}{
		{"create", a.Create, []string{StartDate}},
		{"enable", a.Enable, []string{StartDate}},
		{"disable", a.Disable, []string{LastDayOfWork, TerminationDate}},
		{"delete", a.Delete, []string{LastDayOfWork, TerminationDate}},
	} {
		if line.rule == nil || line.rule.On == "" || slices.Contains(line.anchors, line.rule.On) {
			continue
		}
		if line.rule.On == ContractEndDate {
			l.failAt(at(line.name), "contractEndDate counts only for the kinds that say so and cannot %s everybody's account: write on: lastDayOfWork (S7)", line.name)
			continue
		}
		l.failAt(at(line.name), "%s cannot depend on %s: write on: %s", line.name, line.rule.On, strings.Join(line.anchors, " or on: "))
	}
	if isBefore(a.Enable, a.Create) {
		l.failAt(at("enable"), "the account is enabled (%s) before it is created (%s): create it earlier", a.Enable, a.Create)
	}
	if isBefore(a.Delete, a.Disable) {
		l.failAt(at("delete"), "the account is deleted (%s) before it is disabled (%s): delete it later", a.Delete, a.Disable)
	}
	if a.Disable != nil && (a.Disable.Offset.Days > 0 || a.Disable.Offset.Instant > 0) {
		l.warnAt(at("disable"), "access stays open for %s after %s", a.Disable.Offset, a.Disable.On)
	}
	l.checkDelete(t, at("delete"))
}

// checkDelete: S7.
func (l *loader) checkDelete(t Target, at []string) {
	line := t.Account.Delete
	if line == nil {
		return
	}
	if line.Offset.Instant == 0 && line.Offset.Days < t.Account.Minimum.Days {
		l.warnAt(at, "the minimum of %s after our own disable is longer than the offset of %s, so it decides when people leave on time", t.Account.Minimum, line.Offset)
	}
}

// isBefore compares two rules that hang on one date; others cannot be
// compared without a person.
func isBefore(a, b *DateRule) bool {
	if a == nil || b == nil || a.On == "" || a.On != b.On || a.Zone != b.Zone {
		return false
	}
	return minutes(a) < minutes(b)
}

// minutes is the distance of a rule from 00:00 of its date.
func minutes(r *DateRule) int {
	at := 0
	switch {
	case r.At != nil:
		at = r.At.Minutes
	case r.On != StartDate && isStayEnd(r.On):
		at = minutesPerDay
	}
	return r.Offset.Days*minutesPerDay + int(r.Offset.Instant.Minutes()) + at
}

func isStayEnd(on string) bool {
	return on == LastDayOfWork || on == TerminationDate || on == ContractEndDate
}

// checkMapped warns about mappings of attributes that no feed states.
func (l *loader) checkMapped(t Target) {
	for _, m := range t.Mapping {
		name := m.Attribute
		if m.Reference != "" {
			name = managerField
		}
		if name != "" && !l.isStated(name) {
			l.warnAt(path("target", t.Name, "mapping", m.To), "no feed states %s, so %s stays empty", name, m.To)
		}
		for _, read := range m.Expression.Reads() {
			if !l.isStated(read) {
				l.warnAt(path("target", t.Name, "mapping", m.To), "no feed states %s, which the expression of %s reads", read, m.To)
			}
		}
	}
}

// isStated reports whether some feed may state the attribute. Names to show
// are made from the parts of the name.
func (l *loader) isStated(name string) bool {
	return l.webhook || l.stated[name] || name == person.DisplayNameAttribute && l.stated[person.GivenNameAttribute]
}

// checkStated: a trigger on something that no feed states never fires.
func (l *loader) checkStated(i int, w Workflow) {
	at := path("workflow", i, "trigger")
	if rule := w.Trigger.Date; rule != nil && rule.On != "" {
		if !slices.ContainsFunc(anchorSources(rule.On), l.isStated) {
			l.failAt(at, "no feed states %s, so this lifecycle workflow never runs: add a field for it or use another date", rule.On)
		}
	}
	for _, change := range w.Trigger.Change {
		if !l.isStated(change.Attribute) {
			l.failAt(at, "no feed states %s, so its change never comes: add a field for it or remove it here", change.Attribute)
		}
	}
}

// anchorSources are the attributes that give a date of the stay.
func anchorSources(on string) []string {
	switch on {
	case StartDate:
		return []string{person.StartDateAttribute, person.HireDateAttribute}
	case LastDayOfWork, TerminationDate:
		return []string{person.LastDayAttribute, person.TerminationDateAttribute}
	case ContractEndDate:
		return []string{person.ContractEndAttribute}
	}
	return []string{on}
}

// checkReach: tasks on an account that is not there by then.
func (l *loader) checkReach(i, n int, w Workflow, t Task) {
	target, found := l.policy.Target(t.Target)
	if !found || w.Trigger.Date == nil {
		return
	}
	at := path("workflow", i, "task", n)
	account := target.Account
	if isBefore(w.Trigger.Date, account.Create) {
		l.failAt(at, "nobody has an account in %s by then: %s comes at %s, the account at %s", t.Target, t.Kind, w.Trigger.Date, account.Create)
		return
	}
	if account.Delete != nil && !isBefore(w.Trigger.Date, account.Delete) && account.Delete.On == w.Trigger.Date.On {
		l.failAt(at, "the account in %s is deleted by then: %s comes at %s, the delete at %s", t.Target, t.Kind, w.Trigger.Date, account.Delete)
		return
	}
	if t.Pass == nil || account.Enable == nil || t.Pass.Start.On != account.Enable.On || t.Pass.Start.Zone != account.Enable.Zone {
		return
	}
	if minutes(&t.Pass.Start)+int(t.Pass.Lifetime.Minutes()) <= minutes(account.Enable) {
		l.failAt(at, "the pass ends before the account is enabled (%s): start it later or let it live longer", account.Enable)
	}
}

// checkOrder: in leavers mails and extensions come after the tasks that cut
// access (S5).
func (l *loader) checkOrder(i int, w Workflow) {
	if w.Category != Leaver {
		return
	}
	for n, t := range w.Tasks {
		if info, _ := t.Kind.Info(); info.Class != ClassMail && info.Class != ClassExtension {
			continue
		}
		for _, later := range w.Tasks[n+1:] {
			if info, _ := later.Kind.Info(); info.Class == ClassAccess || info.Class == ClassAccount {
				l.failAt(path("workflow", i, "task", n), "%s comes before %s; in a leaver mails and extensions come after the tasks that cut access: move it down (S5)", t.Kind, later.Kind)
				break
			}
		}
	}
}

// checkLeaver: lines that cut access are never skipped (S5).
func (l *loader) checkLeaver(i int, w Workflow) {
	cuts := slices.ContainsFunc(w.Tasks, func(t Task) bool {
		info, _ := t.Kind.Info()
		return info.Class == ClassAccess || info.Class == ClassAccount
	})
	if w.Category == Leaver && cuts && w.Late.Then == LateSkip {
		l.failAt(path("workflow", i, "late"), "a leaver that cuts access is never skipped because it is late: write late: run, or {run: 14d, then: ask} (S5)")
	}
}

// checkMail: mail needs a way out, and people without a mailbox an address.
func (l *loader) checkMail() {
	_, written := l.places["notifications"]
	for i, w := range l.policy.Workflows {
		for n, t := range w.Tasks {
			if t.To.Kind == "" {
				continue
			}
			at := path("workflow", i, "task", n)
			if !written {
				l.failAt(at, "%s sends mail, but notifications are missing: write notifications: {from: it@contoso.example, via: smtp}", t.Kind)
				return
			}
			early := w.Trigger.Date != nil && w.Trigger.Date.On == StartDate && minutes(w.Trigger.Date) < 0
			if t.To.Kind == ToPerson && early && l.policy.Notifications.PreHireAddress == "" {
				l.warnAt(at, "%s goes to people before their first day, who may have no mailbox: state notifications.preHireAddress", t.Kind)
			}
			if t.Pass != nil && l.policy.Notifications.Fallback == "" {
				l.warnAt(at, "a pass without a valid recipient waits for a human, because notifications state no fallback")
			}
		}
	}
}
