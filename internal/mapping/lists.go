package mapping

import (
	"cmp"
	"strings"
	"unicode/utf16"
)

// listFunction holds the functions over lists.
func listFunction(folded string) (function, bool) {
	switch folded {
	case "contains":
		return function{name: "Contains", min: 2, max: 2, keys: "source value", eager: contains, lists: true}, true
	case "count":
		return function{name: "Count", min: 1, max: 1, keys: "attribute", eager: count, lists: true}, true
	case "item":
		return function{name: "Item", min: 2, max: 2, keys: "attribute index", eager: item, lists: true}, true
	case "removeduplicates":
		return function{name: "RemoveDuplicates", min: 1, max: 1, keys: "attribute", eager: removeDuplicates, lists: true}, true
	default:
		return function{}, false
	}
}

// contains is the index of the first value that holds the text, 0 where none
// does.
func contains(c call, args []Value) (Value, error) {
	wanted, err := c.one(c.node, args[1])
	if err != nil {
		return Value{}, err
	}
	if !wanted.IsNull() {
		for i, text := range args[0].Values() {
			if strings.Contains(text, wanted.text) {
				return integer(int64(i + 1)), nil
			}
		}
	}
	return integer(0), nil
}

func count(_ call, args []Value) (Value, error) { return integer(int64(args[0].count())), nil }

func item(c call, args []Value) (Value, error) {
	number, err := c.one(c.node, args[1])
	if err != nil {
		return Value{}, err
	}
	index, err := c.integer(number, "the index")
	if err != nil {
		return Value{}, err
	}
	values := args[0].Values()
	if index < 1 || index > int64(len(values)) {
		return Value{}, c.fail("there is no value number %d: the attribute has %d", index, len(values))
	}
	return TextValue(values[index-1]), nil
}

func removeDuplicates(_ call, args []Value) (Value, error) {
	if args[0].kind != List {
		return args[0], nil
	}
	seen := make(map[string]bool, len(args[0].list))
	out := make([]string, 0, len(args[0].list))
	for _, text := range args[0].list {
		if !seen[text] {
			seen[text] = true
			out = append(out, text)
		}
	}
	return ListValue(out), nil
}

// compareOrdinal orders texts by their UTF-16 units.
func compareOrdinal(a, b string) int {
	if isASCII(a) && isASCII(b) {
		return cmp.Compare(a, b)
	}
	left, right := utf16.Encode([]rune(a)), utf16.Encode([]rune(b))
	for i := range min(len(left), len(right)) {
		if left[i] != right[i] {
			return cmp.Compare(left[i], right[i])
		}
	}
	return cmp.Compare(len(left), len(right))
}
