package activities_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure/activities"
	"tenure/internal/directory"
	"tenure/internal/directory/memory"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// domainPolicy has a domain of Active Directory for its only target.
const domainPolicy = `version: 1
feeds:
  hr: {kind: webhook, realm: main, baseline: 2026-11-01, zone: Europe/Berlin, signature: {scheme: standard-webhooks, secrets: ["env:S"]}}
targets:
  entra:
    kind: ad
    credential: {kind: bind, user: env:U, secret: env:P}
    mode: enforce
    domain: contoso.example
    account: {create: {on: startDate, offset: -14d}, enable: {on: startDate}, disable: {on: lastDayOfWork}}
    mapping:
      userPrincipalName: {unique: [given.family#], apply: create}
      displayName: {attribute: person.displayName}
workflows:
  - name: Goodbye
    category: leaver
    trigger: {on: lastDayOfWork}
    tasks:
      - disableUserAndMoveToContainer: {container: "OU=Leavers,DC=contoso,DC=example"}
      - hideUserFromAddressLists: {}
      - setUserAttributes: {attributes: {info: {expression: 'Join(" ", "left", [employeeId])'}, description: {clear: true}}}
  - name: Change
    category: mover
    trigger: {demand: {}}
    tasks:
      - setUserAttributes: {attributes: {info: {constant: "moved"}}}
`

func (o *office) inDomain() *office {
	o.t.Helper()
	source := []byte(domainPolicy)
	version := store.PolicyVersion{
		Source: source, Hash: lifecycle.Hash(lifecycle.Source{Name: "policy.yaml", Content: source}), Actor: "test", Reason: "test", AppliedAt: o.now,
	}
	if _, _, err := o.store.SavePolicy(o.t.Context(), version); err != nil {
		o.t.Fatal(err)
	}
	return o
}

// goodbye is a task of somebody who has left.
func (o *office) goodbye(id, task string) activities.TaskInput {
	in := o.input("Goodbye", task, plan.ActivityAccount, "entra")
	in.PolicyVersion = 2
	in.Account = plan.Account{Target: "entra", ID: id, State: plan.AccountDisabled, DisabledAt: o.now.AddDate(0, 0, -1)}
	in.Batch.Tasks[0].Leave = 1
	return in
}

const containerName, hiddenName = "parentDistinguishedName", "msExchHideFromAddressLists"

