package person_test

import (
	"strings"
	"testing"

	"tenure/internal/person"
)

func TestParseInstant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-11-22T08:00:00Z":               "",
		"2026-11-22T08:00:00.123456789Z":     "",
		"2026-11-22T08:00:00+14:00":          "",
		"1901-01-01T00:00:00Z":               "",
		"2199-12-31T23:59:59Z":               "",
		"2026-11-22T8:00:00Z":                "no instant",
		"2026-11-22T08:00:00,5Z":             "no instant",
		"2026-11-22T08:00:00+24:00":          "no instant",
		"2026-11-22T08:00:60Z":               "no instant",
		"2026-11-22 08:00:00Z":               "no instant",
		"2026-11-22":                         "no instant",
		"2026-02-30T08:00:00Z":               "no instant",
		"":                                   "no instant",
		strings.Repeat("9", 1<<20):           "no instant",
		"2026-11-22T08:00:00.0000000000000Z": "no instant",
		"0001-01-01T00:00:00Z":               "outside 1901 to 2199",
		"1901-01-01T00:00:00+01:00":          "outside 1901 to 2199",
		"9999-12-31T00:00:00Z":               "outside 1901 to 2199",
	} {
		_, err := person.ParseInstant(text)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("ParseInstant(%.40q) = %v, want %q", text, err, want)
		}
		if err != nil && len(err.Error()) > 200 {
			t.Errorf("ParseInstant(%.40q) has an error of %d bytes", text, len(err.Error()))
		}
	}
}
