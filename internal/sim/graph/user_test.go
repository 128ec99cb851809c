package graph_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/sim/graph"
)

func TestCreateUserDefaults(t *testing.T) {
	t.Parallel()
	h := start(t)
	a := h.must(201, "POST", "/users", with(newPerson("Ada"), "employeeId", "E-1", "department", "Sales"))
	want := []string{
		"@odata.context", "businessPhones", "displayName", "givenName", "id", "jobTitle", "mail", "mobilePhone",
		"officeLocation", "preferredLanguage", "surname", "userPrincipalName",
	}
	if d := cmp.Diff(want, slices.Sorted(maps.Keys(a.body))); d != "" {
		t.Errorf("default properties (-want +got):\n%s", d)
	}
	if v, ok := a.body["mail"]; !ok || v != nil {
		t.Errorf("mail = %v, want null", v)
	}
	id := str(a.body, "id")
	if !strings.HasSuffix(a.header.Get("Location"), "/users/"+id) {
		t.Errorf("Location = %q", a.header.Get("Location"))
	}
	got := h.must(200, "GET", "/users/"+id+"?$select=employeeId,accountEnabled,createdDateTime,passwordProfile", nil).body
	delete(got, "@odata.context")
	wantBody := map[string]any{
		"id": id, "employeeId": "E-1", "accountEnabled": false, "createdDateTime": "2026-03-02T09:00:00Z", "passwordProfile": nil,
	}
	if d := cmp.Diff(wantBody, got); d != "" {
		t.Errorf("selected (-want +got):\n%s", d)
	}
	byName := h.must(200, "GET", "/USERS('Ada@Contoso.example')?select=EMPLOYEEID", nil, offContract, "a key in parentheses")
	if str(byName.body, "employeeId") != "E-1" {
		t.Errorf("by name and in another case: %v", byName.body)
	}
}

func TestCreateUserRefusals(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.hire("Taken")
	tests := []struct {
		name   string
		change []any
		status int
		detail string
		text   string
	}{
		{"duplicate name", []any{"userPrincipalName", "TAKEN@contoso.example"}, 400, "ObjectConflict userPrincipalName", "already exists"},
		{"accented name", []any{"userPrincipalName", "josé@contoso.example"}, 400, "InvalidValue userPrincipalName", ""},
		{"space in name", []any{"userPrincipalName", "a b@contoso.example"}, 400, "InvalidValue userPrincipalName", ""},
		{"foreign domain", []any{"userPrincipalName", "a@fabrikam.example"}, 400, "", "verified domain"},
		{"no domain", []any{"userPrincipalName", "a"}, 400, "InvalidValue userPrincipalName", ""},
		{"bad nickname", []any{"mailNickname", "a b"}, 400, "InvalidValue mailNickname", ""},
		{"accented nickname", []any{"mailNickname", "ä"}, 400, "InvalidValue mailNickname", ""},
		{"empty string", []any{"givenName", ""}, 400, "InvalidValue givenName", "of resource 'User'"},
		{"long employeeId", []any{"employeeId", "12345678901234567"}, 400, "InvalidValue employeeId", ""},
		{"long department", []any{"department", strings.Repeat("x", 65)}, 400, "InvalidValue department", ""},
		{"bad country", []any{"usageLocation", "D1"}, 400, "InvalidValue usageLocation", ""},
		{"two phones", []any{"businessPhones", []string{"1", "2"}}, 400, "InvalidValue businessPhones", ""},
		{"weak password", []any{"passwordProfile", map[string]any{"password": "weak"}}, 400, "PasswordNotComplex password", ""},
		{"no password", []any{"passwordProfile", map[string]any{}}, 400, "MissingValue passwordProfile", ""},
		{"read-only", []any{"onPremisesSyncEnabled", true}, 400, "", "Property 'onPremisesSyncEnabled' is read-only and cannot be set."},
		{"unknown property", []any{"favourite", "x"}, 400, "", ""},
		{"bad date", []any{"employeeHireDate", "soon"}, 400, "InvalidValue employeeHireDate", ""},
		{"unknown manager", []any{"manager@odata.bind", "https://graph.microsoft.com/v1.0/users/" + nobody}, 400, "", "values specified are invalid"},
	}
	for _, tt := range tests {
		a := h.do("POST", "/users", with(newPerson("Fresh"), tt.change...))
		if a.status != tt.status || a.code() != "Request_BadRequest" || a.detail() != tt.detail || !strings.Contains(a.message(), tt.text) {
			t.Errorf("%s: %d %s %q %s, want %d Request_BadRequest %q", tt.name, a.status, a.code(), a.detail(), a.message(), tt.status, tt.detail)
		}
	}
	for _, name := range []string{"accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile"} {
		body := newPerson("Fresh")
		delete(body, name)
		if a := h.do("POST", "/users", body); a.status != 400 || a.detail() != "MissingValue "+name {
			t.Errorf("without %s: %d %q", name, a.status, a.detail())
		}
	}
	if got := h.must(200, "GET", "/users", nil).values("displayName"); !slices.Equal(got, []string{"Taken"}) {
		t.Errorf("users after refusals = %v", got)
	}
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	h := start(t)
	a := h.must(404, "GET", "/users/"+nobody, nil, "client-request-id", "abc")
	inner, _ := a.body["error"].(map[string]any)
	want := map[string]any{
		"code":    "Request_ResourceNotFound",
		"message": "Resource '" + nobody + "' does not exist or one of its queried reference-property objects are not present.",
		"innerError": map[string]any{
			"date": "2026-03-02T09:00:00", "request-id": a.header.Get("request-id"), "client-request-id": "abc",
		},
	}
	if d := cmp.Diff(want, inner); d != "" {
		t.Errorf("error (-want +got):\n%s", d)
	}
	if a.header.Get("client-request-id") != "abc" || a.header.Get("request-id") == "" {
		t.Errorf("headers = %v", a.header)
	}
	if b := h.must(405, "PUT", "/users/"+nobody, nil); b.code() != "Request_BadRequest" {
		t.Errorf("wrong method: %s", b.text)
	}
	if b := h.must(401, "GET", "/users", nil, "Authorization", "Bearer x.y.z"); b.code() != "InvalidAuthenticationToken" || b.header.Get("WWW-Authenticate") == "" {
		t.Errorf("bad token: %s", b.text)
	}
	h.app = readApp
	if b := h.must(403, "POST", "/users", newPerson("Ada")); b.code() != "Authorization_RequestDenied" {
		t.Errorf("missing permission: %s", b.text)
	}
}

