package person

import (
	"cmp"
	"slices"
	"strings"
)

// maxSeen bounds the remembered event IDs. Merge is idempotent without them:
// they only tell a duplicate from a stale event.
const maxSeen = 256

// Merged is everything known of one person from all feeds. The zero Merged is
// the start. It is a value: Merge never changes its argument.
type Merged struct {
	// Record is what holds. Its attributes carry no Stamp, except that of
	// employment.status: the moment HR said so has a meaning of its own (S2).
	Record Record `json:"record,omitzero"`
	// Feeds is sorted by feed name.
	Feeds []FeedState `json:"feeds,omitempty"`
	// Seen holds the newest event IDs as feed/id, in the order of arrival.
	Seen []string `json:"seen,omitempty"`
}

// FeedState is what one feed says of the person.
type FeedState struct {
	Feed       string `json:"feed"`
	OwnsStatus bool   `json:"ownsStatus,omitempty"`
	// Full is the newest full record, Latest the newest event of any kind.
	Full   Stamp `json:"full,omitzero"`
	Latest Stamp `json:"latest,omitzero"`
	// Stated is what the feed states; attributes without a Stamp were stated by
	// Full. The frame of an assignment is kept as attributes here.
	Stated Record `json:"stated,omitzero"`
}

// Outcome says what became of an event.
type Outcome string

// The outcomes of a merge.
const (
	// Applied events count, even where nothing differs.
	Applied Outcome = "applied"
	// Duplicate events were seen before.
	Duplicate Outcome = "duplicate"
	// Stale events are older than what is known and change nothing.
	Stale Outcome = "stale"
	// Conflict events seem to speak of another human; they are not applied.
	Conflict Outcome = "conflict"
)

// The reasons of a conflict (S12).
const (
	ConflictPersonKey = "person-key-differs"
	ConflictNameBirth = "family-name-and-birth-date-differ"
)

// MergeResult is what Merge did.
type MergeResult struct {
	Outcome Outcome
	// Changed names the attributes that differ in the record, sorted.
	Changed []string
	// Reason is set for Conflict.
	Reason string
}

// Merge adds an event. Whatever the order in which the same events arrive, the
// record is the same, conflicts aside.
//
// Within a feed events are ordered by sequence, then asOf, then ID; an event
// without a sequence is older than one with it. The newest full record
// replaces what its feed said; a partial one sets attributes one by one and
// never clears. Between feeds the one that owns status states employments; a
// feed that declares what it owns goes before one that owns the rest.
func Merge(m Merged, e Event) (Merged, MergeResult) { return merge(m, e, true) }

// MergeAccepted is Merge for an event whose conflict a human has accepted.
func MergeAccepted(m Merged, e Event) (Merged, MergeResult) { return merge(m, e, false) }

func merge(m Merged, e Event, careful bool) (Merged, MergeResult) {
	seen := e.Feed + "/" + e.ID
	if slices.Contains(m.Seen, seen) {
		return m, MergeResult{Outcome: Duplicate}
	}
	i, found := slices.BinarySearchFunc(m.Feeds, e.Feed, func(s FeedState, feed string) int {
		return strings.Compare(s.Feed, feed)
	})
	state := FeedState{Feed: e.Feed}
	if found {
		state = m.Feeds[i]
	}
	statement := statementOf(e)
	next, took := state.with(e, statement)
	if careful && took {
		if reason := conflict(m.Record.Attributes, statement.Attributes); reason != "" {
			return m, MergeResult{Outcome: Conflict, Reason: reason}
		}
	}
	out := Merged{Record: m.Record, Feeds: slices.Clone(m.Feeds), Seen: remember(m.Seen, seen)}
	if !took {
		return out, MergeResult{Outcome: Stale}
	}
	if found {
		out.Feeds[i] = next
	} else {
		out.Feeds = slices.Insert(out.Feeds, i, next)
	}
	out.Record = compose(out.Feeds)
	return out, MergeResult{Outcome: Applied, Changed: Changed(m.Record, out.Record)}
}

// with returns the state after the event, and whether the event counts.
func (s FeedState) with(e Event, statement Record) (FeedState, bool) {
	stamp := stampOf(e)
	next, fresh := s, s.Latest.isZero() || stamp.compare(s.Latest) > 0
	if fresh {
		next.Latest, next.OwnsStatus = stamp, e.OwnsStatus
	}
	if !s.Full.isZero() && stamp.compare(s.Full) <= 0 {
		return s, false
	}
	if e.Completeness == Full {
		next.Full = stamp
		next.Stated, _ = overlay(statement, s.Stated, stamp)
		return next, true
	}
	stated, took := overlay(s.Stated, stamped(statement, stamp), s.Full)
	next.Stated = stated
	return next, took || fresh
}

// stampOf leaves the feed out: it stands beside.
func stampOf(e Event) Stamp {
	return Stamp{AsOf: e.AsOf.UTC().Round(0), Sequence: e.Sequence, Event: e.ID}
}

// isZero avoids comparing time values with ==.
func (s Stamp) isZero() bool { return s.Event == "" && s.Sequence == 0 && s.AsOf.IsZero() }

// compare orders the statements of one feed. It is one total order, also
// where a feed numbers only some of its events.
func (s Stamp) compare(other Stamp) int {
	return cmp.Or(
		cmp.Compare(s.Sequence, other.Sequence),
		s.AsOf.Compare(other.AsOf),
		strings.Compare(s.Event, other.Event),
	)
}

func remember(seen []string, id string) []string {
	if len(seen) >= maxSeen {
		seen = seen[len(seen)-maxSeen+1:]
	}
	return append(slices.Clip(slices.Clone(seen)), id)
}

// conflict says why two records cannot be of one human.
func conflict(known, said Attributes) string {
	if differ(known, said, PersonKeyAttribute) {
		return ConflictPersonKey
	}
	if differ(known, said, FamilyNameAttribute) && differ(known, said, BirthDateAttribute) {
		return ConflictNameBirth
	}
	return ""
}

func differ(a, b Attributes, name string) bool {
	one, _ := a.Get(name)
	two, _ := b.Get(name)
	return one != "" && two != "" && !strings.EqualFold(one, two)
}
