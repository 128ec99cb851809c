package cli

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tenure/internal/httpapi"
)

// A spreadsheet takes what begins like a formula for one; what Tenure reads back
// is what it wrote.
func TestS14MatchSheetReadsBackUnchanged(t *testing.T) {
	t.Parallel()
	cell := rapid.StringMatching(`[=+\-@']{0,2}[A-Za-z0-9._/;,"]{1,12}`)
	rapid.Check(t, func(t *rapid.T) {
		row := httpapi.MatchRow{
			Kind: httpapi.MatchProposal, Realm: "main", Key: cell.Draw(t, "key"), ObjectID: cell.Draw(t, "object"),
			Name: rapid.String().Draw(t, "name"), Decision: httpapi.MatchAccept,
		}
		var out strings.Builder
		a := &app{out: newPrinter(&out, func(string) string { return "" })}
		if err := a.sheet(matchSheet([]httpapi.MatchRow{row})); err != nil {
			t.Fatal(err)
		}
		got, err := readMatches("m.csv", strings.NewReader(out.String()))
		if err != nil || len(got) != 1 || got[0].Key != row.Key || got[0].ObjectID != row.ObjectID {
			t.Fatalf("%q reads back as %+v, %v", out.String(), got, err)
		}
	})
}
