package lifecycle

import (
	"fmt"
	"strings"

	"tenure/internal/person"
)

const (
	// longestWord bounds the work of comparing words.
	longestWord = 64
	// longestEcho bounds how much of a policy a message repeats.
	longestEcho = 80
	// listedChoices is how many choices a message names in full.
	listedChoices = 12
)

// quote repeats a word of the policy in a message.
func quote(word string) string { return fmt.Sprintf("%q", clipped(word)) }

// clipped is a word short enough for a message.
func clipped(word string) string {
	if runes := []rune(word); len(runes) > longestEcho {
		return string(runes[:longestEcho]) + "..."
	}
	return word
}

// hint is "; did you mean ..." for the nearest choice, a list of the choices
// where none is near and they are few, and "" otherwise.
func hint(word string, choices []string) string {
	if near := nearest(word, choices); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	switch {
	case len(choices) == 0, len(choices) > listedChoices:
		return ""
	case len(choices) == 1:
		return "; write " + choices[0]
	}
	return "; allowed are " + strings.Join(choices, ", ")
}

// nearest is the choice that was probably meant, or "".
func nearest(word string, choices []string) string {
	if len(word) > longestWord {
		return ""
	}
	return person.Nearest(word, choices)
}
