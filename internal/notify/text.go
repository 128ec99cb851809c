package notify

import (
	"fmt"
	"strings"

	"tenure/internal/person"
)

const (
	openToken  = "{{"
	closeToken = "}}"
)

// piece is literal text or a token, never both.
type piece struct {
	literal string
	token   string
}

// problem is a defect at a line of a part; lines count from 1.
type problem struct {
	line    int
	message string
}

// parseText splits a part into literals and tokens. It knows no escape: a text cannot contain `{{` or `}}` otherwise.
func parseText(src string, allowed Tokens) ([]piece, []problem) {
	var pieces []piece
	var problems []problem
	line := 1
	report := func(format string, args ...any) {
		problems = append(problems, problem{line: line, message: fmt.Sprintf(format, args...)})
	}
	literal := func(s string) {
		for i, part := range strings.Split(s, closeToken) {
			if i > 0 {
				report("%q without %q before it", closeToken, openToken)
			}
			line += strings.Count(part, "\n")
		}
		pieces = append(pieces, piece{literal: s})
	}
	for src != "" {
		before, rest, found := strings.Cut(src, openToken)
		if before != "" {
			literal(before)
		}
		if !found {
			break
		}
		inner, after, closed := strings.Cut(rest, closeToken)
		if !closed {
			report("%q without %q after it", openToken, closeToken)
			break
		}
		name := strings.Trim(inner, " ")
		if message := checkToken(name, allowed); message != "" {
			report("%s", message)
		}
		pieces = append(pieces, piece{token: name})
		line += strings.Count(inner, "\n")
		src = after
	}
	return pieces, problems
}

func checkToken(name string, allowed Tokens) string {
	const longest = 100
	if allowed.has(name) {
		return ""
	}
	if len(name) > longest || name == "" || strings.ContainsFunc(name, notInToken) {
		return fmt.Sprintf("%q is not a token: tokens are attribute names, there is no other syntax",
			openToken+truncate(name, longest)+closeToken)
	}
	message := fmt.Sprintf("unknown token %q", openToken+name+closeToken)
	if s := person.Nearest(name, allowed.allowed); s != "" {
		message += fmt.Sprintf("; did you mean %q?", openToken+s+closeToken)
	}
	return message
}

func notInToken(r rune) bool {
	return !isASCIIAlnum(r) && r != '.' && r != '/' && r != '_'
}

// substitute writes the pieces with every token replaced by what value returns.
func substitute(pieces []piece, value func(token string) string) string {
	var b strings.Builder
	for _, p := range pieces {
		if p.token == "" {
			b.WriteString(p.literal)
			continue
		}
		b.WriteString(value(p.token))
	}
	return b.String()
}
