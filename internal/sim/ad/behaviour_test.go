package ad_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"tenure/internal/sim/ad"
)

// hostileNames are names that break what is not escaped, compared or counted right.
func hostileNames() []string {
	return []string{
		"Doe, Zoe", "Doe + Zoe", `Zoe "Zo" Doe`, `back\slash`, "a=b", "=", "<zoe>", "zoe;doe", "#zoe", " zoe", "zoe ", "  ", "a/b", "a\x00b", "a\tb",
		"a\nb", "a\rb", "*", "(zoe)", "a)(cn=*", "|", "&", "!", "%00", "${zoe}", "{{zoe}}", "'; --", "Łukasz", "李小龍", "👩‍💻 Zoe", "ﬃ", "é", "e\u0301x",
		"عمر", "\u202eeoz", "\u200bzoe", "ẞ", "ı", "ǅ", strings.Repeat("ü", 64), "CN=a,DC=b", "DEL:x", `\2C`, ",", "\u00a0zoe",
	}
}

func TestHostileNames(t *testing.T) {
	t.Parallel()
	h := start(t)
	for i, name := range hostileNames() {
		logon := fmt.Sprintf("h%d", i)
		dn := h.dn(name, "People")
		if err := h.conn.Add(newUser(dn, logon)); code(err) == 68 {
			continue // another name without its accents
		} else if err != nil {
			t.Errorf("add %q: %v", name, err)
			continue
		}
		if got := h.read(dn, "cn").GetAttributeValue("cn"); got != name {
			t.Errorf("cn = %q, want %q", got, name)
		}
		if got := h.find("(&(cn=" + ldap.EscapeFilter(name) + ")(sAMAccountName=" + logon + "))"); len(got) != 1 {
			t.Errorf("found %v by %q, want one", got, name)
		}
		parsed, err := ldap.ParseDN(h.read(dn).DN)
		if err != nil || parsed.RDNs[0].Attributes[0].Value != name {
			t.Errorf("the client reads %v, %v in the name of %q", parsed, err, name)
		}
		h.must(h.conn.ModifyDN(ldap.NewModifyDNRequest(dn, "CN=x"+logon, true, "OU=Leavers,"+h.base)))
		h.must(h.conn.Del(ldap.NewDelRequest("CN=x"+logon+",OU=Leavers,"+h.base, nil)))
	}
	if got := h.State(); len(got.Accounts) != 0 || len(got.Deleted) < 10 {
		t.Errorf("%d accounts left and %d deleted, want none and many", len(got.Accounts), len(got.Deleted))
	}
}

// shown is the control by which deleted objects are seen.
func shown() []ldap.Control {
	return []ldap.Control{ldap.NewControlString("1.2.840.113556.1.4.417", true, "")}
}

func (h *harness) revive(id, dn string, pairs ...string) error {
	m := replacing("<GUID="+id+">", append([]string{"distinguishedName", dn}, pairs...)...)
	m.Controls = shown()
	m.Delete("isDeleted", nil)
	return h.conn.Modify(m)
}

