package lifecycle

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong in a policy, or worth a look.
type Problem struct { //nolint:errname // a problem is a finding for the author of a policy, in the words of the glossary
	File string
	// Line and Column count from 1; 0 where the problem has no place.
	Line, Column int
	// Message says what was found and what to write instead.
	Message string
}

// Error writes file:line: message.
func (p Problem) Error() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s", p.File, p.Message)
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
}

// Problems is everything found, in the order of the files and lines.
type Problems []Problem //nolint:errname // as Problem

// Error writes one problem a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.Error()
	}
	return strings.Join(lines, "\n")
}

// sorted returns the problems by place, each once. Files keep the order in
// which they were given.
func (p Problems) sorted(files []string) Problems {
	out := slices.Clone(p)
	slices.SortStableFunc(out, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(slices.Index(files, a.File), slices.Index(files, b.File)),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
		)
	})
	return slices.Compact(out)
}

// place is where something stands in a source.
type place struct {
	file         string
	line, column int
}

func (p place) problem(format string, args ...any) Problem {
	return Problem{File: p.file, Line: p.line, Column: p.column, Message: fmt.Sprintf(format, args...)}
}
