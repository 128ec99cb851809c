package tally

import "fmt"

// Tally is what a section did and found.
type Tally struct {
	// Points are kills at a point, Faults answers that were broken, and Events
	// statements of HR.
	Points, Faults, Events int
	// Lost and Doubled count effects that are missing, and those that exist once
	// too often.
	Lost, Doubled int
	// Unknown counts mails whose delivery nobody can know: a human was asked.
	Unknown int
}

// Add returns both tallies together.
func (t Tally) Add(other Tally) Tally {
	return Tally{
		Points: t.Points + other.Points, Faults: t.Faults + other.Faults, Events: t.Events + other.Events,
		Lost: t.Lost + other.Lost, Doubled: t.Doubled + other.Doubled, Unknown: t.Unknown + other.Unknown,
	}
}

// String is the closing line of the program.
func (t Tally) String() string {
	return fmt.Sprintf("points=%d faults=%d events=%d lost=%d doubled=%d", t.Points, t.Faults, t.Events, t.Lost, t.Doubled)
}

// Short says which numbers are less than a least one.
func (t Tally) Short(least Tally) error {
	for _, count := range []struct {
		what      string
		got, want int
	}{
		{"points", t.Points, least.Points},
		{"faults", t.Faults, least.Faults},
		{"events", t.Events, least.Events},
	} {
		if count.got < count.want {
			return fmt.Errorf("it ran %d %s, want %d or more", count.got, count.what, count.want)
		}
	}
	return nil
}

// Wrong reports whether something was lost or doubled.
func (t Tally) Wrong() bool { return t.Lost+t.Doubled > 0 }
