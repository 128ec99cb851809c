package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
)

// json writes a value as indented JSON. What a terminal could obey is escaped
// as JSON escapes it, so that a program still reads the same text.
func (a *app) json(value any) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	a.out.write(asciiControls(b.String()))
	return nil
}

func asciiControls(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || isHarmless(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
