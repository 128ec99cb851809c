package cli

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// withSheet lets a command write its output as CSV too.
func withSheet(command *cobra.Command) *cobra.Command {
	command.Annotations = map[string]string{hasSheet: outputCSV}
	return command
}

// sheet writes rows as CSV. No cell is a formula when a spreadsheet opens it, and
// no text about a person holds what a terminal would obey.
func (a *app) sheet(head []string, rows [][]string) error {
	var out strings.Builder
	writer := csv.NewWriter(&out)
	problems := []error{writer.Write(head)}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = safeCell(clean(cell))
		}
		problems = append(problems, writer.Write(cells))
	}
	writer.Flush()
	if err := errors.Join(append(problems, writer.Error())...); err != nil {
		return fmt.Errorf("write sheet: %w", err)
	}
	a.out.write(out.String())
	return nil
}

// formulaMarks begin what spreadsheets compute instead of show, wide forms
// included.
const formulaMarks = "=+-@\t\r＝＋－＠"

// safeCell puts an apostrophe before what a spreadsheet would compute, and before
// what would be mistaken for such a one: at the beginning, and behind a semicolon,
// at which spreadsheets of many countries break cells though commas stand between
// them.
func safeCell(text string) string {
	parts := strings.Split(text, otherDelimiter)
	for i, part := range parts {
		if isMarked(part) {
			parts[i] = "'" + part
		}
	}
	return strings.Join(parts, otherDelimiter)
}

// otherDelimiter is what stands between cells where the comma is decimal.
const otherDelimiter = ";"

// plainCell takes off what safeCell put there.
func plainCell(text string) string {
	parts := strings.Split(text, otherDelimiter)
	for i, part := range parts {
		if rest, found := strings.CutPrefix(part, "'"); found && isMarked(rest) {
			parts[i] = rest
		}
	}
	return strings.Join(parts, otherDelimiter)
}

// isMarked looks behind apostrophes, and behind quotes, which a spreadsheet that
// breaks cells elsewhere takes off.
func isMarked(text string) bool {
	rest := strings.TrimLeft(text, `'"`)
	return rest != "" && strings.ContainsRune(formulaMarks, []rune(rest)[0])
}

// maxSheet bounds a sheet that is read back.
const maxSheet = 16 << 20

// readSheet reads a CSV file with a head, as spreadsheets save it: with commas
// or semicolons. Each row is a map by column, with its line.
func readSheet(from io.Reader, needed ...string) ([]sheetRow, error) {
	content, err := io.ReadAll(io.LimitReader(from, maxSheet+1))
	if err != nil {
		return nil, fmt.Errorf("read sheet: %w", err)
	}
	if len(content) > maxSheet {
		return nil, fmt.Errorf("read sheet: it has more than %d bytes: split it", maxSheet)
	}
	text := strings.TrimPrefix(string(content), "\ufeff")
	reader := csv.NewReader(strings.NewReader(text))
	if first, _, _ := strings.Cut(text, "\n"); strings.Count(first, ";") > strings.Count(first, ",") {
		reader.Comma = ';'
	}
	head, err := reader.Read()
	if err != nil {
		return nil, fmt.Errorf("read sheet: the first line names no columns: %w", err)
	}
	columns := map[string]bool{}
	for _, name := range head {
		if columns[name] && name != "" {
			return nil, fmt.Errorf("read sheet: the column %.64q is there twice", name)
		}
		columns[name] = true
	}
	for _, name := range needed {
		if !columns[name] {
			return nil, fmt.Errorf("read sheet: it has no column %s: write it with -o csv and fill in the columns there", name)
		}
	}
	var rows []sheetRow
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read sheet: %w", err)
		}
		line, _ := reader.FieldPos(0)
		row := sheetRow{line: line, cells: map[string]string{}}
		for i, cell := range cells {
			row.cells[head[i]] = strings.TrimSpace(plainCell(cell))
		}
		rows = append(rows, row)
	}
}

// sheetRow is one row of a sheet, and the line it begins on.
type sheetRow struct {
	line  int
	cells map[string]string
}
