package mapping

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Source is a node in the form of Graph's attributeMappingSource, in which
// exported job schemas hold mappings.
type Source struct {
	Expression string      `json:"expression"`
	Type       NodeType    `json:"type"`
	Name       string      `json:"name"`
	Parameters []Parameter `json:"parameters"`
	// Number is ours: a number compares differently from a text.
	Number bool `json:"number,omitempty"`
}

// Parameter is one argument under its key.
type Parameter struct {
	Key   string `json:"key"`
	Value Source `json:"value"`
}

// MarshalJSON writes the expression as attributeMappingSource.
func (e *Expression) MarshalJSON() ([]byte, error) { return encodeJSON(e.root.source()) }

func (n *Node) source() Source {
	s := Source{Expression: n.Canonical(), Type: n.Type, Name: n.Name, Parameters: []Parameter{}}
	if n.Type == ConstantNode && n.form == formNumber {
		s.Number = true
		s.Expression = `"` + n.Name + `"`
	}
	keys := n.keys()
	for i, arg := range n.Args {
		if arg != nil {
			s.Parameters = append(s.Parameters, Parameter{Key: keys[i], Value: arg.source()})
		}
	}
	return s
}

// keys are the names of the arguments.
func (n *Node) keys() []string {
	if n.operator {
		return []string{"left", "right"}
	}
	keys := make([]string, len(n.Args))
	var named []string
	variable := false
	if f, found := functionNamed(strings.ToLower(n.Name)); found {
		named, variable = strings.Fields(f.keys), f.max == many
	}
	repeated := 1
	if n.Name == nameSwitch {
		repeated = 2
	}
	for i := range keys {
		fixed := len(named) - repeated
		switch {
		case variable && i >= fixed:
			keys[i] = named[fixed+(i-fixed)%repeated] + strconv.Itoa((i-fixed)/repeated+1)
		case i < len(named):
			keys[i] = named[i]
		default:
			keys[i] = "argument" + strconv.Itoa(i+1)
		}
	}
	if n.Name == nameFormatDate && len(n.Args) == 3 {
		copy(keys, []string{"source", "inputFormat", "outputFormat"})
	}
	return keys
}

// ParseSource reads an attributeMappingSource. The expression of the root is
// what counts; contradicts is set where the parameters say something else.
func ParseSource(document []byte) (e *Expression, contradicts bool, err error) {
	var s Source
	if err := json.Unmarshal(document, &s); err != nil {
		return nil, false, fmt.Errorf("read mapping source: %w", err)
	}
	text := s.Expression
	if text == "" {
		text = s.written()
	}
	if e, err = Parse(text); err != nil {
		return nil, false, err
	}
	e.Check() // resolves the spelling of names; what it refuses is told by Compile
	if len(s.Parameters) == 0 {
		return e, false, nil
	}
	return e, !s.agrees(e.root), nil
}

// written is the expression of a source that has none.
func (s Source) written() string {
	switch s.Type {
	case AttributeNode:
		return "[" + s.Name + "]"
	case ConstantNode:
		if s.Number {
			return s.Name
		}
		var out strings.Builder
		writeText(&out, s.Name)
		return out.String()
	default:
		return ""
	}
}

// agrees compares the parameters with what the expression was read as.
func (s Source) agrees(n *Node) bool {
	if s.Type != n.Type || !strings.EqualFold(s.Name, n.Name) {
		return false
	}
	keys := n.keys()
	i := 0
	for at, arg := range n.Args {
		if arg == nil {
			continue
		}
		if i >= len(s.Parameters) || !strings.EqualFold(s.Parameters[i].Key, keys[at]) || !s.Parameters[i].Value.agrees(arg) {
			return false
		}
		i++
	}
	return i == len(s.Parameters)
}
