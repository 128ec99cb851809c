package lifecycle

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"tenure/internal/person"
)

func testConditions(tb testing.TB) conditions {
	tb.Helper()
	l := &loader{stated: map[string]bool{"ext.badge": true}}
	c, err := newConditions([]string{"ext.badge"}, l.definition)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func reader(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		v, found := values[name]
		return v, found
	}
}

// S10: an absent attribute is a typed null and a comparison with it is false.
func TestS10Conditions(t *testing.T) {
	t.Parallel()
	c := testConditions(t)
	attributes := map[string]string{
		"employment.kind": "employee", "employment.startDate": "2026-12-01", "employment.voluntary": "true",
		"assignment.department.name": "Sales", "assignment.fte": "0.5", "ext.badge": "B-7", "assignment.jobTitle": "",
		"employment.lastDayOfWork": "",
	}
	for source, want := range map[string]bool{
		`employment.kind == "employee"`:                                     true,
		`"employee" == employment.kind`:                                     true,
		`employment.kind != "employee"`:                                     false,
		`employment.kind in ["employee", "contingent"]`:                     true,
		`employment.startDate < "2027-01-01"`:                               true,
		`employment.startDate >= "2026-12-02"`:                              false,
		`employment.voluntary`:                                              true,
		`employment.voluntary == false`:                                     false,
		`assignment.fte >= 0.5 && assignment.fte < 0.8`:                     true,
		`-assignment.fte < 0.0`:                                             true,
		`size(ext.badge) == 3`:                                              true,
		`ext.badge.startsWith("B") && ext.badge.endsWith("7")`:              true,
		`ext.badge.contains("-") && ext.badge.matches("^B-[0-9]$")`:         true,
		`employment.kind == "intern" ? false : true`:                        true,
		`has(employment.kind) && !has(employment.endReason)`:                true,
		`assignment.jobTitle == ""`:                                         true,
		`has(assignment.jobTitle)`:                                          true,
		`has(employment.lastDayOfWork)`:                                     false,
		`true || employment.endReason == "x"`:                               true,
		`employment.endReason == "x"`:                                       false,
		`employment.endReason != "x"`:                                       false,
		`!(employment.endReason == "x")`:                                    true,
		`employment.endReason in ["x"]`:                                     false,
		`employment.noticeDate < "2030-01-01"`:                              false,
		`employment.noticeDate > "2020-01-01"`:                              false,
		`employment.noticeDate <= employment.noticeDate`:                    false,
		`employment.endReason == employment.endReason`:                      false,
		`employment.rehireEligible`:                                         false,
		`!employment.rehireEligible`:                                        true,
		`employment.rehireEligible == false`:                                false,
		`employment.endReason.startsWith("")`:                               false,
		`employment.endReason.contains("")`:                                 false,
		`employment.endReason.matches(".*")`:                                false,
		`size(employment.endReason) == 0`:                                   false,
		`size(employment.endReason) >= 0`:                                   false,
		`assignment.weeklyHours < 100.0`:                                    false,
		`-assignment.weeklyHours < 100.0`:                                   false,
		`(employment.rehireEligible ? "a" : "b") == "b"`:                    true,
		`(employment.kind == "intern" ? "a" : employment.endReason) == "b"`: false,
	} {
		compiled, _, err := c.compile(source, false)
		if err != nil {
			t.Errorf("compile %s: %v", source, err)
			continue
		}
		got, err := compiled.Holds(Scope{Attributes: reader(attributes)})
		if err != nil || got != want {
			t.Errorf("%s = %t, %v; want %t", source, got, err, want)
		}
	}
}

func TestConditionsOfChanges(t *testing.T) {
	t.Parallel()
	c := testConditions(t)
	scope := Scope{
		Attributes: reader(map[string]string{"assignment.department.name": "IT"}),
		Before:     reader(map[string]string{"assignment.department.name": "Sales"}),
		After:      reader(map[string]string{"assignment.department.name": "IT"}),
	}
	for source, want := range map[string]bool{
		`before.assignment.department.name == "Sales" && after.assignment.department.name == "IT"`:    true,
		`before.assignment.department.name != after.assignment.department.name`:                       true,
		`assignment.department.name == after.assignment.department.name && has(before.employment.id)`: false,
	} {
		compiled, known, err := c.compile(source, true)
		if err != nil {
			t.Fatalf("compile %s: %v", source, err)
		}
		if got, err := compiled.Holds(scope); err != nil || got != want {
			t.Errorf("%s = %t, %v; want %t", source, got, err, want)
		}
		if known.attributes[0] != person.DepartmentAttribute {
			t.Errorf("%s reads %v, want %s first", source, known.attributes, person.DepartmentAttribute)
		}
	}
}

