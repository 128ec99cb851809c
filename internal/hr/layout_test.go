package hr_test

import (
	"testing"

	"tenure/internal/hr"
)

func TestDateLayout(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ layout, text, want string }{
		{"", "2026-11-22", "2026-11-22"},
		{"YYYY-MM-DD", "2026-11-22", "2026-11-22"},
		{"DD.MM.YYYY", "02.03.2026", "2026-03-02"},
		{"MM/DD/YYYY", "02/03/2026", "2026-02-03"},
		{"YYYYMMDD", "20261122", "2026-11-22"},
		{"D.M.YYYY", "2.3.2026", "2026-03-02"},
		{"D.M.YYYY", "12.11.2026", "2026-11-12"},
		{"M/D/YYYY", "1/31/2026", "2026-01-31"},
		{"DD.MM.YYYY", "2.3.2026", ""},
		{"DD.MM.YYYY", "31.02.2026", ""},
		{"DD.MM.YYYY", "02.03.26", ""},
		{"DD.MM.YYYY", "02.03.2026 ", ""},
		{"DD.MM.YYYY", "02-03-2026", ""},
		{"D.M.YYYY", "123.1.2026", ""},
		{"D.M.YYYY", "", ""},
		{"YYYYMMDD", "2026112２", ""},
		{"YYYY-MM-DD", "2026-11-22T00:00:00Z", ""},
	} {
		layout, err := hr.ParseDateLayout(tt.layout)
		if err != nil {
			t.Errorf("ParseDateLayout(%q) = %v", tt.layout, err)
			continue
		}
		got, err := layout.Parse(tt.text)
		if got.String() != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%q in %q = %s, %v; want %q", tt.text, tt.layout, got, err, tt.want)
		}
	}
	for _, layout := range []string{"YYYY-MM", "DD.MM.YY", "YYYY-MM-DD hh", "MM-MM-YYYY", "YYYY-MM-DD-D"} {
		if _, err := hr.ParseDateLayout(layout); err == nil {
			t.Errorf("ParseDateLayout(%q) gave no error", layout)
		}
	}
}

func FuzzDateLayout(f *testing.F) {
	f.Add("DD.MM.YYYY", "02.03.2026")
	f.Add("D.M.YYYY", "2.3.2026")
	f.Add("YYYYMD", "202611")
	f.Fuzz(func(t *testing.T, layout, text string) {
		parsed, err := hr.ParseDateLayout(layout)
		if err != nil {
			return
		}
		date, err := parsed.Parse(text)
		if err == nil && date.IsZero() {
			t.Errorf("%q in %q is no date and no error", text, layout)
		}
	})
}
