package csv

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"tenure/internal/hr"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// column is where a field stands in a row.
type column struct {
	field     lifecycle.Field
	attribute string
	layer     person.Layer
	index     int
}

// table reads the rows of one pass over a file.
type table struct {
	rows    *csv.Reader
	width   int
	key     int
	asOf    int // -1 where no column says it
	columns []column
}

// openTable reads the header and finds the declared columns.
func openTable(source io.Reader, feed lifecycle.Feed, needAsOf bool) (*table, error) {
	text, err := decode(source, feed.Encoding)
	if err != nil {
		return nil, err
	}
	rows := csv.NewReader(text)
	rows.FieldsPerRecord = -1
	rows.ReuseRecord = true
	if feed.Delimiter != 0 {
		rows.Comma = feed.Delimiter
	}
	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("file is empty: want a header")
	}
	if err != nil {
		return nil, readError(err)
	}
	t := &table{rows: rows, width: len(header), key: -1, asOf: -1}
	return t, t.find(header, feed, needAsOf)
}

// find places the declared columns; the error lists all that are missing.
func (t *table) find(header []string, feed lifecycle.Feed, needAsOf bool) error {
	if len(header) > MaxColumns {
		return fmt.Errorf("header has %d columns, at most %d are allowed", len(header), MaxColumns)
	}
	var problems []error
	at := make(map[string]int, len(header))
	names := make([]string, 0, len(header))
	for i, name := range header {
		name = strings.Clone(name)
		if first, twice := at[name]; twice && name != "" {
			problems = append(problems, fmt.Errorf("column %q stands in the header twice, at %d and %d", name, first+1, i+1))
			continue
		}
		at[name] = i
		names = append(names, name)
	}
	place := func(name string) int {
		if i, found := at[name]; found {
			return i
		}
		text := fmt.Sprintf("column %q is missing", name)
		if near := person.Nearest(strings.TrimSpace(name), names); near != "" {
			text += fmt.Sprintf("; did you mean %q?", near)
		}
		problems = append(problems, errors.New(text))
		return -1
	}
	t.key = place(feed.Key)
	if needAsOf {
		t.asOf = place(feed.AsOf.Column)
	}
	for _, field := range feed.Fields {
		if _, found := at[field.From]; !found && field.Optional {
			continue
		}
		attribute := hr.FieldAttribute(field)
		definition, _ := person.Lookup(attribute)
		t.columns = append(t.columns, column{field: field, attribute: attribute, layer: definition.Layer, index: place(field.From)})
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("read header: %w", err)
	}
	return nil
}

// next returns the cells of the next row and the line on which it begins. The
// cells are valid until the next call.
func (t *table) next() ([]string, int, error) {
	cells, err := t.rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, 0, io.EOF
	}
	if err != nil {
		return nil, 0, readError(err)
	}
	line, _ := t.rows.FieldPos(0)
	return cells, line, nil
}

// readError says where the file is broken: after a wrong quote the borders of
// rows are not known, so that no row of such a file can be trusted.
func readError(err error) error {
	if broken, ok := errors.AsType[*csv.ParseError](err); ok {
		return fmt.Errorf("read line %d, column %d: %w", broken.Line, broken.Column, broken.Err)
	}
	return fmt.Errorf("read file: %w", err)
}

// raw sorts the cells of a row by layer: one employment and one assignment,
// both without ID unless columns give them.
func (t *table) raw(cells []string) hr.RawRecord {
	var out hr.RawRecord
	var employment, assignment hr.RawPart
	for _, c := range t.columns {
		value := strings.Clone(cells[c.index])
		switch {
		case c.attribute == person.EmploymentIDAttribute:
			employment.ID = value
		case c.attribute == person.AssignmentIDAttribute:
			assignment.ID = value
		case c.layer == person.EmploymentLayer:
			employment.Values = append(employment.Values, hr.Raw{Attribute: c.attribute, Value: value})
		case c.layer == person.AssignmentLayer:
			assignment.Values = append(assignment.Values, hr.Raw{Attribute: c.attribute, Value: value})
		default:
			out.Person = append(out.Person, hr.Raw{Attribute: c.attribute, Value: value})
			if c.attribute == person.ManagerValueAttribute {
				out.Person = append(out.Person, hr.Raw{Attribute: person.ManagerKindAttribute, Value: c.field.Kind})
			}
		}
	}
	if len(employment.Values) > 0 || employment.ID != "" {
		out.Employments = []hr.RawPart{employment}
	}
	if len(assignment.Values) > 0 || assignment.ID != "" {
		out.Assignments = []hr.RawPart{assignment}
	}
	return out
}

// number is the employee number as it stands in a row, "" where none does.
func (t *table) number(cells []string) string {
	for _, c := range t.columns {
		if c.attribute == person.EmployeeIDAttribute && c.index < len(cells) {
			return strings.TrimSpace(strings.Clone(cells[c.index]))
		}
	}
	return ""
}

// asOfCell reads the date of truth of a row.
func (t *table) asOfCell(cells []string, layout hr.DateLayout, zone *time.Location) (time.Time, error) {
	return parseCell(strings.TrimSpace(cells[t.asOf]), layout, zone)
}
