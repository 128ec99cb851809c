package cli

import (
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// plainLog makes lines of JSON harmless for a terminal: what is not printable, or
// hides text or turns its direction, is written as JSON's escape. Beyond ASCII such
// characters stand in texts only, so that the line says the same.
type plainLog struct{ to io.Writer }

// Write implements [io.Writer]; it gets whole lines.
func (p plainLog) Write(line []byte) (int, error) {
	if isClean(string(line[:max(len(line)-1, 0)])) {
		return p.to.Write(line)
	}
	out := make([]byte, 0, len(line)+32)
	for _, r := range string(line) {
		switch {
		case r == '\n' || isHarmless(r):
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	if _, err := p.to.Write(out); err != nil {
		return 0, err
	}
	return len(line), nil
}
