package mapping

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dlclark/regexp2/v2"
)

// The positions of Replace's arguments.
const (
	replaceFind = iota + 1
	replacePattern
	replaceGroup
	replaceWith
	replaceAttribute
	replaceTemplate
)

// maxBacktracking bounds the memory of a regular expression.
const maxBacktracking = 1 << 20

// pattern is a regular expression that was compiled.
type pattern struct {
	regexp *regexp2.Regexp
	groups []int // the numbers of its groups
}

func compilePattern(text string) (compiled *pattern, err error) {
	defer func() {
		if recover() != nil {
			compiled, err = nil, errors.New("the pattern cannot be read")
		}
	}()
	re, err := regexp2.Compile(text, regexp2.None, regexp2.OptionMaxBacktrackingStackSize(maxBacktracking))
	if err != nil {
		return nil, fmt.Errorf("the pattern is no regular expression: %w", err)
	}
	re.MatchTimeout = DefaultMatchTimeout
	return &pattern{re, re.GetGroupNumbers()}, nil
}

// replacement checks that a Replace has one of its five forms.
func (c *checker) replacement(n *Node) {
	given := func(i int) bool { return n.arg(i) != nil }
	form := 0
	for i := replaceFind; i <= replaceTemplate; i++ {
		if given(i) {
			form |= 1 << i
		}
	}
	switch form {
	case 1<<replaceFind | 1<<replaceWith, 1<<replaceFind | 1<<replaceTemplate,
		1<<replacePattern | 1<<replaceWith, 1<<replacePattern | 1<<replaceGroup | 1<<replaceWith,
		1<<replacePattern | 1<<replaceGroup | 1<<replaceAttribute:
	default:
		c.refuse(n, "these arguments do not go together: write oldValue with replacementValue or template, or regexPattern with "+
			"replacementValue, with regexGroupName and replacementValue, or with regexGroupName and replacementAttribute")
		return
	}
	text, constant := n.constantText(replacePattern)
	if !constant {
		return
	}
	compiled, err := compilePattern(text)
	if err != nil {
		c.refuse(n.Args[replacePattern], "%v", err)
		return
	}
	n.constant = compiled
}

func replace(c call, args []Value) (Value, error) {
	given := func(i int) bool { return c.node.arg(i) != nil }
	source := args[0]
	switch {
	case given(replaceTemplate):
		return c.fillTemplate(source, args[replaceFind], args[replaceTemplate])
	case given(replaceFind):
		return c.replaceText(source, args[replaceFind].text, args[replaceWith].text)
	case given(replaceAttribute):
		return c.replaceFromAttribute(args)
	case source.IsNull():
		return Value{}, nil
	}
	p, err := c.pattern(args[replacePattern])
	if err != nil {
		return Value{}, err
	}
	if given(replaceGroup) {
		return c.replaceGroupText(p, source.text, args[replaceGroup].text, args[replaceWith].text)
	}
	return c.replacePattern(p, source.text, args[replaceWith].text)
}

func (c call) replaceText(source Value, old, replacement string) (Value, error) {
	if source.IsNull() || old == "" {
		return source, nil
	}
	if err := c.fits(source.text, old, replacement); err != nil {
		return Value{}, err
	}
	return TextValue(strings.ReplaceAll(source.text, old, replacement)), nil
}

// fillTemplate puts the source where the template has the old value.
func (c call) fillTemplate(source, old, template Value) (Value, error) {
	switch {
	case source.IsEmpty():
		return Value{}, nil
	case old.text == "":
		return template, nil
	}
	if err := c.fits(template.text, old.text, source.text); err != nil {
		return Value{}, err
	}
	return TextValue(strings.ReplaceAll(template.text, old.text, source.text)), nil
}

// fits refuses a replacement whose result would be far too long to build.
func (c call) fits(text, old, replacement string) error {
	grows := strings.Count(text, old) * (len(replacement) - len(old))
	return c.fitsBytes(len(text) + grows)
}

func (c call) fitsBytes(size int) error {
	const longest = 4 * MaxText
	if size > longest {
		return c.fail("the result is longer than 100,000 characters")
	}
	return nil
}

// pattern is the compiled constant, or compiled now.
func (c call) pattern(value Value) (*pattern, error) {
	if p, ok := c.node.constant.(*pattern); ok {
		return p, nil
	}
	p, err := compilePattern(value.text)
	if err != nil {
		return nil, c.fail("the pattern is no regular expression")
	}
	return p, nil
}

// matches calls visit for each match, and turns a time-out of the engine, or a
// fault in it, into an evaluation error.
func (c call) matches(p *pattern, input []rune, visit func(regexp2.MatchView) bool) (err error) {
	defer func() {
		if recover() != nil {
			err = c.fail("the regular expression cannot be matched")
		}
	}()
	var stopped error
	found := p.regexp.FindRunesMatches(input, startOf(p, input), func(m regexp2.MatchView) bool {
		if stopped = c.stopped(); stopped != nil {
			return false
		}
		return visit(m)
	})
	switch {
	case stopped != nil:
		return fmt.Errorf("evaluate expression: %w", stopped)
	case found != nil:
		return c.fail("the regular expression takes too long on this text")
	default:
		return nil
	}
}

