package cli

import (
	"errors"
	"strconv"
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

// count writes a number with its noun.
func count(number int, one, many string) string {
	if number == 1 {
		return "1 " + one
	}
	return strconv.Itoa(number) + " " + many
}