// TestS13_AttributesOfALeaver: what a leaver's tasks write is written once, stands in
// the ledger, and comes back with a leave that is taken back.
func TestS13_AttributesOfALeaver(t *testing.T) {
	t.Parallel()
	o := newOffice(t).inDomain()
	id := o.dir.AddAccount(directory.Account{EmployeeID: personKey, UserName: "zoe@contoso.example", Attributes: map[string]string{
		containerName: "OU=Sales,DC=contoso,DC=example", "description": "Desk 12", "displayName": "Zoë Müller",
	}})
	account := plan.Account{}
	for round := range 2 {
		for _, task := range []string{"disableUserAndMoveToContainer", "hideUserFromAddressLists", "setUserAttributes"} {
			in := o.goodbye(id, task)
			if account.ID != "" {
				in.Account = account
			}
			if round > 0 {
				in.Batch.Tasks[0].Key = plan.TaskKey("Goodbye", "s1", 2, task) // asked for again: nothing is written
			}
			result, err := o.tasks.ChangeAccount(t.Context(), in)
			if err != nil || result.Outcomes[0].Status != activities.Done {
				t.Fatalf("%s: %+v, %v", task, result.Outcomes, err)
			}
			account = *result.Account
		}
		want := map[string]string{
			containerName: "OU=Leavers,DC=contoso,DC=example", hiddenName: "true", "info": "left " + personKey, "displayName": "Zoë Müller",
		}
		live, err := o.dir.Account(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, live.Attributes); diff != "" {
			t.Errorf("round %d (-want +got):\n%s", round, diff)
		}
		if got := o.dir.Calls(directory.VerbUpdateAccount); got != 3 {
			t.Errorf("round %d: %d writes, want three", round, got)
		}
	}
	o.wantChanges(map[string]string{containerName: "OU=Leavers,DC=contoso,DC=example", hiddenName: "true", "info": "left " + personKey, "description": ""})
	back := o.input("account:entra", "restoreAccess", plan.ActivityAccount, "entra")
	back.PolicyVersion, back.Account = 2, account
	result, err := o.tasks.ChangeAccount(t.Context(), back)
	if err != nil || result.Outcomes[0].Status != activities.Done || len(result.Account.Removed) != 0 {
		t.Fatalf("restore: %+v, %v", result, err)
	}
	live, err := o.dir.Account(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{containerName: "OU=Sales,DC=contoso,DC=example", "description": "Desk 12", "displayName": "Zoë Müller"}
	if diff := cmp.Diff(want, live.Attributes); diff != "" {
		t.Errorf("after the leave was taken back (-want +got):\n%s", diff)
	}
}

// wantChanges compares what the ledger says was written last of each attribute.
func (o *office) wantChanges(want map[string]string) {
	o.t.Helper()
	rows, err := o.store.Ledger(o.t.Context(), contract.JourneyID("main", personKey), 0, 100)
	if err != nil {
		o.t.Fatal(err)
	}
	got := map[string]string{}
	for _, row := range rows {
		for _, change := range row.Changes {
			got[change.Attribute] = change.After
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		o.t.Errorf("ledger (-want +got):\n%s", diff)
	}
}

// TestAttributesWithoutAccount: from a leaver nothing is left to take; a mover waits.
func TestAttributesWithoutAccount(t *testing.T) {
	t.Parallel()
	o := newOffice(t).inDomain()
	in := o.goodbye("", "setUserAttributes")
	in.Account = plan.Account{Target: "entra"}
	result, err := o.tasks.ChangeAccount(t.Context(), in)
	if err != nil || result.Outcomes[0].Status != activities.Done || result.Outcomes[0].Code != activities.CodeNoAccount {
		t.Errorf("leaver: %+v, %v", result.Outcomes, err)
	}
	in = o.input("Change", "setUserAttributes", plan.ActivityAccount, "entra")
	in.PolicyVersion = 2
	result, err = o.tasks.ChangeAccount(t.Context(), in)
	if err != nil || result.Outcomes[0].Status != activities.Failed || result.Outcomes[0].Code != activities.CodeNoAccount {
		t.Errorf("mover: %+v, %v, want one that waits for the account", result.Outcomes, err)
	}
}

// TestUnknownAttribute: the code says that the schema is at fault, and which part.
func TestUnknownAttribute(t *testing.T) {
	t.Parallel()
	o := newOffice(t).inDomain()
	id := o.dir.AddAccount(directory.Account{EmployeeID: personKey, UserName: "zoe@contoso.example"})
	o.dir.Inject(directory.VerbUpdateAccount, memory.Fault{Before: &directory.UnknownAttributeError{Attribute: hiddenName}})
	result, err := o.tasks.ChangeAccount(t.Context(), o.goodbye(id, "hideUserFromAddressLists"))
	if err != nil || result.Outcomes[0].Code != activities.CodeNoAttribute || !strings.Contains(result.Outcomes[0].Detail, hiddenName) {
		t.Errorf("result %+v, %v, want %s about %s", result.Outcomes, err, activities.CodeNoAttribute, hiddenName)
	}
}

// TestS17_ProtectedInADomain: of an account that is protected by itself or by a
// group, every task is refused, and nothing is written.
func TestS17_ProtectedInADomain(t *testing.T) {
	t.Parallel()
	const admins = "77aa6d0e-52c1-4a0e-8a55-1f3f6f6b0077"
	for why, arrange := range map[string]func(o *office, id string){
		"protected by AdminSDHolder": func(o *office, id string) { o.dir.SetRoles(id, "protected by AdminSDHolder") },
		"role-assignable group": func(o *office, id string) {
			o.dir.AddGroup(directory.Group{ID: admins, Kind: directory.GroupRoleAssignable})
			o.dir.Join(id, admins)
		},
		"account is protected": func(o *office, id string) { o.dir.Guard(id) },
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t).inDomain()
			id := o.dir.AddAccount(directory.Account{EmployeeID: personKey, UserName: "zoe@contoso.example", Attributes: map[string]string{"info": "x"}})
			arrange(o, id)
			for what, in := range map[string]activities.TaskInput{
				"a leaver": o.goodbye(id, "setUserAttributes"), "a mover": o.input("Change", "setUserAttributes", plan.ActivityAccount, "entra"),
				"an update": o.input("account:entra", "update", plan.ActivityAccount, "entra"), "an enable": o.input("account:entra", "enable", plan.ActivityAccount, "entra"),
				"what comes back": o.input("account:entra", "restoreAccess", plan.ActivityAccount, "entra"),
			} {
				in.PolicyVersion = 2
				in.Account = plan.Account{Target: "entra", ID: id, State: plan.AccountDisabled, Removed: []plan.Removed{{Kind: "attribute", ID: "info", Value: "y", Stay: "s1"}}}
				result, err := o.tasks.ChangeAccount(t.Context(), in)
				if err == nil && result.Outcomes[0].Code == activities.CodeProtected && strings.Contains(result.Outcomes[0].Detail, why) {
					continue
				}
				t.Errorf("%s: %+v, %v, want %s because %s", what, result.Outcomes, err, activities.CodeProtected, why)
			}
			live, err := o.dir.Account(t.Context(), id)
			if err != nil || live.Enabled || live.Attributes["info"] != "x" || len(live.Attributes) != 1 {
				t.Errorf("account = %+v, %v, want it untouched", live, err)
			}
		})
	}
}

