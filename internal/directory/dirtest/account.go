package dirtest

import (
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/directory"
)

func lookCases() []testCase {
	return []testCase{
		{"look by id", needs(needWriter()), lookByID},
		{"look by employee number", needs(needWriter()), lookByEmployeeID},
		{"look by user name", needs(needWriter()), lookByUserName},
	}
}

func writeCases() []testCase {
	return []testCase{
		{"create with unicode", needs(needWriter()), createWithUnicode},
		{"create with a manager", needs(needWriter()), createWithManager},
		{"create under a taken name", needs(needWriter()), createTaken},
		{"update by difference and clear", needs(needWriter()), updateByDifference},
		{"update nothing", needs(needWriter()), updateNothing},
		{"rename", needs(needWriter()), rename},
		{"update the unknown", needs(needWriter()), updateUnknown},
		{"enable and disable", needs(needWriter()), enableAndDisable},
		{"set and unset the manager", needs(needWriter()), setManager},
	}
}

func lookByID(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	if got := s.read(t, a.ID); got.ID != a.ID || got.EmployeeID != "E1" || got.UserName != a.UserName || !got.Enabled {
		t.Errorf("account = %+v, want that of %+v", got, a)
	}
	_, err := s.Account(t.Context(), unknownID)
	wantErr(t, "read an unknown account", err, directory.ErrNotFound)
}

func lookByEmployeeID(s suite) {
	t := s.t
	one := s.create(t, s.person("zoe", "E'1"))
	two := s.create(t, s.person("zoe2", "E'1"))
	s.create(t, s.person("zoe3", "E2"))
	got, err := s.AccountsByEmployeeID(t.Context(), "E'1")
	mustDo(t, "look by employee number", err)
	want := []string{one.ID, two.ID}
	slices.Sort(want)
	if diff := cmp.Diff(want, ids(got)); diff != "" {
		t.Errorf("accounts differ (-want +got):\n%s", diff)
	}
	for _, a := range got {
		wantAttributes(t, a, map[string]string{displayName: "Zoë O'Neil-Łukasik", department: "R&D"})
	}
	none, err := s.AccountsByEmployeeID(t.Context(), "E9")
	if err != nil || len(none) != 0 {
		t.Errorf("accounts of an unknown number = %v, %v, want none", none, err)
	}
	s.create(t, s.person("guest", ""))
	_, err = s.AccountsByEmployeeID(t.Context(), "")
	wantErr(t, "look for an empty number", err, directory.ErrNoEmployeeID)
}

func lookByUserName(s suite) {
	t := s.t
	in := s.person("o'neil", "E1")
	a := s.create(t, in)
	for _, name := range []string{in.UserName, strings.ToUpper(in.UserName)} {
		got, err := s.AccountByUserName(t.Context(), name)
		mustDo(t, "look by user name", err)
		if got.ID != a.ID || got.EmployeeID != "E1" {
			t.Errorf("account by name = %+v, want ID %s and number E1", got, a.ID)
		}
	}
	_, err := s.AccountByUserName(t.Context(), "nobody@"+s.Domain)
	wantErr(t, "look for a free name", err, directory.ErrNotFound)
}

func createWithUnicode(s suite) {
	t := s.t
	in := s.person("zoe", "E1")
	in.Enabled = false
	a := s.create(t, in)
	if a.ID == "" || a.UserName != in.UserName || a.EmployeeID != "E1" || a.Enabled {
		t.Errorf("created = %+v, want ID and what was asked", a)
	}
	wantAttributes(t, a, in.Attributes)
	got := s.read(t, a.ID)
	wantAttributes(t, got, in.Attributes)
	if got.Enabled || got.Synced || !got.DeletedAt.IsZero() || got.ManagerID != "" {
		t.Errorf("read = %+v, want disabled, not synced, live, without a manager", got)
	}
}

