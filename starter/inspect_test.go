package starter

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/directory"
	"tenure/internal/directory/memory"
	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
)

// inspecting lets the bench's target find what a test wants.
func inspecting(t *testing.T, findings ...directory.Finding) (*bench, *memory.Directory) {
	t.Helper()
	b, d := withHire(t), memory.New(memory.Options{})
	d.SetFindings(findings...)
	b.target = func(context.Context, *lifecycle.Policy, string) (directory.Target, error) {
		return directory.Bundle(d), nil
	}
	return b, d
}

// inspection is what the doctor says of the target, by the finding's name.
func (b *bench) inspection() map[string]httpapi.Check {
	b.t.Helper()
	out := map[string]httpapi.Check{}
	for _, check := range b.Doctor(b.t.Context()) {
		if name, found := strings.CutPrefix(check.Name, "target entra: "); found {
			out[name] = check
		}
	}
	return out
}

// TestS20FindingsAreJudged shows what fails the doctor and what does not.
func TestS20FindingsAreJudged(t *testing.T) {
	t.Parallel()
	finding := func(name string, state directory.FindingState, conflict bool) directory.Finding {
		return directory.Finding{Name: name, State: state, Detail: "d", Remedy: "r", Conflict: conflict}
	}
	for name, tc := range map[string]struct {
		finding      directory.Finding
		acknowledged bool
		ok           bool
		state        httpapi.CheckState
	}{
		"fine":                            {finding("x", directory.FindingOK, false), false, true, httpapi.CheckOK},
		"warning":                         {finding("x", directory.FindingWarning, false), false, true, httpapi.CheckWarning},
		"failed":                          {finding("x", directory.FindingFailed, false), false, false, httpapi.CheckFailed},
		"failed cannot be judged away":    {finding("x", directory.FindingFailed, false), true, false, httpapi.CheckFailed},
		"unknown":                         {finding("x", directory.FindingUnknown, false), false, true, httpapi.CheckUnknown},
		"conflict":                        {finding("x", directory.FindingFailed, true), false, false, httpapi.CheckFailed},
		"conflict, acknowledged":          {finding("x", directory.FindingFailed, true), true, true, httpapi.CheckAcknowledged},
		"conflict not seen":               {finding("x", directory.FindingUnknown, true), false, false, httpapi.CheckFailed},
		"conflict not seen, acknowledged": {finding("x", directory.FindingUnknown, true), true, true, httpapi.CheckAcknowledged},
		"fine, acknowledged":              {finding("x", directory.FindingOK, false), true, true, httpapi.CheckOK},
	} {
		got := judged("target entra", tc.finding, tc.acknowledged)
		if got.OK != tc.ok || got.State != tc.state || got.Name != "target entra: x" || got.Detail != "d" {
			t.Errorf("%s: check = %+v, want ok %v and %s", name, got, tc.ok, tc.state)
		}
		if !got.OK && got.Remedy == "" {
			t.Errorf("%s: fails without a remedy", name)
		}
	}
}

// TestS20TheDoctorInspectsTargets carries findings of a target to the API.
func TestS20TheDoctorInspectsTargets(t *testing.T) {
	t.Parallel()
	b, d := inspecting(t,
		directory.Finding{Name: "permission User.ReadWrite.All", State: directory.FindingFailed, Detail: "is missing", Remedy: "grant it"},
		directory.Finding{Name: "provisioning-job in.1", State: directory.FindingFailed, Conflict: true, Detail: "writes", Remedy: "stop it"},
	)
	if got := b.failing(); got["target entra: permission User.ReadWrite.All"] == "" || got["target entra: provisioning-job in.1"] == "" || got["target entra"] != "" {
		t.Errorf("failing = %v, want both findings", got)
	}
	d.SetFindings(directory.Finding{Name: "domain contoso.example", State: directory.FindingOK, Detail: "is verified"})
	if got := b.failing(); len(got) != 0 {
		t.Errorf("failing = %v, want nothing", got)
	}
	if got := b.inspection()["domain contoso.example"]; got.State != httpapi.CheckOK {
		t.Errorf("check = %+v, want ok", got)
	}
	d.Inject(directory.VerbInspect, memory.Fault{Before: directory.ErrUnavailable})
	if got := b.failing(); !strings.Contains(got["target entra"], "unavailable") {
		t.Errorf("failing = %v, want the target", got)
	}
}

