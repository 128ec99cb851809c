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

// maxDepth is more than the record nests.
const maxDepth = 12

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
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	out, err := parseValue(decoder, 0)
	if err != nil {
		return node{}, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return node{}, errors.New("body goes on after its JSON value")
	}
	return out, nil
}

func parseValue(decoder *json.Decoder, depth int) (node, error) {
	token, err := decoder.Token()
	if err != nil {
		return node{}, syntaxError(decoder, err)
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
			return parseList(decoder, depth)
		}
		return parseObject(decoder, depth)
	}
	return node{}, errors.New("body is not JSON")
}

func parseList(decoder *json.Decoder, depth int) (node, error) {
	out := node{kind: list}
	for decoder.More() {
		element, err := parseValue(decoder, depth+1)
		if err != nil {
			return node{}, err
		}
		out.nodes = append(out.nodes, element)
	}
	return out, closing(decoder)
}

func parseObject(decoder *json.Decoder, depth int) (node, error) {
	out := node{kind: object}
	seen := make(map[string]bool)
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return node{}, syntaxError(decoder, err)
		}
		name, _ := token.(string)
		if seen[name] {
			return node{}, fmt.Errorf("name %q is repeated in one object, at byte %d", shorten(name), decoder.InputOffset())
		}
		seen[name] = true
		value, err := parseValue(decoder, depth+1)
		if err != nil {
			return node{}, err
		}
		out.names, out.nodes = append(out.names, name), append(out.nodes, value)
	}
	return out, closing(decoder)
}

func closing(decoder *json.Decoder) error {
	if _, err := decoder.Token(); err != nil {
		return syntaxError(decoder, err)
	}
	return nil
}

// syntaxError keeps the text of the body out of the error.
func syntaxError(decoder *json.Decoder, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("body ends too early")
	}
	return fmt.Errorf("body is not JSON at byte %d", decoder.InputOffset())
}

// shorten bounds a name that is quoted in an error.
func shorten(name string) string {
	const most = 64
	if utf8.RuneCountInString(name) <= most {
		return name
	}
	return string([]rune(name)[:most]) + "..."
}
