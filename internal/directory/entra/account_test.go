package entra_test

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/directory"
	"tenure/internal/directory/entra"
	"tenure/internal/directory/entra/schema"
	"tenure/internal/sim/fault"
	"tenure/internal/sim/graph"
	"tenure/internal/sim/graph/graphtest"
)

func newHire(local, employeeID string) directory.NewAccount {
	return directory.NewAccount{
		EmployeeID: employeeID, UserName: local + "@" + domain, Enabled: true,
		Attributes: map[string]string{"displayName": "Zoë O'Neil", "department": "R&D"},
	}
}

// TestANewAccountCostsAtMostSixRequests walks the path of an activity that
// makes an account: look by number, among the deleted, by name and for the
// manager, then create.
func TestANewAccountCostsAtMostSixRequests(t *testing.T) {
	t.Parallel()
	s := newSimulator(t, graph.Options{})
	d := connect(t, configFor(s))
	boss, err := d.CreateAccount(t.Context(), newHire("boss", "E1"))
	if err != nil {
		t.Fatal(err)
	}
	s.ResetRequests()
	in := newHire("zoe", "E2")
	if found, err := d.AccountsByEmployeeID(t.Context(), "E2"); err != nil || len(found) != 0 {
		t.Fatalf("accounts = %v, %v, want none", found, err)
	}
	if found, err := d.DeletedAccounts(t.Context(), "E2"); err != nil || len(found) != 0 {
		t.Fatalf("deleted accounts = %v, %v, want none", found, err)
	}
	if _, err := d.AccountByUserName(t.Context(), in.UserName); !errors.Is(err, directory.ErrNotFound) {
		t.Fatalf("name: %v, want not found", err)
	}
	managers, err := d.AccountsByEmployeeID(t.Context(), "E1")
	if err != nil || len(managers) != 1 {
		t.Fatalf("managers = %v, %v, want one", managers, err)
	}
	in.ManagerID = managers[0].ID
	made, err := d.CreateAccount(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	requests := 0
	for route, n := range s.Counts() {
		t.Logf("%d x %s", n, route)
		requests += n
	}
	if requests > 6 {
		t.Errorf("requests = %d, want 6 or fewer", requests)
	}
	got, err := d.Account(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(made, got); diff != "" || got.ManagerID != boss.ID {
		t.Errorf("what the create told is not what a read tells (-create +read):\n%s", diff)
	}
}

func TestTheFirstPasswordIsRandomAndStaysInside(t *testing.T) {
	t.Parallel()
	var rec graphtest.Recorder
	d := connect(t, configFor(newSimulator(t, graph.Options{Record: rec.Record})))
	for _, local := range []string{"zoe", "max"} {
		if _, err := d.CreateAccount(t.Context(), newHire(local, "E1")); err != nil {
			t.Fatal(err)
		}
	}
	var passwords []string
	for _, ex := range rec.Exchanges() {
		if ex.Method != http.MethodPost || ex.URL.Path != "/v1.0/users" {
			continue
		}
		var body struct {
			Nickname string `json:"mailNickname"`
			Profile  struct {
				Password string `json:"password"`
				Force    bool   `json:"forceChangePasswordNextSignIn"`
			} `json:"passwordProfile"`
		}
		if err := json.Unmarshal(ex.RequestBody, &body); err != nil {
			t.Fatal(err)
		}
		if len(body.Profile.Password) < 24 || !body.Profile.Force || body.Nickname == "" {
			t.Errorf("password of %d characters, force change %v, nickname %q; want 24 or more, true, one",
				len(body.Profile.Password), body.Profile.Force, body.Nickname)
		}
		if ex.RequestHeader.Get("Content-Encoding") != "" {
			t.Errorf("body is sent as %s, want it plain", ex.RequestHeader.Get("Content-Encoding"))
		}
		passwords = append(passwords, body.Profile.Password)
	}
	if len(passwords) != 2 || passwords[0] == passwords[1] {
		t.Errorf("%d passwords, want two different ones", len(passwords))
	}
}

func TestAnUpdateSendsTheDifferenceOnly(t *testing.T) {
	t.Parallel()
	c := newCanned(t, say(http.StatusNoContent, ""))
	d := connect(t, c.config())
	disabled := false
	if err := d.UpdateAccount(t.Context(), "x", directory.Change{
		Set: map[string]string{
			"jobTitle": "Lead", "employeeHireDate": "2026-12-01T00:00:00+01:00", "businessPhones": "+49 30 1",
			"employeeOrgData.costCenter": "4711",
		},
		Clear: []string{
			"department", "otherMails", "employeeOrgData.division", "onPremisesExtensionAttributes.extensionAttribute3",
		},
		Enabled: &disabled,
	}); err != nil {
		t.Fatal(err)
	}
	_, bodies := c.seen()
	var got map[string]any
	if err := json.Unmarshal([]byte(bodies[0]), &got); err != nil {
		t.Fatalf("body %s: %v", bodies[0], err)
	}
	want := map[string]any{
		"@odata.type": "#microsoft.graph.user", "accountEnabled": false, "jobTitle": "Lead",
		"employeeHireDate": "2026-11-30T23:00:00Z", "businessPhones": []any{"+49 30 1"},
		"department": nil, "otherMails": []any{},
		"employeeOrgData":               map[string]any{"costCenter": "4711", "division": nil},
		"onPremisesExtensionAttributes": map[string]any{"extensionAttribute3": nil},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("body differs (-want +got):\n%s", diff)
	}
}

// TestHalfOfTheOrgDataKeepsTheOther holds for a Graph that merges the property
// and for one that replaces it, as the simulator does.
func TestHalfOfTheOrgDataKeepsTheOther(t *testing.T) {
	t.Parallel()
	d := connect(t, configFor(newSimulator(t, graph.Options{})))
	in := newHire("zoe", "E1")
	in.Attributes[schema.Division], in.Attributes[schema.CostCenter] = "North", "4711"
	made, err := d.CreateAccount(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []directory.Change{
		{Set: map[string]string{schema.Division: "South"}},
		{Clear: []string{schema.Division}},
	} {
		if err := d.UpdateAccount(t.Context(), made.ID, change); err != nil {
			t.Fatal(err)
		}
		got, err := d.Account(t.Context(), made.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.Attributes[schema.CostCenter] != "4711" || got.Attributes[schema.Division] != change.Set[schema.Division] {
			t.Errorf("after %v: attributes = %v, want cost centre 4711 and the change", change, got.Attributes)
		}
	}
}

// TestEveryAttributeTravels writes, reads and clears each attribute of the
// table, which so agrees with the SDK and the simulator.
func TestEveryAttributeTravels(t *testing.T) {
	t.Parallel()
	cfg := configFor(newSimulator(t, graph.Options{}))
	want := map[string]string{}
	for _, a := range entra.Attributes() {
		if !a.Writable || a.Kind == directory.KindReference {
			continue
		}
		cfg.Attributes = append(cfg.Attributes, a.Name)
		if a.Name != directory.UserNameAttribute && a.Name != directory.EmployeeIDAttribute {
			want[a.Name] = sample(a)
		}
	}
	d := connect(t, cfg)
	in := newHire("zoe", "E1")
	made, err := d.CreateAccount(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.UpdateAccount(t.Context(), made.ID, directory.Change{Set: want}); err != nil {
		t.Fatal(err)
	}
	got, err := d.Account(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.Attributes); diff != "" {
		t.Errorf("attributes differ (-want +got):\n%s", diff)
	}
	keep := []string{schema.DisplayName, schema.MailNickname}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(want)), func(n string) bool { return slices.Contains(keep, n) })
	if err := d.UpdateAccount(t.Context(), made.ID, directory.Change{Clear: names}); err != nil {
		t.Fatal(err)
	}
	got, err = d.Account(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]string{schema.DisplayName: want[schema.DisplayName], schema.MailNickname: want[schema.MailNickname]}
	if diff := cmp.Diff(left, got.Attributes); diff != "" {
		t.Errorf("attributes after the clearing differ (-want +got):\n%s", diff)
	}
}

// sample is a value of an attribute that is as long as it may be.
func sample(a directory.Attribute) string {
	switch {
	case a.Kind == directory.KindDateTime:
		return "2026-12-01T08:00:00Z"
	case a.Kind == directory.KindBool:
		return "false"
	case a.MaxItems == 1:
		return "+49 30 1"
	case a.Kind == directory.KindList:
		return "zoe@fabrikam.example" + directory.ListSeparator + "z@fabrikam.example"
	case a.Name == "usageLocation":
		return "DE"
	case a.Name == "preferredLanguage":
		return "de-DE"
	case a.MaxLength == 0:
		return "ordinary"
	}
	return strings.Repeat("x", a.MaxLength)
}

func TestValuesAreCheckedBeforeTheyAreSent(t *testing.T) {
	t.Parallel()
	c := newCanned(t, say(http.StatusNoContent, ""))
	cfg := c.config()
	cfg.Domain = domain
	d := connect(t, cfg)
	for name, set := range map[string]map[string]string{
		"empty":        {"jobTitle": ""},
		"too long":     {directory.EmployeeIDAttribute: strings.Repeat("9", 17)},
		"no date":      {"employeeHireDate": "01.12.2026"},
		"no bool":      {"showInAddressList": "perhaps"},
		"two phones":   {"businessPhones": "1;2"},
		"unknown":      {"shoeSize": "44"},
		"not writable": {schema.AccountEnabled: "true"},
		"other domain": {directory.UserNameAttribute: "zoe@fabrikam.example"},
	} {
		err := d.UpdateAccount(t.Context(), "x", directory.Change{Set: set})
		if !errors.Is(err, directory.ErrInvalid) {
			t.Errorf("%s: error = %v, want invalid", name, err)
		}
	}
	for _, attribute := range []string{directory.UserNameAttribute, schema.DisplayName, schema.MailNickname, schema.Manager} {
		if err := d.UpdateAccount(t.Context(), "x", directory.Change{Clear: []string{attribute}}); !errors.Is(err, directory.ErrInvalid) {
			t.Errorf("clear %s: error = %v, want invalid", attribute, err)
		}
	}
	if _, err := d.CreateAccount(t.Context(), directory.NewAccount{UserName: "zoe@" + domain}); !errors.Is(err, directory.ErrInvalid) {
		t.Errorf("create without a display name: error = %v, want invalid", err)
	}
	if requests, _ := c.seen(); len(requests) != 0 {
		t.Errorf("requests = %d, want none", len(requests))
	}
}

// TestALateReplicaIsNotFound shows the window after a create that callers must
// survive, and that the lookups that decide on a create do not have it.
func TestALateReplicaIsNotFound(t *testing.T) {
	t.Parallel()
	s := newSimulator(t, graph.Options{Lag: graph.Lag{Reads: 1, Index: time.Hour}})
	d := connect(t, configFor(s))
	made, err := d.CreateAccount(t.Context(), newHire("zoe", "E1"))
	if err != nil {
		t.Fatal(err)
	}
	change := directory.Change{Set: map[string]string{"jobTitle": "Lead"}}
	if err := d.UpdateAccount(t.Context(), made.ID, change); !errors.Is(err, directory.ErrNotFound) {
		t.Errorf("first update: error = %v, want not found", err)
	}
	if err := d.UpdateAccount(t.Context(), made.ID, change); err != nil {
		t.Errorf("second update: %v", err)
	}
	if found, err := d.AccountsByEmployeeID(t.Context(), "E1"); err != nil || len(found) != 1 {
		t.Errorf("by number within the index lag = %v, %v, want one", found, err)
	}
}

func TestARestoreIsBelievedBeforeItIsReplicated(t *testing.T) {
	t.Parallel()
	s := newSimulator(t, graph.Options{})
	d := connect(t, configFor(s))
	made, err := d.CreateAccount(t.Context(), newHire("zoe", "E1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.DeleteAccount(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.SetFaults(fault.Rule{Method: http.MethodGet, Path: "/v1.0/users/*", Kind: fault.NotFound}); err != nil {
		t.Fatal(err)
	}
	got, err := d.RestoreAccount(t.Context(), made.ID, "")
	if err != nil || got.ID != made.ID || got.UserName != made.UserName {
		t.Errorf("restored = %+v, %v, want ID and name of the deleted account", got, err)
	}
}

func TestAManagerWhoIsNotReplicatedIsNotFound(t *testing.T) {
	t.Parallel()
	d := connect(t, configFor(newSimulator(t, graph.Options{})))
	in := newHire("zoe", "E1")
	in.ManagerID = "ffffffff-ffff-4fff-8fff-ffffffffffff"
	if _, err := d.CreateAccount(t.Context(), in); !errors.Is(err, directory.ErrNotFound) {
		t.Errorf("error = %v, want not found", err)
	}
}

// TestLeaveDateIsReadOnlyWhereMapped guards tenants without the permission that
// the property needs.
func TestLeaveDateIsReadOnlyWhereMapped(t *testing.T) {
	t.Parallel()
	c := newCanned(t, say(http.StatusOK, `{"id":"x"}`))
	for attributes, want := range map[string]bool{"": false, schema.EmployeeLeaveDateTime: true} {
		cfg := c.config()
		if attributes != "" {
			cfg.Attributes = []string{attributes}
		}
		if _, err := connect(t, cfg).Account(t.Context(), "x"); err != nil {
			t.Fatal(err)
		}
		requests, _ := c.seen()
		query := requests[len(requests)-1].URL.Query()
		if got := strings.Contains(query.Get("$select"), schema.EmployeeLeaveDateTime); got != want {
			t.Errorf("attributes %q: $select=%s, want the leave date in it: %v", attributes, query.Get("$select"), want)
		}
		if query.Get("$count") != "" || requests[len(requests)-1].Header.Get("ConsistencyLevel") != "" {
			t.Error("the read is an advanced query, want one that does not use the index")
		}
	}
}
