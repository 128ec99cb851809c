package cli

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
)

// timelineFlags choose what a timeline shows.
type timelineFlags struct{ future, utc, keys bool }

func (a *app) peopleTimelineCommand() *cobra.Command {
	var f timelineFlags
	command := leaf("timeline ID", "Show past, now and future of a person, with reasons",
		`Show everything that happened to a person, what is going on now, and what the
policy will do, each line with its reason. Nothing in the future is fixed: it is
planned again whenever HR, the policy or a human says something new.

Times are the person's own, with UTC (Z) beside them. "As above" stands where the
reason is that of the line before. The states are:
  done             it was done at that time
  future, due      it is to be done at that time; due means now
  running          it is being done
  waiting          something else comes first; the reason says what
  parked           it did not work; it is tried again, or waits for a human
  asks             a human must answer with approve or skip
  held             a hold keeps it from being done
  skipped, failed  a human skipped it; it failed and the run went on
  before baseline  existing staff: it was due before Tenure began
  observed         the mode of its target lets nothing be written
  before enforce   it was due while its target was not in mode enforce
  skipped late, out of scope, blocked   the reason says why

Lines that wait for a human show their key: it is what tenure journey retry,
skip, postpone, approve and run-now take. --keys shows it for every line.`,
		`  tenure people timeline 1001
  tenure people timeline 1001 --future --keys
  tenure people timeline main/1001 -o json`,
		func(c *cobra.Command, args []string) error { return a.timeline(c, args[0], f) })
	flags := command.Flags()
	flags.BoolVar(&f.future, "future", false, "leave the past out")
	flags.BoolVar(&f.utc, "utc", false, "show times in UTC only")
	flags.BoolVar(&f.keys, "keys", false, "show the key of every task, for use in tenure journey")
	return command
}

func (a *app) timeline(c *cobra.Command, text string, f timelineFlags) error {
	id, err := parseID(text)
	if err != nil {
		return err
	}
	api, err := a.client()
	if err != nil {
		return err
	}
	timeline, err := get[httpapi.Timeline](c.Context(), api, id.Path()+"/timeline", nil)
	if err != nil {
		return err
	}
	if f.future {
		timeline.Entries = without(timeline.Entries, httpapi.Past)
	}
	if a.wantsJSON() {
		return a.json(timeline)
	}
	a.printTimeline(timeline, f)
	return nil
}

func without(entries []httpapi.Entry, when string) []httpapi.Entry {
	kept := []httpapi.Entry{}
	for _, entry := range entries {
		if entry.When != when {
			kept = append(kept, entry)
		}
	}
	return kept
}

func only(entries []httpapi.Entry, when string) []httpapi.Entry {
	var kept []httpapi.Entry
	for _, entry := range entries {
		if entry.When == when {
			kept = append(kept, entry)
		}
	}
	return kept
}

func (a *app) printTimeline(t httpapi.Timeline, f timelineFlags) {
	a.out.line("%s, %s, %s", or(t.DisplayName, "(no name)"), showID(t.PersonID), t.Phase)
	a.out.line("policy version %d; zone %s", t.PolicyVersion, or(t.Zone, none))
	if t.Note != "" {
		a.out.text("Note: ", t.Note)
	}
	view := entryView{timelineFlags: f, zone: t.Zone}
	view.measure(t.Entries)
	if !f.future {
		a.out.line("")
		a.out.line("PAST")
		a.printEntries(only(t.Entries, httpapi.Past), view, "nothing yet")
	}
	a.out.line("")
	a.out.line("=====> NOW  %s", view.nowLine(t))
	a.printEntries(only(t.Entries, httpapi.Now), view, "nothing is going on, and nothing waits")
	a.out.line("")
	a.out.line("FUTURE")
	a.printEntries(only(t.Entries, httpapi.Future), view, "nothing is planned")
	a.out.line("")
	if !f.keys {
		a.out.text("", "--keys adds the keys for tenure journey; tenure people explain "+quoted(showID(t.PersonID))+" KEY says more about one line.")
	}
	if t.Links.Temporal != "" {
		a.out.line("Temporal: %s", t.Links.Temporal)
	}
}

// entryView is how entries are shown.
type entryView struct {
	timelineFlags
	zone         string
	local, state int
}

// measure finds the widths of the columns.
func (v *entryView) measure(entries []httpapi.Entry) {
	for _, entry := range entries {
		v.local = max(v.local, columns(clean(entry.Local)))
		v.state = max(v.state, columns(clean(entry.State)))
	}
}

