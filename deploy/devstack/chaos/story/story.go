package story

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tenure/deploy/devstack/chaos/audit"
	"tenure/deploy/devstack/chaos/site"
)

// Story is one person's.
type Story struct {
	// Name is what becomes of the person: joiner, mover, leaver and so on.
	Name  string
	Steps []Step
}

// Step is one statement of HR, or time that passes, and what must be true once
// everything that is due then is done.
type Step struct {
	Name string
	Says site.Employee
	Want audit.Want
	// Passes is the time that passes while HR says nothing; Says is what it said
	// last then.
	Passes Time
}

// Time is how long HR says nothing.
type Time int

// The times. A tenant keeps what was deleted for 30 days.
const (
	NoTime Time = iota
	UntilDue
	UntilPurged
)

// Ages reports whether time passes in a story.
func (s Story) Ages() bool {
	return slices.ContainsFunc(s.Steps, func(step Step) bool { return step.Passes != NoTime })
}

// Path names what was told up to a step: two stories with the same path tell the
// same so far.
func (s Story) Path(step int) string {
	var names []string
	for _, told := range s.Steps[:step+1] {
		names = append(names, told.Name)
	}
	return strings.Join(names, ", ")
}

// Person is who the story is about, as HR states it last.
func (s Story) Person() site.Employee { return s.Steps[len(s.Steps)-1].Says }

// Teller makes a story for a number.
type Teller func(number int, today time.Time) Story

// Tellers returns every kind of story.
func Tellers() []Teller {
	return []Teller{Joiner, Mover, Leaver, Rescind, Rehire, Returner, Restored, Anew}
}

// The tasks and templates of the chaos policy.
const (
	prepare = "Prepare a new hire/"
	lastDay = "Last day/"
	changed = "Department or title changed/"

	create       = "account:entra/create"
	disable      = "account:entra/disable"
	enable       = "account:entra/enable"
	remove       = "account:entra/delete"
	groupsAll    = prepare + "addUserToGroups"
	groupsSales  = prepare + "addUserToGroups#2"
	licences     = prepare + "assignLicensesToUser"
	reminder     = "sendOnboardingReminderEmail"
	pass         = "generateTemporaryAccessPass"
	welcome      = "sendWelcomeEmail"
	moveMail     = "sendManagerMoveNotification"
	leaveMail    = "sendEmailOnLastDay"
	revoke       = lastDay + "revokeAllRefreshTokens"
	ungroup      = lastDay + "removeUserFromAllGroups"
	unlicense    = lastDay + "removeAllLicenseAssignments"
	callExtended = changed + "runCustomTaskExtension"
)

// day is a civil date so many days from today.
func day(today time.Time, days int) string {
	return today.UTC().AddDate(0, 0, days).Format(time.DateOnly)
}

// someone is a person with a number, who starts on a day.
func someone(number int, start string) site.Employee {
	key := fmt.Sprintf("%06d", number)
	return site.Employee{
		Key: key, Given: "Berthe", Family: "Okonkwo-" + key, Start: start,
		Department: "Sales", Title: "Account Manager", Manager: site.ChiefKey,
	}
}

// employed is what everybody has who works here.
func employed(e site.Employee, said int) audit.Want {
	return audit.Want{
		Account: audit.OneAccount, Enabled: true, Said: said,
		Groups: []string{site.AllStaff, site.Sales}, Licences: []string{site.LicenceE3},
		Attributes: map[string]string{"department": e.Department, "jobTitle": e.Title, "displayName": e.Given + " " + e.Family},
		Mails:      map[string]int{reminder: 1},
		Done:       map[string]int{create: 1, groupsAll: 1, groupsSales: 1, licences: 1, prepare + reminder: 1},
	}
}

// hired is what somebody has whose first day lies ahead.
func hired(e site.Employee) audit.Want {
	want := employed(e, 1)
	want.Passes = 1
	want.Mails[pass], want.Mails[welcome] = 1, 1
	want.Done[prepare+pass], want.Done["Welcome/"+welcome] = 1, 1
	return want
}

