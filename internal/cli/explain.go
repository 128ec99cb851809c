package cli

import (
	"net/url"

	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
)

func (a *app) peopleExplainCommand() *cobra.Command {
	return leaf("explain ID [KEY]", "Explain why a task is as it is, and what can be done",
		`Explain a task of a person: every fact and rule that bears on it, what was done
with it so far, and the commands that make sense now.

KEY is a task, or a run (all but the last part of a task's key), as tenure people
timeline --keys shows it. Keys hold spaces: put them in quotes. Without a KEY every
task that is not decided is explained.`,
		`  tenure people explain 1001
  tenure people explain 1001 'Prepare a new hire/s1/1/addUserToGroups'`,
		func(c *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			var query url.Values
			if len(args) > 1 {
				query = url.Values{"key": {args[1]}}
			}
			return show(c.Context(), a, id.Path()+"/explain", query, a.printExplanation)
		})
}

func (a *app) printExplanation(e httpapi.Explanation) {
	a.out.line("%s at %s, policy version %d", showID(e.PersonID), showUTC(e.Now), e.PolicyVersion)
	if len(e.Lines) == 0 {
		a.out.line("Every task is decided: tenure people timeline %s shows them.", quoted(showID(e.PersonID)))
	}
	for _, line := range e.Lines {
		a.out.line("")
		a.printExplained(e.PersonID, line)
	}
}

func (a *app) printExplained(id httpapi.PersonID, line httpapi.ExplainedLine) {
	a.out.text("", heading(line.Entry))
	view := entryView{zone: line.Zone}
	facts := newTable()
	facts.add("state", joined(" ", line.State, bracketed(line.Code)))
	facts.add("at", joined("  ", line.Local, showUTC(line.At)))
	if line.ZoneSource != "" {
		facts.add("zone", line.Zone+", from the "+line.ZoneSource)
	}
	entry := line.Entry
	if len(line.Because) > 0 {
		entry.Reason = "" // it is said below
	}
	for _, detail := range details(entry, view) {
		facts.add("", detail)
	}
	facts.print(a.out, "  ")
	a.printKey("  ", line.Key)
	a.printBullets("because", line.Because)
	var history []string
	for _, entry := range line.History {
		history = append(history, joined(" - ", joined("  ", entry.Local, showUTC(entry.At)), joined(": ", heading(entry), entry.State), entry.Reason))
	}
	a.printBullets("so far", history)
	if len(line.Can) == 0 {
		return
	}
	a.out.line("  what can be done")
	for _, verb := range line.Can {
		a.out.line("    tenure journey %s %s %s%s --reason WHY", verb, quoted(showID(id)), quoted(line.Key), moreFlags(verb))
	}
}

func moreFlags(verb string) string {
	if verb == verbPostpone {
		return " --to TIME"
	}
	return ""
}

func bracketed(text string) string {
	if text == "" {
		return ""
	}
	return "(" + text + ")"
}

func (a *app) printBullets(title string, items []string) {
	if len(items) == 0 {
		return
	}
	a.out.line("  %s", title)
	for _, item := range items {
		a.out.text("    - ", item)
	}
}
