package vbdate_test

import (
	"errors"
	"testing"
	"time"

	"tenure/internal/mapping/vbdate"
)

func at(t testing.TB, text string) time.Time {
	t.Helper()
	moment, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func TestAdd(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		interval   vbdate.Interval
		value      int64
		from, want string
	}{
		{vbdate.Months, 1, "2026-01-31 06:00:00", "2026-02-28 06:00:00"},
		{vbdate.Months, 1, "2028-01-31 06:00:00", "2028-02-29 06:00:00"},
		{vbdate.Months, -13, "2026-03-31 00:00:00", "2025-02-28 00:00:00"},
		{vbdate.Years, 1, "2028-02-29 00:00:00", "2029-02-28 00:00:00"},
		{vbdate.Years, 4, "2028-02-29 00:00:00", "2032-02-29 00:00:00"},
		{vbdate.Weeks, 2, "2026-03-18 00:00:00", "2026-04-01 00:00:00"},
		{vbdate.Days, -18, "2026-03-18 00:00:00", "2026-02-28 00:00:00"},
		{vbdate.Hours, 25, "2026-03-18 00:00:00", "2026-03-19 01:00:00"},
		{vbdate.Minutes, 90, "2026-03-18 00:00:00", "2026-03-18 01:30:00"},
		{vbdate.Seconds, -1, "2026-03-18 00:00:00", "2026-03-17 23:59:59"},
	} {
		got, err := vbdate.Add(tc.interval, tc.value, at(t, tc.from))
		if err != nil || !got.Equal(at(t, tc.want)) {
			t.Errorf("Add(%s, %d, %s) = %v, %v, want %s", tc.interval, tc.value, tc.from, got, err, tc.want)
		}
	}
}

func TestAddStaysInTheCalendar(t *testing.T) {
	t.Parallel()
	for _, interval := range []vbdate.Interval{
		vbdate.Years, vbdate.Months, vbdate.Weeks, vbdate.Days, vbdate.Hours, vbdate.Minutes, vbdate.Seconds,
	} {
		for _, value := range []int64{1 << 62, -1 << 62, 4_000_000_000_000, -4_000_000_000_000} {
			if got, err := vbdate.Add(interval, value, at(t, "2026-03-18 00:00:00")); !errors.Is(err, vbdate.ErrRange) {
				t.Errorf("Add(%s, %d) = %v, %v, want it refused", interval, value, got, err)
			}
		}
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		interval vbdate.Interval
		from, to string
		want     int64
	}{
		{vbdate.Days, "2026-03-18 00:00:00", "2026-03-19 23:59:59", 1},
		{vbdate.Days, "2026-03-18 23:00:00", "2026-03-18 00:00:00", 0},
		{vbdate.Days, "0001-01-01 00:00:00", "9999-12-31 00:00:00", 3652058},
		{vbdate.Hours, "2026-03-18 12:30:00", "2026-03-18 10:31:00", -1},
		{vbdate.Minutes, "2026-03-18 12:00:59", "2026-03-18 12:01:58", 0},
		{vbdate.Seconds, "2026-03-18 12:00:59", "2026-03-18 12:01:58", 59},
		{vbdate.Months, "2026-01-31 00:00:00", "2026-02-01 00:00:00", 1},
		{vbdate.Years, "2025-12-31 00:00:00", "2026-01-01 00:00:00", 1},
		{vbdate.Weeks, "2026-11-21 00:00:00", "2026-11-22 00:00:00", 1},
		{vbdate.Weeks, "2026-11-22 00:00:00", "2026-11-28 23:00:00", 0},
		{vbdate.Weeks, "2026-11-21 18:00:00", "2026-11-22 06:00:00", 0},
		{vbdate.Weeks, "2026-11-22 00:00:00", "2026-11-15 00:00:00", -1},
	} {
		if got := vbdate.Diff(tc.interval, at(t, tc.from), at(t, tc.to)); got != tc.want {
			t.Errorf("Diff(%s, %s, %s) = %d, want %d", tc.interval, tc.from, tc.to, got, tc.want)
		}
	}
	if got := vbdate.Diff(vbdate.Seconds, time.Unix(10, 900), time.Unix(12, 100)); got != 1 {
		t.Errorf("Diff of 1.9999992 s = %d, want it cut to 1", got)
	}
}

func TestNamed(t *testing.T) {
	t.Parallel()
	if got, ok := vbdate.Named("YYYY"); !ok || got != vbdate.Years {
		t.Errorf("Named(YYYY) = %s, %t, want years", got, ok)
	}
	for _, text := range []string{"", "q", "dd", "minutes"} {
		if _, ok := vbdate.Named(text); ok {
			t.Errorf("Named(%q) is known, want it unknown", text)
		}
	}
}