const domainDisplayName = "      displayName: {attribute: person.displayName}\n"

// TestS18_RehireUndoesWhatALeaversTasksWrote: with the access of a new stay the account
// is no longer hidden, marked and among the leavers; what it had before as to its
// attributes stays gone, and what somebody wrote since stays.
func TestS18_RehireUndoesWhatALeaversTasksWrote(t *testing.T) {
	t.Parallel()
	const home, gone = "OU=Sales,DC=contoso,DC=example", "OU=Leavers,DC=contoso,DC=example"
	for name, tt := range map[string]struct {
		stay   string
		mapped string
		edit   func(a *directory.Account)
		want   map[string]string
	}{
		"another stay": {"s2", "", nil, map[string]string{containerName: home}},
		"the mapping makes the container": {
			"s2", "      parentDistinguishedName: {constant: \"OU=New,DC=contoso,DC=example\"}\n", nil, map[string]string{containerName: "OU=New,DC=contoso,DC=example"},
		},
		"edited since": {"s2", "", func(a *directory.Account) {
			a.Attributes["info"], a.Attributes[containerName] = "back soon", "OU=Desk,DC=contoso,DC=example"
		}, map[string]string{containerName: "OU=Desk,DC=contoso,DC=example", "info": "back soon"}},
		"the same stay": {"s1", "", nil, map[string]string{containerName: gone, hiddenName: "true", "info": "left " + personKey}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t).inDomain()
			id := o.dir.AddAccount(directory.Account{EmployeeID: personKey, UserName: "zoe@contoso.example", Attributes: map[string]string{
				containerName: home, "description": "Desk 12", "info": "Floor 3",
			}})
			account := plan.Account{Target: "entra", ID: id, State: plan.AccountDisabled}
			for _, task := range []string{"disableUserAndMoveToContainer", "hideUserFromAddressLists", "setUserAttributes"} {
				in := o.goodbye(id, task)
				in.Account = account
				result, err := o.tasks.ChangeAccount(t.Context(), in)
				if err != nil || result.Outcomes[0].Status != activities.Done {
					t.Fatalf("%s: %+v, %v", task, result.Outcomes, err)
				}
				account = *result.Account
			}
			if tt.edit != nil {
				o.dir.Edit(id, tt.edit)
			}
			o.withPolicy(domainDisplayName, domainDisplayName+tt.mapped)
			in := o.input("account:entra", "enable", plan.ActivityAccount, "entra")
			in.PolicyVersion, in.Account = 3, account
			in.Batch.Tasks[0].Stay = tt.stay
			result, err := o.tasks.ChangeAccount(t.Context(), in)
			if err != nil || result.Outcomes[0].Status != activities.Done {
				t.Fatalf("enable: %+v, %v", result.Outcomes, err)
			}
			live, err := o.dir.Account(t.Context(), id)
			if err != nil || !live.Enabled {
				t.Fatalf("account %+v, %v, want it enabled", live, err)
			}
			delete(live.Attributes, "displayName")
			if diff := cmp.Diff(tt.want, live.Attributes); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
			if left := len(result.Account.Removed); left > 0 != (tt.stay == "s1") {
				t.Errorf("%d attributes are still to be given back", left)
			}
		})
	}
}

