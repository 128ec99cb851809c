package cli

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"tenure/internal/hostile"
)

func TestLogsAreHarmlessAndSayTheSame(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"plain", "Zoë Müller", "\x1b[2J", "\u009b2J", "a\r\nb", "\u202eanA", "\u2066x\u2069", "\u200b", "\x7f", "\u2028", "\U000e0041", "\ufeff", `a"b\c`,
	} {
		var out strings.Builder
		slog.New(slog.NewJSONHandler(plainLog{&out}, nil)).Info("request refused", "error", text)
		line := strings.TrimSuffix(out.String(), "\n")
		hostile.OneLine(t, line)
		if !isClean(line) {
			t.Errorf("%q is logged as %q, which a terminal obeys", text, line)
		}
		var read map[string]any
		if err := json.Unmarshal([]byte(line), &read); err != nil || read["error"] != text {
			t.Errorf("%q is read back as %q, %v", text, read["error"], err)
		}
	}
}