func TestPatchUser(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.hire("Ada", "jobTitle", "Clerk", "givenName", "Ada")
	h.hire("Bea")
	h.must(204, "PATCH", "/users/"+id, `{"@odata.type":"#microsoft.graph.user","JOBTITLE":null,"employeeLeaveDateTime":"2026-05-01T00:00:00+02:00",
		"onPremisesExtensionAttributes":{"extensionAttribute1":"a"},"businessPhones":["+49 30 1"]}`, offContract, "a name in another case")
	h.must(204, "PATCH", "/users/"+id, `{"onPremisesExtensionAttributes":{"extensionAttribute2":"b"}}`)
	got := h.must(200, "GET", "/users/"+id+"?$select=jobTitle,givenName,employeeLeaveDateTime,onPremisesExtensionAttributes", nil).body
	ext, _ := got["onPremisesExtensionAttributes"].(map[string]any)
	if got["jobTitle"] != nil || got["givenName"] != "Ada" || got["employeeLeaveDateTime"] != "2026-04-30T22:00:00Z" ||
		ext["extensionAttribute1"] != "a" || ext["extensionAttribute2"] != "b" || len(ext) != 15 {
		t.Errorf("after patches: %v", got)
	}
	for body, detail := range map[string]string{
		`{"jobTitle":""}`:                               "InvalidValue jobTitle",
		`{"displayName":null}`:                          "InvalidValue displayName",
		`{"userPrincipalName":"bea@contoso.example"}`:   "ObjectConflict userPrincipalName",
		`{"jobTitle":"new","department":""}`:            "InvalidValue department",
		`{"businessPhones":null}`:                       "InvalidValue businessPhones",
		`{"accountEnabled":"yes"}`:                      "InvalidValue accountEnabled",
		`{"passwordProfile":{"password":"aaaaaaaaaa"}}`: "PasswordNotComplex password",
	} {
		if a := h.do("PATCH", "/users/"+id, body); a.status != 400 || a.detail() != detail {
			t.Errorf("%s: %d %q, want 400 %q", body, a.status, a.detail(), detail)
		}
	}
	if after := h.must(200, "GET", "/users/"+id, nil).body; after["jobTitle"] != nil {
		t.Errorf("a refused patch changed jobTitle to %v", after["jobTitle"])
	}
	h.must(204, "PATCH", "/users/"+id, `{"userPrincipalName":"ada.new@contoso.example"}`)
	h.must(404, "GET", "/users/ada@contoso.example", nil)
	h.must(200, "GET", "/users/ada.new@contoso.example", nil)
}

