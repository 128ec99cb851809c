package person

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Stay is the union of a person's employments without a real gap (S3).
type Stay struct {
	// ID is that of the stay's first employment, or s1, s2 ... where the feed
	// has none; once given it is never computed again.
	ID string `json:"id"`
	// Start is the first day of work; the zero Date where HR states none.
	Start Date `json:"start,omitzero"`
	// LastDay, Termination and ContractEnd are those of the last employment;
	// without LastDay the stay is open.
	LastDay     Date `json:"lastDay,omitzero"`
	Termination Date `json:"termination,omitzero"`
	ContractEnd Date `json:"contractEnd,omitzero"`
	// Kind and Status are those of the last employment.
	Kind   string `json:"kind,omitempty"`
	Status string `json:"status,omitempty"`
	// StatusAsOf is the date of truth of the first record that stated this
	// Status for this stay (S2).
	StatusAsOf time.Time `json:"statusAsOf,omitzero"`
	// Spans are the employments, in the order of their start.
	Spans []Span `json:"spans,omitempty"`
	// Closed is set once HR no longer states any employment of the stay: its
	// dates are the last ones known. That is no leave by itself (S11).
	Closed bool `json:"closed,omitempty"`
}

// Span is one employment of a stay.
type Span struct {
	// Employment is the feed's ID, "" where it has none.
	Employment string `json:"employment,omitempty"`
	Start      Date   `json:"start,omitzero"`
	// End is the last day of work, or else the day of termination; for an
	// employment that is terminated without a date the day on which HR said so.
	End Date `json:"end,omitzero"`
	// Closed is set where HR no longer states the employment.
	Closed bool `json:"closed,omitempty"`
}

// Employments are the IDs of the stay's employments in the order of their
// start; "" stands for the one of a feed without IDs.
func (s Stay) Employments() []string {
	var out []string
	for _, span := range s.Spans {
		if !slices.Contains(out, span.Employment) {
			out = append(out, span.Employment)
		}
	}
	return out
}

// StayRules are what Stays needs beside the record.
type StayRules struct {
	// Bridge is the longest gap, in days, inside one stay.
	Bridge int
	// Today tells a correction of a start that lies ahead from a rehire.
	Today Date
}

// Stays computes the stays of a record in the order of their start. Known are
// the stays that were computed before: they keep their IDs, and what HR no
// longer states stays in the list, closed.
func Stays(record Record, known []Stay, rules StayRules) []Stay {
	if len(record.Employments) == 1 && record.Employments[0].ID == "" {
		return flatStays(record.Employments[0], known, rules)
	}
	var stated []Span
	for _, e := range record.Employments {
		stated = append(stated, spanOf(e))
	}
	spans := slices.Concat(stated, vanished(stated, known))
	slices.SortFunc(spans, compareSpans)
	var out []Stay
	for _, group := range groups(spans, rules.Bridge) {
		out = append(out, stayOf(group, record, known, out))
	}
	return out
}

// spanOf reads the dates of an employment.
func spanOf(e Employment) Span {
	start := e.date(StartDateAttribute)
	if start.IsZero() {
		start = e.date(HireDateAttribute)
	}
	end := e.date(LastDayAttribute)
	if end.IsZero() {
		end = e.date(TerminationDateAttribute)
	}
	if status, by := e.status(); end.IsZero() && status == StatusTerminated {
		end = DateOf(by.AsOf)
	}
	return Span{Employment: e.ID, Start: start, End: end}
}

func (e Employment) date(name string) Date {
	value, _ := e.Attributes.Get(name)
	date, _ := ParseDate(value) // canonical, or no date
	return date
}

func (e Employment) status() (string, Stamp) {
	if i, found := e.Attributes.find(StatusAttribute); found {
		return e.Attributes[i].Value, e.Attributes[i].By
	}
	return "", Stamp{}
}

func compareSpans(a, b Span) int {
	return cmp.Or(a.Start.Compare(b.Start), compareEnds(a.End, b.End), strings.Compare(a.Employment, b.Employment))
}

// compareEnds puts the open end last.
func compareEnds(a, b Date) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return a.Compare(b)
}

// vanished are the known spans that HR no longer states. A span of a feed that
// had no employment IDs gives way to the first one with an ID it overlaps.
func vanished(stated []Span, known []Stay) []Span {
	var out []Span
	for _, stay := range known {
		for _, span := range stay.Spans {
			replaced := slices.ContainsFunc(stated, func(s Span) bool {
				return s.Employment == span.Employment || span.Employment == "" && overlap(s, span)
			})
			if replaced {
				continue
			}
			span.Closed = true
			out = append(out, span)
		}
	}
	return out
}

func overlap(a, b Span) bool {
	return (a.End.IsZero() || !a.End.Before(b.Start)) && (b.End.IsZero() || !b.End.Before(a.Start))
}