func startOf(p *pattern, input []rune) int {
	if p.regexp.RightToLeft() {
		return len(input)
	}
	return 0
}

// replacePattern replaces every match, with .NET's substitutions. What the
// result may grow to is counted first.
func (c call) replacePattern(p *pattern, source, replacement string) (Value, error) {
	input := []rune(source)
	groups := strings.Count(replacement, "$")
	wholes := strings.Count(replacement, "$_") + strings.Count(replacement, "$`") + strings.Count(replacement, "$'")
	size, found := len(source), false
	const bytesPerRune, enough = 4, 1 << 30
	err := c.matches(p, input, func(m regexp2.MatchView) bool {
		found = true
		size += len(replacement) + bytesPerRune*(groups*p.longestGroup(m)+wholes*len(input))
		return size < enough
	})
	if err != nil || !found {
		return TextValue(source), err
	}
	const most = 40 * MaxText
	if size > most {
		return Value{}, c.fail("the result is too long: a match is replaced by more than fits into 100,000 characters")
	}
	return c.substitute(p, source, replacement)
}

func (c call) substitute(p *pattern, source, replacement string) (value Value, err error) {
	defer func() {
		if recover() != nil {
			err = c.fail("the regular expression cannot be replaced")
		}
	}()
	out, err := p.regexp.Replace(source, replacement, -1, -1)
	if err != nil {
		return Value{}, c.fail("the regular expression takes too long on this text")
	}
	return TextValue(out), nil
}

func (p *pattern) longestGroup(m regexp2.MatchView) int {
	longest := 0
	for _, number := range p.groups {
		if _, length, ok := m.GroupRange(number); ok {
			longest = max(longest, length)
		}
	}
	return longest
}

// replaceGroupText replaces only what a group caught last in each match.
func (c call) replaceGroupText(p *pattern, source, group, replacement string) (Value, error) {
	number := p.regexp.GroupNumberFromName(group)
	input := []rune(source)
	var spans []span
	err := c.matches(p, input, func(m regexp2.MatchView) bool {
		if number >= 0 {
			if start, length, ok := m.GroupRange(number); ok {
				spans = append(spans, span{start, start + length})
			}
		}
		return true
	})
	if err != nil {
		return Value{}, err
	}
	if err := c.fitsBytes(len(source) + len(spans)*len(replacement)); err != nil {
		return Value{}, err
	}
	return TextValue(replaceSpans(input, spans, replacement)), nil
}

// span is a part of a text in runes.
type span struct{ start, end int }

// replaceSpans puts a text in place of each span. A span that lies before the
// one replaced last, as look-behind can catch, stays.
func replaceSpans(input []rune, spans []span, replacement string) string {
	var out strings.Builder
	at := 0
	for _, s := range spans {
		if s.start < at {
			continue
		}
		out.WriteString(string(input[at:s.start]))
		out.WriteString(replacement)
		at = s.end
	}
	out.WriteString(string(input[at:]))
	return out.String()
}

// replaceFromAttribute is the source where it has a value, else what a group
// catches first in the other attribute.
func (c call) replaceFromAttribute(args []Value) (Value, error) {
	other := args[replaceAttribute].text
	if !args[0].IsEmpty() {
		return args[0], nil
	}
	if other == "" {
		return Value{}, nil
	}
	p, err := c.pattern(args[replacePattern])
	if err != nil {
		return Value{}, err
	}
	number := p.regexp.GroupNumberFromName(args[replaceGroup].text)
	input := []rune(other)
	var value Value
	err = c.matches(p, input, func(m regexp2.MatchView) bool {
		if number < 0 {
			return false
		}
		if start, length, ok := m.GroupRange(number); ok {
			value = TextValue(string(input[start : start+length]))
		}
		return false
	})
	return value, err
}

// Pattern is a regular expression of .NET.
type Pattern struct{ compiled *pattern }

// NewPattern reads a pattern.
func NewPattern(text string) (*Pattern, error) {
	compiled, err := compilePattern(text)
	if err != nil {
		return nil, err
	}
	return &Pattern{compiled}, nil
}

var errTooLong = errors.New("the regular expression takes too long on this value")

// Matches reports whether the pattern is found in a text. An error means that this
// took too long.
func (p *Pattern) Matches(text string) (found bool, err error) {
	defer func() {
		if recover() != nil {
			found, err = false, errTooLong
		}
	}()
	found, err = p.compiled.regexp.MatchString(text)
	if err != nil {
		return false, errTooLong
	}
	return found, nil
}
