package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

const (
	// maxDepth is more than the record nests.
	maxDepth = 12
	// maxValues is more than the largest record holds: a small body can hold a
	// value for every two bytes, and each costs a hundred in memory.
	maxValues = 20_000
)

// kind is the kind of a JSON value.
type kind string

const (
	null    kind = "null"
	boolean kind = "bool"
	number  kind = "number"
	text    kind = "string"
	list    kind = "array"
	object  kind = "object"
)

// node is a JSON value in the order in which it was written.
type node struct {
	kind  kind
	text  string // of text, number and boolean
	names []string
	nodes []node // of list and object
}

// parse reads one JSON value and nothing behind it. Unlike json.Unmarshal it
// refuses names that are repeated and values nested too deeply.
func parse(body []byte) (node, error) {
	if !utf8.Valid(body) {
		return node{}, errors.New("body is not valid UTF-8")
	}
	p := parser{Decoder: json.NewDecoder(bytes.NewReader(body))}
	p.UseNumber()
	out, err := p.value(0)
	if err != nil {
		return node{}, err
	}
	if _, err := p.Token(); !errors.Is(err, io.EOF) {
		return node{}, errors.New("body goes on after its JSON value")
	}
	return out, nil
}

// parser counts the values that it has read.
type parser struct {
	*json.Decoder
	values int
}

func (p *parser) value(depth int) (node, error) {
	if p.values++; p.values > maxValues {
		return node{}, fmt.Errorf("body holds more than %d values", maxValues)
	}
	token, err := p.Token()
	if err != nil {
		return node{}, p.syntaxError(err)
	}
	switch token := token.(type) {
	case nil:
		return node{kind: null}, nil
	case bool:
		return node{kind: boolean, text: strconv.FormatBool(token)}, nil
	case json.Number:
		return node{kind: number, text: token.String()}, nil
	case string:
		return node{kind: text, text: token}, nil
	case json.Delim:
		if depth == maxDepth {
			return node{}, fmt.Errorf("body is nested deeper than %d levels", maxDepth)
		}
		if token == '[' {
			return p.list(depth)
		}
		return p.object(depth)
	}
	return node{}, errors.New("body is not JSON")
}

func (p *parser) list(depth int) (node, error) {
	out := node{kind: list}
	for p.More() {
		element, err := p.value(depth + 1)
		if err != nil {
			return node{}, err
		}
		out.nodes = append(out.nodes, element)
	}
	return out, p.closing()
}

func (p *parser) object(depth int) (node, error) {
	out := node{kind: object}
	seen := make(map[string]bool)
	for p.More() {
		token, err := p.Token()
		if err != nil {
			return node{}, p.syntaxError(err)
		}
		name, _ := token.(string)
		if seen[name] {
			return node{}, fmt.Errorf("name %q is repeated in one object, at byte %d", shorten(name), p.InputOffset())
		}
		seen[name] = true
		value, err := p.value(depth + 1)
		if err != nil {
			return node{}, err
		}
		out.names, out.nodes = append(out.names, name), append(out.nodes, value)
	}
	return out, p.closing()
}

func (p *parser) closing() error {
	if _, err := p.Token(); err != nil {
		return p.syntaxError(err)
	}
	return nil
}

// syntaxError keeps the text of the body out of the error.
func (p *parser) syntaxError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("body ends too early")
	}
	return fmt.Errorf("body is not JSON at byte %d", p.InputOffset())
}

// shown is a name of the body in an error: bounded, and quoted where it holds what
// steers a terminal or hides text.
func shown(name string) string {
	name = shorten(name)
	if quoted := strconv.Quote(name); quoted[1:len(quoted)-1] != name {
		return quoted
	}
	return name
}

// shorten bounds a name that is quoted in an error.
func shorten(name string) string {
	const most = 64
	if utf8.RuneCountInString(name) <= most {
		return name
	}
	return string([]rune(name)[:most]) + "..."
}