func TestRecycleBin(t *testing.T) {
	t.Parallel()
	h := start(t)
	boss, g := h.user("boss", "boss"), h.group("team", globalGroup)
	a := h.user("a", "a", "title", "Lead", "employeeID", "1", "userPrincipalName", "a@x", "manager", boss, "userAccountControl", "514")
	join := ldap.NewModifyRequest(g, nil)
	join.Add("member", []string{a})
	h.must(h.conn.Modify(join))
	h.must(h.replace(a, "unicodePwd", quoted(password), "userAccountControl", "512"))
	id := h.ID("a")
	h.must(h.conn.Del(ldap.NewDelRequest(a, nil)))
	if got := h.read(g, "member").GetAttributeValues("member"); len(got) != 0 {
		t.Errorf("members of the group = %v, want none", got)
	}
	q := h.query("<GUID="+id+">", ldap.ScopeBaseObject, "(isDeleted=TRUE)")
	q.Controls = shown()
	got, err := h.conn.Search(q)
	h.must(err)
	e := got.Entries[0]
	if !strings.HasPrefix(e.DN, `CN=a\0ADEL:`+id+`,CN=Deleted Objects,`) || e.GetAttributeValue("lastKnownParent") != "OU=People,"+h.base ||
		e.GetAttributeValue("title") != "Lead" || e.GetAttributeValue("msDS-LastKnownRDN") != "a" || len(e.GetAttributeValues("memberOf")) != 0 {
		t.Errorf("deleted object = %s %v, want all but its links", e.DN, e.Attributes)
	}
	h.user("b", "b", "userPrincipalName", "A@x") // the name is free
	wantCode(t, "restore with a taken name", h.revive(id, a), 19)
	wantCode(t, "restore to nowhere", h.revive(id, "CN=a,OU=nowhere,"+h.base, "userPrincipalName", "a2@x"), 80)
	h.must(h.revive(id, a, "userPrincipalName", "a2@x"))
	if h.ID("a") != id {
		t.Error("the restored account has another GUID")
	}
	h.must(h.dial().Bind("a2@x", password))
	back := h.read(a)
	if back.GetAttributeValue("manager") != boss || back.GetAttributeValue("memberOf") != g || back.GetAttributeValue("userAccountControl") != "512" {
		t.Errorf("restored = %v, want its links and its password", back.Attributes)
	}
	h.must(h.conn.Del(ldap.NewDelRequest(boss, nil)))
	if got := h.read(a, "manager").GetAttributeValue("manager"); got != "" {
		t.Errorf("manager who is deleted = %q, want none", got)
	}
	h.must(h.conn.Del(ldap.NewDelRequest(a, nil)))
	h.Advance(181 * 24 * time.Hour)
	wantCode(t, "restore what is recycled", h.revive(id, a), 53)
	h.Advance(181 * 24 * time.Hour)
	wantCode(t, "restore what is gone", h.revive(id, a), 32)
}

func TestTombstone(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *ad.Options) { o.NoRecycleBin = true })
	a := h.user("a", "a", "title", "Lead", "userAccountControl", "514")
	h.must(h.replace(a, "unicodePwd", quoted(password), "userAccountControl", "512"))
	id := h.ID("a")
	h.must(h.conn.Del(ldap.NewDelRequest(a, nil)))
	h.must(h.revive(id, a))
	back := h.read(a)
	if back.GetAttributeValue("title") != "" || back.GetAttributeValue("sAMAccountName") != "a" || back.GetAttributeValue("userAccountControl") != "514" {
		t.Errorf("restored = %v, want its logon name, disabled", back.Attributes)
	}
	wantCode(t, "enable without a password", h.replace(a, "userAccountControl", "512"), 53)
	h.must(h.conn.Del(ldap.NewDelRequest(a, nil)))
	h.Advance(181 * 24 * time.Hour)
	wantCode(t, "restore what is gone", h.revive(id, a), 32)
}

func TestNothingMovesForNothing(t *testing.T) {
	t.Parallel()
	h := start(t)
	a := h.user("a", "a", "title", "Lead")
	before := h.State().USN
	h.must(h.replace(a, "title", "Lead", "department", ""))
	h.must(h.conn.ModifyDN(ldap.NewModifyDNRequest(a, "CN=a", true, "")))
	wantCode(t, "refused change", h.replace(a, "title", "Boss", "objectGUID", strings.Repeat("x", 16)), 19)
	if got := h.State().USN; got != before {
		t.Errorf("the number of the last change went from %d to %d", before, got)
	}
	h.must(h.replace(a, "title", "Boss"))
	if got := h.State().USN; got != before+1 {
		t.Errorf("the number of the last change is %d, want %d", got, before+1)
	}
}

