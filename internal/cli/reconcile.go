package cli

import (
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
)

func (a *app) reconcileCommand() *cobra.Command {
	return group("reconcile", "Compare a target with what Tenure wants, and decide",
		`Compare what a target holds with what HR and the policy want: accounts that are
enabled though they should not be, disabled though they should be active, missing,
drifted, or nobody's. Every night Temporal does it by itself and only reports.

What is found is decided one by one or as a sheet. Nothing is mended by itself, and a
fix goes through the person's journey: plan, hold, gate and mode. docs/reconcile.md
explains each kind.`,
		a.reconcileReportCommand(), a.reconcileRunCommand(), a.reconcileFixCommand(), a.reconcileAdoptCommand(),
		a.reconcileIgnoreCommand(), a.reconcileShowCommand(), a.reconcileDecideCommand())
}

func (a *app) reconcileReportCommand() *cobra.Command {
	var all bool
	command := withSheet(leaf("report TARGET", "Show what the newest comparison found",
		`Show what the newest comparison of a target found, what must be looked at first in
front; then end with 3 where there is something. Findings that are ignored are left
out until their time is over; --all shows them.

-o csv writes a sheet: fill in the columns decision (fix, adopt, ignore or show), until
and for, and give it to tenure people reconcile decide.`,
		`  tenure people reconcile report entra
  tenure people reconcile report entra -o csv > findings.csv`,
		func(c *cobra.Command, args []string) error { return a.reconcileReport(c, args[0], all) }))
	command.Flags().BoolVar(&all, "all", false, "show what is ignored too")
	return command
}

func (a *app) reconcileReport(c *cobra.Command, target string, all bool) error {
	api, err := a.client()
	if err != nil {
		return err
	}
	query := url.Values{}
	if all {
		query.Set("all", "true")
	}
	report, err := get[httpapi.Findings](c.Context(), api, targetPath(target)+"/findings", query)
	if err != nil {
		return err
	}
	switch {
	case a.wantsJSON():
		err = a.json(report)
	case a.output == outputCSV:
		err = a.findingSheet(report.Findings)
	default:
		a.printFindings(report)
	}
	if err == nil && len(report.Findings) > 0 {
		err = &findings{"the target differs from what is wanted"}
	}
	return err
}

func (a *app) printFindings(report httpapi.Findings) {
	done := report.Comparison
	if done == nil {
		a.out.line("%s was never compared. tenure people reconcile run %s does it now.", report.Target, quoted(report.Target))
		return
	}
	a.out.line("%s on %s: %s, %s.", report.Target, showUTC(done.At), count(done.Accounts, "account", "accounts"), count(done.People, "person", "people"))
	if done.Unanswered > 0 {
		a.out.line("%s did not answer: what was found there before stands.", count(done.Unanswered, "journey", "journeys"))
	}
	a.out.line("")
	t := newTable("FINDING", "KIND", "PERSON", "NAME", "ACCOUNT", "SINCE", "WHY")
	for _, f := range report.Findings {
		t.add(f.ID, f.Kind, or(findingPerson(f), none), or(shorten(f.DisplayName, nameWidth), none), or(or(f.UserName, f.ObjectID), none),
			f.Since.UTC().Format("2006-01-02"), findingWhy(f))
	}
	t.print(a.out, "")
	if len(report.Findings) == 0 {
		a.out.line("Nothing to decide.")
	}
	if report.Hidden > 0 {
		a.out.line("%s left out: --all shows them.", count(report.Hidden, "ignored finding is", "ignored findings are"))
	}
	if len(report.Findings) > 0 && report.Mode != "enforce" {
		a.out.line("%s is in mode %s: findings are only reported.", report.Target, report.Mode)
	}
}

func findingPerson(f httpapi.Finding) string {
	if f.Person == nil {
		return ""
	}
	return showID(*f.Person)
}

// findingWhy is everything about a finding that has no column of its own.
func findingWhy(f httpapi.Finding) string {
	why := f.Reason
	if len(f.Attributes) > 0 {
		why += ": " + strings.Join(f.Attributes, ", ")
	}
	if f.Waits != "" {
		why += "; " + f.Waits
	}
	if f.Protection == "yes" {
		why += "; PROTECTED: it holds a role"
	}
	if d := f.Decided; d != nil {
		why += "; " + d.Decision + " by " + d.Actor + " on " + showUTC(d.At)
		if d.Until != nil {
			why += " until " + showUTC(*d.Until)
		}
		why += " (" + d.Reason + ")"
	}
	return why
}

