package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
)

func (a *app) targetCheckCommand() *cobra.Command {
	rights := false
	command := leaf("check NAME", "Check that a target allows what the policy wants of it",
		`Inspect one target, as tenure doctor does with all of them: whether its servers
answer, their certificates verify and their clocks agree, and whether its schema, its
containers, its groups and the rights of the account that signs in suffice for what the
active policy wants, no more and no less. Nothing is written.

For a domain of Active Directory the commands follow that give the account what it
lacks, in the language of each tool; with --rights those of everything that it needs.
An administrator of the domain runs them. Where a check fails, the command ends with 3.`,
		`  tenure target check corp
  tenure target check corp --rights
  tenure target check corp -o json`,
		func(c *cobra.Command, args []string) error { return a.targetCheck(c.Context(), args[0], rights) })
	command.Flags().BoolVar(&rights, "rights", false, "show the commands for everything the account needs, not only for what it lacks")
	return command
}

func (a *app) targetCheck(ctx context.Context, target string, rights bool) error {
	api, err := a.client()
	if err != nil {
		return err
	}
	found, err := get[httpapi.TargetCheck](ctx, api, targetPath(target)+"/check", nil)
	if err != nil {
		return err
	}
	failing := failed(found.Checks)
	if a.wantsJSON() {
		err = a.json(found)
	} else {
		for i := range found.Checks {
			found.Checks[i].Name = strings.TrimPrefix(found.Checks[i].Name, "target "+found.Target+": ")
		}
		a.printChecks(found.Checks, failing)
		a.printCommands(found.Checks, rights)
	}
	if err == nil && failing > 0 {
		return &findings{"checks failed"}
	}
	return err
}

// printCommands prints the lines as they are, so that they can be copied.
func (a *app) printCommands(checks []httpapi.Check, rights bool) {
	var tools []string
	byTool := map[string][]string{}
	for _, check := range checks {
		if check.State == httpapi.CheckOK && !rights {
			continue
		}
		for _, c := range check.Commands {
			if !slices.Contains(tools, c.Tool) {
				tools = append(tools, c.Tool)
			}
			byTool[c.Tool] = append(byTool[c.Tool], c.Line)
		}
	}
	if len(tools) == 0 {
		return
	}
	what := "The account is given what it lacks, or what could not be looked at, by one of:"
	if rights {
		what = "The account needs these rights and no others. They are given by one of:"
	}
	a.out.line("")
	a.out.line("%s", what)
	for _, tool := range tools {
		a.out.line("")
		a.out.line("%s", tool)
		for _, line := range byTool[tool] {
			a.out.line("  %s", line)
		}
	}
}
