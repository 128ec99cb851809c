package existing

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"time"
)

// Organisation is the tenant and the export of one day.
type Organisation struct {
	// Day is the first moment of the export's day.
	Day time.Time
	// Accounts are those of the tenant, whose order says nothing.
	Accounts []*Account
	// Reports say what must be told about the export, in the order of the kinds.
	Reports []Report

	workers []*worker
}

// New is the organisation on a day.
func New(day time.Time) *Organisation {
	o := &Organisation{Day: time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)}
	o.workers = workers(o.Day)
	for n, w := range o.workers {
		if n < manual || n >= former+noAccount && n < joiners {
			o.Accounts = append(o.Accounts, accountOf(n, w))
		}
	}
	o.Accounts = append(o.Accounts, ofNobody()...)
	o.manage()
	o.protect()
	o.leave()
	o.namesakes()
	for _, maker := range makers() {
		o.Reports = append(o.Reports, maker.make(o))
	}
	o.locate()
	return o
}

// manage gives the accounts of people their managers.
func (o *Organisation) manage() {
	for n, w := range o.workers {
		a := o.account(n)
		for m := range staff {
			if a != nil && o.workers[m].number == w.manager {
				a.Manager = o.account(m).UserName
			}
		}
	}
}

// The people whom the accounts' protection is about, and those who leave soon.
const (
	admin        = 3   // holds a directory role
	helpdesk     = 45  // holds a directory role
	tierZero     = 46  // member of a role-assignable group, leaves soon
	leaver       = 124 // leaves soon
	syncedLeaver = 125 // leaves soon, mastered on premises
	lastDayIn    = 2
)

func (o *Organisation) protect() {
	o.account(admin).Roles = []string{roleGlobalAdmin}
	o.account(helpdesk).Roles = []string{roleHelpdesk}
	for _, n := range []int{tierZero, tierZero + 1} {
		o.account(n).Groups = append(o.account(n).Groups, Admins)
	}
}

func (o *Organisation) leave() {
	for _, n := range []int{tierZero, leaver, syncedLeaver} {
		o.workers[n].last = date(o.Day, lastDayIn)
	}
}

// The keys of single people whom tests and docs speak of.
var (
	// Leaver leaves two days after the export's day.
	Leaver = keyOf(leaver)
	// SyncedLeaver leaves then too; the account is mastered on premises.
	SyncedLeaver = keyOf(syncedLeaver)
	// ProtectedLeaver leaves then too; the account is in a role-assignable group.
	ProtectedLeaver = keyOf(tierZero)
	// Joiner starts within two weeks, without a mistake.
	Joiner = keyOf(joiners + 1)
)

// Account returns the account of a person, nil where there is none.
func (o *Organisation) Account(key string) *Account {
	i := slices.IndexFunc(o.Accounts, func(a *Account) bool { return a.Owner == key })
	if i < 0 {
		return nil
	}
	return o.Accounts[i]
}

// Number is the employee number that the export states of a person, "" where it
// has none of that key.
func (o *Organisation) Number(key string) string {
	i := slices.IndexFunc(o.workers, func(w *worker) bool { return w.key == key })
	if i < 0 {
		return ""
	}
	return o.workers[i].number
}

// Newcomers are the keys of those who start after the export's day and have
// never had an account.
func (o *Organisation) Newcomers() []string {
	var out []string
	for n := joiners; n < everyone; n++ {
		if key := keyOf(n); o.Account(key) == nil {
			out = append(out, key)
		}
	}
	return out
}

func (o *Organisation) account(n int) *Account { return o.Account(keyOf(n)) }

// Report returns what must be told about a kind of mistake.
func (o *Organisation) Report(kind Mistake) Report {
	i := slices.IndexFunc(o.Reports, func(r Report) bool { return r.Mistake == kind })
	if i < 0 {
		panic(fmt.Sprintf("there is no mistake %q", kind))
	}
	return o.Reports[i]
}

// Export is the HR file of the day, in the order of the keys as HR gave them.
func (o *Organisation) Export() ([]byte, error) {
	var out bytes.Buffer
	writer := csv.NewWriter(&out)
	if err := writer.Write(columns()); err != nil {
		return nil, fmt.Errorf("write export: %w", err)
	}
	for _, w := range o.workers {
		if err := writer.Write(w.row()); err != nil {
			return nil, fmt.Errorf("write export: %w", err)
		}
	}
	writer.Flush()
	return out.Bytes(), writer.Error()
}

// Keys are the person keys of the rows that an import takes, sorted.
func (o *Organisation) Keys() []string {
	refused := map[*worker]bool{}
	for _, report := range o.Reports {
		for _, w := range report.rows {
			refused[w] = refused[w] || report.Where == AtImport
		}
	}
	var out []string
	for _, w := range o.workers {
		if !refused[w] {
			out = append(out, w.key)
		}
	}
	slices.Sort(out)
	return out
}

// locate notes on which line of the export each reported row stands.
func (o *Organisation) locate() {
	for i := range o.Reports {
		report := &o.Reports[i]
		for _, w := range report.rows {
			report.Keys = append(report.Keys, w.key)
			report.Lines = append(report.Lines, slices.Index(o.workers, w)+firstLine)
		}
	}
}

// firstLine is the line of the first row: a header stands above it.
const firstLine = 2