// S10: an error never counts as out of scope, unless the other side decides.
func TestS10ConditionErrors(t *testing.T) {
	t.Parallel()
	c := testConditions(t)
	scope := Scope{Attributes: reader(map[string]string{"employment.voluntary": "perhaps", "employment.kind": "intern"})}
	for source, wantError := range map[string]bool{
		`employment.voluntary`:                                  true,
		`employment.voluntary && employment.kind == "intern"`:   true,
		`employment.voluntary && employment.kind == "employee"`: false,
		`employment.voluntary || employment.kind == "intern"`:   false,
		`employment.voluntary || employment.kind == "employee"`: true,
		`employment.voluntary in [true]`:                        true,
		`employment.voluntary ? true : false`:                   true,
	} {
		compiled, _, err := c.compile(source, false)
		if err != nil {
			t.Fatalf("compile %s: %v", source, err)
		}
		_, err = compiled.Holds(scope)
		if (err != nil) != wantError {
			t.Errorf("%s: error %v, want one: %t", source, err, wantError)
		}
		if err != nil && strings.Contains(err.Error(), "perhaps") {
			t.Errorf("%s: error %q repeats a value of the record", source, err)
		}
	}
}

func TestRefusedConditions(t *testing.T) {
	t.Parallel()
	c := testConditions(t)
	for source, want := range map[string]string{
		`employment.startDate < "soon"`:           `employment.startDate is a date, so it is never "soon"; write a date as YYYY-MM-DD`,
		`has("x")`:                                `has() takes one attribute, such as has(employment.lastDayOfWork)`,
		`employment["kind"] == "x"`:               `write attributes with dots, such as assignment.department.name`,
		`{"a": 1} == {"a": 1}`:                    `a condition holds comparisons, && || ! and in; objects and loops are not part of it`,
		`employment.kind == null`:                 `== does not work on (text, null); texts and dates stand in quotes, true and false do not, numbers have a decimal point (0.8)`,
		`["a"] == ["b"]`:                          `lists stand only behind in, such as employment.kind in ["employee", "intern"]`,
		`employment.kind.matches(employment.id)`:  `the pattern of matches() must be a text in quotes`,
		`kind == "employee"`:                      `unknown attribute "kind"; did you mean "employment.kind"?`,
		`employment == "x"`:                       `unknown attribute "employment"; did you mean "employeeId"?`,
		`person.displayName + "x" == "y"`:         `a condition has no "+"; it has == != < <= > >= in && || ! ?: has() size() startsWith() endsWith() contains() matches()`,
		`managerRef.kind == "emial"`:              `managerRef.kind is never "emial"; did you mean "email"?`,
		`employment.kind in ["employee", "boss"]`: `employment.kind is never "boss"; allowed are employee, contingent, intern, other`,
		`size(3) == 1`:                            `size does not work on (whole number); texts and dates stand in quotes, true and false do not, numbers have a decimal point (0.8)`,
		strings.Repeat("(", 100) + "true" + strings.Repeat(")", 100): `not a condition: nested too deeply`,
		strings.Repeat(" ", 5000):                                    `the condition has 5000 characters, at most 4096 are allowed`,
	} {
		_, _, err := c.compile(source, false)
		var found *conditionError
		if !errors.As(err, &found) || found.message != want {
			t.Errorf("compile %.60s:\n got %v\nwant %s", source, err, want)
		}
	}
}

func TestConditionsAreSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	compiled, _, err := testConditions(t).compile(`employment.kind == "employee" && ext.badge.matches("^B")`, false)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			kind := []string{"employee", "intern"}[i%2]
			for range 100 {
				got, err := compiled.Holds(Scope{Attributes: reader(map[string]string{"employment.kind": kind, "ext.badge": "B"})})
				if err != nil || got != (kind == "employee") {
					t.Errorf("%s: %t, %v", kind, got, err)
					return
				}
			}
		})
	}
	group.Wait()
}

// Whatever name is no attribute is refused at load, never evaluated to null.
func TestUnknownPathsAreRefused(t *testing.T) {
	t.Parallel()
	c := testConditions(t)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`(person|employment|assignment|contact|ext)(\.[a-z][A-Za-z]{0,8}){1,3}`).Draw(t, "name")
		_, known := person.Lookup(name)
		if known && (!isExtension(name) || name == "ext.badge") {
			t.Skip("a real attribute")
		}
		if _, _, err := c.compile("has("+name+")", false); err == nil {
			t.Fatalf("%s was taken", name)
		}
	})
}

// A comparison of an absent attribute is false whatever it is compared with.
func TestComparisonsWithNothingAreFalse(t *testing.T) {
	t.Parallel()
	c := testConditions(t)
	rapid.Check(t, func(t *rapid.T) {
		operator := rapid.SampledFrom([]string{"==", "!=", "<", "<=", ">", ">="}).Draw(t, "operator")
		word := rapid.StringMatching(`[a-z0-9 ]{0,8}`).Draw(t, "word")
		compiled, _, err := c.compile(`employment.endReason `+operator+` "`+word+`"`, false)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := compiled.Holds(Scope{}); got || err != nil {
			t.Fatalf("%s = %t, %v", compiled.Source, got, err)
		}
	})
}

func BenchmarkCondition(b *testing.B) {
	compiled, _, err := testConditions(b).compile(`employment.kind in ["employee", "intern"] && assignment.department.name == "Sales"`, false)
	if err != nil {
		b.Fatal(err)
	}
	scope := Scope{Attributes: reader(map[string]string{"employment.kind": "intern", "assignment.department.name": "Sales"})}
	for b.Loop() {
		if got, err := compiled.Holds(scope); !got || err != nil {
			b.Fatal(got, err)
		}
	}
}
