package person

import (
	"cmp"
	"slices"
	"strings"
)

// AssignmentAt is the assignment that counts on a day of a stay: the primary
// one effective then. Days before the stay's start count as the start (S8),
// days after its last day as the last day, so that leaver lines still see the
// job. The order of the record's lists has no meaning.
func AssignmentAt(record Record, stay Stay, day Date) (Assignment, bool) {
	employments := stay.Employments()
	var own []Assignment
	for _, a := range record.Assignments {
		if a.EmploymentID == "" || slices.Contains(employments, a.EmploymentID) {
			own = append(own, a)
		}
	}
	day = stay.clamp(day)
	best := -1
	for i, a := range own {
		if !a.holdsOn(day) {
			continue
		}
		if best < 0 || compareAssignments(record, day, a, own[best]) > 0 {
			best = i
		}
	}
	if best < 0 {
		return Assignment{}, false
	}
	return own[best], true
}

// View is what conditions, mappings and templates see of a stay on a day: the
// attributes of the person, of the employment and of the assignment that count
// then, sorted. The four dates of the employment are the stay's.
func View(record Record, stay Stay, day Date) Attributes {
	day = stay.clamp(day)
	out := slices.Clone(record.Attributes)
	put := func(name, value string) {
		if _, found := record.Attributes.Get(name); !found {
			out = out.With(Attribute{Name: name, Value: value})
		}
	}
	assignment, found := AssignmentAt(record, stay, day)
	if found {
		for _, a := range withFrame(assignment.Attributes, assignment) {
			put(a.Name, a.Value)
		}
		if assignment.ID != "" {
			put(AssignmentIDAttribute, assignment.ID)
		}
	}
	if employment, found := employmentAt(record, stay, assignment, day); found {
		for _, a := range employment.Attributes {
			put(a.Name, a.Value)
		}
		if employment.ID != "" {
			put(EmploymentIDAttribute, employment.ID)
		}
	}
	out = out.withDisplayName()
	out = out.withDate(StartDateAttribute, stay.Start)
	out = out.withDate(LastDayAttribute, stay.LastDay)
	out = out.withDate(TerminationDateAttribute, stay.Termination)
	return out.withDate(ContractEndAttribute, stay.ContractEnd)
}

// Boundaries are the days on which an assignment begins or ceases to hold,
// sorted: the view of a person may differ from one such day on.
func Boundaries(record Record) []Date {
	var out []Date
	for _, a := range record.Assignments {
		for _, date := range []Date{a.From, a.To} {
			if !date.IsZero() {
				out = append(out, date)
			}
		}
	}
	slices.SortFunc(out, Date.Compare)
	return slices.Compact(out)
}

// withDate sets the date; no date takes away a date that an attribute states,
// and leaves an explicit empty value.
func (a Attributes) withDate(name string, date Date) Attributes {
	if !date.IsZero() {
		return a.With(Attribute{Name: name, Value: date.String()})
	}
	if i, found := a.find(name); found && a[i].Value != "" {
		return slices.Delete(slices.Clone(a), i, i+1)
	}
	return a
}

func (s Stay) clamp(day Date) Date {
	if !s.LastDay.IsZero() && day.After(s.LastDay) {
		day = s.LastDay
	}
	if day.Before(s.Start) {
		day = s.Start
	}
	return day
}

func (a Assignment) holdsOn(day Date) bool {
	return !day.Before(a.From) && (a.To.IsZero() || day.Before(a.To))
}

// compareAssignments orders by flag, then by whether the employment runs, then
// by latest start, then by ID.
func compareAssignments(record Record, day Date, a, b Assignment) int {
	return cmp.Or(
		compareBools(a.Primary, b.Primary),
		compareBools(runs(record, a.EmploymentID, day), runs(record, b.EmploymentID, day)),
		a.From.Compare(b.From),
		strings.Compare(b.ID, a.ID),
	)
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// runs reports whether the employment covers the day and was not undone.
func runs(record Record, employment string, day Date) bool {
	for _, e := range record.Employments {
		if e.ID == employment {
			return e.runsOn(day)
		}
	}
	return false
}

func (e Employment) runsOn(day Date) bool {
	span := spanOf(e)
	status, _ := e.status()
	return !IsUndone(status) && !day.Before(span.Start) && (span.End.IsZero() || !day.After(span.End))
}

// employmentAt is the assignment's employment, or else the one of the stay
// that is current on the day.
func employmentAt(record Record, stay Stay, assignment Assignment, day Date) (Employment, bool) {
	ids := stay.Employments()
	var own []Employment
	for _, e := range record.Employments {
		if !slices.Contains(ids, e.ID) {
			continue
		}
		if assignment.EmploymentID != "" && e.ID == assignment.EmploymentID {
			return e, true
		}
		own = append(own, e)
	}
	if len(own) == 0 {
		return Employment{}, false
	}
	return own[currentEmployment(own, day)], true
}

// currentEmployment is the index of the employment that counts on a day: one
// that runs, the primary one, the one that started last.
func currentEmployment(employments []Employment, day Date) int {
	best := 0
	for i, e := range employments {
		if compareEmployments(day, e, employments[best]) > 0 {
			best = i
		}
	}
	return best
}

func compareEmployments(day Date, a, b Employment) int {
	one, _ := a.Attributes.Get(PrimaryEmployment)
	two, _ := b.Attributes.Get(PrimaryEmployment)
	from, other := spanOf(a).Start, spanOf(b).Start
	return cmp.Or(
		compareBools(a.runsOn(day), b.runsOn(day)),
		compareBools(one == trueValue, two == trueValue),
		compareBools(!from.After(day), !other.After(day)),
		from.Compare(other),
		strings.Compare(b.ID, a.ID),
	)
}

// effectiveAssignment is the index of the assignment that holds on a day, or
// -1.
func effectiveAssignment(assignments []Assignment, day Date) int {
	best := -1
	for i, a := range assignments {
		if !a.holdsOn(day) {
			continue
		}
		if best < 0 || compareAssignments(Record{}, day, a, assignments[best]) > 0 {
			best = i
		}
	}
	return best
}

// withDisplayName makes a display name of the preferred, else the legal name,
// where HR states none.
func (a Attributes) withDisplayName() Attributes {
	if name, _ := a.Get(DisplayNameAttribute); name != "" {
		return a
	}
	either := func(preferred, legal string) string {
		if value, _ := a.Get(preferred); value != "" {
			return value
		}
		value, _ := a.Get(legal)
		return value
	}
	name := strings.TrimSpace(either("person.preferredName.given", GivenNameAttribute) + " " +
		either("person.preferredName.family", FamilyNameAttribute))
	if name == "" {
		return a
	}
	return a.With(Attribute{Name: DisplayNameAttribute, Value: name})
}
