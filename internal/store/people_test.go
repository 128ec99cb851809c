package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/store"
	"tenure/internal/store/storetest"
)

func personOf(key, name string) store.PersonRow {
	return store.PersonRow{
		Realm: "main", Key: key, Journey: "journey/main/" + key, DisplayName: name, Department: "Sales", JobTitle: "Clerk",
		EmployeeID: "E" + key, SourceKey: "S" + key, Email: "P" + key + "@contoso.example", Phase: "active",
		NextDeadline: at.Add(time.Hour), NextWhat: "disable", Zone: "Europe/Vienna",
		Accounts:      []store.AccountRow{{Target: targetEntra, ID: "o" + key, UserName: "u" + key + "@fabrikam.example", State: "enabled"}},
		PolicyVersion: 1, Revision: 5, At: at, Feed: "hr", ManagerRef: "employeeId:E1",
	}
}

func putPeople(t *testing.T, s *store.Store, rows ...store.PersonRow) {
	t.Helper()
	for _, row := range rows {
		if applied, err := s.UpsertPerson(t.Context(), row); err != nil || !applied {
			t.Fatalf("write %s: applied %v, error %v", row.Key, applied, err)
		}
	}
}

func keysOf(rows []store.PersonRow) []string {
	keys := make([]string, len(rows))
	for i, row := range rows {
		keys[i] = row.Realm + "/" + row.Key
	}
	return keys
}

func TestOlderRevisionNeverOverwrites(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		newest := personOf("1", "Ada Öz")
		newest.Attention, newest.Held, newest.NextDeadline = []string{"late-manager"}, true, time.Time{}
		older := personOf("1", "Ada Oz")
		older.Revision = 4
		putPeople(t, s, newest)
		if applied, err := s.UpsertPerson(ctx, older); err != nil || applied {
			t.Errorf("older revision: applied %v, error %v; want it left out", applied, err)
		}
		got, err := s.Person(ctx, "main", "1")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(newest, got); diff != "" {
			t.Errorf("person (-want +got):\n%s", diff)
		}
		if _, err := s.Person(ctx, "other", "1"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("person of another realm: got %v, want ErrNotFound", err)
		}
		var group sync.WaitGroup
		for revision := range 30 {
			group.Go(func() {
				row := personOf("1", fmt.Sprint("Ada ", revision))
				row.Revision = int64(revision)
				if _, err := s.UpsertPerson(ctx, row); err != nil {
					t.Errorf("write: %v", err)
				}
			})
		}
		group.Wait()
		if got, err = s.Person(ctx, "main", "1"); err != nil || got.Revision != 29 || got.DisplayName != "Ada 29" {
			t.Errorf("after many: got revision %d %q, error %v; want 29", got.Revision, got.DisplayName, err)
		}
	})
}

