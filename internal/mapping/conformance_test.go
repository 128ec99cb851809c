package mapping_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"tenure/internal/mapping"
)

// conformanceCase is one line of shared/data/mapping/cases.jsonl; its README
// says what the fields mean.
type conformanceCase struct {
	ID             string          `json:"id"`
	Expression     string          `json:"expression"`
	Inputs         json.RawMessage `json:"inputs"`
	Expected       json.RawMessage `json:"expected"`
	Outcome        string          `json:"outcome"`
	Now            time.Time       `json:"now"`
	TargetExisting []string        `json:"target_existing"`
	DefaultDomain  string          `json:"default_domain"`
	Check          string          `json:"check"`
	Kind           string          `json:"kind"`
}

func conformanceCases(t *testing.T) []conformanceCase {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "mapping", "cases.jsonl"))
	if os.IsNotExist(err) {
		t.Skip("shared data folder absent: the conformance cases of the mapping language are not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var cases []conformanceCase
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var c conformanceCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

func (c conformanceCase) environment(t *testing.T, seed uint64) *mapping.Environment {
	t.Helper()
	attributes, err := mapping.AttributesFromJSON(c.Inputs)
	if err != nil {
		t.Fatal(err)
	}
	return &mapping.Environment{
		Attributes: attributes, Now: c.Now, Random: mapping.NewRandom(seed), DefaultDomain: c.DefaultDomain,
		Taken: func(value string) (bool, error) {
			return slices.ContainsFunc(c.TargetExisting, func(held string) bool { return strings.EqualFold(held, value) }), nil
		},
	}
}

// texts is a JSON value as the cases compare it.
func texts(t *testing.T, raw json.RawMessage) []string {
	t.Helper()
	attributes, err := mapping.AttributesFromJSON([]byte(`{"x":` + string(raw) + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return attributes["x"].Values()
}

func TestConformance(t *testing.T) {
	t.Parallel()
	cases := conformanceCases(t)
	if len(cases) < 427 {
		t.Fatalf("found %d cases, want 427", len(cases))
	}
	for _, c := range cases {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			c.run(t)
		})
	}
}

func (c conformanceCase) run(t *testing.T) {
	t.Helper()
	parsed, err := mapping.Parse(c.Expression)
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	if c.Kind == "parse-only" {
		return
	}
	if problems := parsed.Check(); len(problems) > 0 {
		if c.Outcome != "error" {
			t.Fatalf("refused: %v", problems[0])
		}
		return
	}
	again, err := mapping.Compile(parsed.Canonical())
	if err != nil || again.Canonical() != parsed.Canonical() {
		t.Errorf("canonical text %q reads as something else: %v", parsed.Canonical(), err)
	}
	result, err := parsed.Evaluate(t.Context(), c.environment(t, 1))
	switch {
	case c.Outcome == "error":
		if err == nil {
			t.Errorf("got %v, want an error", result.Value)
		}
		return
	case err != nil:
		t.Fatalf("evaluate: %v", err)
	case c.Outcome != "":
		if string(result.Outcome) != c.Outcome {
			t.Errorf("outcome = %s, want %s", result.Outcome, c.Outcome)
		}
		return
	case c.Kind == "property":
		c.checkProperties(t, parsed, result)
		return
	}
	if got, want := result.Value.Values(), texts(t, c.Expected); !slices.Equal(got, want) || result.Value.IsNull() != (want == nil) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func (c conformanceCase) checkProperties(t *testing.T, e *mapping.Expression, result mapping.Result) {
	t.Helper()
	text := result.Value.String()
	for clause := range strings.SplitSeq(c.Check, "; ") {
		name, want, _ := strings.Cut(clause, "=")
		switch name = strings.TrimSuffix(name, ">"); {
		case name == "matches":
			if !regexp.MustCompile(want).MatchString(text) {
				t.Errorf("%q does not match %s", text, want)
			}
		case name == "excludes":
			if strings.ContainsAny(text, want) {
				t.Errorf("%q contains one of %q", text, want)
			}
		case name == "datetime":
			if moment, err := time.Parse("1/2/2006 3:04:05 PM", text); err != nil || moment.Format(time.RFC3339) != want {
				t.Errorf("%q is not %s", text, want)
			}
		case strings.HasPrefix(clause, "log shows"):
			step, _, err := e.Trace(t.Context(), c.environment(t, 1))
			if err != nil || step.Value.String() != "[Redact]" || !result.Redacted {
				t.Errorf("trace shows %v (%v), want [Redact]", step.Value, err)
			}
		case strings.HasPrefix(clause, "differs"):
			other, err := e.Evaluate(t.Context(), c.environment(t, 2))
			if err != nil || other.Value.String() == text {
				t.Errorf("two seeds give %q twice (%v)", text, err)
			}
		case clause == "current UTC time":
		default:
			checkCount(t, text, clause)
		}
	}
}

func checkCount(t *testing.T, text, clause string) {
	t.Helper()
	name, number, _ := strings.Cut(clause, "=")
	name, atLeast := strings.CutSuffix(name, ">")
	want, err := strconv.Atoi(number)
	if err != nil {
		t.Fatalf("unknown clause %q", clause)
	}
	got := 0
	for _, r := range text {
		switch {
		case name == "length", name == "digits" && unicode.IsDigit(r), name == "uppercase" && unicode.IsUpper(r),
			name == "lowercase" && unicode.IsLower(r), name == "special" && !unicode.IsDigit(r) && !unicode.IsLetter(r):
			got++
		}
	}
	if got < want || !atLeast && got > want {
		t.Errorf("%q has %s=%d, want %s", text, name, got, clause)
	}
}
