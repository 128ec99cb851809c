package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tenure/internal/mapping"
)

// maxCase is the longest line of a batch, in bytes.
const maxCase = 4 << 20

// mappingCase is one line of a batch. Fields that only a test suite reads are
// let pass.
type mappingCase struct {
	ID             string          `json:"id"`
	Expression     string          `json:"expression"`
	Inputs         json.RawMessage `json:"inputs"`
	Now            *time.Time      `json:"now"`
	TargetExisting []string        `json:"target_existing"`
	DefaultDomain  string          `json:"default_domain"`
	// Dialect is information: every expression of either dialect is accepted.
	Dialect string `json:"dialect"`
}

// evalBatch evaluates every line. An expression that is refused is an answer; a
// line that is no case ends the batch and is named by its number.
func (a *app) evalBatch(c *cobra.Command, name string) error {
	from := c.InOrStdin()
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return fmt.Errorf("read cases: %w", err)
		}
		defer func() { _ = file.Close() }()
		from = file
	}
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 0, 64<<10), maxCase) //nolint:mnd // it grows as needed
	for number := 1; lines.Scan(); number++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		outcome, err := a.evalCase(c, lines.Bytes())
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, number, err)
		}
		if err := a.jsonLine(outcome); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read cases: %w", err)
	}
	return nil
}

func (a *app) evalCase(c *cobra.Command, line []byte) (mappingOutcome, error) {
	var one mappingCase
	if err := json.Unmarshal(line, &one); err != nil {
		return mappingOutcome{}, fmt.Errorf("read case: %w", err)
	}
	if len(one.Inputs) == 0 || string(one.Inputs) == "null" {
		one.Inputs = json.RawMessage("{}")
	}
	attributes, err := mapping.AttributesFromJSON(one.Inputs)
	if err != nil {
		return mappingOutcome{}, fmt.Errorf("case %s: %w", one.ID, err)
	}
	env := &mapping.Environment{
		Attributes: attributes, Now: time.Now(), Random: newRandom(), DefaultDomain: one.DefaultDomain, Taken: holds(one.TargetExisting),
	}
	if one.Now != nil {
		env.Now = *one.Now
	}
	outcome, _ := evaluate(c.Context(), one.Expression, env)
	outcome.ID = one.ID
	return outcome, nil
}

// jsonLine prints one object on one line.
func (a *app) jsonLine(value any) error {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	a.out.write(asciiControls(b.String()))
	return nil
}