func createWithManager(s suite) {
	t := s.t
	boss := s.create(t, s.person("boss", "E1"))
	in := s.person("zoe", "E2")
	in.ManagerID = boss.ID
	a := s.create(t, in)
	if a.ManagerID != boss.ID {
		mustDo(t, "set manager after a create that could not", s.Writer.SetManager(t.Context(), a.ID, boss.ID))
	}
	if got := s.read(t, a.ID).ManagerID; got != boss.ID {
		t.Errorf("manager = %q, want %q", got, boss.ID)
	}
}

func createTaken(s suite) {
	t := s.t
	s.create(t, s.person("zoe", "E1"))
	_, err := s.Writer.CreateAccount(t.Context(), s.person("ZOE", "E2"))
	wantConflict(t, "create under a taken name", err)
}

func updateByDifference(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	mustDo(t, "update", s.Writer.UpdateAccount(t.Context(), a.ID, directory.Change{
		Set:   map[string]string{jobTitle: "Müllerin", directory.EmployeeIDAttribute: "E2"},
		Clear: []string{department},
	}))
	got := s.read(t, a.ID)
	wantAttributes(t, got, map[string]string{
		jobTitle: "Müllerin", department: "", displayName: "Zoë O'Neil-Łukasik", usageLocation: "DE",
	})
	if got.EmployeeID != "E2" || got.UserName != a.UserName || !got.Enabled {
		t.Errorf("account = %+v, want number E2 and nothing else changed", got)
	}
	mustDo(t, "clear again", s.Writer.UpdateAccount(t.Context(), a.ID, directory.Change{Clear: []string{department}}))
}

func updateNothing(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	mustDo(t, "update nothing", s.Writer.UpdateAccount(t.Context(), a.ID, directory.Change{}))
}

func rename(s suite) {
	t := s.t
	s.create(t, s.person("taken", "E1"))
	a := s.create(t, s.person("zoe", "E2"))
	set := func(local string) error {
		return s.Writer.UpdateAccount(t.Context(), a.ID, directory.Change{
			Set: map[string]string{directory.UserNameAttribute: local + "@" + s.Domain},
		})
	}
	wantConflict(t, "rename to a taken name", set("taken"))
	mustDo(t, "rename", set("zoe.new"))
	mustDo(t, "rename to the own name", set("zoe.new"))
	if got := s.read(t, a.ID).UserName; got != "zoe.new@"+s.Domain {
		t.Errorf("user name = %q, want the new one", got)
	}
}

func updateUnknown(s suite) {
	t := s.t
	err := s.Writer.UpdateAccount(t.Context(), unknownID, directory.Change{Set: map[string]string{jobTitle: "x"}})
	wantErr(t, "update an unknown account", err, directory.ErrNotFound)
	a := s.create(t, s.person("zoe", "E1"))
	wantErr(t, "set an unknown manager", s.Writer.SetManager(t.Context(), a.ID, unknownID), directory.ErrNotFound)
	for _, manager := range []string{a.ID, ""} {
		err := s.Writer.SetManager(t.Context(), unknownID, manager)
		wantErr(t, "set the manager of an unknown account", err, directory.ErrNotFound)
	}
}

func enableAndDisable(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	for _, enabled := range []bool{false, false, true} {
		mustDo(t, "write enabled", s.Writer.UpdateAccount(t.Context(), a.ID, directory.Change{Enabled: &enabled}))
		if got := s.read(t, a.ID).Enabled; got != enabled {
			t.Errorf("enabled = %v, want %v", got, enabled)
		}
	}
}

func setManager(s suite) {
	t := s.t
	boss := s.create(t, s.person("boss", "E1"))
	a := s.create(t, s.person("zoe", "E2"))
	for _, manager := range []string{boss.ID, boss.ID, "", ""} {
		mustDo(t, "set manager", s.Writer.SetManager(t.Context(), a.ID, manager))
		if got := s.read(t, a.ID).ManagerID; got != manager {
			t.Errorf("manager = %q, want %q", got, manager)
		}
		byNumber, err := s.AccountsByEmployeeID(t.Context(), "E2")
		mustDo(t, "look by employee number", err)
		if len(byNumber) != 1 || byNumber[0].ManagerID != manager {
			t.Errorf("by employee number = %+v, want one account with manager %q", byNumber, manager)
		}
	}
}
