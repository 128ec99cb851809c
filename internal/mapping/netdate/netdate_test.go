package netdate_test

import (
	"errors"
	"testing"
	"time"

	"tenure/internal/mapping/netdate"
)

func layout(t testing.TB, format string) netdate.Layout {
	t.Helper()
	l, err := netdate.NewLayout(format)
	if err != nil {
		t.Fatalf("NewLayout(%q): %v", format, err)
	}
	return l
}

// TestFormat holds what .NET's documentation of date format strings states.
func TestFormat(t *testing.T) {
	t.Parallel()
	at := time.Date(2009, 6, 5, 13, 5, 9, 120_030_000, time.UTC) // a Friday
	for format, want := range map[string]string{
		"d": "06/05/2009", "D": "Friday, 05 June 2009", "t": "13:05", "T": "13:05:09", "g": "06/05/2009 13:05",
		"G": "06/05/2009 13:05:09", "f": "Friday, 05 June 2009 13:05", "F": "Friday, 05 June 2009 13:05:09", "M": "June 05",
		"m": "June 05", "Y": "2009 June", "y": "2009 June", "s": "2009-06-05T13:05:09", "u": "2009-06-05 13:05:09Z",
		"o": "2009-06-05T13:05:09.1200300", "R": "Fri, 05 Jun 2009 13:05:09 GMT",
		"%d": "5", "dd": "05", "ddd": "Fri", "dddd": "Friday", "ddddd": "Friday", "%M": "6", "MM": "06", "MMM": "Jun", "MMMM": "June",
		"%y": "9", "yy": "09", "yyy": "2009", "yyyy": "2009", "yyyyy": "02009", "%H": "13", "HH": "13", "%h": "1", "hh": "01", "hhh": "01",
		"%m": "5", "mm": "05", "%s": "9", "ss": "09", "%f": "1", "fff": "120", "fffffff": "1200300", "%F": "1", "FFF": "12",
		"FFFFFFF": "12003", "%t": "P", "tt": "PM", "%z": "+0", "zz": "+00", "zzz": "+00:00", "%K": "", "HH:mm": "13:05",
		"yyyy/MM": "2009/06", "h 'o''clock'": "1 oclock", `h \h`: "1 h", `"d"d`: "d5", "ss.FFF": "09.12", "yyyy-MM-ddTHH:mm": "2009-06-05T13:05",
		"ddMMyyyy€": "05062009€", "d.M.yyyy": "5.6.2009", "yyyyMMdd%K": "20090605",
	} {
		if got := layout(t, format).Format(netdate.Moment{Time: at}); got != want {
			t.Errorf("Format(%q) = %q, want %q", format, got, want)
		}
	}
	whole := netdate.Moment{Time: at.Truncate(time.Second), Zone: netdate.UTC}
	for format, want := range map[string]string{"ss.FFF": "09", "ss.fff": "09.000", "ssK": "09Z", "ss F": "09 "} {
		if got := layout(t, format).Format(whole); got != want {
			t.Errorf("Format(%q) of a whole second = %q, want %q", format, got, want)
		}
	}
}