// TestS18_RehireIsNotExpired: what expired the account with the former contract does
// not keep out who is let in again, unless HR states it still.
func TestS18_RehireIsNotExpired(t *testing.T) {
	t.Parallel()
	const expires, mapped = "accountExpires", "      accountExpires: {attribute: employment.contractEndDate}\n"
	for name, tt := range map[string]struct {
		mapping, live string
		stated        person.Date
		verb          plan.Verb
		want          string
	}{
		"expired, nothing stated": {mapped, "2026-06-30T22:00:00Z", person.Date{}, plan.Enable, ""},
		"to come, nothing stated": {mapped, "2027-06-30T22:00:00Z", person.Date{}, plan.Enable, "2027-06-30T22:00:00Z"},
		"expired, stated so":      {mapped, "2026-06-29T22:00:00Z", person.Date{Year: 2026, Month: 6, Day: 30}, plan.Enable, "2026-06-29T22:00:00Z"},
		"not ours":                {"", "2026-06-30T22:00:00Z", person.Date{}, plan.Enable, "2026-06-30T22:00:00Z"},
		"nobody is let in":        {mapped, "2026-06-30T22:00:00Z", person.Date{}, plan.Update, "2026-06-30T22:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t).inDomain().withPolicy(domainDisplayName, domainDisplayName+tt.mapping)
			id := o.dir.AddAccount(directory.Account{EmployeeID: personKey, UserName: "zoe@contoso.example", Attributes: map[string]string{expires: tt.live}})
			in := o.input("account:entra", string(tt.verb), plan.ActivityAccount, "entra")
			in.PolicyVersion, in.Account = 3, plan.Account{Target: "entra", ID: id, State: plan.AccountDisabled}
			in.Stays[0].ContractEnd = tt.stated
			result, err := o.tasks.ChangeAccount(t.Context(), in)
			if err != nil || result.Outcomes[0].Status != activities.Done {
				t.Fatalf("%s: %+v, %v", tt.verb, result.Outcomes, err)
			}
			live, err := o.dir.Account(t.Context(), id)
			if err != nil || live.Attributes[expires] != tt.want {
				t.Errorf("%s = %q, %v, want %q", expires, live.Attributes[expires], err, tt.want)
			}
		})
	}
}

// TestS18_RehireUndoesWhatWasWrittenTwice: of several tasks of a leave that write the
// same, the first knows what was there and the last what is to be taken back.
func TestS18_RehireUndoesWhatWasWrittenTwice(t *testing.T) {
	t.Parallel()
	const home = "OU=Sales,DC=contoso,DC=example"
	for verb, stay := range map[plan.Verb]string{plan.Enable: "s2", plan.Restore: "s1"} {
		o := newOffice(t).inDomain().withPolicy("OU=Leavers,", "OU=Archive,")
		id := o.dir.AddAccount(directory.Account{EmployeeID: personKey, UserName: "zoe@contoso.example", Attributes: map[string]string{containerName: home}})
		account := plan.Account{Target: "entra", ID: id, State: plan.AccountDisabled}
		for i, container := range []string{"OU=Leavers,DC=contoso,DC=example", "OU=Archive,DC=contoso,DC=example"} {
			in := o.goodbye(id, "disableUserAndMoveToContainer")
			in.Account, in.PolicyVersion = account, 2+i
			in.Batch.Tasks[0].Key = plan.TaskKey("Goodbye", "s1", 1+i, in.Batch.Tasks[0].Task)
			result, err := o.tasks.ChangeAccount(t.Context(), in)
			if err != nil || result.Outcomes[0].Status != activities.Done {
				t.Fatalf("%s: %+v, %v", container, result.Outcomes, err)
			}
			if live, err := o.dir.Account(t.Context(), id); err != nil || live.Attributes[containerName] != container {
				t.Fatalf("account %+v, %v, want it in %s", live, err, container)
			}
			account = *result.Account
		}
		in := o.input("account:entra", string(verb), plan.ActivityAccount, "entra")
		in.PolicyVersion, in.Account = 3, account
		in.Batch.Tasks[0].Stay = stay
		if result, err := o.tasks.ChangeAccount(t.Context(), in); err != nil || result.Outcomes[0].Status != activities.Done {
			t.Fatalf("%s: %+v, %v", verb, result.Outcomes, err)
		}
		if live, err := o.dir.Account(t.Context(), id); err != nil || live.Attributes[containerName] != home {
			t.Errorf("after %s: account %+v, %v, want it in %s", verb, live, err, home)
		}
	}
}
