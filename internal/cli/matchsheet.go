package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"tenure/internal/httpapi"
)

// acceptWithin is how long a file of decisions may take: each is told to a journey.
const acceptWithin = 10 * time.Minute

// The columns of a sheet of matches that are read back.
const (
	columnRealm    = "realm"
	columnKey      = "key"
	columnObjectID = "objectId"
)

// matchSheet is a report for a spreadsheet.
func matchSheet(rows []httpapi.MatchRow) (head []string, cells [][]string) {
	head = []string{
		"kind", columnRealm, columnKey, "name", "employeeId", columnObjectID, "userName", "accountName", "accountNumber",
		"account", "synced", "by", "confidence", "reason", columnDecision,
	}
	for _, r := range rows {
		cells = append(cells, []string{
			string(r.Kind), r.Realm, r.Key, r.Name, r.EmployeeID, r.ObjectID, r.UserName, r.AccountName, r.AccountNumber,
			r.Account, strconv.FormatBool(r.Synced), r.By, r.Confidence, r.Reason, r.Decision,
		})
	}
	return head, cells
}

// readMatches reads the decisions of a sheet; a row without one says nothing.
// Everything that is wrong is reported together, with its line.
func readMatches(name string, from io.Reader) ([]httpapi.MatchDecision, error) {
	rows, err := readSheet(from, columnRealm, columnKey, columnObjectID, columnDecision)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var out []httpapi.MatchDecision
	var problems []httpapi.ProblemError
	for _, row := range rows {
		decision := httpapi.MatchDecision{
			Realm: row.cells[columnRealm], Key: row.cells[columnKey], ObjectID: row.cells[columnObjectID],
			Decision: strings.ToLower(row.cells[columnDecision]), Line: row.line,
		}
		switch {
		case decision.Decision == "":
			continue
		case decision.Decision != httpapi.MatchAccept:
			problems = append(problems, httpapi.ProblemError{
				File: name, Line: row.line, Detail: fmt.Sprintf("decision %q is none: write accept, or leave it empty", decision.Decision),
			})
		case decision.Key == "" || decision.ObjectID == "":
			problems = append(problems, httpapi.ProblemError{File: name, Line: row.line, Detail: "accept needs a person and an account in the row"})
		}
		out = append(out, decision)
	}
	if len(problems) > 0 {
		return nil, httpapi.NewProblem(httpapi.KindUnprocessable, nil, "nothing was sent, since the file cannot be taken as it is").With(problems...)
	}
	return out, nil
}
