package e2e_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/internal/directory/ad/adtest"
	"tenure/internal/httpapi"
	simulated "tenure/internal/sim/ad"
	"tenure/internal/sim/connect"
	"tenure/internal/sim/graph"
)

// hybridPolicy brings the accounts of a domain to the cloud.
const hybridPolicy = `version: 1
feeds:
  hris:
    kind: webhook
    realm: hooks
    baseline: BASELINE
    zone: Europe/Berlin
    signature: {scheme: standard-webhooks, secrets: ["env:TENURE_HRIS_SECRET"]}
targets:
  entra:
    kind: entra
    syncedFrom: corp
    tenant: env:TENURE_TENANT
    credential: {kind: secret, client: env:TENURE_CLIENT, secret: env:TENURE_CLIENT_SECRET}
    mode: enforce
    domain: contoso.example
    account:
      create: {on: startDate, offset: -14d, at: "06:00"}
      enable: {on: startDate, at: "00:00"}
      disable: {on: lastDayOfWork, at: "24:00"}
      delete: {on: terminationDate, offset: 30d, minimum: 14d}
    limits: {disable: {count: unlimited}, remove-all: {count: unlimited}, delete: {count: unlimited}}
    groups: {all-staff: ALLSTAFF}
    licenses: {e3: LICENCE}
    mapping:
      userPrincipalName: {unique: [given.family, given.family#], apply: create}
      displayName: {attribute: person.displayName}
      usageLocation: {constant: DE}
  corp:
    kind: ad
    credential: {kind: bind, user: env:CORP_USER, secret: env:CORP_PASSWORD}
    mode: enforce
    domain: SUFFIX
    base: "BASE"
    under: "PLACE"
    account:
      create: {on: startDate, offset: -14d, at: "06:00"}
      enable: {on: startDate, at: "00:00"}
      disable: {on: lastDayOfWork, at: "24:00"}
      delete: {on: terminationDate, offset: 30d, minimum: 14d}
    limits: {disable: {count: unlimited}, remove-all: {count: unlimited}, delete: {count: unlimited}}
    groups: {team: TEAM}
    mapping:
      userPrincipalName: {unique: [given.family, given.family#], apply: create}
      displayName: {attribute: person.displayName}
      givenName: {attribute: person.legalName.given}
      sn: {attribute: person.legalName.family}
      department: {attribute: assignment.department.name}
      title: {attribute: assignment.jobTitle}
      parentDistinguishedName: {expression: 'Switch([assignment.department.name], "OU=Others,PLACE", "Sales", "OU=Sales,PLACE")'}
      manager: {reference: managerRef}
workflows:
  - name: Prepare
    category: joiner
    trigger: {on: startDate, offset: -7d, at: "09:00"}
    tasks:
      - addUserToGroups: {groups: [all-staff], target: entra}
      - assignLicensesToUser: {licenses: [e3], target: entra}
      - addUserToGroups: {groups: [team], target: corp}
  - name: Last day
    category: leaver
    trigger: {on: lastDayOfWork, at: "24:00"}
    tasks:
      - removeUserFromAllGroups: {target: entra}
      - removeAllLicenseAssignments: {target: entra}
      - removeUserFromAllGroups: {target: corp}
`

// TestHybrid lives a joiner and leaver whose account is made in a domain and
// brought to the cloud by a synchronisation, on the simulator and on Samba.
func TestHybrid(t *testing.T) {
	t.Run("simulator", func(t *testing.T) {
		_, controller := adtest.Simulated(t, simulated.Options{})
		hybridJourney(t, controller)
	})
	t.Run("samba", func(t *testing.T) { hybridJourney(t, adtest.Samba(t)) })
}

// hybrid is a domain and the synchronisation of its place.
type hybrid struct {
	*domain
	sync *connect.Sync
}