func TestRights(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.must(h.Seed(ad.Seed{
		Users: []ad.UserSeed{
			{Name: "svc", Logon: "svc", Password: password},
			{Name: "boss", Logon: "boss", Unit: "OU=People," + h.base, MemberOf: []string{"Domain Admins"}},
			{Name: "plain", Logon: "plain", Unit: "OU=Leavers," + h.base},
		},
		Delegations: []ad.Delegation{
			{Account: "svc", Unit: "OU=People," + h.base},
			{Account: "svc", Unit: "OU=Groups," + h.base, Classes: []string{"group"}, Attributes: []string{"member"}},
		},
	}))
	g := h.group("team", globalGroup)
	h.conn = h.bind(`CORP\svc`, password)
	a := h.user("a", "a")
	h.must(h.replace(a, "unicodePwd", quoted(password), "title", "Lead"))
	join := ldap.NewModifyRequest(g, nil)
	join.Add("member", []string{a})
	h.must(h.conn.Modify(join))
	wantCode(t, "describe a group", h.replace(g, "description", "x"), 50)
	wantCode(t, "change elsewhere", h.replace("CN=plain,OU=Leavers,"+h.base, "title", "x"), 50)
	wantCode(t, "change an administrator", h.replace("CN=boss,OU=People,"+h.base, "title", "x"), 50)
	wantCode(t, "delete an administrator", h.conn.Del(ldap.NewDelRequest("CN=boss,OU=People,"+h.base, nil)), 50)
	wantCode(t, "move to elsewhere", h.conn.ModifyDN(ldap.NewModifyDNRequest(a, "CN=a", true, "OU=Leavers,"+h.base)), 50)
	wantCode(t, "add elsewhere", h.conn.Add(newUser(h.dn("b", "Leavers"), "b")), 50)
	for unit, want := range map[string][]string{"People": {"user"}, "Leavers": nil} {
		got := h.read("OU="+unit+","+h.base, "allowedChildClassesEffective").GetAttributeValues("allowedChildClassesEffective")
		if d := cmp.Diff(want, got, equateEmpty()); d != "" {
			t.Errorf("classes to create in %s (-want +got):\n%s", unit, d)
		}
	}
	if got := h.read(g, "allowedAttributesEffective").GetAttributeValues("allowedAttributesEffective"); len(got) != 1 || got[0] != "member" {
		t.Errorf("attributes to write of a group = %v, want member", got)
	}
	h.must(h.conn.Del(ldap.NewDelRequest(a, nil)))
	if got := h.find("(isDeleted=TRUE)", shown()...); len(got) != 0 {
		t.Errorf("deleted objects seen = %v, want none", got)
	}
}

func equateEmpty() cmp.Option {
	return cmp.Transformer("empty", func(in []string) []string { return append([]string{}, in...) })
}

func TestAdministratorsAreProtected(t *testing.T) {
	t.Parallel()
	h := start(t)
	a, g := h.user("a", "a"), h.group("helpers", globalGroup)
	h.must(h.Join("a", "helpers"))
	h.must(h.Join("helpers", "Account Operators"))
	if got := h.read(a).GetAttributeValue("adminCount"); got != "" {
		t.Errorf("adminCount at once = %q, want none", got)
	}
	h.Advance(2 * time.Hour)
	for _, dn := range []string{a, g, "CN=Administrator,CN=Users," + h.base} {
		if got := h.read(dn).GetAttributeValue("adminCount"); got != "1" {
			t.Errorf("adminCount of %s = %q, want 1", dn, got)
		}
	}
	if got := h.find("(adminCount=1)"); len(got) < 5 {
		t.Errorf("%v are protected, want the built-in ones too", got)
	}
}

func TestRanges(t *testing.T) {
	t.Parallel()
	h := start(t)
	g := h.group("all", globalGroup)
	members := []string{}
	users := ad.Seed{}
	for i := range 1600 {
		name := fmt.Sprintf("m%04d", i)
		users.Users = append(users.Users, ad.UserSeed{Name: name, Logon: name, Unit: "OU=People," + h.base})
		members = append(members, h.dn(name, "People"))
	}
	h.must(h.Seed(users))
	join := ldap.NewModifyRequest(g, nil)
	join.Add("member", members)
	h.must(h.conn.Modify(join))
	e := h.read(g, "member")
	if got := len(e.GetAttributeValues("member;range=0-1499")); got != 1500 {
		t.Errorf("%d members in the first range, want 1500: %v", got, e.Attributes[0].Name)
	}
	if got := len(h.read(g, "member;range=1500-*").GetAttributeValues("member;range=1500-*")); got != 100 {
		t.Errorf("%d members in the second range, want 100", got)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	h := start(t)
	g := h.group("all", globalGroup)
	var work sync.WaitGroup
	for c := range 4 {
		conn := h.bind(h.Administrator(), adminPass)
		for n := range 4 {
			work.Go(func() {
				for i := range 10 {
					name := fmt.Sprintf("u%d-%d-%d", c, n, i)
					if err := conn.Add(newUser(h.dn(name, "People"), name)); err != nil {
						t.Errorf("add: %v", err)
						return
					}
					join := ldap.NewModifyRequest(g, nil)
					join.Add("member", []string{h.dn(name, "People")})
					if err := conn.Modify(join); err != nil {
						t.Errorf("join: %v", err)
					}
				}
			})
		}
	}
	work.Wait()
	state := h.State()
	if len(state.Accounts) != 160 {
		t.Errorf("%d accounts, want 160", len(state.Accounts))
	}
	if got := len(h.read(g, "member").GetAttributeValues("member")); got != 160 {
		t.Errorf("%d members, want 160", got)
	}
}
