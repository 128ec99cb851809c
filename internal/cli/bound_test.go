package cli_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// TestLocalFilesAreReadUpToABound: a file that is named by mistake, or has no end, is
// refused at its bound, before anything is asked of the starter.
func TestLocalFilesAreReadUpToABound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	huge := filepath.Join(dir, "huge.yaml")
	if err := os.WriteFile(huge, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	const tebibyte = 1 << 40 // it has no blocks on the disk
	if err := os.Truncate(huge, tebibyte); err != nil {
		t.Skipf("no sparse files here: %v", err)
	}
	called := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the starter was asked") })
	for _, args := range [][]string{
		{"policy", "validate", huge},
		{"policy", "validate", dir},
		{"policy", "validate", "/dev/zero"},
		{"policy", "diff", "active", huge},
		{"policy", "apply", huge, "--reason", "r", "--yes", "--expect", "1-x"},
	} {
		t.Log(args)
		run(t.Context(), t, called, "kim", args...).expect(t, 1, "has more than 1048576 bytes")
	}
	run(t.Context(), t, called, "kim", "ledger", "verify", huge).expect(t, 1, "has more than 67108864 bytes")
}
