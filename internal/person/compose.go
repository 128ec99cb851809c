package person

import (
	"cmp"
	"slices"
	"strings"
)

// compose makes the record that holds from what the feeds state. The current
// owner of status is the owning feed that spoke last: after a change of the HR
// system the former one still has its attributes, but no employments.
func compose(feeds []FeedState) Record {
	owner := -1
	for i, s := range feeds {
		if s.OwnsStatus && (owner < 0 || s.Latest.AsOf.After(feeds[owner].Latest.AsOf)) {
			owner = i
		}
	}
	out := Record{Attributes: composeAttributes(feeds, owner)}
	if owner < 0 {
		return out
	}
	out.Employments = composeEmployments(feeds[owner])
	out.Assignments = composeAssignments(feeds, owner)
	return out
}

// The ranks of feeds, the last one strongest.
const (
	formerOwner = iota
	currentOwner
	declaredOwner
)

type candidate struct {
	attribute Attribute
	rank      int
	feed      string
}

// composeAttributes chooses one statement per attribute of the person. What a
// feed without employments says of the assignment without naming one stands
// here too: View lays it over the assignment of the day.
func composeAttributes(feeds []FeedState, owner int) Attributes {
	var all []candidate
	for i, s := range feeds {
		rank := declaredOwner
		if s.OwnsStatus {
			rank = formerOwner
		}
		if i == owner {
			rank = currentOwner
		}
		said := s.Stated.Attributes
		if rank == declaredOwner && len(s.Stated.Assignments) > 0 && s.Stated.Assignments[0].ID == "" {
			said = slices.Concat(said, s.Stated.Assignments[0].Attributes)
		}
		for _, a := range said {
			a.By = s.by(a)
			all = append(all, candidate{attribute: a, rank: rank, feed: s.Feed})
		}
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(
			strings.Compare(a.attribute.Name, b.attribute.Name),
			cmp.Compare(b.rank, a.rank),
			b.attribute.By.AsOf.Compare(a.attribute.By.AsOf),
			strings.Compare(a.feed, b.feed),
		)
	})
	var out Attributes
	for _, c := range all {
		if n := len(out); n == 0 || out[n-1].Name != c.attribute.Name {
			out = append(out, Attribute{Name: c.attribute.Name, Value: c.attribute.Value})
		}
	}
	return out
}

// by is the full stamp of an attribute of the feed.
func (s FeedState) by(a Attribute) Stamp {
	by := a.By
	if by.isZero() {
		by = s.Full
	}
	by.Feed = s.Feed
	return by
}

func (s FeedState) withStamps(attributes Attributes) Attributes {
	out := slices.Clone(attributes)
	for i := range out {
		out[i].By = s.by(out[i])
	}
	return out
}

func composeEmployments(s FeedState) []Employment {
	var out []Employment
	for _, e := range s.Stated.Employments {
		out = append(out, Employment{ID: e.ID, Attributes: s.withStamps(e.Attributes)})
	}
	// An employment without ID beside others is a partial record that named
	// none: it speaks of the one that was current on its day.
	if len(out) > 1 && out[0].ID == "" {
		loose := out[0].Attributes
		out = out[1:]
		for _, a := range loose {
			i := currentEmployment(out, DateOf(a.By.AsOf))
			out[i].Attributes, _ = overlayAttributes(out[i].Attributes, Attributes{a}, s.Full)
		}
	}
	for i := range out {
		for j := range out[i].Attributes {
			if out[i].Attributes[j].Name != StatusAttribute {
				out[i].Attributes[j].By = Stamp{}
			}
		}
	}
	return out
}

func composeAssignments(feeds []FeedState, owner int) []Assignment {
	s := feeds[owner]
	var out []Assignment
	for _, a := range s.Stated.Assignments {
		out = append(out, framed(Assignment{ID: a.ID, Attributes: s.withStamps(a.Attributes)}))
	}
	if len(out) > 1 && out[0].ID == "" {
		loose := out[0].Attributes
		out = out[1:]
		for _, a := range loose {
			i := max(0, effectiveAssignment(out, DateOf(a.By.AsOf)))
			out[i].Attributes, _ = overlayAttributes(out[i].Attributes, Attributes{a}, s.Full)
		}
	}
	for i, other := range feeds {
		if i == owner || other.OwnsStatus {
			continue
		}
		for _, a := range other.Stated.Assignments {
			if at := slices.IndexFunc(out, func(o Assignment) bool { return o.ID == a.ID && a.ID != "" }); at >= 0 {
				for _, attribute := range a.Attributes {
					out[at].Attributes = out[at].Attributes.With(attribute)
				}
			}
		}
	}
	for i := range out {
		for j := range out[i].Attributes {
			out[i].Attributes[j].By = Stamp{}
		}
	}
	return out
}

// framed moves the frame from the attributes to the fields. Canonical dates
// always parse; another text counts as no date.
func framed(a Assignment) Assignment {
	out := Assignment{ID: a.ID}
	for _, attribute := range a.Attributes {
		switch attribute.Name {
		case AssignmentFromAttribute:
			out.From, _ = ParseDate(attribute.Value)
		case AssignmentToAttribute:
			out.To, _ = ParseDate(attribute.Value)
		case AssignmentEmployment:
			out.EmploymentID = attribute.Value
		case AssignmentPrimary:
			out.Primary = attribute.Value == trueValue
		default:
			out.Attributes = append(out.Attributes, attribute)
		}
	}
	return out
}