func TestSyncedAndPrivilegedUsers(t *testing.T) {
	t.Parallel()
	h := start(t)
	synced, admin := graph.SeedID("s@contoso.example"), graph.SeedID("r@contoso.example")
	h.seed(graph.Seed{
		SKUs: []graph.SKU{{ID: skuE3, PartNumber: "E3", Seats: 1}},
		Users: []graph.UserSeed{
			{Props: map[string]any{"userPrincipalName": "s@contoso.example", "employeeId": "S"}, Synced: true},
			{Props: map[string]any{"userPrincipalName": "r@contoso.example"}, Facts: graph.SignInFacts{Roles: []string{graph.RoleUserAdmin}}},
		},
	})
	for _, body := range []string{`{"accountEnabled":false}`, `{"employeeHireDate":"2026-01-01T00:00:00Z"}`, `{"employeeOrgData":{"division":"x"}}`} {
		a := h.do("PATCH", "/users/"+synced, body)
		if a.status != 400 || !strings.Contains(a.message(), "on-premises mastered Directory Sync objects") {
			t.Errorf("synced %s: %d %s", body, a.status, a.message())
		}
	}
	h.must(400, "PUT", "/users/"+synced+"/manager/$ref", ref(admin))
	h.must(204, "PATCH", "/users/"+synced, `{"usageLocation":"FR"}`)
	h.must(200, "POST", "/users/"+synced+"/assignLicense", map[string]any{"addLicenses": []any{map[string]any{"skuId": skuE3}}, "removeLicenses": []any{}})
	h.must(200, "POST", "/users/"+synced+"/revokeSignInSessions", nil)

	for _, body := range []string{`{"mobilePhone":"1"}`, `{"accountEnabled":false}`, `{"otherMails":[]}`} {
		if a := h.do("PATCH", "/users/"+admin, body); a.status != 403 || a.code() != "Authorization_RequestDenied" {
			t.Errorf("role holder %s: %d %s", body, a.status, a.code())
		}
	}
	h.must(403, "DELETE", "/users/"+admin, nil)
	h.must(204, "PATCH", "/users/"+admin, `{"jobTitle":"x"}`)
	h.app = bossApp
	h.must(204, "PATCH", "/users/"+admin, `{"accountEnabled":false}`)
	h.must(403, "PATCH", "/users/"+admin, `{"employeeLeaveDateTime":"2026-01-01T00:00:00Z"}`)
	h.must(403, "GET", "/users/"+admin+"?$select=employeeLeaveDateTime", nil)
}

func TestManager(t *testing.T) {
	t.Parallel()
	h := start(t)
	boss := h.hire("Boss")
	ada := h.hire("Ada", "manager@odata.bind", "https://graph.microsoft.com/v1.0/users('"+boss+"')")
	bea := h.hire("Bea")
	if a := h.must(404, "GET", "/users/"+bea+"/manager", nil); !strings.Contains(a.message(), "'manager'") {
		t.Errorf("no manager: %s", a.message())
	}
	h.must(204, "PUT", "/users/"+bea+"/manager/$ref", ref(boss))
	h.must(204, "PUT", "/users/"+bea+"/manager/$ref", ref(boss))
	h.must(404, "PUT", "/users/"+bea+"/manager/$ref", ref(nobody))
	if got := str(h.must(200, "GET", "/users/"+ada+"/manager?$select=displayName", nil).body, "displayName"); got != "Boss" {
		t.Errorf("manager = %q", got)
	}
	if got := str(h.must(200, "GET", "/users/"+ada+"?$expand=manager($select=id)", nil).body, "manager", "id"); got != boss {
		t.Errorf("expanded manager = %q", got)
	}
	if got := h.must(200, "GET", "/users/"+boss+"/directReports", nil).values("displayName"); !slices.Equal(got, []string{"Ada", "Bea"}) {
		t.Errorf("reports = %v", got)
	}
	h.must(204, "DELETE", "/users/"+boss, nil)
	h.must(404, "GET", "/users/"+ada+"/manager", nil)
	h.must(200, "POST", "/directory/deletedItems/"+boss+"/restore", nil)
	h.must(200, "GET", "/users/"+ada+"/manager", nil)
	h.must(204, "DELETE", "/users/"+ada+"/manager/$ref", nil)
	h.must(404, "DELETE", "/users/"+ada+"/manager/$ref", nil)
}

