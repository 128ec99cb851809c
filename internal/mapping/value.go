package mapping

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Kind is the kind of a [Value].
type Kind uint8

// The kinds of value.
const (
	// Null is the kind of an absent or empty attribute.
	Null Kind = iota
	Text
	// Number keeps its spelling as text.
	Number
	Boolean
	List
	// flow is a flow word, or what IgnoreFlowIfNullOrEmpty makes of nothing; it
	// is seen as a result only.
	flow
)

// The texts of booleans.
const (
	trueText  = "True"
	falseText = "False"
)

// Value is what an attribute holds or an expression gives. The zero Value is
// null. It is immutable.
type Value struct {
	kind Kind
	text string
	list []string
}

// TextValue is a text; an empty one is not null.
func TextValue(text string) Value { return Value{kind: Text, text: text} }

// NumberValue is a number in its spelling.
func NumberValue(digits string) Value { return Value{kind: Number, text: digits} }

// BooleanValue is a boolean.
func BooleanValue(value bool) Value {
	if value {
		return Value{kind: Boolean, text: trueText}
	}
	return Value{kind: Boolean, text: falseText}
}

// ListValue is a list of texts; the slice must not be changed afterwards.
func ListValue(values []string) Value { return Value{kind: List, list: values} }

func integer(value int64) Value { return NumberValue(strconv.FormatInt(value, 10)) }

// Kind tells what the value is.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether there is no value.
func (v Value) IsNull() bool { return v.kind == Null }

// IsEmpty reports whether there is nothing to write: null, "" or an empty list.
func (v Value) IsEmpty() bool {
	switch v.kind {
	case Null:
		return true
	case List:
		return len(v.list) == 0
	default:
		return v.text == ""
	}
}

// Values are the texts of the value: none for null, one for a single value.
func (v Value) Values() []string {
	switch v.kind {
	case Null, flow:
		return nil
	case List:
		return v.list
	default:
		return []string{v.text}
	}
}

// String is the text of a single value, and for people that of a list.
func (v Value) String() string {
	if v.kind == List {
		return "[" + strings.Join(v.list, ", ") + "]"
	}
	return v.text
}

// count is how many texts the value has.
func (v Value) count() int {
	switch v.kind {
	case Null:
		return 0
	case List:
		return len(v.list)
	default:
		return 1
	}
}

// MarshalJSON writes null, a string or an array of strings.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.kind {
	case Null, flow:
		return []byte("null"), nil
	case List:
		return encodeJSON(v.list)
	default:
		return encodeJSON(v.text)
	}
}

// Attributes are the source attributes by name. Names are found exactly first,
// then without regard to case.
type Attributes map[string]Value

// lookup finds an attribute. One that holds "" or an empty list is null.
func (a Attributes) lookup(name string) Value {
	value, found := a[name]
	if !found {
		value = a.folded(name)
	}
	if value.IsEmpty() {
		return Value{}
	}
	return value
}

// folded finds a name in another case; of several the first in order wins.
func (a Attributes) folded(name string) Value {
	best, found := "", false
	for other := range a {
		if len(other) == len(name) && strings.EqualFold(other, name) && (!found || other < best) {
			best, found = other, true
		}
	}
	if !found {
		return Value{}
	}
	return a[best]
}

// AttributesFromJSON reads an object of simple values: texts, numbers in their
// spelling, booleans, null, and arrays of these.
func AttributesFromJSON(object []byte) (Attributes, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(object, &raw); err != nil {
		return nil, fmt.Errorf("read attributes: %w", err)
	}
	attributes := make(Attributes, len(raw))
	for name, one := range raw {
		value, err := valueFromJSON(one)
		if err != nil {
			return nil, fmt.Errorf("read attribute %q: %w", name, err)
		}
		attributes[name] = value
	}
	return attributes, nil
}

func valueFromJSON(raw json.RawMessage) (Value, error) {
	var items []json.RawMessage
	if len(raw) == 0 || raw[0] != '[' {
		return simpleFromJSON(raw)
	}
	if err := json.Unmarshal(raw, &items); err != nil {
		return Value{}, fmt.Errorf("read list: %w", err)
	}
	list := make([]string, 0, len(items))
	for _, item := range items {
		value, err := simpleFromJSON(item)
		if err != nil {
			return Value{}, err
		}
		list = append(list, value.text)
	}
	return ListValue(list), nil
}

func simpleFromJSON(raw json.RawMessage) (Value, error) {
	var value any
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return Value{}, fmt.Errorf("read value: %w", err)
	}
	switch value := value.(type) {
	case nil:
		return Value{}, nil
	case string:
		return TextValue(value), nil
	case json.Number:
		return TextValue(value.String()), nil
	case bool:
		return TextValue(BooleanValue(value).text), nil
	default:
		return Value{}, fmt.Errorf("read value: found %T, want a text, a number, true, false, null or a list of these", value)
	}
}

// encodeJSON writes JSON without escaping the signs of HTML.
func encodeJSON(value any) ([]byte, error) {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return []byte(strings.TrimSuffix(out.String(), "\n")), nil
}
