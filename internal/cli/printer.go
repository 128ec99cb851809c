package cli

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// printer writes lines of clean text. The first error is kept: who prints need
// not ask.
type printer struct {
	w io.Writer
	// width is that of the terminal; 0 where lines need not be broken.
	width int
	err   error
}

func newPrinter(w io.Writer, getenv func(string) string) *printer {
	p := &printer{w: w}
	if file, ok := w.(*os.File); ok && isTerminal(w) {
		p.width, _, _ = term.GetSize(int(file.Fd())) // 0 where it is not known
	}
	if stated, err := strconv.Atoi(getenv("COLUMNS")); err == nil && stated > 0 {
		p.width = stated
	}
	return p
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// line writes one line; control characters in it become visible.
func (p *printer) line(format string, args ...any) {
	p.write(strings.TrimRight(clean(fmt.Sprintf(format, args...)), " ") + "\n")
}

// document writes a text of many lines: as it is into a file or a pipe, made
// harmless at a terminal.
func (p *printer) document(text string) {
	if !isTerminal(p.w) {
		p.write(text)
		return
	}
	for line := range strings.Lines(text) {
		p.line("%s", strings.ReplaceAll(strings.TrimRight(line, "\r\n"), "\t", "    "))
	}
}

// text writes a text behind a lead, broken at the width; further lines begin
// below the text.
func (p *printer) text(lead, text string) {
	p.column(lead, columns(clean(lead)), text)
}

// column writes a text behind a lead, with further lines indented.
func (p *printer) column(lead string, indent int, text string) {
	for i, part := range wrap(clean(text), p.width-indent) {
		if i > 0 {
			lead = strings.Repeat(" ", indent)
		}
		p.line("%s%s", lead, part)
	}
}

// write writes what is clean already.
func (p *printer) write(text string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, text)
	}
}

// narrowest is the least width at which breaking lines helps a reader.
const narrowest = 20

// wrap breaks a clean text between words; words are never broken, so that keys
// and addresses can be copied.
func wrap(text string, width int) []string {
	if width < narrowest || columns(text) <= width {
		return []string{text}
	}
	var lines []string
	line, used := "", 0
	for word := range strings.FieldsSeq(text) {
		size := columns(word)
		switch {
		case line == "":
			line, used = word, size
		case used+1+size <= width:
			line, used = line+" "+word, used+1+size
		default:
			lines = append(lines, line)
			line, used = word, size
		}
	}
	return append(lines, line)
}
