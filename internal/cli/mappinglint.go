package cli

import (
	"github.com/spf13/cobra"

	"tenure/internal/mapping"
)

func (a *app) mappingLintCommand() *cobra.Command {
	var expression string
	var around mapping.Surroundings
	command := leaf("lint", "Find what is probably not meant in an expression",
		`Find patterns that are valid and rarely meant: rules on dates that read the other
way round, Not over an attribute that may be absent, keys that nothing reaches,
groups that take a blank along, and others, many of which stand in published
mappings. Each has a code, a severity (error, warning, info) and a place. With
findings that are no mere info the command ends with 3.`,
		`  tenure mapping lint --expr 'IIF(DateDiff("d", Now(), CDate([hireDate])) > 0, "False", "True")'
  tenure mapping lint --expr 'Join("@", [alias], "contoso.example")' --target mail --known alias --known surname`,
		func(_ *cobra.Command, _ []string) error {
			if expression == "" {
				return usage("--expr is missing")
			}
			return a.lint(expression, around)
		})
	flags := command.Flags()
	flags.StringVar(&expression, "expr", "", "the `expression`")
	flags.StringVar(&around.Target, "target", "", "the `attribute` that it makes")
	flags.StringArrayVar(&around.Attributes, "known", nil, "`attribute` that the source has; can be repeated, and others are found then")
	flags.BoolVar(&around.NoDefaultDomain, "no-domain", false, "the target has no default domain")
	return command
}

func (a *app) lint(source string, around mapping.Surroundings) error {
	expression, err := mapping.Compile(source)
	if err != nil {
		a.printMappingProblem(source, problemOf(err))
		return &findings{"the expression is refused"}
	}
	found := expression.Lint(around)
	serious := 0
	for _, finding := range found {
		if finding.Severity != mapping.Info {
			serious++
		}
	}
	if a.wantsJSON() {
		if found == nil {
			found = []mapping.Finding{}
		}
		if err := a.json(found); err != nil {
			return err
		}
	} else {
		for _, finding := range found {
			a.out.text("", lintLine(finding))
		}
		a.out.line("%s.", count(len(found), "finding", "findings"))
	}
	if serious > 0 {
		return &findings{"the expression has findings"}
	}
	return nil
}

func lintLine(f mapping.Finding) string {
	place := mapping.Problem{Message: string(f.Severity) + " " + f.Code + ": " + f.Message, Position: f.Position}
	return place.Error()
}
