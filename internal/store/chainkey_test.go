package store

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestKeysAreFoundByTheirIndex looks at how SQLite finds a key in a chain: to read
// the whole chain for each row that is appended takes ever longer.
func TestKeysAreFoundByTheirIndex(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	rows, err := s.read.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+countKey, "journey", "key", "done", "journey")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if found := strings.Join(steps, "; "); !strings.Contains(found, "ledger_rows_key") {
		t.Errorf("the index of keys is not used: %s", found)
	}
}