func TestDeleteRestorePurge(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.seed(graph.Seed{SKUs: []graph.SKU{{ID: skuE3, Seats: 1}}, Groups: []graph.GroupSeed{{Name: "All"}}})
	all := graph.SeedID("All")
	id := h.hire("Ada", "employeeId", "E1", "usageLocation", "DE")
	h.must(204, "POST", "/groups/"+all+"/members/$ref", ref(id))
	h.must(200, "POST", "/users/"+id+"/assignLicense", map[string]any{"addLicenses": []any{map[string]any{"skuId": skuE3}}, "removeLicenses": []any{}})
	h.must(204, "DELETE", "/users/"+id, nil)
	h.must(404, "GET", "/users/"+id, nil)
	got := h.must(200, "GET", "/directory/deletedItems/"+id, nil).body
	if got["deletedDateTime"] != "2026-03-02T09:00:00Z" || !strings.HasSuffix(str(got, "userPrincipalName"), "ada@contoso.example") {
		t.Errorf("deleted item = %v", got)
	}
	list := h.must(200, "GET", "/directory/deletedItems/microsoft.graph.user?$filter=employeeId eq 'E1'&$select=id,employeeId", nil)
	if !slices.Equal(list.values("id"), []string{id}) {
		t.Errorf("deleted list = %s", list.text)
	}
	if n := h.State().SKUs[0].Consumed; n != 0 {
		t.Errorf("seats of a deleted user = %d, want 0", n)
	}
	again := h.hire("Ada")
	if a := h.must(400, "POST", "/directory/deletedItems/"+id+"/restore", nil); a.detail() != "ObjectConflict userPrincipalName" {
		t.Errorf("restore onto a taken name: %s", a.text)
	}
	h.must(204, "DELETE", "/users/"+again, nil)
	h.must(200, "POST", "/directory/deletedItems/"+id+"/restore", nil)
	u := h.must(200, "GET", "/users/"+id+"?$select=userPrincipalName,assignedLicenses", nil).body
	if l, _ := u["assignedLicenses"].([]any); str(u, "userPrincipalName") != "ada@contoso.example" || len(l) != 0 {
		t.Errorf("restored = %v, want the old name and no licence", u)
	}
	if got := h.must(200, "GET", "/users/"+id+"/memberOf", nil).values("id"); !slices.Equal(got, []string{all}) {
		t.Errorf("groups after restore = %v", got)
	}
	h.must(204, "DELETE", "/directory/deletedItems/"+again, nil)
	h.must(404, "POST", "/directory/deletedItems/"+again+"/restore", nil)
	h.must(204, "DELETE", "/users/"+id, nil)
	h.hire("Ada")
	h.must(200, "POST", "/directory/deletedItems/"+id+"/restore", map[string]any{"newUserPrincipalName": "ada2@contoso.example"})
	h.must(200, "GET", "/users/ada2@contoso.example", nil)
}

func TestRetentionByOwnClock(t *testing.T) {
	t.Parallel()
	h := start(t)
	ada, bea := h.hire("Ada"), h.hire("Bea")
	h.must(204, "DELETE", "/users/"+ada, nil)
	h.must(204, "DELETE", "/users/"+bea, nil)
	if err := h.Advance(ada, 30*24*time.Hour-time.Second); err != nil {
		t.Fatal(err)
	}
	h.must(200, "GET", "/directory/deletedItems/"+ada, nil)
	if err := h.Advance(ada, time.Second); err != nil {
		t.Fatal(err)
	}
	h.must(404, "GET", "/directory/deletedItems/"+ada, nil)
	h.must(200, "GET", "/directory/deletedItems/"+bea, nil)
	h.clock.Add(31 * 24 * time.Hour)
	h.must(404, "GET", "/directory/deletedItems/"+bea, nil)
	if err := h.Advance(ada, time.Hour); err == nil {
		t.Error("Advance of a purged user = nil, want an error")
	}
}

