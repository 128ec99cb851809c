package cli

import (
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tenure/internal/mapping"
)

// maxAttributes is the largest file of attributes that is read, in bytes.
const maxAttributes = 1 << 20

// mappingWithin is how long the evaluation of one expression may take.
const mappingWithin = 5 * time.Second

func (a *app) mappingCommand() *cobra.Command {
	return group("mapping", "Try the expressions that make attributes", `Try the attribute-mapping expressions of Microsoft Entra's provisioning, which
Tenure reads as they are. Nothing is sent anywhere; docs/mapping.md has the
language.`,
		a.mappingEvalCommand(), a.mappingTraceCommand(), a.mappingLintCommand(), a.mappingTestCommand(), a.mappingImportCommand(),
		a.mappingPreviewCommand())
}

// mappingInput are the flags of what an expression is evaluated with.
type mappingInput struct {
	expression, attributes, now, domain string
	taken                               []string
}

func (in *mappingInput) flags(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&in.expression, "expr", "", "the `expression`")
	flags.StringVar(&in.attributes, "attrs", "", "`file` with the attributes, a JSON object; - reads them from the standard input")
	flags.StringVar(&in.now, "now", "", "`instant` that Now() gives, such as 2026-12-01T09:00:00Z (default: now)")
	flags.StringVar(&in.domain, "domain", "", "`domain` that DefaultDomain() gives")
	flags.StringArrayVar(&in.taken, "taken", nil, "`value` that the target holds already, for SelectUniqueValue; can be repeated")
}

// environment reads what an expression is evaluated with.
func (a *app) environment(c *cobra.Command, in mappingInput) (*mapping.Environment, error) {
	env := &mapping.Environment{Now: time.Now(), Random: newRandom(), DefaultDomain: in.domain, Taken: holds(in.taken)}
	if in.now != "" {
		now, err := time.Parse(time.RFC3339, in.now)
		if err != nil {
			return nil, usage("--now is %q: want an instant such as 2026-12-01T09:00:00Z", in.now)
		}
		env.Now = now
	}
	if in.attributes == "" {
		return env, nil
	}
	content, err := readInput(c, in.attributes, maxAttributes)
	if err != nil {
		return nil, fmt.Errorf("read attributes: %w", err)
	}
	if env.Attributes, err = mapping.AttributesFromJSON(content); err != nil {
		return nil, fmt.Errorf("%s: %w", in.attributes, err)
	}
	return env, nil
}

// newRandom is a source of random numbers that nobody can guess.
func newRandom() mapping.Random {
	var seed [32]byte
	_, _ = crand.Read(seed[:]) // it never fails
	return rand.NewChaCha8(seed)
}

// holds answers for a target that holds these values.
func holds(values []string) func(string) (bool, error) {
	return func(wanted string) (bool, error) {
		for _, value := range values {
			if strings.EqualFold(value, wanted) {
				return true, nil
			}
		}
		return false, nil
	}
}

// readInput reads a file or, for "-", the standard input, up to a limit.
func readInput(c *cobra.Command, name string, limit int64) ([]byte, error) {
	from := c.InOrStdin()
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("open file: %w", err)
		}
		defer func() { _ = file.Close() }()
		from = file
	}
	content, err := io.ReadAll(io.LimitReader(from, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("the file is larger than %d bytes", limit)
	}
	return content, nil
}

// mappingOutcome is what an evaluation prints as JSON: a value, or an outcome,
// or an error.
type mappingOutcome struct {
	ID      string          `json:"id,omitempty"`
	Value   *mapping.Value  `json:"value,omitempty"`
	Outcome string          `json:"outcome,omitempty"`
	Error   *mappingProblem `json:"error,omitempty"`
}

// mappingProblem is an error with its place.
type mappingProblem struct {
	Kind     mapping.Stage `json:"kind"`
	Message  string        `json:"message"`
	Function string        `json:"function,omitempty"`
	Offset   int           `json:"offset"`
	Line     int           `json:"line"`
	Column   int           `json:"column"`
}

// evaluate compiles and evaluates; an expression without a value is an outcome
// too.
func evaluate(ctx context.Context, source string, env *mapping.Environment) (mappingOutcome, mapping.Result) {
	ctx, cancel := context.WithTimeout(ctx, mappingWithin)
	defer cancel()
	expression, err := mapping.Compile(source)
	if err != nil {
		return mappingOutcome{Error: problemOf(err)}, mapping.Result{}
	}
	result, err := expression.Evaluate(ctx, env)
	switch {
	case err != nil:
		return mappingOutcome{Error: problemOf(err)}, result
	case result.Outcome != mapping.Flows:
		return mappingOutcome{Outcome: string(result.Outcome)}, result
	default:
		return mappingOutcome{Value: &result.Value}, result
	}
}

func problemOf(err error) *mappingProblem {
	var p *mapping.Problem
	if !errors.As(err, &p) {
		return &mappingProblem{Kind: mapping.Evaluation, Message: err.Error(), Line: 1, Column: 1}
	}
	return &mappingProblem{
		Kind: p.Stage, Message: p.Message, Function: p.Function,
		Offset: p.Position.Offset, Line: p.Position.Line, Column: p.Position.Column,
	}
}

