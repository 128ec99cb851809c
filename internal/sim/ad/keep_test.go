package ad_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"tenure/internal/sim/ad"
)

func keptIn(dir string) func(*ad.Options) {
	return func(o *ad.Options) { o.Dir = dir }
}

// openedCopy opens the files as a process does after kill -9 of the one that wrote them: nothing was closed, and what is torn
// at the end of the journal was never acknowledged.
func openedCopy(t *testing.T, dir string) *harness {
	t.Helper()
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	journals, err := filepath.Glob(filepath.Join(copied, "*.jsonl"))
	if err != nil || len(journals) != 1 {
		t.Fatalf("%d journals, %v, want one", len(journals), err)
	}
	file, err := os.OpenFile(journals[0], os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(`{"entries":{"torn":{"ID":`); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return start(t, keptIn(copied))
}

// busy makes some of everything.
func busy(h *harness) {
	h.t.Helper()
	ada := h.user("Ada", "ada", "employeeID", "E1", "mS-DS-ConsistencyGuid", "\x00\xff\xfe0123456789abc", "userPrincipalName", "ada@"+domainName)
	bea, dan := h.user("Bea, \n=", "bea", "manager", ada), h.user("Dan", "dan", "title", "Lead")
	h.must(h.replace(ada, "unicodePwd", quoted(password)))
	h.must(h.replace(ada, "userAccountControl", "512"))
	team := h.group("team", "-2147483646")
	h.must(h.replace(team, "member", ada))
	join := ldap.NewModifyRequest(team, nil)
	join.Add("member", []string{bea})
	h.must(h.conn.Modify(join))
	h.must(h.conn.Del(ldap.NewDelRequest(dan, nil)))
	h.must(h.conn.ModifyDN(ldap.NewModifyDNRequest(bea, `CN=Bea \= Doe`, true, "OU=Leavers,"+h.base)))
	h.must(h.Delegate(ad.Delegation{Account: "ada", Unit: "OU=People," + h.base}))
	h.Advance(time.Hour)
}

func asText(t *testing.T, state ad.State) string {
	t.Helper()
	state.Now = time.Time{}
	raw, err := json.MarshalIndent(state, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestStateOutlivesKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := start(t, keptIn(dir))
	busy(h)
	want := asText(t, h.State())
	again := openedCopy(t, dir)
	if d := cmp.Diff(want, asText(t, again.State())); d != "" {
		t.Fatalf("state after a restart (-want +got):\n%s", d)
	}
	if !bytes.Equal(h.CA(), again.CA()) {
		t.Error("the certificate authority is another one")
	}
	if ahead := time.Until(again.Now()); ahead < 59*time.Minute {
		t.Errorf("the clock is %s ahead, want the hour that it was moved", ahead)
	}
	if raw := again.read(again.dn("Ada", "People")).GetEqualFoldRawAttributeValue("mS-DS-ConsistencyGuid"); string(raw) != "\x00\xff\xfe0123456789abc" {
		t.Errorf("octets = %x after a restart", raw)
	}
	ada := again.bind("ada@"+domainName, password)
	wantCode(t, "a create by delegation", ada.Add(newUser(again.dn("Eva", "People"), "eva")), 0)
	wantCode(t, "a create without", ada.Add(newUser(again.dn("Eva", "Leavers"), "eva2")), 50)
	wantCode(t, "a taken logon name", again.conn.Add(newUser(again.dn("Ada2", "People"), "ada")), 68)
	wantCode(t, "a restore", again.revive(deletedID(t, again.State(), "dan"), again.dn("Dan", "People")), 0)
	sids := map[string]bool{}
	for _, a := range again.State().Accounts {
		if sids[a.SID] {
			t.Errorf("SID %s was given twice", a.SID)
		}
		sids[a.SID] = true
	}
}

func deletedID(t *testing.T, state ad.State, logon string) string {
	t.Helper()
	for _, a := range state.Deleted {
		if a.Logon == logon {
			return a.ID
		}
	}
	t.Fatalf("%s is not among the deleted", logon)
	return ""
}

func TestEachAcknowledgedChangeIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := start(t, keptIn(dir))
	for i := range 3 {
		dn := h.user(fmt.Sprintf("P%d", i), fmt.Sprintf("p%d", i))
		if got := len(openedCopy(t, dir).State().Accounts); got != i+1 {
			t.Fatalf("after %d creates a restart finds %d accounts", i+1, got)
		}
		h.must(h.replace(dn, "title", "Lead"))
		if got := openedCopy(t, dir).read(dn).GetAttributeValue("title"); got != "Lead" {
			t.Fatalf("after a change a restart finds the title %q", got)
		}
	}
}

// TestKeptSecrets finds no password in the files, which nobody but their owner reads.
func TestKeptSecrets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := start(t, keptIn(dir))
	busy(h)
	h.must(h.Close())
	files := os.DirFS(dir)
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 && !strings.HasSuffix(name, ".pem") {
			t.Errorf("%s has the mode %s", name, info.Mode())
		}
		raw, err := fs.ReadFile(files, name)
		for _, secret := range []string{password, adminPass, quoted(password)} {
			if bytes.Contains(raw, []byte(secret)) {
				t.Errorf("%s holds a password", name)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestNewAdministratorPassword takes the password of the options: it is configuration.
func TestNewAdministratorPassword(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := start(t, keptIn(dir))
	h.must(h.Close())
	const other = "An0ther-Passw0rd!"
	s, err := ad.New(ad.Options{Domain: domainName, Password: other, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	dc, err := s.Start(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	again := &harness{Server: s, t: t, dc: dc, base: s.BaseDN()}
	again.bind(s.Administrator(), other)
	wantCode(t, "the old password", again.dial().Bind(s.Administrator(), adminPass), 49)
}

func TestStateThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := start(t, keptIn(dir))
	h.must(h.Close())
	if s, err := ad.New(ad.Options{Domain: "other.example", Password: adminPass, Dir: dir}); err == nil {
		_ = s.Close()
		t.Error("New with another domain's files = nil, want an error")
	}
	if err := os.WriteFile(filepath.Join(dir, "ad-state.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := ad.New(ad.Options{Domain: domainName, Password: adminPass, Dir: dir}); err == nil {
		_ = s.Close()
		t.Error("New on a broken state = nil, want an error")
	}
}

// TestSeedTwice changes nothing the second time.
func TestSeedTwice(t *testing.T) {
	t.Parallel()
	h := start(t)
	seed := ad.Seed{
		Groups:      []ad.GroupSeed{{Name: "staff"}},
		Users:       []ad.UserSeed{{Name: "Zoe", Logon: "zoe", Password: password, MemberOf: []string{"staff"}}},
		Delegations: []ad.Delegation{{Account: "zoe", Unit: "OU=People," + h.base}},
	}
	h.must(h.Seed(seed))
	before := h.State().USN
	h.must(h.Seed(seed))
	if after := h.State().USN; after != before {
		t.Errorf("the second seed has made %d changes", after-before)
	}
}
