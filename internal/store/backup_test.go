package store_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tenure/internal/store"
	"tenure/internal/store/storetest"
)

// copied makes a backup of a database that is in use, as docs/operations.md says,
// and returns the URL under which it was restored.
func copied(t *testing.T, db storetest.Database) string {
	t.Helper()
	target := filepath.Join(t.TempDir(), "backup.db")
	if strings.HasPrefix(db.URL, "sqlite:") {
		if _, err := db.SQL(t).ExecContext(t.Context(), `VACUUM INTO '`+target+`'`); err != nil {
			t.Fatalf("back up: %v", err)
		}
		return "sqlite:" + target
	}
	restored := storetest.Postgres(t)
	run(t, "pg_dump", "--format=custom", "--file="+target, db.URL)
	run(t, "pg_restore", "--exit-on-error", "--dbname="+restored.URL, target)
	return restored.URL
}

// run runs a tool of the newest PostgreSQL.
func run(t *testing.T, tool string, args ...string) {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + tool)
	if err != nil || len(found) == 0 {
		t.Skipf("SKIPPED ON POSTGRESQL: %s is not installed", tool)
	}
	out, err := exec.CommandContext(t.Context(), found[len(found)-1], args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", tool, err, out)
	}
}

// TestBackupIsRestored: a copy of a store in use verifies, says by the journeys'
// heads that it is older, and goes on behind a gap.
func TestBackupIsRestored(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		before := fillLedger(t, s, journeyAda)
		url := copied(t, db)
		if err := s.Append(ctx, taskRow("later", outcomeDone)); err != nil {
			t.Fatal(err)
		}
		witness, err := s.Head(ctx, journeyAda)
		if err != nil {
			t.Fatal(err)
		}
		restored, err := store.Open(ctx, url)
		if err != nil {
			t.Fatalf("open the copy: %v", err)
		}
		t.Cleanup(func() { _ = restored.Close() })
		if err := restored.Verify(ctx, journeyAda, before); err != nil {
			t.Errorf("the copy does not verify: %v", err)
		}
		if err := restored.Verify(ctx, journeyAda, witness); err == nil {
			t.Error("a copy that is older than the journey passes for whole")
		}
		if _, err := restored.Restore(ctx, store.Restored{Journey: journeyAda, Witness: witness, At: at, Reason: "restored"}); err != nil {
			t.Fatal(err)
		}
		report, err := restored.Check(ctx, journeyAda, before, witness)
		if err != nil || report.Broken != nil || len(report.Gaps) != 1 || report.Gaps[0].From != 6 || report.Gaps[0].To != 6 {
			t.Errorf("after the restore: %+v, error %v; want row 6 stated as lost", report, err)
		}
	})
}