// The columns of a sheet that are read back.
const (
	columnFinding  = "finding"
	columnDecision = "decision"
	columnUntil    = "until"
	columnFor      = "for"
)

func (a *app) findingSheet(found []httpapi.Finding) error {
	rows := make([][]string, 0, len(found))
	for _, f := range found {
		rows = append(rows, []string{
			f.ID, f.Kind, findingPerson(f), f.DisplayName, f.UserName, f.ObjectID, strings.Join(f.Attributes, " "), findingWhy(f),
			f.Protection, f.Since.UTC().Format("2006-01-02"), "", "", "",
		})
	}
	return a.sheet([]string{
		columnFinding, "kind", "person", "name", "user name", "object", "attributes", "why", "protected", "since",
		columnDecision, columnUntil, columnFor,
	}, rows)
}

func (a *app) reconcileRunCommand() *cobra.Command {
	var f decisionFlags
	var all bool
	command := withSheet(leaf("run TARGET", "Compare a target now",
		`Compare a target now, wait for it, and show what it found as report does. Nothing is
mended. 5,000 people take minutes; the nightly comparison needs nobody who waits.`,
		`  tenure people reconcile run entra`,
		func(c *cobra.Command, args []string) error {
			f.reason = or(f.reason, "asked for at the command line")
			decision, err := a.decision(f)
			if err != nil {
				return err
			}
			api, err := a.client()
			if err != nil {
				return err
			}
			_, err = post[httpapi.Comparison](c.Context(), api, targetPath(args[0])+"/reconcile", decision, call{within: longWithin})
			if err != nil {
				return err
			}
			return a.reconcileReport(c, args[0], all)
		}))
	command.Flags().BoolVar(&all, "all", false, "show what is ignored too")
	f.add(command)
	return command
}

// deciding is a command that decides some findings alike.
func (a *app) deciding(use, short, long, example string, flags func(*cobra.Command), choose func(id string) (httpapi.FindingChoice, error)) *cobra.Command {
	var f decisionFlags
	command := leaf(use, short, long, example, func(c *cobra.Command, args []string) error {
		choices := make([]httpapi.FindingChoice, 0, len(args)-1)
		for _, id := range args[1:] {
			choice, err := choose(id)
			if err != nil {
				return err
			}
			choices = append(choices, choice)
		}
		return a.decideFindings(c, args[0], choices, f)
	})
	if strings.HasSuffix(use, "...") {
		command.Args = func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage("TARGET and FINDING are needed")
			}
			return nil
		}
	}
	f.add(command)
	if flags != nil {
		flags(command)
	}
	return command
}

func (a *app) reconcileFixCommand() *cobra.Command {
	return a.deciding("fix TARGET FINDING...", "Let the journeys mend findings",
		`Ask the person's journey to look at the account again and do its usual line: write
what drifted, disable a leaver again, restore what is missing. An account that somebody
else disabled is not enabled by that: the journey asks. Holds, the gate and a pause
count as always, and the target must be in mode enforce.`,
		`  tenure people reconcile fix entra f0123456789ab --reason 'nobody knows who changed it'`, nil,
		func(id string) (httpapi.FindingChoice, error) {
			return httpapi.FindingChoice{ID: id, Decision: httpapi.FindingFix}, nil
		})
}

func (a *app) reconcileAdoptCommand() *cobra.Command {
	var person string
	return a.deciding("adopt TARGET FINDING", "Link an unowned account to a person",
		`Link an account that nobody claims to a person: to whom the finding names by employee
number, or to --for. What the account is stays as it is until it is confirmed.`,
		`  tenure people reconcile adopt entra f0123456789ab --reason 'hers since 2019'
  tenure people reconcile adopt entra f0123456789ab --for 1001 --reason 'married name'`,
		func(c *cobra.Command) { c.Flags().StringVar(&person, "for", "", "`ID` of the person who gets it") },
		func(id string) (httpapi.FindingChoice, error) { return adopting(id, person) })
}

