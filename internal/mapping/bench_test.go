package mapping_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tenure/internal/mapping"
)

func compile(t testing.TB, source string) *mapping.Expression {
	t.Helper()
	e, err := mapping.Compile(source)
	if err != nil {
		t.Fatalf("compile %s: %v", source, err)
	}
	return e
}

func hire() *mapping.Environment {
	return &mapping.Environment{
		Now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), DefaultDomain: "contoso.example", Random: mapping.NewRandom(1),
		Attributes: mapping.Attributes{
			"person.legalName.given": mapping.TextValue("Zoë"), "person.legalName.family": mapping.TextValue("Ångström"),
			"assignment.department.name": mapping.TextValue("Sales"), "assignment.location.country": mapping.TextValue("SE"),
			"contact.workPhone": mapping.TextValue("+46 8 555 01 23"), "employeeId": mapping.TextValue("004711"),
			"employment.startDate": mapping.TextValue("2026-12-01"),
		},
	}
}

const (
	threeLevels = `Join("@", Replace(NormalizeDiacritics(Join(".", [person.legalName.given], [person.legalName.family])), " ", , , "", , ), ` +
		`Switch([assignment.location.country], "contoso.example", "SE", "contoso.se.example", "DE", "contoso.de.example"))`
	withRegex = `Join("@", Replace(NormalizeDiacritics([person.legalName.given]), , "[^A-Za-z]", , "", , ), ` +
		`Switch([assignment.location.country], "contoso.example", "SE", "contoso.se.example"))`
)

func BenchmarkEvaluate(b *testing.B) {
	for name, source := range map[string]string{"three levels": threeLevels, "with a regular expression": withRegex} {
		b.Run(name, func(b *testing.B) {
			e, env := compile(b, source), hire()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Evaluate(b.Context(), env); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	source := threeLevels
	for len(source) < 900 {
		source = `Append(` + source + `, "` + strings.Repeat("x", 20) + `")`
	}
	source += strings.Repeat(" ", max(0, 1000-len(source)))
	b.Run(fmt.Sprintf("%d characters", len(source)), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := mapping.Compile(source); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkSet evaluates 40 mappings of the common kinds over 10,000 records.
func BenchmarkSet(b *testing.B) {
	var set []*mapping.Expression
	for range 5 {
		for _, source := range []string{
			threeLevels, `[assignment.department.name]`, `"Contoso"`, `Switch([assignment.department.name], "Other", "Sales", "S", "IT", "I")`,
			`Join(" ", [person.legalName.given], [person.legalName.family])`, `ToLower([person.legalName.family])`,
			`IIF(IsPresent([contact.workPhone]), [contact.workPhone], "none")`, `FormatDateTime([employment.startDate], , "yyyy-MM-dd", "dd.MM.yyyy")`,
		} {
			set = append(set, compile(b, source))
		}
	}
	env := hire()
	b.ReportAllocs()
	for b.Loop() {
		for range 10_000 {
			for _, e := range set {
				if _, err := e.Evaluate(b.Context(), env); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}
