package mapping

import "strconv"

// Stage says who refused an expression.
type Stage string

// The stages.
const (
	// Syntax is the parser's: the text is no expression.
	Syntax Stage = "syntax"
	// Check is the checker's: it can never be evaluated.
	Check Stage = "check"
	// Evaluation depends on the values.
	Evaluation Stage = "evaluation"
)

// Position is a place in an expression.
type Position struct {
	// Offset counts UTF-16 units from 0; Line and Column from 1.
	Offset int `json:"offset"`
	Line   int `json:"line"`
	Column int `json:"column"`
}

// Problem says why an expression is refused or has no value. It never holds the
// value of an attribute, but for what the function Error was told to say.
type Problem struct { //nolint:errname // a problem is what people read; there are three stages of it
	Stage   Stage
	Message string
	// Function is the one that failed; "" where it is none.
	Function string
	Position Position
}

// Error tells the place and what is wrong.
func (p *Problem) Error() string {
	text := "line " + strconv.Itoa(p.Position.Line) + ", column " + strconv.Itoa(p.Position.Column) + ": "
	if p.Function != "" {
		text += p.Function + ": "
	}
	return text + p.Message
}

// positionAt finds the place of a byte of the source.
func positionAt(source string, at int) Position {
	p := Position{Line: 1, Column: 1}
	for i, r := range source {
		if i >= at {
			break
		}
		p.Offset += unitsOf(r)
		p.Column += unitsOf(r)
		if r == '\n' || r == '\r' && (i+1 >= len(source) || source[i+1] != '\n') {
			p.Line, p.Column = p.Line+1, 1
		}
	}
	return p
}
