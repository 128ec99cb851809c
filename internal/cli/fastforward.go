package cli

import (
	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
)

// fastForwardRequest is the body of a fast-forward.
type fastForwardRequest struct {
	Duration string `json:"duration"`
}

func (a *app) fastForwardCommand() *cobra.Command {
	return leaf("fast-forward ID DURATION", "Move one person's clock ahead (development stack only)",
		`Live the next days of one person now: everything that falls due meanwhile is done,
in order, at its own time. Only that person's clock moves, and it stays ahead.

It works in the development stack only. DURATION is 30d, 2w, 12h or 90m.`,
		`  tenure journey fast-forward 1001 30d`,
		func(c *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			if _, err := parseDuration(args[1]); err != nil {
				return err
			}
			api, err := a.client()
			if err != nil {
				return err
			}
			report, err := post[httpapi.FastForwardReport](c.Context(), api, "/v1/dev"+devPath(id), fastForwardRequest{args[1]}, call{within: longWithin})
			if err != nil {
				return err
			}
			if a.wantsJSON() {
				return a.json(report)
			}
			a.out.line("%s: from %s to %s", showID(report.PersonID), showUTC(report.From), showUTC(report.To))
			if report.Note != "" {
				a.out.text("Note: ", report.Note)
			}
			a.printParked(report.Parked, "")
			a.out.line("tenure people timeline %s shows what happened.", quoted(showID(report.PersonID)))
			return nil
		})
}

// devPath is a person's place behind /v1/dev.
func devPath(id httpapi.PersonID) string { return id.Path()[len("/v1"):] + "/fast-forward" }
