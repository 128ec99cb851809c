package cli

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// errEnough ends the reading of pages.
var errEnough = errors.New("enough")

// or returns the text, or another where it is empty.
func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// joined joins what is not empty.
func joined(separator string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), separator)
}

// count writes a number with its noun.
func count(number int, one, many string) string {
	if number == 1 {
		return "1 " + one
	}
	return strconv.Itoa(number) + " " + many
}

func number(n int) string { return strconv.Itoa(n) }
