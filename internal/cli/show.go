package cli

import (
	"strconv"

	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
)

func (a *app) peopleShowCommand() *cobra.Command {
	return leaf("show ID", "Show everything about a person now",
		`Show a person as the journey knows them now: accounts, stays, what is next, what
is in force by hand, what is parked, what runs, and the questions that wait.`,
		`  tenure people show 1001
  tenure people show subsidiary/A7 -o json`,
		func(c *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			return show(c.Context(), a, id.Path(), nil, a.printPerson)
		})
}

func (a *app) printPerson(p httpapi.PersonDetail) {
	a.out.line("%s, %s, %s", or(p.DisplayName, "(no name)"), showID(p.PersonID), showPhase(p.Person))
	if p.Note != "" {
		a.out.text("Note: ", p.Note)
	}
	a.out.line("")
	facts := newTable()
	fact := func(name, value string) {
		if value != "" {
			facts.add(name, value)
		}
	}
	fact("job", joined(", ", p.JobTitle, p.Department))
	fact("employee ID", p.EmployeeID)
	fact("feed", p.Feed)
	fact("policy version", strconv.Itoa(p.PolicyVersion))
	fact("now", showBoth(p.Now, p.Zone))
	next := "nothing is planned"
	if p.NextDeadline != nil {
		next = joined(": ", showBoth(*p.NextDeadline, p.Zone), p.NextWhat)
	}
	fact("next", next)
	fact("Temporal", p.Links.Temporal)
	facts.print(a.out, "  ")
	a.printStays(p.Stays)
	a.printAccounts(p.Accounts)
	a.printQuestions(p)
	a.printInForce(p)
	a.printParked(p.Parked, p.Zone)
	a.printRunning(p.Running)
	a.out.line("")
	a.out.line("tenure people timeline %s shows past and future.", quoted(showID(p.PersonID)))
}

// section begins a part of the page where there is something in it.
func (a *app) section(title string, items int) bool {
	if items > 0 {
		a.out.line("")
		a.out.line("%s", title)
	}
	return items > 0
}

func (a *app) printStays(stays []httpapi.Stay) {
	if !a.section("STAYS", len(stays)) {
		return
	}
	for _, stay := range stays {
		a.out.line("  from %s to %s, %s (%s)", or(stay.Start, "an unknown day"), or(stay.LastDay, "no end known"), or(stay.Status, "unknown"), stay.ID)
	}
}

func (a *app) printAccounts(accounts []httpapi.Account) {
	if !a.section("ACCOUNTS", len(accounts)) {
		return
	}
	t := newTable()
	for _, account := range accounts {
		t.add(account.Target, or(account.State, "unknown"), or(account.UserName, none), account.ID, accountNote(account))
	}
	t.print(a.out, "  ")
}

// accountNote says why an account is not changed as others are.
func accountNote(account httpapi.Account) string {
	synced, protected := "", ""
	if account.Synced {
		synced = "mastered on premises"
	}
	if account.Protected != "" {
		protected = "protected: " + account.Protected
	}
	return joined("; ", synced, protected)
}

func (a *app) printQuestions(p httpapi.PersonDetail) {
	if !a.section("ATTENTION", len(p.Questions)) {
		return
	}
	for _, question := range p.Questions {
		a.out.text("  "+question.Code+": ", question.Text)
		if question.Asks {
			a.out.line("    yes: tenure journey approve %s %s --reason WHY", quoted(showID(p.PersonID)), quoted(or(question.Key, question.Code)))
		}
		if question.Asks && question.Key != "" {
			a.out.line("    no:  tenure journey skip %s %s --reason WHY", quoted(showID(p.PersonID)), quoted(question.Key))
		}
	}
}

func (a *app) printInForce(p httpapi.PersonDetail) {
	if !a.section("IN FORCE BY HAND", len(p.Overrides)) {
		return
	}
	for _, o := range p.Overrides {
		a.out.text("  ", joined(", ", joined(" ", o.Kind, o.Key), o.Detail, "since "+showBoth(o.At, p.Zone)))
		a.out.text("    ", "by "+o.Actor+": "+o.Reason)
	}
}

func (a *app) printParked(parked []httpapi.Parked, zone string) {
	if !a.section("PARKED", len(parked)) {
		return
	}
	for _, one := range parked {
		retry := "until a human goes on"
		if one.Retry != nil {
			retry = "tried again " + showBoth(*one.Retry, zone)
		}
		detail := one.Detail
		if one.WaitsFor != "" && one.Until != nil {
			detail = "waits for " + one.WaitsFor + ", due by " + showBoth(*one.Until, zone)
		}
		a.out.text("  "+one.Code+": ", joined("; ", detail, count(one.Attempts, "attempt", "attempts")+" since "+showBoth(one.Since, zone), retry))
		a.printKey("    ", one.Key)
	}
}

func (a *app) printRunning(keys []string) {
	if a.section("RUNNING", len(keys)) {
		for _, key := range keys {
			a.out.line("  %s", quoted(key))
		}
	}
}