func TestLag(t *testing.T) {
	t.Parallel()
	t.Run("requests", func(t *testing.T) {
		t.Parallel()
		h := start(t, func(o *graph.Options) { o.Lag.Reads = 3 })
		id := h.hire("Ada", "employeeId", "E1")
		h.must(404, "GET", "/users/"+id, nil)
		h.must(404, "PATCH", "/users/"+id, `{"jobTitle":"x"}`)
		h.must(404, "PUT", "/users/"+id+"/manager/$ref", ref(id))
		if got := h.must(200, "GET", "/users?$filter=employeeId eq 'E1'", nil).values("id"); !slices.Equal(got, []string{id}) {
			t.Errorf("filter during the window = %v", got)
		}
		h.must(204, "PATCH", "/users/"+id, `{"jobTitle":"x"}`)
	})
	t.Run("time", func(t *testing.T) {
		t.Parallel()
		h := start(t, func(o *graph.Options) { o.Lag = graph.Lag{Window: time.Minute, Index: time.Hour, Lists: true} })
		id := h.hire("Ada", "companyName", "Contoso")
		h.must(404, "GET", "/users/"+id, nil)
		h.clock.Add(time.Minute)
		h.must(200, "GET", "/users/"+id, nil)
		advanced := "/users?$count=true&$filter=companyName eq 'Contoso'"
		if a := h.must(200, "GET", advanced, nil, "ConsistencyLevel", "eventual"); a.body["@odata.count"] != 0.0 {
			t.Errorf("advanced query before the index: %s", a.text)
		}
		if a := h.must(200, "GET", "/users", nil); len(a.values("id")) != 0 {
			t.Errorf("list before the index: %s", a.text)
		}
		h.clock.Add(time.Hour)
		if a := h.must(200, "GET", advanced, nil, "ConsistencyLevel", "eventual"); a.body["@odata.count"] != 1.0 {
			t.Errorf("advanced query after the index: %s", a.text)
		}
	})
}

func TestGzipAndRevoke(t *testing.T) {
	t.Parallel()
	h := start(t)
	raw, err := json.Marshal(newPerson("Ada"))
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	zw := gzip.NewWriter(&zipped)
	_, _ = zw.Write(raw)
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	id := str(h.must(201, "POST", "/users", zipped.String(), "Content-Encoding", "gzip").body, "id")
	h.clock.Add(time.Minute)
	a := h.must(200, "POST", "/users/"+id+"/revokeSignInSessions", nil)
	if a.body["value"] != true {
		t.Errorf("revoke = %s", a.text)
	}
	if s := h.State(); s.Users[0].Revocations != 1 || s.Users[0].Props["signInSessionsValidFromDateTime"] != "2026-03-02T09:01:00Z" {
		t.Errorf("state after revoke = %+v", s.Users[0])
	}
	if n := h.Counts()["POST /users/{id}/revokeSignInSessions"]; n != 1 {
		t.Errorf("count = %d, want 1", n)
	}
}

func TestListing(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *graph.Options) { o.PageSize = 2 })
	for i := range 5 {
		h.hire(fmt.Sprintf("P%d", i), "employeeId", strconv.Itoa(i), "department", []string{"Sales", "O'Neil"}[i%2])
	}
	var got []string
	pages, next := 0, "/users?$select=displayName"
	for next != "" {
		a := h.must(200, "GET", next, nil)
		got = append(got, a.values("displayName")...)
		next, pages = str(a.body, "@odata.nextLink"), pages+1
	}
	if want := []string{"P0", "P1", "P2", "P3", "P4"}; !slices.Equal(got, want) || pages != 3 {
		t.Errorf("pages = %d of %v", pages, got)
	}
	tests := []struct {
		query    string
		advanced bool
		status   int
		want     []string
	}{
		{query: "$filter=employeeId eq '3'", status: 200, want: []string{"P3"}},
		{query: "$filter=department eq 'O''Neil'", status: 200, want: []string{"P1", "P3"}},
		{query: "$filter=department eq 'Sales' and (employeeId eq '0' or employeeId eq '4')", status: 200, want: []string{"P0", "P4"}},
		{query: "$filter=employeeId in ('1','2')", status: 200, want: []string{"P1", "P2"}},
		{query: "$filter=startsWith(userPrincipalName,'P4')", status: 200, want: []string{"P4"}},
		{query: "$filter=userPrincipalName eq 'p2@CONTOSO.example'", status: 200, want: []string{"P2"}},
		{query: "$filter=mail eq 'x@contoso.example'", status: 200, want: []string{}},
		{query: "$filter=accountEnabled eq true", status: 200, want: []string{}},
		{query: "$filter=department ne 'Sales'", status: 400},
		{query: "$filter=department ne 'Sales'", advanced: true, status: 200, want: []string{"P1", "P3"}},
		{query: "$filter=not(employeeId eq '1')", status: 400},
		{query: "$filter=companyName eq 'x'", status: 400},
		{query: "$filter=endsWith(mail,'x')", status: 400},
		{query: "$filter=employeeId eq '0'&$orderby=displayName", status: 400},
		{query: "$orderby=displayName desc&$top=1", status: 200, want: []string{"P4"}},
		{query: "$filter=nosuch eq 'x'", status: 400},
		{query: "$filter=employeeId eq", status: 400},
		{query: "$filter=employeeId eq 'x", status: 400},
		{query: "$select=nosuch", status: 400},
		{query: "$skip=1", status: 400},
		{query: "$top=1000", status: 400},
		{query: "$search=\"displayName:P1\"", status: 400},
		{query: "$search=\"displayName:P1\"", advanced: true, status: 200, want: []string{"P1"}},
		{query: "$skiptoken=garbage", status: 400},
		{query: "$expand=manager", advanced: true, status: 400},
	}
	for _, tt := range tests {
		path, headers := "/users?"+tt.query, []string{}
		if tt.advanced {
			path, headers = path+"&$count=true", []string{"ConsistencyLevel", "eventual"}
		}
		a := h.do("GET", path, nil, headers...)
		if a.status != tt.status || (tt.want != nil && !slices.Equal(a.values("displayName"), tt.want)) {
			t.Errorf("%s (advanced %v) = %d %v %s, want %d %v", tt.query, tt.advanced, a.status, a.values("displayName"), a.message(), tt.status, tt.want)
		}
	}
	if a := h.must(400, "GET", "/users/$count", nil); a.message() != "$count is not currently supported." {
		t.Errorf("count = %s", a.message())
	}
	if a := h.must(200, "GET", "/users/$count", nil, "ConsistencyLevel", "eventual"); a.text != "5" {
		t.Errorf("count = %q", a.text)
	}
}

