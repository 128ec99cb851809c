package journal_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/sim/journal"
)

// texts is a state by name.
type texts struct {
	Texts map[string]string `json:"texts"`
}

func (s texts) open(t *testing.T, dir string) *journal.Journal[texts] {
	t.Helper()
	j, err := journal.Open(dir, "test", journal.State[texts]{
		Apply: func(change texts) { maps.Copy(s.Texts, change.Texts) }, Whole: func() texts { return s },
	})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// TestCompaction begins a new generation when the journal has grown, and loses nothing.
func TestCompaction(t *testing.T) {
	t.Parallel()
	dir, state := t.TempDir(), texts{map[string]string{}}
	j := state.open(t, dir)
	large := strings.Repeat("x", 1<<20)
	for range 20 {
		for name, value := range map[string]string{"a": "1", "b": large} {
			state.Texts[name] = value
			if err := j.Append(texts{map[string]string{name: value}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("files = %v, %v, want a state and one journal", files, err)
	}
	var size int64
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if size > 12<<20 {
		t.Errorf("the files have %d octets, want them compacted", size)
	}
	again := texts{map[string]string{}}
	k := again.open(t, dir)
	if d := cmp.Diff(state, again); d != "" {
		t.Errorf("state after a restart (-want +got):\n%s", d)
	}
	if err := k.Close(); err != nil {
		t.Error(err)
	}
}
