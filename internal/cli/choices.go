package cli

import (
	"errors"
	"fmt"
	"os"

	"tenure/internal/httpapi"
)

// readChoices reads the decisions of a sheet: all that cannot be read are told
// at once, and then none is carried out.
func (a *app) readChoices(name string) ([]httpapi.FindingChoice, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	rows, err := readSheet(file, columnFinding, columnDecision)
	if err != nil {
		return nil, err
	}
	var choices []httpapi.FindingChoice
	var problems []string
	for _, row := range rows {
		if row.cells[columnDecision] == "" {
			continue
		}
		choice, err := choiceOf(row)
		if err != nil {
			problems = append(problems, fmt.Sprintf("line %d: %v", row.line, err))
		}
		choices = append(choices, choice)
	}
	if len(problems) > 0 {
		return nil, usage("%s cannot be carried out: %s", name, joined("; ", problems...))
	}
	if len(choices) == 0 {
		return nil, usage("%s holds no decision: fill in the column %s with fix, adopt, ignore or show", name, columnDecision)
	}
	return choices, nil
}

func choiceOf(row sheetRow) (httpapi.FindingChoice, error) {
	id, decision := row.cells[columnFinding], row.cells[columnDecision]
	if id == "" {
		return httpapi.FindingChoice{}, errors.New("it names no finding")
	}
	switch decision {
	case httpapi.FindingIgnore:
		return ignoring(id, row.cells[columnUntil])
	case httpapi.FindingAdopt:
		return adopting(id, row.cells[columnFor])
	case httpapi.FindingFix, httpapi.FindingShow:
		return httpapi.FindingChoice{ID: id, Decision: decision}, nil
	default:
		return httpapi.FindingChoice{}, fmt.Errorf("the decision is %q: want fix, adopt, ignore or show", decision)
	}
}
