package store_test

import (
	"strings"
	"testing"

	"tenure/internal/store"
	"tenure/internal/store/storetest"
)

// bad lists the settings that are not good.
func bad(t *testing.T, s *store.Store) map[string]string {
	t.Helper()
	c, err := s.Condition(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if c.Schema == 0 || c.Schema != c.Known || c.Database == "" || len(c.Settings) == 0 {
		t.Errorf("condition = %+v, want a name, settings and the newest schema", c)
	}
	out := map[string]string{}
	for _, setting := range c.Settings {
		if setting.Remedy == "" || setting.Value == "" {
			t.Errorf("setting %+v, want a value and a remedy", setting)
		}
		if !setting.Good {
			out[setting.Name] = setting.Value
		}
	}
	return out
}

func TestS20TheDatabaseTellsItsCondition(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		// The servers of tests may give up durability for speed.
		for name, value := range bad(t, db.Open(t)) {
			if name != "fsync" && name != "full_page_writes" && name != "synchronous_commit" {
				t.Errorf("%s = %s, want it good", name, value)
			}
		}
	})
}

func TestS20APostgresThatMayLoseEffectsIsNamed(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	db.Open(t)
	name := ""
	if err := db.SQL(t).QueryRowContext(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]bool{"off": true, "on": false} {
		if _, err := db.SQL(t).ExecContext(t.Context(), "ALTER DATABASE "+name+" SET synchronous_commit = "+value); err != nil {
			t.Fatal(err)
		}
		got := bad(t, db.Open(t)) // a new connection sees the new setting
		if _, found := got["synchronous_commit"]; found != want {
			t.Errorf("synchronous_commit = %s: bad settings = %v", value, got)
		}
	}
}

func TestS20ANewerSchemaIsSeen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		if _, err := db.SQL(t).ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)"); err != nil {
			t.Fatal(err)
		}
		c, err := s.Condition(t.Context())
		if err != nil || c.Schema != 9999 || c.Known >= c.Schema {
			t.Errorf("condition = %+v, %v, want the newer schema", c, err)
		}
		if strings.Contains(c.Database, "://") {
			t.Errorf("database = %q, want no address", c.Database)
		}
	})
}
