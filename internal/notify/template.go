package notify

import (
	"errors"
	"fmt"
	"html"
	"slices"
	"strings"
)

// Source is the text of one template in one locale, as written.
type Source struct {
	Subject string
	Text    string
	HTML    string
}

// Template is one parsed template in one locale. It is immutable and safe for concurrent use.
type Template struct {
	locale  string
	subject []piece
	text    []piece
	html    []piece
	tokens  Tokens
}

// Rendered is the outcome of a template: what goes into a Message.
type Rendered struct {
	Subject string
	Text    string
	HTML    string
	// Locale is that of the template that was used, which may be a fallback of the one asked for.
	Locale string
}

// maxSourceBytes bounds one file of a template.
const maxSourceBytes = 64 << 10

// Parse reads one template. All problems are reported together, each as `NAME/LOCALE.part:line: message`.
func Parse(name, locale string, src Source, allowed Tokens) (*Template, error) {
	t := &Template{locale: canonicalLocale(locale), tokens: allowed}
	var problems []error
	prefix := name + "/" + locale
	part := func(suffix, body string) []piece {
		pieces, found := parseText(body, allowed)
		found = append(found, checkPart(suffix, body)...)
		for _, p := range found {
			problems = append(problems, fmt.Errorf("%s%s:%d: %s", prefix, suffix, p.line, p.message))
		}
		return pieces
	}
	t.subject = part(subjectSuffix, strings.TrimRight(src.Subject, "\r\n"))
	t.text = part(textSuffix, normaliseLines(src.Text))
	t.html = part(htmlSuffix, normaliseLines(src.HTML))
	for _, name := range allowed.required {
		for suffix, pieces := range map[string][]piece{textSuffix: t.text, htmlSuffix: t.html} {
			if !slices.Contains(pieces, piece{token: name}) {
				problems = append(problems, fmt.Errorf("%s%s:1: must use the token %q", prefix, suffix,
					openToken+name+closeToken))
			}
		}
		if slices.Contains(t.subject, piece{token: name}) {
			problems = append(problems, fmt.Errorf("%s%s:1: a subject must not contain %q", prefix, subjectSuffix,
				openToken+name+closeToken))
		}
	}
	if len(problems) > 0 {
		slices.SortStableFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
		return nil, errors.Join(problems...)
	}
	return t, nil
}

func checkPart(suffix, body string) []problem {
	var problems []problem
	if strings.TrimSpace(body) == "" {
		problems = append(problems, problem{line: 1, message: "empty"})
	}
	if len(body) > maxSourceBytes {
		problems = append(problems, problem{line: 1, message: fmt.Sprintf("longer than %d bytes", maxSourceBytes)})
	}
	switch suffix {
	case subjectSuffix:
		if err := checkLine(body, maxSubjectRunes, false); err != nil {
			problems = append(problems, problem{line: 1, message: "a subject is one line of text: " + err.Error()})
		}
	case htmlSuffix:
		problems = append(problems, checkMarkup(body)...)
	}
	if err := checkBody(body); err != nil && strings.TrimSpace(body) != "" && suffix != subjectSuffix {
		problems = append(problems, problem{line: 1, message: err.Error()})
	}
	return problems
}

// normaliseLines accepts files from any editor.
func normaliseLines(s string) string {
	return strings.ReplaceAll(strings.TrimPrefix(s, "\uFEFF"), "\r\n", "\n")
}

// Render fills the template. It returns an error only if a required value is missing or cannot be shown as it is;
// the error never contains a value.
func (t *Template) Render(values Values) (Rendered, error) {
	resolved := make(map[string]string, len(t.tokens.allowed))
	for _, name := range t.tokens.required {
		raw := values[name].format(t.locale)
		if raw == "" {
			return Rendered{}, fmt.Errorf("render mail: no value for %q: %w", name, ErrRejected)
		}
		if cleanLine(raw, maxValueRunes) != raw {
			return Rendered{}, fmt.Errorf("render mail: value of %q cannot be shown unchanged: %w", name, ErrRejected)
		}
		resolved[name] = raw
	}
	value := func(token string) string {
		s, ok := resolved[token]
		if !ok {
			s = t.lookup(token, values)
			resolved[token] = s
		}
		return s
	}
	return Rendered{
		Subject: headerLine(substitute(t.subject, value), maxSubjectRunes),
		Text:    substitute(t.text, value),
		HTML:    substitute(t.html, func(token string) string { return html.EscapeString(value(token)) }),
		Locale:  t.locale,
	}, nil
}

func (t *Template) lookup(token string, values Values) string {
	v, ok := values[token]
	if modern, old := oldToken(token); !ok && old {
		v = values[modern]
	}
	if s := cleanLine(v.format(t.locale), maxValueRunes); s != "" {
		return s
	}
	return absent
}