func TestPeopleFilters(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		ada, bela, cleo, dora := personOf("1", "Ada Müller"), personOf("2", "Béla 100%"), personOf("3", "Cleo Straße"), personOf("4", "Dora_X")
		bela.Held, cleo.Attention, dora.Phase = true, []string{"ask"}, "left"
		dora.Realm = "north"
		putPeople(t, s, ada, bela, cleo, dora)
		for name, test := range map[string]struct {
			filter store.PeopleFilter
			want   []string
		}{
			"all":            {store.PeopleFilter{}, []string{"main/1", "main/2", "main/3", "north/4"}},
			"realm":          {store.PeopleFilter{Realm: "north"}, []string{"north/4"}},
			"phase":          {store.PeopleFilter{Phase: "left"}, []string{"north/4"}},
			"held":           {store.PeopleFilter{Held: true}, []string{"main/2"}},
			"attention":      {store.PeopleFilter{Attention: true}, []string{"main/3"}},
			"accents":        {store.PeopleFilter{Search: "MULLER"}, []string{"main/1"}},
			"with accents":   {store.PeopleFilter{Search: "müller"}, []string{"main/1"}},
			"sharp s":        {store.PeopleFilter{Search: "strasse cleo"}, []string{"main/3"}},
			"percent":        {store.PeopleFilter{Search: "100%"}, []string{"main/2"}},
			"only percent":   {store.PeopleFilter{Search: "%"}, []string{"main/2"}},
			"only line":      {store.PeopleFilter{Search: "_"}, []string{"north/4"}},
			"exclamation":    {store.PeopleFilter{Search: "!"}, nil},
			"user name":      {store.PeopleFilter{Search: "U2@fabrikam"}, []string{"main/2"}},
			"employee ID":    {store.PeopleFilter{Search: "e3"}, []string{"main/3"}},
			"every word":     {store.PeopleFilter{Search: "ada sales nothing"}, nil},
			"all conditions": {store.PeopleFilter{Realm: "main", Phase: "active", Held: true, Search: "bela"}, []string{"main/2"}},
		} {
			got, next, err := s.People(t.Context(), test.filter)
			if err != nil || next != "" {
				t.Fatalf("%s: cursor %q, error %v", name, next, err)
			}
			want := append([]string{}, test.want...)
			if diff := cmp.Diff(want, keysOf(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}

func TestCountAttention(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		people := []store.PersonRow{personOf("1", "Ada"), personOf("2", "Bela"), personOf("3", "Cleo"), personOf("4", "Dora")}
		people[0].Attention = []string{"ask"}
		people[1].Attention = []string{"parked", "ask"}
		people[2].Attention = []string{"ask"}
		putPeople(t, s, people...)
		got, err := s.CountAttention(t.Context())
		if err != nil {
			t.Fatalf("CountAttention() = %v", err)
		}
		if diff := cmp.Diff(map[string]int{"ask": 3, "parked": 1}, got); diff != "" {
			t.Errorf("CountAttention() (-want +got):\n%s", diff)
		}
	})
}

func TestPeoplePages(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		want := map[string]bool{}
		for i := range 25 {
			row := personOf(fmt.Sprint(i, []string{"-a", "A", "_z", "b", "%20"}[i%5]), "Person")
			row.Realm = []string{"main", "north"}[i%2]
			putPeople(t, s, row)
			want[row.Realm+"/"+row.Key] = true
		}
		cursor, pages := "", 0
		for {
			rows, next, err := s.People(ctx, store.PeopleFilter{Limit: 7, Cursor: cursor})
			if err != nil {
				t.Fatal(err)
			}
			pages++
			for _, key := range keysOf(rows) {
				if !want[key] {
					t.Errorf("page %d: %s comes twice", pages, key)
				}
				delete(want, key)
			}
			if cursor = next; next == "" {
				break
			}
		}
		if len(want) != 0 || pages != 4 {
			t.Errorf("after %d pages %d people were never listed: %v", pages, len(want), want)
		}
		for _, bad := range []string{"%", "bm8"} {
			if _, _, err := s.People(ctx, store.PeopleFilter{Cursor: bad}); !errors.Is(err, store.ErrInvalid) {
				t.Errorf("cursor %q: got %v, want ErrInvalid", bad, err)
			}
		}
	})
}

func TestFindPeople(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		twin, elsewhere := personOf("2", "ada MÜLLER"), personOf("3", "Ada Müller")
		elsewhere.Realm = "north"
		putPeople(t, s, personOf("1", "Ada Müller"), twin, elsewhere, store.PersonRow{Realm: "main", Key: "4"})
		for _, test := range []struct {
			kind  store.ReferenceKind
			value string
			want  []string
		}{
			{store.ByEmployeeID, "E1", []string{"main/1"}},
			{store.ByEmployeeID, "e1", []string{}},
			{store.BySourceKey, "S2", []string{"main/2"}},
			{store.ByEmail, " p1@CONTOSO.example", []string{"main/1"}},
			{store.ByName, "Ada Müller", []string{"main/1", "main/2"}},
			{store.ByName, "", []string{}},
			{store.ByEmployeeID, "", []string{}},
		} {
			got, err := s.FindPeople(ctx, "main", test.kind, test.value)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, keysOf(got)); diff != "" {
				t.Errorf("by %s %q (-want +got):\n%s", test.kind, test.value, diff)
			}
		}
		if _, err := s.FindPeople(ctx, "main", "shoe size", "43"); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("unknown kind: got %v, want ErrInvalid", err)
		}
	})
}

func TestReports(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		var rows []store.PersonRow
		for key, manager := range map[string]string{"1": "employeeId:E9", "2": "name:Ada Müller", "3": "employeeId:E8", "4": ""} {
			row := personOf(key, "Zoë "+key)
			row.ManagerRef = manager
			rows = append(rows, row)
		}
		elsewhere := personOf("5", "Zoë 5")
		elsewhere.Realm, elsewhere.ManagerRef = "north", "employeeId:E9"
		putPeople(t, s, append(rows, elsewhere)...)
		for _, test := range []struct{ refs, want []string }{
			{[]string{"key:9", "employeeId:E9", "name:Ada Müller"}, []string{"main/1", "main/2"}},
			{[]string{"employeeId:E7"}, []string{}},
			{nil, []string{}},
		} {
			got, err := s.Reports(t.Context(), "main", test.refs)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, keysOf(got)); diff != "" {
				t.Errorf("reports by %q (-want +got):\n%s", test.refs, diff)
			}
		}
	})
}