// groups cuts sorted spans where a gap is longer than the bridge. An open span
// that HR no longer states ends where the next one begins.
func groups(spans []Span, bridge int) [][]Span {
	var out [][]Span
	var end Date
	open := false
	for _, span := range spans {
		joins := len(out) > 0 && (open || within(end, span.Start, bridge))
		if !joins {
			out, open, end = append(out, nil), false, Date{}
		}
		out[len(out)-1] = append(out[len(out)-1], span)
		open = open || span.End.IsZero()
		if end.IsZero() || span.End.After(end) {
			end = span.End
		}
	}
	return out
}

// within reports whether start follows end with a gap of at most bridge days.
func within(end, start Date, bridge int) bool { return end.DaysUntil(start) <= bridge+1 }

// stayOf makes a stay of spans; taken are the stays already made.
func stayOf(spans []Span, record Record, known, taken []Stay) Stay {
	before, found := inherit(spans, known, taken)
	stay := Stay{ID: spans[0].Employment, Start: spans[0].Start, Spans: spans, Closed: true}
	if found {
		stay.ID = before.ID
	}
	if stay.ID == "" || slices.ContainsFunc(taken, func(s Stay) bool { return s.ID == stay.ID }) {
		stay.ID = freeID(known, taken)
	}
	for _, span := range spans {
		stay.Closed = stay.Closed && span.Closed
	}
	stated := statedEmployments(spans, record)
	if len(stated) == 0 {
		if found {
			spans, id := stay.Spans, stay.ID
			stay = before
			stay.ID, stay.Spans, stay.Closed = id, spans, true
		}
		return stay
	}
	stay.Start = startOf(spans, stated)
	return stay.describe(lastOf(stated), before)
}

// statedEmployments are the employments of the spans that HR states. Those
// that never came to be count only where there is no other.
func statedEmployments(spans []Span, record Record) []Employment {
	var all, begun []Employment
	for _, e := range record.Employments {
		if !slices.ContainsFunc(spans, func(s Span) bool { return s.Employment == e.ID && !s.Closed }) {
			continue
		}
		all = append(all, e)
		if status, _ := e.status(); !IsUndone(status) {
			begun = append(begun, e)
		}
	}
	if len(begun) > 0 {
		return begun
	}
	return all
}

// startOf is the first start of what counts: employments stated, and former
// ones that HR no longer states.
func startOf(spans []Span, stated []Employment) Date {
	for _, span := range spans {
		if span.Closed || slices.ContainsFunc(stated, func(e Employment) bool { return e.ID == span.Employment }) {
			return span.Start
		}
	}
	return spans[0].Start
}

// lastOf is the employment that ends last; an open one ends last of all.
func lastOf(employments []Employment) Employment {
	return slices.MaxFunc(employments, func(a, b Employment) int {
		one, two := spanOf(a), spanOf(b)
		return cmp.Or(compareEnds(one.End, two.End), one.Start.Compare(two.Start), strings.Compare(a.ID, b.ID))
	})
}

// describe takes the stay's dates from its last employment.
func (s Stay) describe(last Employment, before Stay) Stay {
	s.LastDay = last.date(LastDayAttribute)
	s.Termination = last.date(TerminationDateAttribute)
	s.ContractEnd = last.date(ContractEndAttribute)
	s.Kind, _ = last.Attributes.Get(KindAttribute)
	status, by := last.status()
	s.Status, s.StatusAsOf = status, by.AsOf
	if before.Status == status && !before.StatusAsOf.IsZero() && before.StatusAsOf.Before(s.StatusAsOf) {
		s.StatusAsOf = before.StatusAsOf
	}
	return s
}

// inherit finds the known stay that these spans go on: the one named after an
// employment among them, or for a stay with an ID of our own the one whose
// first employment, or employment without ID, is among them.
func inherit(spans []Span, known, taken []Stay) (Stay, bool) {
	for _, stay := range known {
		if slices.ContainsFunc(taken, func(s Stay) bool { return s.ID == stay.ID }) {
			continue
		}
		named := slices.Contains(stay.Employments(), stay.ID)
		for _, span := range spans {
			first := !named && len(stay.Spans) > 0 && stay.Spans[0].Employment == span.Employment
			adopted := slices.ContainsFunc(stay.Spans, func(s Span) bool { return s.Employment == "" && overlap(s, span) })
			if span.Employment == stay.ID || first && span.Employment != "" || adopted {
				return stay, true
			}
		}
	}
	return Stay{}, false
}

// freeID allocates s1, s2 ...
func freeID(known, taken []Stay) string {
	for n := 1; ; n++ {
		id := "s" + strconv.Itoa(n)
		used := func(s Stay) bool { return s.ID == id }
		if !slices.ContainsFunc(known, used) && !slices.ContainsFunc(taken, used) {
			return id
		}
	}
}
