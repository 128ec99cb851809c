package starter

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tenure/internal/httpapi"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// covers reports whether a key names a task or the run it is part of.
func covers(key, task string) bool { return key == task || strings.HasPrefix(task, key+"/") }

// checkKey refuses a key that names no line, with what was probably meant.
func (c *chronicle) checkKey(key string) error {
	names := make([]string, 0, 2*len(c.lines))
	for _, line := range c.lines {
		if covers(key, line.Key) {
			return nil
		}
		names = append(names, line.Key)
		if parsed, err := plan.ParseKey(line.Key); err == nil {
			names = append(names, parsed.Run())
		}
	}
	return unknownKey("key", key, distinct(names))
}

// unknownKey is the problem of a name that means nothing for this person.
func unknownKey(what, name string, known []string) error {
	problem := httpapi.NewProblem(httpapi.KindUnprocessable, errUnknownKey, "%s %q means nothing for this person", what, name)
	if near := person.Nearest(name, known); near != "" {
		problem.Detail += fmt.Sprintf("; did you mean %q?", near)
	} else if len(known) > 0 {
		problem.Detail += "; the timeline prints those that exist"
	}
	return problem
}

// explained says everything that bears on a line.
func (c *chronicle) explained(line plan.Line, rows []store.LedgerRow) httpapi.ExplainedLine {
	entry := c.lineEntry(line, rows)
	out := httpapi.ExplainedLine{Entry: entry, Because: []string{}, History: []httpapi.Entry{}, Can: can(line)}
	add := func(format string, args ...any) { out.Because = append(out.Because, fmt.Sprintf(format, args...)) }
	if line.Reason != "" {
		add("%s", line.Reason)
	}
	if !line.Due.IsZero() {
		add("due %s, that is %s UTC; the zone comes from: %s", line.Due.In(c.zoneOf(line)).Format(localLayout),
			line.Due.UTC().Format("2006-01-02 15:04"), line.ZoneSource)
	}
	for _, one := range overridesOf(c.view.Facts.Overrides) {
		if one.Key == "" || covers(one.Key, line.Key) || one.Key == line.Workflow {
			add("%s by %s on %s: %s", one.Kind, one.Actor, one.At.Format(time.RFC3339), one.Reason)
		}
	}
	for _, parked := range c.view.Facts.Parked {
		if parked.Key == line.Key {
			add("could not be done %d times: %s %s", parked.Attempts, parked.Code, parked.Detail)
		}
	}
	for _, question := range c.questions() {
		if question.Key == line.Key {
			add("%s: %s", question.Code, question.Text)
		}
	}
	for _, row := range rows {
		out.History = append(out.History, c.rowEntry(row))
	}
	return out
}

func (c *chronicle) zoneOf(line plan.Line) *time.Location {
	if zone, err := time.LoadLocation(line.Zone); err == nil && line.Zone != "" {
		return zone
	}
	return c.zone
}

// can lists the overrides that make sense for a line.
func can(line plan.Line) []string {
	kinds := map[plan.LineState][]contract.Kind{
		plan.Future:      {contract.RunNow, contract.Postpone, contract.Skip},
		plan.Due:         {contract.Postpone, contract.Skip},
		plan.Running:     {contract.Skip},
		plan.Asks:        {contract.Approve, contract.Skip},
		plan.ParkedState: {contract.Retry, contract.Skip},
		plan.Waiting:     {contract.RunNow, contract.Postpone, contract.Skip},
		plan.Held:        {contract.Release, contract.Skip},
		plan.Blocked:     {contract.Rescind, contract.Skip},
		plan.SkippedLate: {contract.RunNow},
		plan.Skipped:     {contract.RunNow},
	}
	out := []string{}
	for _, kind := range kinds[line.State] {
		out = append(out, string(kind))
	}
	slices.Sort(out)
	return out
}
