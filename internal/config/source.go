package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

const (
	// MaxSource is the largest configuration that is read, in bytes.
	MaxSource = 256 << 10
	// maxDepth is deeper than any configuration that means something.
	maxDepth = 8
	// maxText is the longest value: that of many references.
	maxText = 4096
	// maxProblems is how many problems of the form are named at once.
	maxProblems = 20
)

// readSource reads a whole configuration, and refuses what is too large for one.
func readSource(source io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(source, MaxSource+1))
	switch {
	case err != nil:
		return nil, err
	case len(content) > MaxSource:
		return nil, fmt.Errorf("the file has more than %d bytes: is it a configuration?", MaxSource)
	case !utf8.Valid(content):
		return nil, errors.New("the file is not UTF-8: save it as UTF-8")
	}
	return content, nil
}

// decode reads one YAML document strictly.
func decode(content []byte, into *Config) error {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var document yaml.Node
	err := decoder.Decode(&document)
	if errors.Is(err, io.EOF) {
		return nil // nothing is stated
	}
	if err != nil {
		return err
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return errors.New("it holds more than one document")
	}
	if problems := plain(&document, 0); len(problems) > 0 {
		return errors.Join(problems[:min(len(problems), maxProblems)]...)
	}
	strict := yaml.NewDecoder(bytes.NewReader(content))
	strict.KnownFields(true)
	err = strict.Decode(into)
	if mismatch, is := errors.AsType[*yaml.TypeError](err); is {
		return mismatches(mismatch)
	}
	return err
}

// plain refuses what would make a configuration mean more than it shows.
func plain(node *yaml.Node, depth int) []error {
	problem := ""
	switch {
	case depth > maxDepth:
		problem = fmt.Sprintf("nested deeper than %d levels", maxDepth)
	case node.Kind == yaml.AliasNode:
		problem = "aliases (*name) are not allowed: write the value out"
	case node.Anchor != "":
		problem = "anchors (&name) are not allowed: write the value out where it is needed"
	case node.Tag == "!!merge":
		problem = "merge keys (<<) are not allowed: write the keys out"
	case node.Style&yaml.TaggedStyle != 0:
		problem = "tags (!name) are not allowed"
	case node.Tag == "!!float":
		problem = "a number with a fraction or an exponent: no key takes one"
	case len(node.Value) > maxText:
		problem = fmt.Sprintf("a value of %d bytes: at most %d are allowed", len(node.Value), maxText)
	case strings.ContainsFunc(node.Value, hides):
		problem = "a value holds control characters, line ends, or characters that show nothing"
	}
	if problem != "" {
		return []error{fmt.Errorf("line %d: %s", node.Line, problem)}
	}
	var problems []error
	for _, child := range node.Content {
		if problems = append(problems, plain(child, depth+1)...); len(problems) >= maxProblems {
			break
		}
	}
	return problems
}

// hides finds what no value of a configuration holds.
func hides(r rune) bool {
	return unicode.IsControl(r) || r == 0xad || r == 0x200b || r == 0x2060 || r == 0xfeff ||
		r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

var (
	unknownField = regexp.MustCompile(`^(line \d+): field (.*) not found in type`)
	wrongType    = regexp.MustCompile(`(?s)^(line \d+): cannot unmarshal !!(\w+) .*?into ([\w.\[\]]+)$`)
)

// mismatches says what does not fit in plain words. Values are not repeated: one
// that stands in the wrong place may be a secret.
func mismatches(err *yaml.TypeError) error {
	var problems []error
	for _, text := range err.Errors[:min(len(err.Errors), maxProblems)] {
		if found := unknownField.FindStringSubmatch(text); found != nil {
			problems = append(problems, fmt.Errorf("%s: unknown key %.64q", found[1], found[2]))
			continue
		}
		if found := wrongType.FindStringSubmatch(text); found != nil {
			problems = append(problems, fmt.Errorf("%s: %s found where %s belongs", found[1], kindOf(found[2]), kindOf(found[3])))
			continue
		}
		problems = append(problems, errors.New(text))
	}
	return errors.Join(problems...)
}

// kindOf says a kind of value, YAML's or Go's, in plain words.
func kindOf(name string) string {
	switch {
	case name == "str", name == "string":
		return "a text"
	case name == "int", name == "float", name == "int64":
		return "a whole number"
	case name == "bool":
		return "true or false"
	case name == "seq", strings.HasPrefix(name, "[]"):
		return "a list"
	case name == "null":
		return "nothing"
	case name == "timestamp":
		return "a date"
	default:
		return "an object"
	}
}