func TestExpiredAndEmptyPages(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *graph.Options) { o.EmptyFirstPage = true })
	h.hire("Ada")
	a := h.must(200, "GET", "/users", nil)
	next := str(a.body, "@odata.nextLink")
	if len(a.values("id")) != 0 || next == "" {
		t.Fatalf("first page = %s, want it empty with a link", a.text)
	}
	if b := h.must(200, "GET", next, nil); len(b.values("id")) != 1 {
		t.Errorf("second page = %s", b.text)
	}
	h.clock.Add(2 * time.Hour)
	if b := h.must(400, "GET", next, nil); b.code() != "Directory_ExpiredPageToken" {
		t.Errorf("old page token: %s", b.text)
	}
}

func TestDelta(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *graph.Options) { o.PageSize = 2 })
	ada, bea, cem := h.hire("Ada"), h.hire("Bea"), h.hire("Cem")
	round := func(link string) ([]string, string) {
		var got []string
		for {
			a := h.must(200, "GET", link, nil)
			for _, v := range a.body["value"].([]any) {
				got = append(got, str(v, "id")+" "+str(v, "@removed", "reason"))
			}
			if link = str(a.body, "@odata.nextLink"); link == "" {
				return got, str(a.body, "@odata.deltaLink")
			}
		}
	}
	got, link := round("/users/delta()?$select=displayName,manager")
	if want := []string{ada + " ", bea + " ", cem + " "}; !slices.Equal(got, want) {
		t.Errorf("first round = %v, want %v", got, want)
	}
	h.must(204, "PATCH", "/users/"+bea, `{"jobTitle":"x"}`)
	h.must(204, "DELETE", "/users/"+ada, nil)
	h.must(204, "PUT", "/users/"+cem+"/manager/$ref", ref(bea))
	got, link = round(link)
	if want := []string{bea + " ", ada + " changed", cem + " "}; !slices.Equal(got, want) {
		t.Errorf("second round = %v, want %v", got, want)
	}
	h.must(204, "DELETE", "/directory/deletedItems/"+ada, nil)
	got, link = round(link)
	if want := []string{ada + " deleted"}; !slices.Equal(got, want) {
		t.Errorf("third round = %v, want %v", got, want)
	}
	latest := h.must(200, "GET", "/users/delta?$deltatoken=latest", nil)
	if got, _ := round(str(latest.body, "@odata.deltaLink")); len(got) != 0 {
		t.Errorf("after latest = %v", got)
	}
	h.clock.Add(8 * 24 * time.Hour)
	if a := h.must(http.StatusGone, "GET", link, nil); a.code() != "syncStateNotFound" || a.header.Get("Location") == "" {
		t.Errorf("old delta token: %s", a.text)
	}
}
