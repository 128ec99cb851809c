package existing

import (
	"strings"
	"time"
)

// The departments that have a group in the shipped policy.
const (
	sales       = "Sales"
	engineering = "Engineering"
)

// The words of the export.
const (
	employee   = "Employee"
	contractor = "Contractor"
	active     = "Active"
	onLeave    = "Leave"
	terminated = "Terminated"
)

// worker is a person as the export states them. Dates are text, because some
// are wrong.
type worker struct {
	key, number, kind, status string
	given, family             string
	private, work             string
	start, last               string
	department, title         string
	place                     place
	manager                   string
	// cells changes the finished row.
	cells func([]string) []string
}

func columns() []string {
	return []string{
		"PersonID", "WorkerID", "WorkerType", "WorkerStatus", "FirstName", "LastName", "PrivateEmail", "WorkEmail",
		"StartDate", "LastDay", "Department", "JobTitle", "Location", "CountryCode", "TimeZone", "ManagerID",
	}
}

func (w *worker) row() []string {
	row := []string{
		w.key, w.number, w.kind, w.status, w.given, w.family, w.private, w.work,
		w.start, w.last, w.department, w.title, w.place.name, w.place.country, w.place.zone, w.manager,
	}
	if w.cells != nil {
		row = w.cells(row)
	}
	return row
}

// The people by number: who they are follows from where they stand.
const (
	heads    = 1
	leads    = 9
	staff    = 41
	manual   = 260 // existing staff without an account: they work with their hands
	former   = 284 // left long ago
	joiners  = 300
	everyone = 320
)

// The days on which people started or left, relative to the export's day.
const (
	hired     = -900 // and one day later per person
	left      = -200
	firstDay  = 9 // of the joiners: one a day from then on; nobody is to be told of them today
	noAccount = 4 // former staff whose accounts are gone
)

// workers are the people without mistakes.
func workers(day time.Time) []*worker {
	out := make([]*worker, everyone)
	for n := range out {
		w := &worker{key: keyOf(n), number: numberOf(n), kind: employee, status: active, place: placeOf(n), manager: managerOf(n)}
		w.given, w.family = fullName(n)
		w.department, w.title = jobOf(n)
		w.start = date(day, hired+n)
		switch {
		case n == 0:
			w.department, w.title = "Executive", "Managing Director"
		case n < leads:
			w.title = "Head of " + w.department
		case n >= joiners:
			w.start = date(day, firstDay+n-joiners)
			w.private = strings.ToLower("candidate"+w.key) + "@fabrikam.example"
		case n >= former:
			w.status, w.last = terminated, date(day, left+n-former)
		case n >= manual:
			w.department, w.title = "Warehouse", "Warehouse Worker"
		}
		if n < manual {
			w.work = userName(w.given, w.family)
		}
		out[n] = w
	}
	return out
}

func managerOf(n int) string {
	switch {
	case n == 0:
		return ""
	case n < leads:
		return numberOf(0)
	case n < staff:
		return numberOf(heads + n%(leads-heads))
	}
	return numberOf(leads + n%(staff-leads))
}

func date(day time.Time, days int) string { return day.AddDate(0, 0, days).Format(time.DateOnly) }