func TestLayoutRefuses(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"", "Q", "x", "'", "yyyy'", `yyyy\`, "%", "%%d", "yyyy%", "ffffffff", "yyyy g", "é"} {
		if _, err := netdate.NewLayout(format); !errors.Is(err, netdate.ErrFormat) {
			t.Errorf("NewLayout(%q): %v, want it refused", format, err)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ format, source, want string }{
		{"yyyy-MM-dd", "2026-03-18", "2026-03-18T00:00:00Z"},
		{"yyyy-MM-dd", " 2026-03-18\t", "2026-03-18T00:00:00Z"},
		{"yyyy-MM-ddzzz", "2026-03-05+13:00", "2026-03-04T11:00:00Z"},
		{"yyyy-MM-ddzzz", "2026-03-05+1300", "2026-03-04T11:00:00Z"},
		{"yyyy-MM-ddzz", "2026-03-05-08", "2026-03-05T08:00:00Z"},
		{"yyyy-MM-ddz", "2026-03-05-8", "2026-03-05T08:00:00Z"},
		{"yyyy-MM-ddTHH:mm:ssK", "2026-03-05T01:02:03Z", "2026-03-05T01:02:03Z"},
		{"yyyy-MM-ddTHH:mm:ssK", "2026-03-05T01:02:03", "2026-03-05T01:02:03Z"},
		{"yyyy-MM-ddTHH:mm:ssK", "2026-03-05T01:02:03+01:00", "2026-03-05T00:02:03Z"},
		{"yyyyMMddHHmmss.fZ", "20150123105347.1Z", "2015-01-23T10:53:47.1Z"},
		{"M/d/yyyy h:mm:ss tt", "3/5/2026 8:05:00 pm", "2026-03-05T20:05:00Z"},
		{"M/d/yyyy h:mm:ss tt", "12/15/2026 12:00:00 AM", "2026-12-15T00:00:00Z"},
		{"M/d/yyyy h:mm", "3/5/2026 12:00", "2026-03-05T12:00:00Z"},
		{"d MMMM yyyy", "5 march 2026", "2026-03-05T00:00:00Z"},
		{"ddd, dd MMM yy", "Thu, 05 Mar 26", "2026-03-05T00:00:00Z"},
		{"yy", "49", "2049-01-01T00:00:00Z"},
		{"yy", "50", "1950-01-01T00:00:00Z"},
		{"yyyy", "2026", "2026-01-01T00:00:00Z"},
		{"yyyy-MM-dd HH:mm:ss.FFF", "2026-03-05 01:02:03", "2026-03-05T01:02:03Z"},
		{"yyyy-MM-dd HH:mm:ss.FFF", "2026-03-05 01:02:03.5", "2026-03-05T01:02:03.5Z"},
		{"yyyy'T'MM", "2026T03", "2026-03-01T00:00:00Z"},
		{"o", "2026-03-05T01:02:03.0000000Z", "2026-03-05T01:02:03Z"},
		{"R", "Thu, 05 Mar 2026 01:02:03 GMT", "2026-03-05T01:02:03Z"},
		{"s", "2026-03-05T01:02:03", "2026-03-05T01:02:03Z"},
		{"yyyy yyyy", "2026 2026", "2026-01-01T00:00:00Z"},
	} {
		got, err := layout(t, tc.format).Parse(tc.source, netdate.DefaultStyles())
		if err != nil || got.Time.Format(time.RFC3339Nano) != tc.want {
			t.Errorf("Parse(%q, %q) = %v, %v, want %s", tc.format, tc.source, got.Time, err, tc.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		format, source string
		want           error
	}{
		{"dd.MM.", "05.03.", netdate.ErrNoYear},
		{"HH:mm", "08:00", netdate.ErrNoYear},
		{"yyyy-MM-dd", "2026-3-18", netdate.ErrMismatch},
		{"yyyy-MM-dd", "2026-03-18 ", nil},
		{"yyyy-MM-dd", "2026-03-18x", netdate.ErrMismatch},
		{"yyyy-MM-dd", "2026-02-30", netdate.ErrRange},
		{"yyyy-MM-dd", "0000-01-01", netdate.ErrRange},
		{"yyyy-MM-ddTHH", "2026-01-01T24", netdate.ErrRange},
		{"yyyy-MM-dd hh", "2026-01-01 13", netdate.ErrMismatch},
		{"yyyy-MM-dd HH tt", "2026-01-01 13 AM", netdate.ErrMismatch},
		{"yyyy-MM-ddzzz", "2026-03-05Z", netdate.ErrMismatch},
		{"yyyy-MM-ddzzz", "2026-03-05", netdate.ErrMismatch},
		{"yyyy-MM-ddzzz", "2026-03-05+15:00", netdate.ErrMismatch},
		{"yyyy-MM-ddzzz", "0001-01-01+14:00", netdate.ErrRange},
		{"ddd yyyy-MM-dd", "Mon 2026-03-05", netdate.ErrMismatch},
		{"yyyy yyyy", "2026 2027", netdate.ErrMismatch},
		{"yyyy.f", "2026.", netdate.ErrMismatch},
		{"M/d/yyyy hh:mm:ss tt", "3/18/2026 8:05:00 AM", netdate.ErrMismatch},
	} {
		if _, err := layout(t, tc.format).Parse(tc.source, netdate.DefaultStyles()); !errors.Is(err, tc.want) {
			t.Errorf("Parse(%q, %q): %v, want %v", tc.format, tc.source, err, tc.want)
		}
	}
}

func TestStyles(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		styles, source string
		fits           bool
	}{
		{"None", "2026-03", true},
		{"None", " 2026-03", false},
		{"DateTimeStyles.AllowLeadingWhite", " 2026-03", true},
		{"AllowLeadingWhite", "2026-03 ", false},
		{"AllowTrailingWhite, AssumeLocal", "2026-03 ", true},
		{"AllowInnerWhite", "2026 - 03", true},
		{"AllowWhiteSpaces", "  2026 -03 ", true},
	} {
		styles, err := netdate.ParseStyles(tc.styles)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := layout(t, "yyyy-MM").Parse(tc.source, styles); (err == nil) != tc.fits {
			t.Errorf("%s: %q: %v, want it read: %t", tc.styles, tc.source, err, tc.fits)
		}
	}
	if _, err := netdate.ParseStyles("None, Loose"); err == nil {
		t.Error("an unknown style is taken, want it refused")
	}
}

// FuzzFormatThenParse holds that a format with everything in it reads what it
// writes.
func FuzzFormatThenParse(f *testing.F) {
	f.Add(int64(0), int64(0))
	f.Add(int64(253402300799), int64(999_999_900))
	f.Fuzz(func(t *testing.T, seconds, nanoseconds int64) {
		const first, last = -62135596800, 253402300799
		if seconds < first || seconds > last || nanoseconds < 0 || nanoseconds >= 1e9 {
			return
		}
		at := time.Unix(seconds, nanoseconds/100*100).UTC()
		for _, format := range []string{"o", "dddd, d MMMM yyyy h:m:s.fffffff tt", "yyyyMMddHHmmssFFFFFFF zzz"} {
			l := layout(t, format)
			text := l.Format(netdate.Moment{Time: at, Zone: netdate.UTC})
			if got, err := l.Parse(text, netdate.DefaultStyles()); err != nil || !got.Time.Equal(at) {
				t.Fatalf("%s: %s reads as %v, %v, want %v", format, text, got.Time, err, at)
			}
		}
	})
}

// FuzzLayout holds that every format is read or refused.
func FuzzLayout(f *testing.F) {
	f.Add("yyyy-MM-ddTHH:mm:ss.FFFK", "2026-03-05T01:02:03")
	f.Add(`%d '\''"`, "x")
	f.Fuzz(func(t *testing.T, format, source string) {
		l, err := netdate.NewLayout(format)
		if err != nil {
			return
		}
		m, err := l.Parse(source, netdate.Styles{Inner: true})
		if err == nil && (m.Time.Year() < 1 || m.Time.Year() > 9999) {
			t.Fatalf("Parse(%q, %q) = %v, outside the calendar", format, source, m.Time)
		}
		l.Format(m)
	})
}
