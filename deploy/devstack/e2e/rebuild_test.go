package e2e_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tenure/deploy/devstack/stack"
	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
	"tenure/internal/sim/graph"
	"tenure/internal/store"
	"tenure/worker"
	"tenure/workflows/contract"
)

// storeFiles are what a store in SQLite consists of.
func (b *bench) storeFiles() []string {
	b.t.Helper()
	files, err := filepath.Glob(filepath.Join(b.opts.Dir, "tenure.db*"))
	if err != nil || len(files) == 0 {
		b.t.Fatalf("files of the store: %v, error %v", files, err)
	}
	return files
}

// rebuilt starts the stack without worker and starter, rebuilds the store, and
// starts everything again.
func (b *bench) rebuilt(existing bool) worker.RebuildReport {
	b.t.Helper()
	kept := b.opts
	b.opts.Worker, b.opts.Starter, b.opts.Lost = false, false, true
	b.up()
	content, err := os.ReadFile(kept.Policy)
	if err != nil {
		b.t.Fatalf("read policy: %v", err)
	}
	order := worker.RebuildOptions{
		Policy: lifecycle.Source{Name: "given.yaml", Content: content}, Actor: actor, Reason: "the disk failed", Existing: existing,
	}
	report, err := b.Rebuild(b.t.Context(), order)
	if err != nil {
		b.t.Fatalf("rebuild: %v", err)
	}
	b.t.Logf("rebuilt: %+v", report)
	if !report.Complete || len(report.Silent)+len(report.Taken) > 0 {
		b.t.Fatalf("the rebuild is not complete: %+v", report)
	}
	b.down()
	b.opts = kept
	b.up()
	body := encode(b.t, httpapi.Decision{Actor: actor, Reason: "looked"})
	b.must(http.MethodPost, "/v1/targets/entra/resume", body, nil)
	return report
}

// witnessed verifies a chain against the head that its journey keeps, and returns
// the gaps that it states.
func (b *bench) witnessed(key string) []store.Gap {
	b.t.Helper()
	heads, err := b.Heads(b.t.Context())
	if err != nil {
		b.t.Fatalf("read heads: %v", err)
	}
	db, err := store.OpenToRead(b.t.Context(), b.StoreURL())
	if err != nil {
		b.t.Fatalf("open store: %v", err)
	}
	defer func() { _ = db.Close() }()
	journey := contract.JourneyID(hooks, key)
	report, err := db.Check(b.t.Context(), journey, heads.Journeys[journey])
	if err != nil || report.Broken != nil || heads.Journeys[journey].Seq == 0 {
		b.t.Errorf("the ledger of %s: %+v, witness %+v, error %v", key, report, heads.Journeys[journey], err)
	}
	return report.Gaps
}

// created counts the accounts that were asked for.
func created(b *bench) int {
	count := 0
	for _, line := range b.Graph().Requests() {
		if line.Method == http.MethodPost && strings.HasSuffix(line.Path, "/users") {
			count++
		}
	}
	return count
}

// sameAs compares an account with how it stood before.
func (b *bench) sameAs(before graph.UserState, key string) {
	b.t.Helper()
	if changed := differences(before, b.account(key)); len(changed) > 0 {
		b.t.Errorf("the account of %s changed: %v", key, changed)
	}
}

