package cli

import (
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
)

func (a *app) mappingPreviewCommand() *cobra.Command {
	var target string
	var all bool
	command := leaf("preview ID", "Show what would be written to somebody's account now",
		`Show what the mappings of the active policy would write to a person's account
now, before and after. Nothing is sent to find out but reads. Without an account
the rows are what it would be made with. What stays as it is shows with --all.`,
		`  tenure mapping preview 1001
  tenure mapping preview main/1001 --target entra --all`,
		func(c *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			query := url.Values{}
			if target != "" {
				query.Set("target", target)
			}
			return show(c.Context(), a, id.Path()+"/mapping", query, func(p httpapi.MappingPreview) { a.printMappingPreview(p, all) })
		})
	command.Flags().StringVar(&target, "target", "", "`name` of the target, where the policy has several")
	command.Flags().BoolVar(&all, "all", false, "show what stays as it is too")
	return command
}

func (a *app) printMappingPreview(p httpapi.MappingPreview, all bool) {
	account := "no account yet"
	if p.ObjectID != "" {
		account = "account " + p.ObjectID
	}
	a.out.line("%s in %s (%s), %s, policy version %d", showID(p.PersonID), p.Target, p.Mode, account, p.PolicyVersion)
	if p.Note != "" {
		a.out.text("", "note: "+p.Note)
	}
	rows := newTable("ATTRIBUTE", "CHANGE", "NOW", "WOULD BE")
	same := 0
	for _, row := range p.Rows {
		stays := row.Change == httpapi.MappingNone || row.Change == httpapi.MappingCreateOnly || row.Change == httpapi.MappingLink
		if stays && !all {
			same++
			continue
		}
		rows.add(row.Attribute, string(row.Change), row.Before, wouldBe(row))
	}
	rows.print(a.out, "")
	if same > 0 {
		a.out.line("%s.", count(same, "attribute stays as it is", "attributes stay as they are"))
	}
}

// wouldBe is what an attribute would hold, or why nobody can say.
func wouldBe(row httpapi.MappingRow) string {
	switch {
	case row.Why != "":
		return "(stays: " + row.Why + ")"
	case len(row.Candidates) > 0:
		return "the first that is free: " + strings.Join(row.Candidates, ", ")
	case row.Change == httpapi.MappingDrawn:
		return "(drawn when it is written)"
	case row.After == "":
		return "(empty)"
	default:
		return row.After
	}
}
