package notify

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"golang.org/x/net/html"
)

// checkMarkup allows tokens in the text of an HTML part only. Inside a tag, a comment, a style or a title, escaping
// a value is not enough: an attribute can be a URL and a style can be a program.
func checkMarkup(src string) []problem {
	var problems []problem
	line := 1
	z := html.NewTokenizer(strings.NewReader(src))
	raw := false
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			if !errors.Is(z.Err(), io.EOF) {
				problems = append(problems, problem{line: line, message: "cannot be read as HTML"})
			}
			return problems
		}
		text := bytes.Clone(z.Raw())
		name := ""
		if kind == html.StartTagToken || kind == html.EndTagToken || kind == html.SelfClosingTagToken {
			tag, _ := z.TagName()
			name = string(tag)
		}
		if message := checkElement(kind, name, raw, bytes.Contains(text, []byte(openToken))); message != "" {
			problems = append(problems, problem{line: line, message: message})
		}
		raw = kind == html.StartTagToken && rawElement(name)
		line += bytes.Count(text, []byte("\n"))
	}
}

func checkElement(kind html.TokenType, name string, raw, hasToken bool) string {
	switch {
	case kind != html.EndTagToken && forbiddenElement(name):
		return "<" + name + "> is not allowed in a mail"
	case hasToken && kind != html.TextToken:
		return "a token stands inside a tag or a comment; only text may hold tokens"
	case hasToken && raw:
		return "a token stands inside an element whose content is not text"
	}
	return ""
}

// rawElement names elements whose content browsers do not read as text.
func rawElement(name string) bool {
	switch name {
	case "style", "title", "textarea", "xmp", "noembed", "noframes", "plaintext", "noscript":
		return true
	}
	return false
}

// forbiddenElement names elements that act: no mail of ours needs them and every mail client distrusts them.
func forbiddenElement(name string) bool {
	switch name {
	case "script", "iframe", "object", "embed", "form", "base", "link", "frame", "svg", "math":
		return true
	}
	return false
}
