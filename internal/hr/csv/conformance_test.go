package csv_test

import (
	"bytes"
	stdcsv "encoding/csv"
	"errors"
	"fmt"
	"testing"

	"tenure/internal/hr"
	"tenure/internal/hr/csv"
	"tenure/internal/hr/hrtest"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	hrtest.Run(t, hrtest.Harness{Feed: "hr", Read: readFact})
}

// readFact writes a file of one row whose columns are the attributes stated.
func readFact(t testing.TB, fact hrtest.Fact) (hr.Statement, error) {
	t.Helper()
	feed := lifecycle.Feed{Name: "hr", Key: "KEY", Mode: "full"}
	if fact.Completeness == person.Partial {
		feed.Mode = "delta"
	}
	names, cells := []string{"KEY"}, []string{fact.Key}
	for _, attribute := range hrtest.Attributes() {
		if value, stated := fact.Values[attribute]; stated {
			feed.Fields = append(feed.Fields, lifecycle.Field{Attribute: attribute, From: attribute})
			names, cells = append(names, attribute), append(cells, value)
		}
	}
	var file bytes.Buffer
	writer := stdcsv.NewWriter(&file)
	if err := writer.WriteAll([][]string{names, cells}); err != nil {
		t.Fatal(err)
	}
	i, err := csv.Read(bytes.NewReader(file.Bytes()), csv.Options{Feed: feed, AsOf: fact.AsOf})
	if err != nil {
		return hr.Statement{}, err
	}
	for statement, err := range i.Statements() {
		return statement, err
	}
	return hr.Statement{}, errors.New(fmt.Sprint(i.Rejects))
}
