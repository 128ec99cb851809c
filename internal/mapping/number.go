package mapping

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// decimal is a number taken apart without losing digits: file times exceed what
// a float holds.
type decimal struct {
	negative         bool
	whole, fractions string // without leading and trailing zeros
}

// readDecimal reads number text: optional blanks, an optional sign, digits,
// optionally a point and digits.
func readDecimal(text string) (decimal, bool) {
	text = strings.TrimLeftFunc(text, unicode.IsSpace)
	var d decimal
	if text != "" && (text[0] == '-' || text[0] == '+') {
		d.negative = text[0] == '-'
		text = text[1:]
	}
	whole, fractions, point := strings.Cut(text, ".")
	if !isDigits(whole) || point && !isDigits(fractions) {
		return decimal{}, false
	}
	d.whole, d.fractions = strings.TrimLeft(whole, "0"), strings.TrimRight(fractions, "0")
	return d, true
}

func isDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}

func (d decimal) isZero() bool { return d.whole == "" && d.fractions == "" }

// compare orders two numbers.
func (d decimal) compare(other decimal) int {
	if d.isZero() && other.isZero() {
		return 0
	}
	if d.negative != other.negative && !d.isZero() && !other.isZero() {
		if d.negative {
			return -1
		}
		return 1
	}
	if d.isZero() || other.isZero() {
		return d.sign() - other.sign()
	}
	order := cmp.Or(
		cmp.Compare(len(d.whole), len(other.whole)),
		cmp.Compare(d.whole, other.whole),
		cmp.Compare(d.fractions, other.fractions),
	)
	if d.negative {
		return -order
	}
	return order
}

func (d decimal) sign() int {
	switch {
	case d.isZero():
		return 0
	case d.negative:
		return -1
	default:
		return 1
	}
}

// integer cuts decimals off toward zero. It is false outside 64 bits.
func (d decimal) integer() (int64, bool) {
	if d.whole == "" {
		return 0, true
	}
	value, err := strconv.ParseUint(d.whole, 10, 64)
	switch {
	case err != nil:
		return 0, false
	case d.negative && value == -math.MinInt64:
		return math.MinInt64, true
	case value > math.MaxInt64:
		return 0, false
	case d.negative:
		return -int64(value), true
	default:
		return int64(value), true
	}
}