func (v *entryView) nowLine(t httpapi.Timeline) string {
	if v.utc || t.NowLocal == "" {
		return showUTC(t.Now)
	}
	return t.NowLocal + "  " + showUTC(t.Now)
}

// utcOf leaves out the year, which the local time shows.
func (v *entryView) utcOf(t time.Time) string {
	if v.utc {
		return showUTC(t)
	}
	return showShortUTC(t)
}

// lead is what stands before the title.
func (v *entryView) lead(entry httpapi.Entry) string {
	lead := "  "
	if !v.utc {
		lead += pad(clean(entry.Local), v.local) + gap
	}
	return lead + v.utcOf(entry.At) + gap + pad(clean(entry.State), v.state) + gap
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-columns(text)))
}

func (a *app) printEntries(entries []httpapi.Entry, v entryView, empty string) {
	if len(entries) == 0 {
		a.out.line("  (%s)", empty)
		return
	}
	for i, entry := range entries {
		title := heading(entry)
		if i > 0 && sameReason(entries[i-1], entry) {
			title, entry.Reason = title+" (as above)", ""
		}
		lead := v.lead(entry)
		indent := columns(lead)
		if a.out.width > 0 && a.out.width-indent < narrowest+narrowest {
			indent = columns("      ") // a narrow terminal: reasons get lines of their own
		}
		a.out.column(lead, indent, title)
		margin := strings.Repeat(" ", indent)
		for _, detail := range details(entry, v) {
			a.out.column(margin, indent, detail)
		}
		if entry.Key != "" && (v.keys || waitsForHuman(entry)) {
			a.printKey(margin, entry.Key)
		}
	}
}

// sameReason reports whether the line before has just said why.
func sameReason(before, entry httpapi.Entry) bool {
	return entry.Reason != "" && entry.Reason == before.Reason && entry.Workflow == before.Workflow && entry.At.Sub(before.At).Abs() < time.Minute
}

// printKey writes a key so that it can be copied whole: it is never broken, and
// moves to the left where it does not fit.
func (a *app) printKey(margin, key string) {
	text := "key: " + quoted(key)
	if room := a.out.width - columns(text); a.out.width > 0 && room < len(margin) {
		margin = margin[:max(2, room)]
	}
	a.out.line("%s%s", margin, text)
}

// heading says what an entry is, and what it belongs to.
func heading(entry httpapi.Entry) string {
	of := entry.Target
	if entry.Workflow != "" && !strings.HasPrefix(entry.Workflow, accountWorkflow) {
		of = entry.Workflow
	}
	return joined(": ", of, entry.Title)
}

// accountWorkflow begins the workflow of account lines.
const accountWorkflow = "account:"

// details are the lines below an entry's title.
func details(entry httpapi.Entry, v entryView) []string {
	var out []string
	if entry.Reason != "" {
		out = append(out, entry.Reason)
	}
	if entry.Due != nil && entry.At.Sub(*entry.Due).Abs() >= time.Minute {
		out = append(out, "planned for "+v.instant(*entry.Due, entry.Zone))
	}
	if entry.Retry != nil {
		out = append(out, "tried again "+v.instant(*entry.Retry, entry.Zone))
	}
	if entry.Actor != "" && entry.Actor != actorPolicy {
		out = append(out, "by "+entry.Actor)
	}
	return append(out, changes(entry.Changes)...)
}

// actorPolicy does what no human and no feed did; it goes without saying.
const actorPolicy = "policy"

// changes are the attributes that were written. Of what HR states only the names
// are kept.
func changes(all []httpapi.AttributeChange) []string {
	var out, names []string
	for _, change := range all {
		if change.Before == "" && change.After == "" {
			names = append(names, change.Attribute)
			continue
		}
		out = append(out, change.Attribute+": "+or(change.Before, "(empty)")+" -> "+or(change.After, "(empty)"))
	}
	if len(names) > 0 {
		out = append(out, "about "+strings.Join(names, ", "))
	}
	return out
}

func (v *entryView) instant(t time.Time, zone string) string {
	if v.utc {
		return showUTC(t)
	}
	return showBoth(t, or(zone, v.zone))
}

// waitsForHuman reports whether somebody will want the key of an entry.
func waitsForHuman(entry httpapi.Entry) bool {
	switch entry.State {
	case "asks", "parked", "blocked":
		return true
	default:
		return false
	}
}