func adopting(id, person string) (httpapi.FindingChoice, error) {
	choice := httpapi.FindingChoice{ID: id, Decision: httpapi.FindingAdopt}
	if person == "" {
		return choice, nil
	}
	who, err := parseID(person)
	choice.Person = &who
	return choice, err
}

func (a *app) reconcileIgnoreCommand() *cobra.Command {
	var until string
	return a.deciding("ignore TARGET FINDING...", "Leave findings out of the report for a while",
		`Leave findings out of the report until a day or an instant, at most a year ahead: then
they show again. One that returns with other attributes shows at once.`,
		`  tenure people reconcile ignore entra f0123456789ab --until 2027-01-31 --reason 'on a project until then'`,
		func(c *cobra.Command) {
			c.Flags().StringVar(&until, columnUntil, "", "`day` or instant at which they show again (mandatory)")
		},
		func(id string) (httpapi.FindingChoice, error) { return ignoring(id, until) })
}

func ignoring(id, until string) (httpapi.FindingChoice, error) {
	choice := httpapi.FindingChoice{ID: id, Decision: httpapi.FindingIgnore}
	if until == "" {
		return choice, usage("the time is missing: add --until DAY")
	}
	if len(until) == len("2006-01-02") {
		until += "T00:00:00Z"
	}
	at, err := parseInstant(until)
	choice.Until = &at
	return choice, err
}

func (a *app) reconcileShowCommand() *cobra.Command {
	return a.deciding("show TARGET FINDING...", "Take back that findings are ignored",
		`Take back that findings are ignored: they are in the report again.`,
		`  tenure people reconcile show entra f0123456789ab --reason 'the project is over'`, nil,
		func(id string) (httpapi.FindingChoice, error) {
			return httpapi.FindingChoice{ID: id, Decision: httpapi.FindingShow}, nil
		})
}

func (a *app) reconcileDecideCommand() *cobra.Command {
	var f decisionFlags
	command := leaf("decide TARGET FILE", "Carry out the decisions of a sheet",
		`Carry out the decisions that were written into a sheet of tenure people reconcile
report TARGET -o csv: the columns finding, decision, until and for. Rows without a
decision are left alone. Where a row cannot be read nothing is done.`,
		`  tenure people reconcile decide entra findings.csv --reason 'quarterly review'`,
		func(c *cobra.Command, args []string) error {
			choices, err := a.readChoices(args[1])
			if err != nil {
				return err
			}
			return a.decideFindings(c, args[0], choices, f)
		})
	f.add(command)
	return command
}

// decisionsAtOnce is how many decisions the API takes in one call.
const decisionsAtOnce = 200

func (a *app) decideFindings(c *cobra.Command, target string, choices []httpapi.FindingChoice, f decisionFlags) error {
	decision, err := a.decision(f)
	if err != nil {
		return err
	}
	api, err := a.client()
	if err != nil {
		return err
	}
	outcomes := []httpapi.FindingOutcome{}
	for page := range slices.Chunk(choices, decisionsAtOnce) {
		var some []httpapi.FindingOutcome
		some, err = post[[]httpapi.FindingOutcome](c.Context(), api, targetPath(target)+"/findings/decisions",
			httpapi.FindingChoices{Decision: decision, Decisions: page}, call{within: longWithin})
		outcomes = append(outcomes, some...)
		if err != nil {
			break
		}
	}
	if a.wantsJSON() {
		if wrong := a.json(outcomes); wrong != nil {
			return wrong
		}
	} else {
		a.printOutcomes(outcomes)
	}
	if err == nil && slices.ContainsFunc(outcomes, func(o httpapi.FindingOutcome) bool { return !o.Done }) {
		err = &findings{"some decisions were refused"}
	}
	return err
}

func (a *app) printOutcomes(outcomes []httpapi.FindingOutcome) {
	t := newTable()
	refused := 0
	for _, outcome := range outcomes {
		state := "done"
		if !outcome.Done {
			state, refused = "REFUSED", refused+1
		}
		t.add(outcome.ID, state, outcome.Text)
	}
	t.print(a.out, "")
	a.out.line("%s done, %d refused.", count(len(outcomes)-refused, "decision", "decisions"), refused)
}
