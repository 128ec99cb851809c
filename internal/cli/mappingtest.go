package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"tenure/internal/mapping"
)

// mappingTests are the examples of an administrator.
type mappingTests struct {
	Mappings []struct {
		Name       string           `yaml:"name"`
		Expression string           `yaml:"expression"`
		Cases      []mappingExample `yaml:"cases"`
	} `yaml:"mappings"`
}

// mappingExample is one example: what goes in and what must come out.
type mappingExample struct {
	Attributes map[string]any `yaml:"attributes"`
	Now        *time.Time     `yaml:"now"`
	Domain     string         `yaml:"domain"`
	Taken      []string       `yaml:"taken"`
	// Exactly one of these is wanted; want: null means no value.
	Want    yaml.Node `yaml:"want"`
	Outcome string    `yaml:"outcome"`
	Error   string    `yaml:"error"`
}

func (a *app) mappingTestCommand() *cobra.Command {
	return leaf("test FILE", "Check expressions against examples of your own",
		`Check a file of examples, and end with 3 where one comes out otherwise. The file
names expressions, and for each some cases:

  mappings:
    - name: user name
      expression: 'ToLower(Join(".", [givenName], [surname]))'
      cases:
        - {attributes: {givenName: Anna, surname: Quist}, want: anna.quist}
        - {attributes: {surname: Quist}, want: quist}

A case has one of want (a text, a list, or null for no value), outcome
(drop-attribute or drop-object) and error (a part of the message); and where it
matters now, domain and taken.`,
		`  tenure mapping test mappings.test.yaml`,
		func(c *cobra.Command, args []string) error {
			content, err := readInput(c, args[0], maxAttributes)
			if err != nil {
				return fmt.Errorf("read examples: %w", err)
			}
			tests, err := readMappingTests(content)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			return a.runMappingTests(c.Context(), tests)
		})
}

func readMappingTests(content []byte) (mappingTests, error) {
	var tests mappingTests
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(&tests); err != nil && !errors.Is(err, io.EOF) {
		return tests, fmt.Errorf("read examples: %w", err)
	}
	if len(tests.Mappings) == 0 {
		return tests, errors.New("read examples: there is none: want mappings with an expression and cases")
	}
	return tests, nil
}

func (a *app) runMappingTests(ctx context.Context, tests mappingTests) error {
	passed, failed := 0, 0
	for i, m := range tests.Mappings {
		name := m.Name
		if name == "" {
			name = fmt.Sprintf("mapping %d", i+1)
		}
		if len(m.Cases) == 0 {
			return fmt.Errorf("%s has no cases", name)
		}
		for j, example := range m.Cases {
			difference, err := example.run(ctx, m.Expression)
			if err != nil {
				return fmt.Errorf("%s, case %d: %w", name, j+1, err)
			}
			if difference == "" {
				passed++
				continue
			}
			failed++
			a.out.line("%s, case %d: %s", name, j+1, difference)
		}
	}
	a.out.line("%d passed, %d failed", passed, failed)
	if failed > 0 {
		return &findings{"examples come out otherwise"}
	}
	return nil
}

// run tells how an example comes out otherwise; "" where it does not.
func (e mappingExample) run(ctx context.Context, expression string) (difference string, err error) {
	env := &mapping.Environment{
		Now: time.Now(), Random: newRandom(), DefaultDomain: e.Domain, Taken: holds(e.Taken), Attributes: mapping.Attributes{},
	}
	if e.Now != nil {
		env.Now = *e.Now
	}
	for name, value := range e.Attributes {
		if env.Attributes[name], err = valueOf(value); err != nil {
			return "", fmt.Errorf("attribute %s: %w", name, err)
		}
	}
	got, _ := evaluate(ctx, expression, env)
	switch {
	case e.Error != "":
		if got.Error == nil || !strings.Contains(got.Error.Message, e.Error) {
			return fmt.Sprintf("got %s, want an error with %q", got.words(), e.Error), nil
		}
	case e.Outcome != "":
		if got.Outcome != e.Outcome {
			return fmt.Sprintf("got %s, want %s", got.words(), e.Outcome), nil
		}
	case e.Want.IsZero():
		return "", errors.New("want one of want, outcome and error")
	default:
		return e.compare(got)
	}
	return "", nil
}

func (e mappingExample) compare(got mappingOutcome) (difference string, err error) {
	var raw any
	if err := e.Want.Decode(&raw); err != nil {
		return "", fmt.Errorf("read want: %w", err)
	}
	if e.Want.Kind == yaml.ScalarNode && raw != nil {
		raw = e.Want.Value // as it is written: 007 stays 007
	}
	want, err := valueOf(raw)
	if err != nil {
		return "", fmt.Errorf("want: %w", err)
	}
	if got.Value != nil && got.Value.IsNull() == want.IsNull() && slices.Equal(got.Value.Values(), want.Values()) {
		return "", nil
	}
	return fmt.Sprintf("got %s, want %s", got.words(), mappingOutcome{Value: &want}.words()), nil
}

// words is an outcome for people.
func (o mappingOutcome) words() string {
	switch {
	case o.Error != nil:
		return fmt.Sprintf("the error %q at line %d, column %d", o.Error.Message, o.Error.Line, o.Error.Column)
	case o.Outcome != "":
		return o.Outcome
	case o.Value.IsNull():
		return "no value"
	default:
		return fmt.Sprintf("%q", o.Value.Values())
	}
}

// valueOf makes a value of what YAML holds.
func valueOf(raw any) (mapping.Value, error) {
	switch raw := raw.(type) {
	case nil:
		return mapping.Value{}, nil
	case []any:
		texts := make([]string, 0, len(raw))
		for _, one := range raw {
			value, err := valueOf(one)
			if err != nil {
				return mapping.Value{}, err
			}
			texts = append(texts, value.String())
		}
		return mapping.ListValue(texts), nil
	case map[string]any:
		return mapping.Value{}, errors.New("found a mapping where a text or a list is wanted")
	case bool:
		return mapping.BooleanValue(raw), nil
	case time.Time:
		return mapping.Value{}, errors.New("found a date without quotes: put it between quotes, so that it is the text that HR sends")
	default:
		return mapping.TextValue(fmt.Sprint(raw)), nil
	}
}