// TestLostStoreIsRebuilt loses the store while one person is prepared and another
// is to come, rebuilds it, and lives both to their end: nothing happens twice.
func TestLostStoreIsRebuilt(t *testing.T) {
	b := begin(t, hooked(t))
	b.hireChief()
	here, comes := joiner(t, "7801", "Ottilie", "Brandvold-7801", 5), joiner(t, "7802", "Casimir", "Ekwueme-7802", 40)
	b.hire(here)
	b.hire(comes)
	b.eventually("the pass is mailed", func() bool { return len(b.mails("Brandvold-7801")) == 2 })
	b.idle(hooks, "7801")
	before, mails := b.account("7801"), b.mails("Brandvold-7801")
	b.down()
	for _, file := range b.storeFiles() {
		if err := os.Remove(file); err != nil {
			t.Fatalf("lose the store: %v", err)
		}
	}
	b.refusesToStart()
	report := b.rebuilt(false)
	if report.Journeys != 3 || report.Gaps != 3 {
		t.Errorf("rebuilt: %+v, want three journeys with a gap each", report)
	}
	b.Graph().ResetRequests()
	b.idle(hooks, "7801")
	if person := b.person(hooks, "7801"); person.DisplayName == "" || len(person.Accounts) != 1 {
		t.Errorf("the index has %+v", person)
	}
	b.sameAs(before, "7801")
	b.forward(hooks, "7801", berlin(t, here.Start, "00:01"))
	if !enabled(b.account("7801")) {
		t.Error("not enabled on the first day after a rebuild")
	}
	b.forward(hooks, "7802", berlin(t, comes.Start, "00:01"))
	b.has(b.account("7802"), []string{allStaff, sales}, []string{licenceE3})
	for name, want := range map[string]map[string]int{"Brandvold-7801": mails, "Ekwueme-7802": {}} {
		for subject, count := range b.mails(name) {
			if count != 1 {
				t.Errorf("mailed %d times: %s", count, subject)
			}
			if len(want) > 0 && want[subject] == 0 && strings.Contains(subject, "pass") {
				t.Errorf("a pass was mailed again: %s", subject)
			}
		}
	}
	here.Last = day(t, here.Start, 3)
	b.forward(hooks, "7801", berlin(t, day(t, here.Start, 1), "12:00"))
	b.say("7801-leaves", here)
	b.forward(hooks, "7801", berlin(t, day(t, here.Last, 1), "00:01"))
	gone := b.account("7801")
	if enabled(gone) || gone.ID != before.ID || len(gone.Passes) != 0 {
		t.Errorf("after the last day: enabled %t, id %s, passes %+v", enabled(gone), gone.ID, gone.Passes)
	}
	if n := created(b); n != 1 {
		t.Errorf("%d accounts were asked for after the rebuild, want one: that of who was to come", n)
	}
	if gaps := b.witnessed("7801"); len(gaps) != 1 || gaps[0].From != 1 {
		t.Errorf("gaps: %+v", gaps)
	}
}

// refusesToStart: neither worker nor starter works with a store that was lost.
func (b *bench) refusesToStart() {
	b.t.Helper()
	kept := b.opts
	defer func() { b.opts = kept }()
	b.opts.Lost = true
	running, err := stack.Start(b.t.Context(), b.opts)
	if err == nil {
		_ = running.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "tenure store rebuild") {
		b.t.Errorf("a worker started with a lost store: %v", err)
	}
}

// TestOlderBackupIsCompleted restores a copy of the store from before the pass was
// mailed.
func TestOlderBackupIsCompleted(t *testing.T) {
	b := begin(t, hooked(t))
	b.hireChief()
	h := joiner(t, "7803", "Leontyne", "Okoro-7803", 20)
	b.hire(h)
	b.down()
	backup := map[string][]byte{}
	for _, file := range b.storeFiles() {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("back up: %v", err)
		}
		backup[file] = content
	}
	b.up()
	b.forward(hooks, "7803", berlin(t, day(t, h.Start, -7), "09:01"))
	b.eventually("the pass is mailed", func() bool { return len(b.mails("Okoro-7803")) == 2 })
	b.idle(hooks, "7803")
	before, mails := b.account("7803"), b.mails("Okoro-7803")
	b.down()
	for _, file := range b.storeFiles() {
		if err := os.Remove(file); err != nil {
			t.Fatalf("lose the store: %v", err)
		}
	}
	for file, content := range backup {
		if err := os.WriteFile(file, content, fs.FileMode(0o600)); err != nil {
			t.Fatalf("restore: %v", err)
		}
	}
	if report := b.rebuilt(true); report.Gaps == 0 {
		t.Errorf("an older backup without a gap: %+v", report)
	}
	b.idle(hooks, "7803")
	b.sameAs(before, "7803")
	b.forward(hooks, "7803", berlin(t, h.Start, "00:01"))
	if !enabled(b.account("7803")) {
		t.Error("not enabled on the first day after a restore")
	}
	for subject, count := range b.mails("Okoro-7803") {
		if count != 1 && mails[subject] > 0 {
			t.Errorf("mailed %d times: %s", count, subject)
		}
	}
	if gaps := b.witnessed("7803"); len(gaps) != 1 || gaps[0].From < 2 {
		t.Errorf("gaps: %+v, want one behind the rows of the backup", gaps)
	}
}
