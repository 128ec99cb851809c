package cli

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// The forms of output.
const (
	outputTable = "table"
	outputJSON  = "json"
	// outputCSV is for those commands alone whose output is a sheet.
	outputCSV = "csv"
)

// hasSheet marks the commands that know outputCSV.
const hasSheet = "sheet"

// defaultAPI is where the development stack listens.
const defaultAPI = "http://127.0.0.1:8080"

// defaultPoll is the time between two looks at an import.
const defaultPoll = 500 * time.Millisecond

// app is one command line being run.
type app struct {
	env       Environment
	out, errs *printer
	api       string
	output    string
}

func newApp(env Environment) *app {
	if env.Poll == 0 {
		env.Poll = defaultPoll
	}
	return &app{env: env, out: newPrinter(env.Stdout, env.Getenv), errs: newPrinter(env.Stderr, env.Getenv)}
}

func (a *app) wantsJSON() bool { return a.output == outputJSON }

// root builds the tree of commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "tenure",
		Short: "Steer and watch the journeys of people",
		Long: `Tenure turns what HR says about a person into accounts, access and messages, at
the right minute, for as long as the person belongs to the organisation.

Begin with:
  tenure feed import people.csv       tell Tenure what HR says
  tenure people list                  who is there, and what is next for each
  tenure people timeline 1001         one person: past, now and future, with reasons
  tenure doctor                       is everything there that Tenure needs?

The commands speak to the starter: --api URL, else TENURE_API, else
` + defaultAPI + `. Where it asks for a token: tenure login, or TENURE_TOKEN.
An ID is [realm/]key; without a realm it is "main".
Exit codes: 0 done, 1 error, 2 wrong usage, 3 done with findings, 4 refused by the
gate.`,
		SilenceUsage: true, SilenceErrors: true,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			sheet := a.output == outputCSV && c.Annotations[hasSheet] != ""
			if a.output != outputTable && a.output != outputJSON && !sheet {
				return usage("--output is %q: want table or json", a.output)
			}
			return nil
		},
	}
	asGroup(root)
	flags := root.PersistentFlags()
	flags.StringVar(&a.api, "api", "", "`URL` of the starter's API (default TENURE_API, else "+defaultAPI+")")
	flags.StringVarP(&a.output, "output", "o", outputTable, "`form` of the output: table or json, of some commands csv too")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage("%v", err) })
	root.AddCommand(a.peopleCommand(), a.journeyCommand(), a.feedCommand(), a.targetCommand(), a.policyCommand(), a.mappingCommand(), a.configCommand(),
		a.ledgerCommand(), a.storeCommand(), a.gateCommand(), a.pauseCommand(), a.resumeCommand(), a.loginCommand(), a.logoutCommand(), a.whoamiCommand(), a.tokenCommand(),
		a.doctorCommand(), a.workerCommand(), a.starterCommand(), a.versionCommand())
	return root
}

// group is a command that only holds others.
func group(use, short, long string, children ...*cobra.Command) *cobra.Command {
	command := &cobra.Command{Use: use, Short: short, Long: long}
	asGroup(command)
	command.AddCommand(children...)
	return command
}

// asGroup makes a command answer an unknown or missing name with what there is.
func asGroup(command *cobra.Command) {
	command.Args = cobra.ArbitraryArgs
	command.SuggestionsMinimumDistance = 2
	command.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return c.Help()
		}
		hint := ""
		if near := c.SuggestionsFor(args[0]); len(near) > 0 {
			hint = "; did you mean " + strings.Join(near, " or ") + "?"
		}
		return usage("unknown command %q%s", args[0], hint)
	}
}

// leaf is a command that does something. Use names the arguments: those in
// brackets may be left out.
func leaf(use, short, long, example string, run func(c *cobra.Command, args []string) error) *cobra.Command {
	words := strings.Fields(use)[1:]
	most := len(words)
	optional := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "[") })
	least := most
	if optional >= 0 {
		least = optional
	}
	return &cobra.Command{
		Use: use, Short: short, Long: long, Example: example, RunE: run,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) < least:
				return usage("%s is missing", strings.Trim(words[len(args)], "[]"))
			case len(args) > most:
				return usage("unexpected argument %q", args[most])
			}
			return nil
		},
	}
}
