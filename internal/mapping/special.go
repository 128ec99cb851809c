package mapping

import (
	"fmt"
	"math/bits"
	"strings"
)

// specialFunction holds the functions that depend on more than their arguments.
func specialFunction(folded string) (function, bool) {
	switch folded {
	case "defaultdomain":
		return function{name: "DefaultDomain", eager: defaultDomain}, true
	case "guid":
		return function{name: "Guid", eager: guid}, true
	case "randomstring":
		return function{
			name: "RandomString", min: 5, max: 6,
			keys:  "length minimumNumbers minimumSpecialCharacters minimumCapital minimumLowerCase charactersToAvoid",
			eager: randomString,
		}, true
	case "redact":
		return function{name: nameRedact, min: 1, max: 1, keys: "source", eager: itself, lists: true}, true
	case "replace":
		return function{
			name: nameReplace, min: 2, max: 7,
			keys:  "source Find RegularExpression RegularExpressionGroupName Replacement ReplacementPropertyName Template",
			eager: replace,
		}, true
	case "selectuniquevalue":
		return function{name: nameSelectUnique, min: 2, max: many, keys: "uniqueValueRule", lazy: selectUnique}, true
	default:
		return function{}, false
	}
}

func defaultDomain(c call, _ []Value) (Value, error) {
	if c.env.DefaultDomain == "" {
		return Value{}, c.fail("the target has no default domain")
	}
	return TextValue(c.env.DefaultDomain), nil
}

// selectUnique is the first candidate that the target does not hold. Where the
// object exists already the attribute is left out.
func selectUnique(c call) (Value, error) {
	if c.env.Exists {
		return Value{kind: flow, text: wordIgnoreAttribute}, nil
	}
	for _, rule := range c.node.Args {
		candidate, err := c.operand(rule)
		if err != nil {
			return Value{}, err
		}
		if candidate.IsEmpty() {
			continue
		}
		taken := false
		if c.env.Taken != nil {
			if taken, err = c.env.Taken(candidate.text); err != nil {
				return Value{}, fmt.Errorf("ask target for a value: %w", err)
			}
		}
		if !taken {
			return TextValue(candidate.text), nil
		}
	}
	return Value{}, c.fail("every candidate is taken or empty: add another one")
}

// below draws a number from 0 up to n, without bias.
func below(random Random, n int) int {
	limit := uint64(n) //nolint:gosec // the length of a set, above 0
	for {
		high, low := bits.Mul64(random.Uint64(), limit)
		if low >= limit || low >= -limit%limit {
			return int(high) //nolint:gosec // below n
		}
	}
}

func guid(c call, _ []Value) (Value, error) {
	if c.env.Random == nil {
		return Value{}, c.fail("there is no source of random numbers")
	}
	const (
		version, versionMask = uint64(4) << 12, uint64(0xF) << 12
		variant, variantMask = uint64(2) << 62, uint64(3) << 62
	)
	high := c.env.Random.Uint64()&^versionMask | version
	low := c.env.Random.Uint64()&^variantMask | variant
	return TextValue(fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xFFFF, high&0xFFFF, low>>48, low&0xFFFFFFFFFFFF)), nil
}

// The character sets of RandomString.
const (
	setDigits   = "0123456789"
	setSpecial  = "~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/"
	setCapitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	setLower    = "abcdefghijklmnopqrstuvwxyz"
)

// randomString draws the minima first, then the rest from the sets that have
// one, and shuffles all.
func randomString(c call, args []Value) (Value, error) {
	const longest = 256
	var numbers [5]int64
	for i, what := range []string{
		"the length", "the least number of digits", "the least number of special characters",
		"the least number of capitals", "the least number of lower case letters",
	} {
		n, err := c.integer(args[i], what)
		if err != nil {
			return Value{}, err
		}
		if n < 0 || n > longest {
			return Value{}, c.fail("%s is %d: want at most %d", what, n, longest)
		}
		numbers[i] = n
	}
	avoid := ""
	if len(args) > len(numbers) {
		avoid = args[len(numbers)].text
	}
	size, minima := numbers[0], numbers[1:]
	if sum := minima[0] + minima[1] + minima[2] + minima[3]; size < 1 || size < sum {
		return Value{}, c.fail("the length is %d: want at least 1 and the sum of the minima, %d", size, sum)
	}
	if c.env.Random == nil {
		return Value{}, c.fail("there is no source of random numbers")
	}
	return c.draw(size, minima, avoid)
}

func (c call) draw(size int64, minima []int64, avoid string) (Value, error) {
	var sets strings.Builder
	out := make([]byte, 0, size)
	for i, set := range []string{setDigits, setSpecial, setCapitals, setLower} {
		set = without(set, avoid)
		if minima[i] == 0 {
			continue
		}
		if set == "" {
			return Value{}, c.fail("every character of a set is to be avoided that some must come from")
		}
		sets.WriteString(set)
		for range minima[i] {
			out = append(out, set[below(c.env.Random, len(set))])
		}
	}
	union := sets.String()
	if union == "" {
		union = without(setDigits+setCapitals+setLower, avoid)
	}
	if union == "" {
		return Value{}, c.fail("every character is to be avoided")
	}
	for int64(len(out)) < size {
		out = append(out, union[below(c.env.Random, len(union))])
	}
	for i := len(out) - 1; i > 0; i-- {
		j := below(c.env.Random, i+1)
		out[i], out[j] = out[j], out[i]
	}
	return TextValue(string(out)), nil
}

func without(set, avoid string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(avoid, r) {
			return -1
		}
		return r
	}, set)
}