// gone is what is left of somebody who had something.
func gone(had audit.Want, said int) audit.Want {
	want := had
	want.Enabled, want.Groups, want.Licences, want.Passes, want.Said = false, nil, nil, 0, said
	want.Mails, want.Done = maps.Clone(had.Mails), maps.Clone(had.Done)
	for _, task := range []string{revoke, ungroup, unlicense, disable} {
		want.Done[task]++
	}
	return want
}

// left is gone after a last day.
func left(had audit.Want, said int) audit.Want {
	want := gone(had, said)
	want.Mails[leaveMail]++
	want.Done[lastDay+leaveMail]++
	return want
}

// The days of the stories, from today: everything of a step is due at once.
const (
	starts      = 5
	started     = -3
	leftOn      = -1
	startedOnce = -5
	leftOnce    = -4
)

// Joiner starts in a few days: account, manager, groups, licence, mails and pass.
func Joiner(number int, today time.Time) Story {
	e := someone(number, day(today, starts))
	return Story{Name: "joiner", Steps: []Step{{Name: "awaited", Says: e, Want: hired(e)}}}
}

// Mover works here and gets another department.
func Mover(number int, today time.Time) Story {
	e := someone(number, day(today, started))
	moved := e
	moved.Department, moved.Title = "Engineering", "Engineer"
	want := employed(moved, 2)
	want.Groups = []string{site.AllStaff, site.Engineering}
	want.Calls = 1
	want.Mails[moveMail] = 1
	for _, task := range []string{
		"account:entra/update", changed + "removeUserFromGroups", changed + "addUserToGroups#2", callExtended, changed + moveMail,
	} {
		want.Done[task] = 1
	}
	return Story{Name: "mover", Steps: []Step{
		{Name: "hired", Says: e, Want: employed(e, 1)},
		{Name: "moved", Says: moved, Want: want},
	}}
}

// Leaver works here and has left.
func Leaver(number int, today time.Time) Story {
	e := someone(number, day(today, started))
	leaves := e
	leaves.Last = day(today, leftOn)
	return Story{Name: "leaver", Steps: []Step{
		{Name: "hired", Says: e, Want: employed(e, 1)},
		{Name: "left", Says: leaves, Want: left(employed(e, 1), 2)},
	}}
}

// Rescind is prepared for and never comes.
func Rescind(number int, today time.Time) Story {
	e := someone(number, day(today, starts))
	never := e
	never.Status = "rescinded"
	return Story{Name: "rescind", Steps: []Step{
		{Name: "awaited", Says: e, Want: hired(e)},
		{Name: "rescinded", Says: never, Want: gone(hired(e), 2)},
	}}
}

// Rehire has left, and comes back for another employment.
func Rehire(number int, today time.Time) Story {
	e := someone(number, day(today, startedOnce))
	leaves, again := e, e
	leaves.Last = day(today, leftOnce)
	again.Before = &site.Employment{Start: e.Start, Last: leaves.Last}
	again.Start = day(today, starts)
	want := left(employed(e, 1), 3)
	want.Enabled, want.Groups, want.Licences, want.Passes = true, []string{site.AllStaff, site.Sales}, []string{site.LicenceE3}, 1
	for template, count := range hired(e).Mails {
		want.Mails[template] += count
	}
	for task, count := range hired(e).Done {
		if task != create {
			want.Done[task] += count
		}
	}
	want.Done[enable] = 1
	return Story{Name: "rehire", Steps: []Step{
		{Name: "hired", Says: e, Want: employed(e, 1)},
		{Name: "left", Says: leaves, Want: left(employed(e, 1), 2)},
		{Name: "rehired", Says: again, Want: want},
	}}
}

// Returner has left, and HR takes the leave back.
func Returner(number int, today time.Time) Story {
	e := someone(number, day(today, started))
	leaves := e
	leaves.Last = day(today, leftOn)
	want := left(employed(e, 1), 3)
	want.Enabled, want.Groups, want.Licences = true, []string{site.AllStaff, site.Sales}, []string{site.LicenceE3}
	want.Done[enable], want.Done["account:entra/restoreAccess"] = 1, 1
	return Story{Name: "returner", Steps: []Step{
		{Name: "hired", Says: e, Want: employed(e, 1)},
		{Name: "left", Says: leaves, Want: left(employed(e, 1), 2)},
		{Name: "back", Says: e, Want: want},
	}}
}