func (a *app) mappingEvalCommand() *cobra.Command {
	var in mappingInput
	var batch string
	command := leaf("eval", "Evaluate an expression",
		`Evaluate an expression over a JSON object of attributes and print the value, one
line for each of a list. What Redact hides is shown as [Redact]. An expression that
is refused, or that has no value for these attributes, is shown with its place, and
the command ends with 3.

--batch evaluates a file of cases, one JSON object a line with id, expression and
inputs, and optionally now, target_existing, default_domain and dialect. It prints
one object a line: {"id","value"}, {"id","outcome"} with drop-attribute or
drop-object, or {"id","error"}; values are not hidden.`,
		`  tenure mapping eval --expr 'Join(".", [givenName], [surname])' --attrs anna.json
  tenure mapping eval --expr 'DateAdd("d", 7, [hired])' --attrs - --now 2026-12-01T09:00:00Z
  tenure mapping eval --batch cases.jsonl`,
		func(c *cobra.Command, _ []string) error {
			if (batch == "") == (in.expression == "") {
				return usage("want either --expr or --batch")
			}
			if batch != "" {
				return a.evalBatch(c, batch)
			}
			return a.evalOne(c, in)
		})
	in.flags(command)
	command.Flags().StringVar(&batch, "batch", "", "`file` of cases; - reads them from the standard input")
	return command
}

func (a *app) evalOne(c *cobra.Command, in mappingInput) error {
	env, err := a.environment(c, in)
	if err != nil {
		return err
	}
	outcome, result := evaluate(c.Context(), in.expression, env)
	if result.Redacted && outcome.Value != nil {
		hidden := mapping.TextValue(mapping.Redacted)
		outcome.Value = &hidden
	}
	if a.wantsJSON() {
		if err := a.json(outcome); err != nil {
			return err
		}
	} else {
		a.printOutcome(in.expression, outcome)
	}
	if outcome.Error != nil {
		return &findings{"the expression has no value"}
	}
	return nil
}

func (a *app) printOutcome(expression string, outcome mappingOutcome) {
	switch {
	case outcome.Error != nil:
		a.printMappingProblem(expression, outcome.Error)
	case outcome.Outcome != "":
		a.out.line("(%s)", outcome.Outcome)
	case outcome.Value.IsNull():
		a.out.line("(no value)")
	default:
		for _, text := range outcome.Value.Values() {
			a.out.line("%s", text)
		}
	}
}

// printMappingProblem shows the line of the expression with a mark below.
func (a *app) printMappingProblem(expression string, p *mappingProblem) {
	message := p.Message
	if p.Function != "" && !strings.HasPrefix(message, p.Function) {
		message = p.Function + ": " + message
	}
	a.out.line("%s error at line %d, column %d: %s", p.Kind, p.Line, p.Column, message)
	lines := strings.Split(strings.ReplaceAll(expression, "\r\n", "\n"), "\n")
	if p.Line <= len(lines) {
		const tab = "\t"
		a.out.line("  %s", strings.ReplaceAll(lines[p.Line-1], tab, " "))
		a.out.line("  %s^", strings.Repeat(" ", p.Column-1))
	}
}

func (a *app) mappingTraceCommand() *cobra.Command {
	var in mappingInput
	command := leaf("trace", "Show the value of every part of an expression",
		`Evaluate an expression and show what each part of it gave, and which parts were not
needed. What Redact hides is shown as [Redact].`,
		`  tenure mapping trace --expr 'IIF(IsPresent([mail]), [mail], Join("@", [alias], DefaultDomain()))' --attrs anna.json`,
		func(c *cobra.Command, _ []string) error {
			if in.expression == "" {
				return usage("--expr is missing")
			}
			env, err := a.environment(c, in)
			if err != nil {
				return err
			}
			return a.trace(c.Context(), in.expression, env)
		})
	in.flags(command)
	return command
}

func (a *app) trace(ctx context.Context, source string, env *mapping.Environment) error {
	ctx, cancel := context.WithTimeout(ctx, mappingWithin)
	defer cancel()
	expression, err := mapping.Compile(source)
	if err != nil {
		a.printMappingProblem(source, problemOf(err))
		return &findings{"the expression is refused"}
	}
	step, _, failed := expression.Trace(ctx, env)
	if a.wantsJSON() {
		if err := a.json(step); err != nil {
			return err
		}
	} else {
		a.printStep(step, "")
	}
	if failed != nil {
		if !a.wantsJSON() {
			a.printMappingProblem(source, problemOf(failed))
		}
		return &findings{"the expression has no value"}
	}
	return nil
}

func (a *app) printStep(step *mapping.Step, indent string) {
	shown := step.Value.String()
	switch {
	case step.NotTaken:
		shown = "(not needed)"
	case step.Problem != "":
		shown = "(" + step.Problem + ")"
	case step.Value.IsNull():
		shown = "(no value)"
	}
	a.out.line("%s%s  =>  %s", indent, step.Expression, shown)
	for _, part := range step.Steps {
		a.printStep(part, indent+"  ")
	}
}
