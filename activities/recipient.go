package activities

import (
	"context"
	"fmt"
	"net/mail"
	"time"

	"tenure/internal/directory"
	"tenure/internal/lifecycle"
	"tenure/internal/notify"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// recipientWait is how long a mail waits for its recipient before the fallback
// address gets it. However late it is, it is tried over some minutes first: in
// an import the manager may come seconds after the person.
const recipientWait = 48 * time.Hour

// recipientTries is how often a recipient is looked for before the fallback.
const recipientTries = 3

// The attributes that mails read.
const (
	mailAttribute        = "mail"
	displayNameAttribute = "person.displayName"
	workEmailAttribute   = "contact.workEmail"
	languageAttribute    = "person.language"
)

// party is somebody a mail is about or goes to.
type party struct {
	name     string
	address  string
	language string
	account  *directory.Account
	active   bool
	row      store.PersonRow
}

// gone reports whether somebody no longer works here, or never came to.
func (p *party) gone() bool {
	switch person.Phase(p.row.Phase) {
	case person.PhaseLeft, person.PhaseDeleted, person.PhaseRescinded:
		return true
	default:
		return false
	}
}

// manager reads the person's manager as they are now: mails and passes read the
// recipient at sending, never earlier. nil where there is nobody.
func (j *job) manager(ctx context.Context, view person.Attributes) (*party, error) {
	kind, _ := view.Get(managerKindAttribute)
	value, _ := view.Get(managerValueAttribute)
	if value == "" {
		return nil, nil
	}
	rows, err := j.deps.Store.FindPeople(ctx, j.Realm, store.ReferenceKind(kind), value)
	if err != nil {
		return nil, fmt.Errorf("find manager: %w", err)
	}
	if len(rows) != 1 || rows[0].Journey == j.Journey {
		return nil, nil
	}
	row := rows[0]
	out := &party{name: row.DisplayName, address: row.Email, active: row.Phase == string(person.PhaseActive), row: row}
	if err := j.managerAccount(ctx, out); err != nil {
		return nil, err
	}
	if out.account != nil && out.account.Attributes[mailAttribute] != "" {
		out.address = out.account.Attributes[mailAttribute]
	} else if out.address == "" && out.account != nil {
		out.address = out.account.UserName
	}
	return out, nil
}

// managerAccount reads the manager's account in the batch's target, or in any
// target for a mail.
func (j *job) managerAccount(ctx context.Context, manager *party) error {
	for _, account := range manager.row.Accounts {
		target, name := j.target, j.Batch.Target
		if name == "" {
			name = account.Target
			var err error
			if target, err = j.deps.Target(ctx, j.policy.Policy, name); err != nil {
				return fmt.Errorf("open target %s: %w", name, err)
			}
		}
		if account.Target != name || account.ID == "" {
			continue
		}
		live, err := j.lookOnce(ctx, target, name, account.ID)
		if err != nil {
			return err
		}
		manager.account = live
		return nil
	}
	return j.unlinkedAccount(ctx, manager)
}

// unlinkedAccount finds the account of a manager who is existing staff: no
// journey has linked it, so its employee number says whose it is.
func (j *job) unlinkedAccount(ctx context.Context, manager *party) error {
	targets := []string{j.Batch.Target}
	if j.Batch.Target == "" {
		targets = nil
		for _, target := range j.policy.Targets {
			targets = append(targets, target.Name)
		}
	}
	if manager.row.EmployeeID == "" {
		return nil
	}
	for _, name := range targets {
		target, err := j.deps.Target(ctx, j.policy.Policy, name)
		if err != nil {
			return fmt.Errorf("open target %s: %w", name, err)
		}
		hits, err := target.AccountsByEmployeeID(ctx, manager.row.EmployeeID)
		if err != nil {
			return fmt.Errorf("find manager's account: %w", err)
		}
		if len(hits) == 1 {
			manager.account = &hits[0]
			return nil
		}
	}
	return nil
}

// lookOnce reads an account for a mail: who gets it and what it says is asked for
// one after the other, and once is enough for one attempt at a task.
func (j *job) lookOnce(ctx context.Context, target directory.Target, name, id string) (*directory.Account, error) {
	if j.live != nil && j.live.ID == id && name == j.rules.Name {
		return j.live, nil
	}
	key := name + "/" + id
	if known, found := j.looked[key]; found {
		return known, nil
	}
	live, err := accountIfAny(ctx, target, id)
	if err != nil {
		return nil, err
	}
	if j.looked == nil {
		j.looked = map[string]*directory.Account{}
	}
	j.looked[key] = live
	return live, nil
}

// self is the person the journey is about, as a party.
func (j *job) self(ctx context.Context, view person.Attributes) (*party, error) {
	name, _ := view.Get(displayNameAttribute)
	language, _ := view.Get(languageAttribute)
	address, _ := view.Get(workEmailAttribute)
	out := &party{name: name, language: language, address: address}
	for _, target := range j.policy.Targets {
		row, err := j.deps.Store.Person(ctx, j.Realm, j.Key)
		if err != nil {
			return nil, fmt.Errorf("read person: %w", err)
		}
		for _, account := range row.Accounts {
			if account.Target != target.Name || account.ID == "" {
				continue
			}
			connector, err := j.deps.Target(ctx, j.policy.Policy, target.Name)
			if err != nil {
				return nil, fmt.Errorf("open target %s: %w", target.Name, err)
			}
			if out.account, err = j.lookOnce(ctx, connector, target.Name, account.ID); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// recipientOf resolves the rule of a task. Where nobody can be reached the task
// waits, then goes to the fallback address.
func (j *job) recipientOf(ctx context.Context, task plan.Task, defined lifecycle.Task) (to party, fallback bool, err error) {
	view := j.view(task)
	switch defined.To.Kind {
	case "fixed":
		return party{address: defined.To.Address}, false, nil
	case "person":
		to, err = j.personRecipient(ctx, view)
	default:
		to, err = j.managerRecipient(ctx, view)
	}
	if err != nil || to.address != "" {
		return to, false, err
	}
	if address := j.policy.Notifications.Fallback; address != "" && task.Attempt >= recipientTries && j.Now.Sub(task.Due) >= recipientWait {
		return party{address: address}, true, nil
	}
	return party{}, false, failForNow(CodeNoRecipient, "the "+recipientWord(defined.To)+" cannot be reached by mail yet")
}

func (j *job) managerRecipient(ctx context.Context, view person.Attributes) (party, error) {
	manager, err := j.manager(ctx, view)
	if manager == nil || err != nil {
		return party{}, err
	}
	if manager.gone() || manager.account != nil && !manager.account.Enabled {
		manager.address = ""
	}
	return *manager, nil
}

// personRecipient prefers the private address before the first day.
func (j *job) personRecipient(ctx context.Context, view person.Attributes) (party, error) {
	self, err := j.self(ctx, view)
	if err != nil {
		return party{}, err
	}
	private, _ := view.Get(j.policy.Notifications.PreHireAddress)
	switch {
	case self.account != nil && self.account.Enabled && self.account.Attributes[mailAttribute] != "":
		self.address = self.account.Attributes[mailAttribute]
	case self.account != nil && self.account.Enabled:
		self.address = self.account.UserName
	case private != "":
		self.address = private
	}
	return *self, nil
}

func recipientWord(to lifecycle.Recipient) string {
	if to.Kind == "person" {
		return "person"
	}
	return "manager"
}

// values fills the tokens that every template may use.
func (j *job) values(ctx context.Context, task plan.Task, to party) (notify.Values, error) {
	view := j.view(task)
	stay := j.stay(task)
	self, err := j.self(ctx, view)
	if err != nil {
		return nil, err
	}
	manager, err := j.manager(ctx, view)
	if err != nil {
		return nil, err
	}
	values := notify.Values{
		notify.TokenRecipient: notify.Text(to.name),
		"user.displayName":    notify.Text(self.name),
	}
	for token, attribute := range map[string]string{
		"user.givenName": "person.legalName.given", "user.surname": "person.legalName.family",
		"user.employeeId": employeeIDAttribute, "user.employeeType": "employment.kind",
		"user.department": "assignment.department.name", "user.jobTitle": "assignment.jobTitle",
		"user.companyName": "assignment.company.name", "user.officeLocation": "assignment.location.name",
		"user.country": "assignment.location.country", "user.preferredLanguage": languageAttribute,
	} {
		value, _ := view.Get(attribute)
		values[token] = notify.Text(value)
	}
	if self.account != nil {
		values["user.userPrincipalName"] = notify.Text(self.account.UserName)
		values["user.mail"] = notify.Text(self.account.Attributes[mailAttribute])
	}
	if manager != nil {
		values["manager.displayName"] = notify.Text(manager.name)
		values["manager.mail"] = notify.Text(manager.address)
		if manager.account != nil {
			values["manager.userPrincipalName"] = notify.Text(manager.account.UserName)
		}
	}
	values["user.employeeHireDate"] = civil(stay.Start)
	values["user.employeeLeaveDateTime"] = civil(leaveOf(stay))
	j.changeValues(values)
	return values, nil
}

// changeValues fills what was before, in a mail about a change.
func (j *job) changeValues(values notify.Values) {
	if j.Change == nil {
		return
	}
	for token, attribute := range map[string]string{
		"before.department": "assignment.department.name", "before.jobTitle": "assignment.jobTitle",
		"before.officeLocation": "assignment.location.name",
	} {
		value, _ := j.Change.Before.Get(attribute)
		values[token] = notify.Text(value)
	}
	values["changeEffectiveDate"] = notify.Date(j.Change.First.In(j.zone))
}

func civil(date person.Date) notify.Value {
	if date.IsZero() {
		return notify.Value{}
	}
	return notify.Date(time.Date(date.Year, date.Month, date.Day, 0, 0, 0, 0, time.UTC))
}

func leaveOf(stay person.Stay) person.Date {
	if !stay.LastDay.IsZero() {
		return stay.LastDay
	}
	return stay.Termination
}

// message renders a template into a message whose ID follows from the task, so
// that a resend carries the same one.
func (j *job) message(mailer Mail, key, template, locale string, to party, values notify.Values) (notify.Message, error) {
	if locale == "" {
		locale = to.language
	}
	rendered, err := mailer.Templates.Render(template, locale, values)
	if err != nil {
		return notify.Message{}, fail(CodeInvalid, fmt.Sprintf("render template %s: %v", template, err))
	}
	return notify.Message{
		ID:      notify.IDFromKey(key),
		From:    mail.Address{Address: j.policy.Notifications.From},
		To:      mail.Address{Name: notify.DisplayName(to.name), Address: to.address},
		Subject: rendered.Subject, Text: rendered.Text, HTML: rendered.HTML, Locale: rendered.Locale,
	}, nil
}
