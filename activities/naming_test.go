package activities

import (
	"slices"
	"strings"
	"testing"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

func nameView(given, middle, family string) person.Attributes {
	var view person.Attributes
	for name, value := range map[string]string{
		"person.legalName.given": given, "person.legalName.middle": middle, "person.legalName.family": family,
	} {
		if value != "" {
			view = view.With(person.Attribute{Name: name, Value: value})
		}
	}
	return view
}

func TestFoldName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Zoë": "zoe", "Müller": "muller", "Weiß": "weiss", "STRAẞE": "strasse", "Ærø": "aero", "Łukasz": "lukasz",
		"Đorđe": "dorde", "Þóra": "thora", "Işıl": "isil", "İpek": "ipek", "O'Brien": "obrien", "de la Cruz": "de-la-cruz",
		"Anne-Marie": "anne-marie", " Ines ": "ines", "Œuvrard": "oeuvrard", "Nguyễn": "nguyen", "ﬁona": "fiona",
		"王": "", "": "", "-": "", "José\u0301": "jose", "R2D2": "r2d2", "a\tb": "a-b", "x@y.example": "xyexample",
	} {
		if got := person.FoldName(name); got != want {
			t.Errorf("foldName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestExpand(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("alexandria", 12)
	for _, tt := range []struct {
		name, form            string
		given, middle, family string
		first                 string
		count                 int
	}{
		{"whole names", "given.family", "Zoë", "", "Müller", "zoe.muller@contoso.example", 1},
		{"initial", "g.family", "Zoë", "", "Müller", "z.muller@contoso.example", 1},
		{"middle", "given.m.family", "Zoë", "Ada", "Müller", "zoe.a.muller@contoso.example", 1},
		{"no middle", "given.m.family", "Zoë", "", "Müller", "zoe.muller@contoso.example", 1},
		{"no given", "given.family", "", "", "Müller", "muller@contoso.example", 1},
		{"letters that have no ASCII", "given.family", "王", "", "Li", "li@contoso.example", 1},
		{"numbered", "given.family#", "Zoë", "", "Müller", "zoe.muller2@contoso.example", maxNumbered},
		{"nothing", "given.family", "王", "", "李", "", 0},
		{"long", "given.family", long, "", "Li", long[:maxNamePart] + "@contoso.example", 1},
		{"cut at a dot", "given.family", long[:maxNamePart-1], "", "Li", long[:maxNamePart-1] + "@contoso.example", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := expand(lifecycle.NameForm(tt.form), nameView(tt.given, tt.middle, tt.family), "contoso.example")
			if len(got) != tt.count {
				t.Fatalf("%d candidates, want %d: %q", len(got), tt.count, got)
			}
			if tt.count > 0 && got[0] != tt.first {
				t.Errorf("first = %q, want %q", got[0], tt.first)
			}
			for _, candidate := range got {
				if local, _, _ := strings.Cut(candidate, "@"); len(local) > 64 || local == "" {
					t.Errorf("the name part of %q has %d bytes, want 1 to 64", candidate, len(local))
				}
			}
			if sorted := slices.Compact(slices.Sorted(slices.Values(got))); len(sorted) != len(got) {
				t.Errorf("candidates repeat: %q", got)
			}
		})
	}
}

func TestAfter(t *testing.T) {
	t.Parallel()
	names := []string{"a@x", "b@x", "c@x"}
	for name, want := range map[string][]string{"A@X": {"b@x", "c@x"}, "c@x": {}, "d@x": nil} {
		if got := after(names, name); !slices.Equal(got, want) {
			t.Errorf("after %q = %q, want %q", name, got, want)
		}
	}
}

func TestMaskAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"zoe@contoso.example": "z***@contoso.example", "": "***", "@contoso.example": "***", "nobody": "***",
	} {
		if got := maskAddress(address); got != want {
			t.Errorf("maskAddress(%q) = %q, want %q", address, got, want)
		}
	}
}
