package mapping_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/mapping"
)

func TestSourceOfReplace(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(compile(t, `Replace([tongue], "-", , , "_", , )`))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"expression":"Replace([tongue], \"-\", , , \"_\", , )","type":"Function","name":"Replace","parameters":[` +
		`{"key":"source","value":{"expression":"[tongue]","type":"Attribute","name":"tongue","parameters":[]}},` +
		`{"key":"Find","value":{"expression":"\"-\"","type":"Constant","name":"-","parameters":[]}},` +
		`{"key":"Replacement","value":{"expression":"\"_\"","type":"Constant","name":"_","parameters":[]}}]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("source (-want +got):\n%s", diff)
	}
}

func TestSourceKeys(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`Switch([a], "d", "1", "x", "2", "y")`:      "source defaultValue key1 value1 key2 value2",
		`Join(", ", [a], [b], [c])`:                 "separator source1 source2 source3",
		`Coalesce([a], [b])`:                        "source1 source2",
		`SelectUniqueValue([a], [b])`:               "uniqueValueRule1 uniqueValueRule2",
		`FormatDateTime([a], "yyyy", "yy")`:         "source inputFormat outputFormat",
		`FormatDateTime([a], "None", "yyyy", "yy")`: "source dateTimeStyles inputFormat outputFormat",
		`[a] & "x"`:      "left right",
		`Mid([a], 1, 2)`: "source start length",
	} {
		document, err := json.Marshal(compile(t, source))
		if err != nil {
			t.Fatal(err)
		}
		var node mapping.Source
		if err := json.Unmarshal(document, &node); err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, parameter := range node.Parameters {
			keys = append(keys, parameter.Key)
		}
		if got := strings.Join(keys, " "); got != want {
			t.Errorf("keys of %s = %s, want %s", source, got, want)
		}
	}
}

// TestSourceRoundTrip holds for every case that the form of Graph and back is
// the same expression.
func TestSourceRoundTrip(t *testing.T) {
	t.Parallel()
	for _, c := range conformanceCases(t) {
		e, err := mapping.Parse(c.Expression)
		if err != nil {
			t.Fatal(err)
		}
		e.Check()
		document, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		again, contradicts, err := mapping.ParseSource(document)
		if err != nil || contradicts || again.Canonical() != e.Canonical() {
			t.Errorf("%s: %s reads as %q, contradicts %t, %v", c.ID, document, again.Canonical(), contradicts, err)
		}
	}
}

func TestSourceThatContradicts(t *testing.T) {
	t.Parallel()
	e, contradicts, err := mapping.ParseSource([]byte(`{"expression":"Append([a], \"b\")","type":"Function","name":"Append",
		"parameters":[{"key":"source","value":{"expression":"[z]","type":"Attribute","name":"z","parameters":[]}}]}`))
	if err != nil || !contradicts || e.Canonical() != `Append([a], "b")` {
		t.Errorf("got %v, %t, %v, want the expression and that it contradicts", e, contradicts, err)
	}
	if _, _, err := mapping.ParseSource([]byte(`{"expression": 5}`)); err == nil {
		t.Error("a number as expression is taken, want it refused")
	}
}
