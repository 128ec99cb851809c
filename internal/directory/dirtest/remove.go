package dirtest

import (
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/directory"
)

// unknownID is well formed and names nothing.
const unknownID = "ffffffff-ffff-4fff-8fff-ffffffffffff"

func removeCases() []testCase {
	return []testCase{
		{"delete twice", needs(needRemover()), deleteTwice},
		{"list the deleted", needs(needRemover(), needRestore()), listDeleted},
		{"find a deleted name", needs(needRemover(), needRestore()), deletedName},
		{"restore", needs(needRemover(), needRestore()), restore},
		{"restore under another name", needs(needRemover(), needRestore()), restoreConflict},
		{"restore too late", needs(needRemover(), needRestore(), needClock()), restoreTooLate},
	}
}

func needClock() need {
	return need{NeedClock, func(s suite) bool { return s.Advance != nil }}
}

func deleteTwice(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	for range 2 {
		mustDo(t, "delete", s.Remover.DeleteAccount(t.Context(), a.ID))
	}
	mustDo(t, "delete the unknown", s.Remover.DeleteAccount(t.Context(), unknownID))
	_, err := s.Account(t.Context(), a.ID)
	wantErr(t, "read a deleted account", err, directory.ErrNotFound)
	_, err = s.AccountByUserName(t.Context(), a.UserName)
	wantErr(t, "look for the name of a deleted account", err, directory.ErrNotFound)
	live, err := s.AccountsByEmployeeID(t.Context(), "E1")
	if err != nil || len(live) != 0 {
		t.Errorf("live accounts = %v, %v, want none", live, err)
	}
}

func listDeleted(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	other := s.create(t, s.person("other", "E2"))
	s.create(t, s.person("live", "E1"))
	mustDo(t, "delete", s.Remover.DeleteAccount(t.Context(), a.ID))
	mustDo(t, "delete", s.Remover.DeleteAccount(t.Context(), other.ID))
	got, err := s.Remover.DeletedAccounts(t.Context(), "E1")
	mustDo(t, "list the deleted", err)
	if diff := cmp.Diff([]string{a.ID}, ids(got)); diff != "" {
		t.Fatalf("deleted accounts differ (-want +got):\n%s", diff)
	}
	if got[0].DeletedAt.IsZero() || got[0].EmployeeID != "E1" || got[0].UserName != a.UserName {
		t.Errorf("deleted account = %+v, want its number, its name and a time", got[0])
	}
	_, err = s.Remover.DeletedAccounts(t.Context(), "")
	wantErr(t, "list the deleted of an empty number", err, directory.ErrNoEmployeeID)
}

func deletedName(s suite) {
	t := s.t
	a := s.create(t, s.person("o'neil", "E1"))
	longer := s.create(t, s.person("zoe.o'neil", "E2"))
	s.create(t, s.person("live", "E3"))
	mustDo(t, "delete", s.Remover.DeleteAccount(t.Context(), a.ID))
	mustDo(t, "delete", s.Remover.DeleteAccount(t.Context(), longer.ID))
	got, err := s.Remover.DeletedByUserName(t.Context(), strings.ToUpper(a.UserName))
	mustDo(t, "find a deleted name", err)
	if diff := cmp.Diff([]string{a.ID}, ids(got)); diff != "" || got[0].EmployeeID != "E1" || got[0].UserName != a.UserName {
		t.Errorf("who had the name (-want +got):\n%s, %+v", diff, got)
	}
	for _, free := range []string{"live@" + s.Domain, "nobody@" + s.Domain} {
		if got, err := s.Remover.DeletedByUserName(t.Context(), free); err != nil || len(got) != 0 {
			t.Errorf("deleted accounts of %s = %v, %v, want none", free, got, err)
		}
	}
}

func restore(s suite) {
	t := s.t
	boss := s.create(t, s.person("boss", "E1"))
	a := s.create(t, s.person("zoe", "E2"))
	mustDo(t, "set manager", s.Writer.SetManager(t.Context(), a.ID, boss.ID))
	mustDo(t, "delete", s.Remover.DeleteAccount(t.Context(), a.ID))
	for range 2 { // a restore may be repeated
		got, err := s.Remover.RestoreAccount(t.Context(), a.ID, "")
		mustDo(t, "restore", err)
		if got.ID != a.ID || got.UserName != a.UserName || !got.DeletedAt.IsZero() {
			t.Errorf("restored = %+v, want the same ID and name, live", got)
		}
	}
	got := s.read(t, a.ID)
	if got.EmployeeID != "E2" || got.ManagerID != boss.ID {
		t.Errorf("read after restore = %+v, want number E2 and the manager", got)
	}
	deleted, err := s.Remover.DeletedAccounts(t.Context(), "E2")
	if err != nil || len(deleted) != 0 {
		t.Errorf("deleted after restore = %v, %v, want none", deleted, err)
	}
	_, err = s.Remover.RestoreAccount(t.Context(), unknownID, "")
	wantErr(t, "restore the unknown", err, directory.ErrNotFound)
}

func restoreConflict(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	mustDo(t, "delete", s.Remover.DeleteAccount(t.Context(), a.ID))
	s.create(t, s.person("zoe", "E2")) // the name of a deleted account is free
	_, err := s.Remover.RestoreAccount(t.Context(), a.ID, "")
	wantConflict(t, "restore under a taken name", err)
	got, err := s.Remover.RestoreAccount(t.Context(), a.ID, "zoe.back@"+s.Domain)
	mustDo(t, "restore under another name", err)
	if got.ID != a.ID || got.UserName != "zoe.back@"+s.Domain {
		t.Errorf("restored = %+v, want the same ID and the new name", got)
	}
}

func restoreTooLate(s suite) {
	t := s.t
	a := s.create(t, s.person("zoe", "E1"))
	mustDo(t, "delete", s.Remover.DeleteAccount(t.Context(), a.ID))
	window := s.Capabilities().RestoreWindow
	s.Advance(t, window-time.Hour)
	got, err := s.Remover.DeletedAccounts(t.Context(), "E1")
	if err != nil || len(got) != 1 {
		t.Errorf("deleted within the window = %v, %v, want one", got, err)
	}
	s.Advance(t, 2*time.Hour)
	got, err = s.Remover.DeletedAccounts(t.Context(), "E1")
	if err != nil || len(got) != 0 {
		t.Errorf("deleted after the window = %v, %v, want none", got, err)
	}
	_, err = s.Remover.RestoreAccount(t.Context(), a.ID, "")
	wantErr(t, "restore too late", err, directory.ErrNotFound)
}
