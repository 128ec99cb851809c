package person_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tenure/internal/person"
)

func TestCatalogIsSortedAndComplete(t *testing.T) {
	t.Parallel()
	catalog := person.Catalog()
	for i, d := range catalog {
		if i > 0 && catalog[i-1].Name >= d.Name {
			t.Errorf("catalog: %q stands before %q, want sorted and unique", catalog[i-1].Name, d.Name)
		}
		if got, found := person.Lookup(d.Name); !found || got.Name != d.Name {
			t.Errorf("Lookup(%q) = %v, %v; want the definition", d.Name, got, found)
		}
		if d.Description == "" || d.Layer == "" || d.Type == "" {
			t.Errorf("catalog: %q is incomplete: %+v", d.Name, d)
		}
		if (d.Type == person.Enum) != (len(d.Values) > 0) {
			t.Errorf("catalog: %q has type %s and values %v", d.Name, d.Type, d.Values)
		}
	}
}

func TestCatalogIsACopy(t *testing.T) {
	t.Parallel()
	person.Catalog()[0].Name = "changed"
	if got := person.Catalog()[0].Name; got == "changed" {
		t.Error("Catalog()[0] was changed through an earlier result")
	}
}

func TestLookupOfExtensions(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"ext.badge": true, "ext.badge2_x": true, "ext.": false, "ext.2badge": false,
		"ext.a b": false, "person.legalName": false, "": false, "employment.Status": false,
	} {
		if _, got := person.Lookup(name); got != want {
			t.Errorf("Lookup(%q) found = %v, want %v", name, got, want)
		}
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"employment.starDate":         "employment.startDate",
		"startDate":                   "employment.startDate",
		"person.legalname.given":      "person.legalName.given",
		"assignment.departement.name": "assignment.department.name",
		"zzzzzzzzzzzzzzzzzz":          "",
		"":                            "",
	} {
		if got := person.Suggest(name); got != want {
			t.Errorf("Suggest(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, attribute, raw, want, problem string
	}{
		{"text is kept", "person.displayName", " Ana  Lima ", " Ana  Lima ", ""},
		{"NFD becomes NFC", "person.legalName.given", "Zoe\u0308", "Zo\u00eb", ""},
		{"formula is text", "assignment.jobTitle", "=1+1", "=1+1", ""},
		{"control character", "person.legalName.given", "Ana\x00", "", "control character U+0000"},
		{"line break", "assignment.jobTitle", "a\nb", "", "control character U+000A"},
		{"C1 control", "assignment.jobTitle", "a\u0085b", "", "control character U+0085"},
		{"line separator", "assignment.jobTitle", "a\u2028b", "", "control character U+2028"},
		{"delete", "assignment.jobTitle", "a\u007fb", "", "control character U+007F"},
		{"no-break space", "assignment.jobTitle", "a\u00a0b", "a\u00a0b", ""},
		{"invalid UTF-8", "assignment.jobTitle", "a\xff", "", "not valid UTF-8"},
		{"replacement character", "assignment.jobTitle", "a\ufffd", "", "encoding"},
		{"too long", "assignment.jobTitle", strings.Repeat("a", 1025), "", "at most 1024"},
		{"date", "employment.startDate", "2026-02-28", "2026-02-28", ""},
		{"no such day", "employment.startDate", "2026-02-29", "", `"2026-02-29" is no date`},
		{"placeholder", "employment.lastDayOfWork", "9999-12-31", "", "nulls"},
		{"other placeholder", "employment.startDate", "1900-01-01", "", "nulls"},
		{"bool", "employment.leave.keepsAccess", "TRUE", "true", ""},
		{"bad bool", "employment.leave.keepsAccess", "yes", "", `"yes" is neither`},
		{"number", "assignment.fte", "-00.500", "-0.5", ""},
		{"zero", "assignment.fte", "-0.0", "0", ""},
		{"bad number", "assignment.fte", "1,5", "", "no decimal number"},
		{"enum", "employment.status", "active", "active", ""},
		{"bad enum", "employment.status", "Active", "", `unknown code "Active"`},
		{"zone", "person.timeZone", "America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires", ""},
		{"bad zone", "person.timeZone", "CET+1 h", "", "no IANA time zone"},
		{"empty", "employment.startDate", "", "", ""},
		{"unknown attribute", "employment.start", "x", "", "unknown attribute"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := person.Canonical(tt.attribute, tt.raw)
			if tt.problem != "" {
				if err == nil || !strings.Contains(err.Error(), tt.problem) {
					t.Fatalf("Canonical(%q, %q) = %q, %v; want an error with %q", tt.attribute, tt.raw, got, err, tt.problem)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("Canonical(%q, %q) = %q, %v; want %q", tt.attribute, tt.raw, got, err, tt.want)
			}
		})
	}
}

func TestCanonicalNamesAnUnknownAttribute(t *testing.T) {
	t.Parallel()
	if _, err := person.Canonical("nothing", "x"); !errors.Is(err, person.ErrUnknownAttribute) {
		t.Errorf("Canonical(nothing) = %v, want ErrUnknownAttribute", err)
	}
}

func TestOwnedWithStatus(t *testing.T) {
	t.Parallel()
	var owned []string
	for _, d := range person.Catalog() {
		if person.OwnedWithStatus(d.Name) {
			owned = append(owned, d.Name)
		}
	}
	for _, name := range []string{"employment.status", "employment.lastDayOfWork", "assignment.to"} {
		if !slices.Contains(owned, name) {
			t.Errorf("OwnedWithStatus(%q) = false, want true", name)
		}
	}
	for _, name := range []string{"assignment.costCenter.id", "person.displayName", "ext.x"} {
		if person.OwnedWithStatus(name) {
			t.Errorf("OwnedWithStatus(%q) = true, want false", name)
		}
	}
}

func TestKeyProblem(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"1513", "000123", "EMP-1", "a_b.c", "7f3e", "日本1", "A 12", "Smith"} {
		if problem := person.KeyProblem(key); problem != "" {
			t.Errorf("KeyProblem(%q) = %q, want none", key, problem)
		}
	}
	for key, want := range map[string]string{
		"":                      "empty",
		" 1513":                 "blank",
		"ana@contoso.example":   "mail address",
		"Ana Lima":              "name",
		"Lima, Ana-María":       "name",
		"..":                    "dots",
		"a\tb":                  "control",
		strings.Repeat("é", 22): "132 bytes",
	} {
		if got := person.KeyProblem(key); !strings.Contains(got, want) {
			t.Errorf("KeyProblem(%q) = %q, want %q in it", key, got, want)
		}
	}
}

func TestEncodeKey(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"EMP-1_a.b": "EMP-1_a.b",
		"a/b c%":    "a%2Fb%20c%25",
		"e\u0301":   "%C3%A9",
		"\u00e9":    "%C3%A9",
	} {
		if got := person.EncodeKey(key); got != want {
			t.Errorf("EncodeKey(%q) = %q, want %q", key, got, want)
		}
	}
}
