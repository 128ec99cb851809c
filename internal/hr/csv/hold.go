package csv

import (
	"fmt"
	"time"

	"tenure/internal/hr"
)

// The shares at which a file is held where the feed says nothing (S11).
const (
	standardFewerPeople = 10
	standardRejects     = 5
)

// holds compares the file with the one before. The shrink counts people of the
// file before who are not in this one, not the difference of the totals: a file
// with other people of the same number is as wrong as half a file.
func holds(i *Import, options Options) []hr.Hold {
	var out []hr.Hold
	add := func(reason hr.HoldReason, format string, arguments ...any) {
		out = append(out, hr.Hold{Reason: reason, Detail: fmt.Sprintf(format, arguments...)})
	}
	whole, before := options.Feed.Mode != modeDelta, options.Previous
	if whole && i.Rows == 0 {
		add(hr.HoldEmpty, "the file has no rows")
	}
	if limit := or(options.Feed.HoldWhen.FewerPeople, standardFewerPeople); whole && reaches(len(i.Absent), len(before.Keys), limit) {
		add(hr.HoldFewerPeople, "%d of %d people of the file before are missing; held from %g %%", len(i.Absent), len(before.Keys), limit)
	}
	if limit := or(options.Feed.HoldWhen.Rejects, standardRejects); reaches(i.Rejected, i.Rows, limit) {
		add(hr.HoldRejects, "%d of %d rows are rejected; held from %g %%", i.Rejected, i.Rows, limit)
	}
	if before.Hash != "" && before.Hash != i.Hash && !i.AsOf.After(before.AsOf) {
		add(hr.HoldAsOf, "the file is of %s and the one before of %s, but their contents differ", stamp(i.AsOf), stamp(before.AsOf))
	}
	// A day of slack lets zones ahead of the clock state their date.
	if !options.Now.IsZero() && i.AsOf.After(options.Now.Add(24*time.Hour)) {
		add(hr.HoldFuture, "the file is of %s; what it says would hide all that is stated until then", stamp(i.AsOf))
	}
	return out
}

// reaches reports whether part is at least percent of whole.
func reaches(part, whole int, percent float64) bool {
	return part > 0 && float64(part)*100 >= percent*float64(whole)
}

func or(value, standard float64) float64 {
	if value == 0 {
		return standard
	}
	return value
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
