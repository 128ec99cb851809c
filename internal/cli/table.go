package cli

import "strings"

// table aligns cells by what they take in a terminal, not by their bytes. The
// last column is broken at the width of the terminal.
type table struct {
	head []string
	rows [][]string
}

func newTable(head ...string) *table { return &table{head: head} }

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// gap stands between two columns.
const gap = "  "

// print writes the table behind an indent; one without rows writes nothing.
func (t *table) print(p *printer, indent string) {
	if len(t.rows) == 0 {
		return
	}
	rows := t.rows
	if len(t.head) > 0 {
		rows = append([][]string{t.head}, t.rows...)
	}
	widths := t.widths(rows)
	for _, row := range rows {
		var lead strings.Builder
		lead.WriteString(indent)
		for i, cell := range row[:len(row)-1] {
			cell = clean(cell)
			lead.WriteString(cell + strings.Repeat(" ", widths[i]-columns(cell)) + gap)
		}
		p.text(lead.String(), row[len(row)-1])
	}
}

func (t *table) widths(rows [][]string) []int {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columns(clean(cell)))
		}
	}
	return widths
}