func beginHybrid(t *testing.T, controller *adtest.Controller) *hybrid {
	t.Helper()
	text := strings.NewReplacer("ALLSTAFF", allStaff, "LICENCE", licenceE3).Replace(hybridPolicy)
	h := &hybrid{domain: beginDomain(t, controller, text)}
	var err error
	h.sync, err = connect.New(h.Graph(), connect.Options{
		URL: "ldaps://" + controller.Address, RootCAs: controller.Roots(t), BindName: controller.BindName,
		Password: controller.Password, BaseDN: controller.BaseDN, In: []string{h.place.OU},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// synchronise runs one cycle and lets the person's journey look again.
func (h *hybrid) synchronise(key string) {
	h.t.Helper()
	result, err := h.sync.Cycle(h.t.Context())
	if err != nil || len(result.Refused) != 0 {
		h.t.Fatalf("synchronise: %+v, %v", result, err)
	}
	h.forward(hooks, key, h.person(hooks, key).Now.Add(20*time.Minute))
}

// waitsFor is what the person's line waits for, "" for nothing.
func (h *hybrid) waitsFor(key string) string {
	h.t.Helper()
	for _, parked := range h.person(hooks, key).Parked {
		if parked.WaitsFor != "" && parked.Until != nil {
			return parked.WaitsFor
		}
	}
	return ""
}

func (h *hybrid) wantWait(key, want string) {
	h.t.Helper()
	if got := h.waitsFor(key); got != want {
		h.t.Errorf("waits for %q, want %q; parked: %+v", got, want, h.person(hooks, key).Parked)
	}
}

// inCloud is the account in the cloud, nil where there is none.
func (h *hybrid) inCloud(number string) *graph.UserState {
	h.t.Helper()
	live, _ := h.accounts(number)
	if len(live) > 1 {
		h.t.Fatalf("%s has %d accounts in the cloud", number, len(live))
	}
	if len(live) == 0 {
		return nil
	}
	return &live[0]
}

func hybridJourney(t *testing.T, controller *adtest.Controller) {
	t.Helper()
	h := beginHybrid(t, controller)
	who := joiner(t, "4101", "Zoë", "Møller", 20)
	who.Manager = ""
	h.hire(who)
	h.joins(who)
	h.leaves(who)
}

// joins: made in the domain alone, found in the cloud by its anchor, enabled where
// it is mastered.
func (h *hybrid) joins(who hired) {
	t := h.t
	t.Helper()
	h.forward(hooks, who.Key, berlin(t, day(t, who.Start, -14), "06:01"))
	if a := h.account(who.Key); a == nil || a.enabled || h.inCloud(who.Key) != nil {
		t.Fatalf("two weeks before the start: %+v in the domain, %+v in the cloud", a, h.inCloud(who.Key))
	}
	h.wantWait(who.Key, "the counterpart of the account in corp")
	h.synchronise(who.Key)
	h.wantWait(who.Key, "")
	live := h.inCloud(who.Key)
	linked := slices.ContainsFunc(h.person(hooks, who.Key).Accounts, func(a httpapi.Account) bool {
		return a.Target == "entra" && a.ID == live.ID && a.Linked == "anchor" && a.Synced
	})
	if !linked {
		t.Fatalf("accounts %+v, want %s linked by its anchor", h.person(hooks, who.Key).Accounts, live.ID)
	}
	h.forward(hooks, who.Key, berlin(t, day(t, who.Start, -7), "09:01"))
	if live = h.inCloud(who.Key); !slices.Contains(live.Groups, allStaff) || len(h.account(who.Key).groups) != 1 || live.Props["usageLocation"] != "DE" {
		t.Errorf("a week before the start: %+v in the cloud, %+v in the domain", live, h.account(who.Key))
	}
	h.forward(hooks, who.Key, berlin(t, who.Start, "00:01"))
	if !h.account(who.Key).enabled || enabled(*h.inCloud(who.Key)) {
		t.Errorf("on the first day: %+v in the domain, want it enabled there first", h.account(who.Key))
	}
	h.wantWait(who.Key, "the cloud to show the account enabled as in corp")
	h.synchronise(who.Key)
	h.wantWait(who.Key, "")
	if d := h.person(hooks, who.Key); !enabled(*h.inCloud(who.Key)) || len(d.Parked) != 0 || len(d.Attention) != 0 {
		t.Errorf("once it is synchronised: %+v", d)
	}
}

// leaves: disabled in the domain with another password, cut in the cloud at once
// and again; deleted in the domain, gone in the cloud.
func (h *hybrid) leaves(who hired) {
	t := h.t
	t.Helper()
	who.Last = day(t, who.Start, 10)
	h.say("leaves", who)
	h.forward(hooks, who.Key, berlin(t, day(t, who.Last, 1), "00:01"))
	live := h.inCloud(who.Key)
	if a := h.account(who.Key); a.enabled || len(a.groups) != 0 || !enabled(*live) || live.Revocations == 0 || len(live.Groups) != 0 {
		t.Errorf("after the last day: %+v in the domain, %+v in the cloud", a, live)
	}
	h.wantWait(who.Key, "the cloud to show the account disabled as in corp")
	before := live.Revocations
	h.synchronise(who.Key)
	h.wantWait(who.Key, "")
	if live = h.inCloud(who.Key); enabled(*live) || live.Revocations <= before {
		t.Errorf("once it is synchronised: %+v, want its sessions ended again", live)
	}
	for _, want := range []string{"password replaced twice, known to nobody", "sessions revoked; the cloud shows the account enabled"} {
		if !slices.ContainsFunc(h.timeline(hooks, who.Key).Entries, func(e httpapi.Entry) bool { return e.State == want }) {
			t.Errorf("the timeline has no %q", want)
		}
	}
	h.forward(hooks, who.Key, berlin(t, day(t, who.Last, 31), "00:01"))
	h.synchronise(who.Key)
	if live, deleted := h.accounts(who.Key); h.account(who.Key) != nil || len(live) != 0 || len(deleted) != 1 {
		t.Errorf("thirty days later: %+v in the domain, %d and %d deleted ones in the cloud", h.account(who.Key), len(live), len(deleted))
	}
	if d := h.person(hooks, who.Key); d.Phase != "deleted" || len(d.Parked) != 0 {
		t.Errorf("in the end: %+v", d)
	}
}
