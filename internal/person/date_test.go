package person_test

import (
	"testing"
	"time"

	"tenure/internal/person"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	location, err := time.LoadLocation(name)
	if err != nil {
		t.Skipf("time zone data absent: %v", err)
	}
	return location
}

func day(t testing.TB, text string) person.Date {
	t.Helper()
	date, err := person.ParseDate(text)
	if err != nil {
		t.Fatalf("ParseDate(%q): %v", text, err)
	}
	return date
}

func TestAt(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, zone, date, at, want string }{
		{"plain", "Europe/Berlin", "2026-12-01", "09:00", "2026-12-01T08:00:00Z"},
		{"before the gap", "Europe/Berlin", "2026-03-29", "01:59", "2026-03-29T00:59:00Z"},
		{"in the gap", "Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:30:00Z"},
		{"end of the gap", "Europe/Berlin", "2026-03-29", "03:00", "2026-03-29T01:00:00Z"},
		{"overlap, first", "Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30:00Z"},
		{"after the overlap", "Europe/Berlin", "2026-10-25", "03:00", "2026-10-25T02:00:00Z"},
		{"end of a long day", "Europe/Berlin", "2026-10-25", "24:00", "2026-10-25T23:00:00Z"},
		{"half an hour gap", "Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45:00Z"},
		{"half an hour overlap", "Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45:00Z"},
		{"day that does not exist", "Pacific/Apia", "2011-12-30", "00:00", "2011-12-30T10:00:00Z"},
		{"noon of it", "Pacific/Apia", "2011-12-30", "12:00", "2011-12-30T22:00:00Z"},
		{"its end", "Pacific/Apia", "2011-12-30", "24:00", "2011-12-30T10:00:00Z"},
		{"day after it", "Pacific/Apia", "2011-12-31", "00:00", "2011-12-30T10:00:00Z"},
		{"day before it ends", "Pacific/Apia", "2011-12-29", "24:00", "2011-12-30T10:00:00Z"},
		{"first on earth", "Etc/GMT-14", "2026-12-01", "00:00", "2026-11-30T10:00:00Z"},
		{"last on earth", "Etc/GMT+12", "2026-12-01", "24:00", "2026-12-02T12:00:00Z"},
		{"no midnight", "America/Havana", "2026-03-08", "00:00", "2026-03-08T05:00:00Z"},
		{"midnight twice", "America/Havana", "2026-11-01", "00:30", "2026-11-01T04:30:00Z"},
		{"no midnight", "Asia/Beirut", "2026-03-29", "00:00", "2026-03-28T22:00:00Z"},
		{"last hour twice", "Asia/Beirut", "2026-10-24", "23:30", "2026-10-24T20:30:00Z"},
		{"end before no midnight", "Asia/Beirut", "2026-03-28", "24:00", "2026-03-28T22:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.zone+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			at, err := person.ParseTimeOfDay(tt.at)
			if err != nil {
				t.Fatal(err)
			}
			got := day(t, tt.date).At(at, zone(t, tt.zone)).UTC().Format(time.RFC3339)
			if got != tt.want {
				t.Errorf("%s %s in %s = %s, want %s", tt.date, tt.at, tt.zone, got, tt.want)
			}
		})
	}
}

// Every quarter of an hour of a year: the wall clock shows the time that was
// asked for unless a change of clocks skips it, and of two such moments it is
// the first.
func TestAtShowsTheTimeAskedFor(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Europe/Berlin", "Australia/Lord_Howe", "America/Havana", "Asia/Beirut", "Africa/Casablanca"} {
		location := zone(t, name)
		for d := day(t, "2026-01-01"); d.Year == 2026; d = d.AddDays(1) {
			for minute := 0; minute <= 24*60; minute += 15 {
				got := d.At(person.TimeOfDay{Minutes: minute}, location)
				if shown := got.Hour()*60 + got.Minute(); shown != minute%(24*60) {
					_, before := got.Add(-3 * time.Hour).Zone()
					if _, after := got.Zone(); after <= before {
						t.Fatalf("%s %02d:%02d in %s = %s, another time though none is skipped", d, minute/60, minute%60, name, got)
					}
				}
				earlier := got.Add(-time.Hour)
				if earlier.Hour()*60+earlier.Minute() == minute && earlier.Day() == d.Day {
					t.Fatalf("%s %02d:%02d in %s = %s, want the first of two", d, minute/60, minute%60, name, got)
				}
			}
		}
	}
}

func TestParseTimeOfDay(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"00:00": 0, "08:30": 510, "24:00": 1440} {
		if got, err := person.ParseTimeOfDay(text); err != nil || got.Minutes != want {
			t.Errorf("ParseTimeOfDay(%q) = %v, %v; want %d minutes", text, got, err, want)
		}
	}
	for _, text := range []string{"", "8:30", "24:01", "12:60", "+1:00", "-1:00", "1 :00", "12:+1", "12-00", "ab:cd"} {
		if got, err := person.ParseTimeOfDay(text); err == nil {
			t.Errorf("ParseTimeOfDay(%q) = %v, want an error", text, got)
		}
	}
}

func TestDateArithmetic(t *testing.T) {
	t.Parallel()
	d := day(t, "2026-02-27")
	if got := d.AddDays(2).String(); got != "2026-03-01" {
		t.Errorf("2026-02-27 + 2 days = %s, want 2026-03-01", got)
	}
	if got := d.DaysUntil(day(t, "2025-02-27")); got != -365 {
		t.Errorf("days until a year earlier = %d, want -365", got)
	}
	if got := day(t, "1901-01-01").DaysUntil(day(t, "2199-12-31")); got != 109207 {
		t.Errorf("days from 1901-01-01 until 2199-12-31 = %d, want 109207", got)
	}
	if (person.Date{}).String() != "" || !(person.Date{}).IsZero() {
		t.Error("the zero date is not empty")
	}
}

func FuzzParseDate(f *testing.F) {
	for _, seed := range []string{"2026-11-22", "2024-02-29", "2026-02-29", "", "0000-00-00", "2026-1-1", "9999-12-31"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		date, err := person.ParseDate(text)
		if err != nil {
			return
		}
		if date.String() != text {
			t.Errorf("ParseDate(%q).String() = %q", text, date.String())
		}
		if back := date.AddDays(400).AddDays(-400); back != date {
			t.Errorf("%s + 400 - 400 days = %s", date, back)
		}
	})
}
