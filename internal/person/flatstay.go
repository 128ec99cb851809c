package person

import "slices"

// flatStays is Stays for a feed that states one employment without ID.
func flatStays(e Employment, known []Stay, rules StayRules) []Stay {
	span := spanOf(e)
	stays := make([]Stay, len(known))
	for i, stay := range known {
		stay.Spans = slices.Clone(stay.Spans)
		stays[i] = stay
	}
	at := flatStayOf(&stays, span, rules)
	for i := range stays {
		stays[i].Closed = i != at
		if i != at {
			continue
		}
		stays[i].Start = stays[i].Spans[0].Start
		stays[i] = stays[i].describe(e, stays[i])
	}
	return stays
}

// flatStayOf puts the span into the stay it belongs to, a new one if need be,
// and returns the index of that stay.
func flatStayOf(stays *[]Stay, span Span, rules StayRules) int {
	last := len(*stays) - 1
	if last < 0 {
		return appendStay(stays, span)
	}
	// A start that an earlier stay had: the later one was taken back.
	for i, stay := range *stays {
		for j, old := range stay.Spans {
			if old.Start == span.Start {
				(*stays)[i].Spans = append(stay.Spans[:j:j], span)
				return i
			}
		}
	}
	spans := (*stays)[last].Spans
	old := spans[len(spans)-1]
	begun := !old.Start.After(rules.Today)
	ended := !old.End.IsZero() && span.Start.After(old.End)
	switch {
	case span.Start.IsZero():
		span.Start = old.Start
		spans[len(spans)-1] = span
	case begun && ended && within(old.End, span.Start, rules.Bridge):
		(*stays)[last].Spans = append(spans, span)
	case begun && ended:
		return appendStay(stays, span)
	default:
		spans[len(spans)-1] = span
	}
	return last
}

func appendStay(stays *[]Stay, span Span) int {
	*stays = append(*stays, Stay{ID: freeID(*stays, nil), Spans: []Span{span}})
	return len(*stays) - 1
}
