package starter

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"tenure/internal/config"
	"tenure/internal/directory"
	"tenure/internal/lifecycle"
	"tenure/internal/store/storetest"
	"tenure/workflows/contract"
)

func TestReadyNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if got := b.Ready(t.Context()); len(got) != 0 {
		t.Errorf("Ready() = %v, want nothing missing", got)
	}
	fresh := openBench(t, storetest.New(t), newTemporalFake())
	fresh.temporal.missing = []string{contract.AttributeHeld}
	if got := strings.Join(fresh.Ready(t.Context()), "; "); !strings.Contains(got, contract.AttributeHeld) || !strings.Contains(got, "no policy") {
		t.Errorf("Ready() = %q, want the attribute and the policy", got)
	}
	fresh.temporal.healthErr = errors.New("connection refused")
	if got := strings.Join(fresh.Ready(t.Context()), "; "); !strings.Contains(got, "temporal does not answer") {
		t.Errorf("Ready() = %q, want temporal", got)
	}
	if err := fresh.db.Close(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(fresh.Ready(t.Context()), "; "); !strings.Contains(got, "store") {
		t.Errorf("Ready() = %q, want the store", got)
	}
}

// failing lists the checks that fail.
func (b *bench) failing() map[string]string {
	b.t.Helper()
	out := map[string]string{}
	for _, check := range b.Doctor(b.t.Context()) {
		if !check.OK {
			out[check.Name] = check.Detail
			if check.Remedy == "" {
				b.t.Errorf("check %s fails without a remedy", check.Name)
			}
		}
	}
	return out
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	b := withHire(t)
	if got := b.failing(); len(got) != 0 {
		t.Errorf("a healthy starter fails %v", got)
	}
	b.temporal.polled = testNow.Add(-2 * time.Minute)
	if got := b.failing(); got["workers"] == "" {
		t.Errorf("failing = %v, want the workers", got)
	}
	b.temporal.polled = testNow.Add(time.Minute)
	if got := b.failing(); !strings.Contains(got["clock"], "ahead") {
		t.Errorf("failing = %v, want the clock", got)
	}
	b.temporal.polled = testNow
	b.importFile(hires("E-7", "E-7"), "2026-11-22T10:00:00Z")
	b.references = config.Fixed(nil)
	b.target = func(_ context.Context, policy *lifecycle.Policy, name string) (directory.Target, error) {
		if _, found := policy.Target(name); !found {
			t.Errorf("target %q is not of the policy", name)
		}
		return directory.Target{}, errors.New("denied")
	}
	got := b.failing()
	if !strings.Contains(got["feed hr"], "held") || !strings.Contains(got["secrets"], "HOOK_SECRET") || got["target entra"] != "denied" {
		t.Errorf("failing = %v, want the held file, the secret and the target", got)
	}
	fresh := openBench(t, storetest.New(t), newTemporalFake())
	if got := fresh.failing(); got["policy"] == "" {
		t.Errorf("failing = %v, want the policy", got)
	}
}

// TestS20TheDoctorLooksAtTheDatabase shows a schema of a newer program.
func TestS20TheDoctorLooksAtTheDatabase(t *testing.T) {
	t.Parallel()
	stored := storetest.SQLite(t)
	b := openBench(t, stored.Open(t), newTemporalFake())
	if got := b.failing(); got["store"] != "" || got["database schema"] != "" || got["database settings"] != "" {
		t.Errorf("failing = %v, want nothing of the database", got)
	}
	if _, err := stored.SQL(t).ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)"); err != nil {
		t.Fatal(err)
	}
	if got := b.failing(); !strings.Contains(got["database schema"], "9999") {
		t.Errorf("failing = %v, want the newer schema", got)
	}
}

// TestS20TheDoctorNamesSettingsThatLoseEffects wants a server that keeps what
// it said it has.
func TestS20TheDoctorNamesSettingsThatLoseEffects(t *testing.T) {
	t.Parallel()
	stored := storetest.Postgres(t)
	stored.Open(t)
	name := ""
	if err := stored.SQL(t).QueryRowContext(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	if _, err := stored.SQL(t).ExecContext(t.Context(), "ALTER DATABASE "+name+" SET synchronous_commit = off"); err != nil {
		t.Fatal(err)
	}
	b := openBench(t, stored.Open(t), newTemporalFake())
	if got := b.failing(); !strings.Contains(got["database settings"], "synchronous_commit is off") || got["database schema"] != "" {
		t.Errorf("failing = %v, want the setting", got)
	}
}
