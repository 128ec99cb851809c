package csv

import (
	"slices"

	"tenure/internal/hr"
	"tenure/internal/person"
)

// notable is what a row says that only together with other rows can be wrong.
type notable struct {
	line                       int
	key, number, mail, manager string
}

// notableOf keeps little of a row: files are large.
func notableOf(r row) notable {
	out := notable{line: r.line, key: r.key}
	attributes := r.event.Record.Attributes
	out.number, _ = attributes.Get(person.EmployeeIDAttribute)
	out.mail, _ = attributes.Get(person.WorkEmailAttribute)
	if kind, _ := attributes.Get(person.ManagerKindAttribute); kind == person.ReferenceEmployeeID {
		out.manager, _ = attributes.Get(person.ManagerValueAttribute)
	}
	return out
}

// remarks are about rows that are right by themselves and doubtful beside
// others. They are taken all the same: the file may be right.
func (i *Import) remarks(rows []notable, numbers map[string]bool, whole bool) {
	found := make(map[int]*hr.Remark)
	remark := func(row notable, text string) {
		if found[row.line] == nil {
			found[row.line] = &hr.Remark{Line: row.line, Key: row.key}
		}
		found[row.line].Texts = append(found[row.line].Texts, text)
	}
	rows = slices.DeleteFunc(rows, func(row notable) bool { return i.refuse[row.line] })
	shared(rows, func(row notable) string { return row.number }, "employee number is also on ", remark)
	shared(rows, func(row notable) string { return row.mail }, "work mail address is also on ", remark)
	managers(rows, numbers, whole, remark)
	for _, one := range found {
		i.Remarks = append(i.Remarks, *one)
	}
	slices.SortFunc(i.Remarks, func(a, b hr.Remark) int { return a.Line - b.Line })
}

// shared remarks on a value that belongs to one person and stands with several.
func shared(rows []notable, value func(notable) string, text string, remark func(notable, string)) {
	lines := make(map[string][]int)
	for _, row := range rows {
		if v := value(row); v != "" {
			lines[v] = append(lines[v], row.line)
		}
	}
	for _, row := range rows {
		if same := lines[value(row)]; len(same) > 1 {
			remark(row, text+others(same, row.line))
		}
	}
}

// managers remarks on references that lead nowhere or back. Where a file holds
// changes only, or none of its managers, they stand elsewhere.
func managers(rows []notable, numbers map[string]bool, whole bool, remark func(notable, string)) {
	above, here := make(map[string]string), false
	for _, row := range rows {
		if row.number != "" {
			above[row.number] = row.manager
		}
		here = here || row.manager != "" && row.manager != row.number && numbers[row.manager]
	}
	for _, row := range rows {
		switch {
		case row.manager == "":
		case row.manager == row.number:
			remark(row, "the person is their own manager")
		case whole && here && !numbers[row.manager]:
			remark(row, "the manager is not in the file")
		case leadsBack(row.number, above):
			remark(row, "the managers above lead back to the person")
		}
	}
}

// maxLevels ends the way up through a circle that does not hold the person.
const maxLevels = 100

func leadsBack(number string, above map[string]string) bool {
	at := above[number]
	for range maxLevels {
		if at == "" || at == number {
			break
		}
		at = above[at]
	}
	return at != "" && at == number
}
