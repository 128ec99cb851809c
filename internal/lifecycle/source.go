package lifecycle

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

const (
	// MaxSourceSize is the largest policy file that is read.
	MaxSourceSize = 1 << 20
	// maxDepth is deeper than any policy that means something.
	maxDepth = 16
	// maxProblems bounds a report; nobody reads more at once.
	maxProblems = 500
)

// Source is one file of a policy.
type Source struct {
	// Name stands in messages.
	Name    string
	Content []byte
}

// Hash is the SHA-256, in hex, of the canonical source: line ends as LF, no
// byte order mark, files in the order of their names. The names do not count.
func Hash(sources ...Source) string {
	ordered := slices.Clone(sources)
	slices.SortStableFunc(ordered, func(a, b Source) int { return strings.Compare(a.Name, b.Name) })
	sum := sha256.New()
	for _, source := range ordered {
		content := canonical(source.Content)
		if len(ordered) > 1 {
			content = append([]byte(strconv.Itoa(len(content))+"\n"), content...)
		}
		sum.Write(content)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func canonical(content []byte) []byte {
	content = bytes.TrimPrefix(content, []byte("\uFEFF"))
	return bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
}

// parse reads one document and refuses what would make a policy mean more than
// it shows: several documents, anchors, aliases, merge keys and custom tags.
func parse(source Source) (*yaml.Node, Problems) {
	at := place{file: source.Name}
	if len(source.Content) > MaxSourceSize {
		return nil, Problems{at.problem("the file has %d bytes; a policy has at most %d", len(source.Content), MaxSourceSize)}
	}
	if !utf8.Valid(source.Content) {
		return nil, Problems{at.problem("the file is not UTF-8; save it as UTF-8")}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(canonical(source.Content)))
	var document yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, Problems{at.problem("the file is empty; begin with version: 1")}
		}
		return nil, Problems{syntaxProblem(source.Name, err)}
	}
	var second yaml.Node
	switch err := decoder.Decode(&second); {
	case err == nil:
		at.line, at.column = second.Line, second.Column
		return nil, Problems{at.problem("a second document begins here; a policy file is one YAML document: remove the ---")}
	case !errors.Is(err, io.EOF):
		return nil, Problems{syntaxProblem(source.Name, err)}
	}
	if problems := checkPlain(source.Name, &document, 0); len(problems) > 0 {
		return nil, problems
	}
	return document.Content[0], nil
}

// checkPlain refuses nodes that are not plain data.
func checkPlain(file string, node *yaml.Node, depth int) Problems {
	at := place{file, node.Line, node.Column}
	switch {
	case depth > maxDepth:
		return Problems{at.problem("nested deeper than %d levels; no policy needs that", maxDepth)}
	case node.Kind == yaml.AliasNode:
		return Problems{at.problem("aliases (*name) are not allowed; write the value out")}
	case node.Anchor != "":
		return Problems{at.problem("anchors (&name) are not allowed; write the value out where it is needed")}
	case node.Tag == "!!merge":
		return Problems{at.problem("merge keys (<<) are not allowed; write the keys out")}
	case node.Style&yaml.TaggedStyle != 0:
		return Problems{at.problem("tags (%s) are not allowed", node.Tag)}
	}
	var problems Problems
	for _, child := range node.Content {
		problems = append(problems, checkPlain(file, child, depth+1)...)
		if len(problems) > maxProblems {
			break
		}
	}
	return problems
}

// syntaxProblem takes the line out of the parser's text.
func syntaxProblem(file string, err error) Problem {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	at := place{file: file}
	if found := regexp.MustCompile(`^line (\d+): (.*)$`).FindStringSubmatch(text); found != nil {
		if line, err := strconv.Atoi(found[1]); err == nil {
			at.line, at.column, text = line, 1, found[2]
		}
	}
	return at.problem("not valid YAML: %s", text)
}