// TestS20AnOldAcknowledgementIsShown keeps judgements from outliving what they
// were about.
func TestS20AnOldAcknowledgementIsShown(t *testing.T) {
	t.Parallel()
	b, _ := inspecting(t, directory.Finding{Name: "provisioning-jobs", State: directory.FindingOK, Detail: "none"})
	policy, err := b.policies.Active(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rules, _ := policy.Target("entra")
	rules.Acknowledged = []string{"provisioning-job gone", "provisioning-jobs"}
	var found checks
	b.checkTarget(t.Context(), policy.Policy, rules, &found)
	states := map[string]httpapi.CheckState{}
	for _, check := range found {
		states[check.Name] = check.State
	}
	want := map[string]httpapi.CheckState{
		"target entra": httpapi.CheckOK, "target entra: provisioning-jobs": httpapi.CheckOK,
		"target entra: provisioning-job gone": httpapi.CheckWarning,
	}
	if diff := cmp.Diff(want, states); diff != "" {
		t.Errorf("states differ (-want +got):\n%s", diff)
	}
}

// TestS20ThePolicySaysWhatIsWanted computes what a target is inspected for.
func TestS20ThePolicySaysWhatIsWanted(t *testing.T) {
	t.Parallel()
	rules := lifecycle.Target{
		Name: "entra", Mode: lifecycle.ModeEnforce, Domain: "contoso.example",
		Account:  lifecycle.AccountLines{Delete: &lifecycle.DateRule{}},
		Groups:   []lifecycle.Label{{Name: "sales", ID: "g1"}, {Name: "unused", ID: "g2"}, {Name: "labs", ID: "g3"}},
		Values:   []lifecycle.ValueMap{{Name: "team", Values: []lifecycle.ValueLabel{{Value: "Research", Label: "labs"}, {Value: "None", Label: lifecycle.NoGroup}}}},
		Licenses: []lifecycle.Label{{Name: "e3", ID: "s1"}},
		Mapping:  []lifecycle.Mapping{{To: "manager", Reference: "managerRef"}, {To: "department"}},
	}
	task := func(kind lifecycle.TaskKind) lifecycle.Task { return lifecycle.Task{Kind: kind, Target: "entra"} }
	groups, licenses, pass := task(lifecycle.AddUserToGroups), task(lifecycle.AssignLicensesToUser), task(lifecycle.GenerateTemporaryAccessPass)
	groups.Groups, licenses.Licenses = []string{"sales"}, []string{"e3"}
	pass.Pass = &lifecycle.PassRule{Lifetime: 8 * time.Hour, Once: true}
	mapped := task(lifecycle.RemoveUserFromGroups)
	mapped.Groups = []string{"before.team", "sales"}
	elsewhere := task(lifecycle.RemoveUserFromGroups)
	elsewhere.Target, elsewhere.Groups = "other", []string{"unused"}
	policy := &lifecycle.Policy{Workflows: []lifecycle.Workflow{{Tasks: []lifecycle.Task{groups, licenses, pass, mapped, elsewhere}}}}

	got := wanted(policy, rules)
	if !slices.Equal(got.Groups, []string{"g1", "g3"}) || !slices.Equal(got.Licenses, []string{"s1"}) || got.Domain != "contoso.example" ||
		got.Pass.Lifetime != 8*time.Hour || !got.Pass.Once || !slices.Equal(got.Attributes, []string{"manager", "department"}) {
		t.Errorf("wanted = %+v", got)
	}
	writes := []directory.Verb{
		directory.VerbCreateAccount, directory.VerbUpdateAccount, directory.VerbSetManager, directory.VerbDeleteAccount,
		directory.VerbAddToGroup, directory.VerbRemoveFromGroup, directory.VerbChangeLicenses, directory.VerbRevokeSessions,
		directory.VerbIssuePass, directory.VerbDeletePass, directory.VerbRestoreAccount,
	}
	for _, tc := range []struct {
		mode string
		want []directory.Verb
	}{{lifecycle.ModeEnforce, writes}, {lifecycle.ModeAdopt, []directory.Verb{directory.VerbUpdateAccount}}, {lifecycle.ModeObserve, nil}} {
		rules.Mode = tc.mode
		verbs := wanted(policy, rules).Verbs
		for _, verb := range writes {
			if slices.Contains(verbs, verb) != slices.Contains(tc.want, verb) {
				t.Errorf("mode %s: verb %s wanted: %v, want %v", tc.mode, verb, slices.Contains(verbs, verb), slices.Contains(tc.want, verb))
			}
		}
		if !slices.Contains(verbs, directory.VerbListAccounts) || !slices.Contains(verbs, directory.VerbProtection) {
			t.Errorf("mode %s: verbs = %v, want the reads", tc.mode, verbs)
		}
	}
}

// TestCheckTarget shows one target alone, with the commands for what is missing.
func TestCheckTarget(t *testing.T) {
	t.Parallel()
	command := directory.Command{Tool: "dsacls", Line: "dsacls x"}
	b, _ := inspecting(t, directory.Finding{
		Name: "attribute title", State: directory.FindingFailed, Detail: "d", Remedy: "r", Commands: []directory.Command{command},
	})
	got, err := b.CheckTarget(t.Context(), "entra")
	if err != nil {
		t.Fatal(err)
	}
	want := httpapi.TargetCheck{Target: "entra", Kind: lifecycle.KindEntra, Checks: []httpapi.Check{
		{Name: "target entra", OK: true, State: httpapi.CheckOK, Detail: "answers"},
		{
			Name: "target entra: attribute title", State: httpapi.CheckFailed, Detail: "d", Remedy: "r",
			Commands: []httpapi.Command{{Tool: command.Tool, Line: command.Line}},
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("check differs (-want +got):\n%s", diff)
	}
	_, err = b.CheckTarget(t.Context(), "entre")
	if problem, is := errors.AsType[*httpapi.Problem](err); !is || problem.Kind() != httpapi.KindNotFound || !strings.Contains(problem.Detail, "entra") {
		t.Errorf("error = %v, want the name that was meant", err)
	}
	b.target = nil
	_, err = b.CheckTarget(t.Context(), "entra")
	if problem, is := errors.AsType[*httpapi.Problem](err); !is || problem.Kind() != httpapi.KindUnavailable {
		t.Errorf("error = %v, want that nothing can be looked at", err)
	}
}

// TestContainersAreWanted names the places that a mapping can choose.
func TestContainersAreWanted(t *testing.T) {
	t.Parallel()
	const others, sales = "OU=Others,DC=corp,DC=contoso,DC=example", "OU=Sales,DC=corp,DC=contoso,DC=example"
	const leavers, domain = "OU=Leavers,DC=corp,DC=contoso,DC=example", "DC=corp,DC=contoso,DC=example"
	for mapping, want := range map[string][]string{
		"": {domain, leavers},
		`      parentDistinguishedName: {constant: "` + others + `"}`:                                                                     {others, leavers},
		`      parentDistinguishedName: {expression: 'Switch([assignment.department.name], "` + others + `", "Sales", "` + sales + `")'}`: {others, sales, leavers},
	} {
		policy, err := lifecycle.Load(lifecycle.Source{Name: "policy.yaml", Content: []byte(`version: 1
feeds:
  hr:
    kind: webhook
    realm: main
    zone: Europe/Berlin
    baseline: 2026-11-01
    signature: {scheme: standard-webhooks, secrets: [env:HOOK_SECRET]}
targets:
  corp:
    kind: ad
    credential: {kind: bind, user: env:USER, secret: env:PASSWORD}
    domain: corp.contoso.example
    account:
      create: {on: startDate}
      enable: {on: startDate}
      disable: {on: lastDayOfWork}
    mapping:
      userPrincipalName: {unique: [given.family], apply: create}
      displayName: {attribute: person.displayName}
` + mapping + `
workflows:
  - name: Last day
    category: leaver
    trigger: {on: lastDayOfWork}
    tasks:
      - moveUserToContainer: {container: "` + leavers + `"}
`)})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, wanted(policy, policy.Targets[0]).Containers); diff != "" {
			t.Errorf("containers differ (-want +got):\n%s", diff)
		}
	}
}
