package hostile

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// Least is how many cases each door has at least.
const Least = 40

const (
	// mostTime is generous: the machine may be busy. What is quadratic takes far
	// longer on inputs of a megabyte.
	mostTime = time.Minute
	// mostBytes and perByte bound what is allocated in all, which is more than
	// what is held at any time.
	mostBytes = 48 << 20
	perByte   = 256
)

// Count fails where a door has too few cases or two of one name.
func Count(tb testing.TB, names []string) {
	tb.Helper()
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] {
			tb.Errorf("two cases are called %q", name)
		}
		seen[name] = true
	}
	if len(seen) < Least {
		tb.Errorf("%d cases, want at least %d", len(seen), Least)
	}
}

// Bounded does what reads an input of so many bytes, and fails where that takes
// too long or allocates too much. The caller must not run beside other tests.
func Bounded(tb testing.TB, size int, do func()) {
	tb.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	do()
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	if took > mostTime {
		tb.Errorf("%d bytes took %s, want at most %s", size, took, mostTime)
	}
	if used, most := float64(after.TotalAlloc-before.TotalAlloc), float64(mostBytes+perByte*size); used > most {
		tb.Errorf("%d bytes allocated %.0f, want at most %.0f", size, used, most)
	}
}

// OneLine fails where a message could do harm in a terminal or a log, or is longer
// than anybody reads.
func OneLine(tb testing.TB, message string) {
	tb.Helper()
	const longest = 16 << 10
	if len(message) > longest {
		tb.Errorf("the message has %d bytes, want at most %d", len(message), longest)
	}
	if i := strings.IndexFunc(message, steers); i >= 0 {
		tb.Errorf("the message steers a terminal or hides text: %.200q", message[i:])
	}
}

// steers finds what is no plain text; lines may end.
func steers(r rune) bool {
	switch {
	case r == '\n':
		return false
	case r < ' ', r >= 0x7f && r < 0xa0, r == 0x2028, r == 0x2029:
		return true
	default:
		return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == '\u200b' || r == '\ufeff'
	}
}
