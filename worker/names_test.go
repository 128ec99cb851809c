package worker

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/activities"
	"tenure/internal/catalog"
	"tenure/internal/directory"
	"tenure/internal/directory/entra"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/sim/graph"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

const (
	hires       = 1000
	sharedNames = 40
	hiresAtOnce = 64
	namesDomain = "contoso.example"
	namesApp    = "11111111-2222-4333-8444-555555555555"
)

// namesOffice is a worker without Temporal: store, activities, connector and a
// tenant.
type namesOffice struct {
	t      *testing.T
	tenant *graph.Server
	store  *store.Store
	tasks  *activities.Tasks
	now    time.Time
}

func newNamesOffice(t *testing.T, replace ...string) *namesOffice {
	t.Helper()
	o := &namesOffice{t: t, now: time.Now().UTC()}
	var err error
	if o.tenant, err = graph.New(graph.Options{Apps: []graph.App{{ID: namesApp, Secret: "of the tests"}}}); err != nil {
		t.Fatal(err)
	}
	if err := o.tenant.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.tenant.Close() })
	if o.store, err = store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "store.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.store.Close() })
	source, err := os.ReadFile("../deploy/policy/first.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(source)
	for pair := range slices.Chunk(replace, 2) {
		if !strings.Contains(text, pair[0]) {
			t.Fatalf("the policy has no %q", pair[0])
		}
		text = strings.Replace(text, pair[0], pair[1], 1)
	}
	version := lifecycle.Source{Name: "policy.yaml", Content: []byte(text)}
	if _, _, err = o.store.SavePolicy(t.Context(), store.PolicyVersion{
		Source: version.Content, Hash: lifecycle.Hash(version), Actor: "test", Reason: "test", AppliedAt: o.now,
	}); err != nil {
		t.Fatal(err)
	}
	connector := o.connect()
	o.tasks = activities.NewTasks(activities.Deps{
		Store: o.store, Policies: activities.NewPolicies(o.store, catalog.LoadStored), Log: slog.New(slog.DiscardHandler),
		Target: func(context.Context, *lifecycle.Policy, string) (directory.Target, error) {
			return directory.Bundle(connector), nil
		},
		Wake: func(context.Context, string) error { return nil },
	})
	return o
}

func (o *namesOffice) connect() *entra.Directory {
	o.t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(o.tenant.CA())
	connector, err := entra.New(entra.Config{
		Name: "entra", Tenant: o.tenant.TenantID(), Domain: namesDomain, Attributes: []string{"displayName"},
		Credential: entra.Credential{Kind: entra.CredentialSecret, ClientID: namesApp, Secret: directory.NewSecret("of the tests")},
		BaseURL:    o.tenant.URL() + "/v1.0", Authority: o.tenant.URL() + "/", RootCAs: pool, RequestTimeout: time.Minute,
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return connector
}

// others puts accounts into the tenant that nobody here made; those that are gone
// can still be restored.
func (o *namesOffice) others(live, gone []string) {
	o.t.Helper()
	seed := graph.Seed{Domains: []string{namesDomain}}
	for _, local := range slices.Concat(live, gone) {
		seed.Users = append(seed.Users, graph.UserSeed{Props: map[string]any{
			"userPrincipalName": local + "@" + namesDomain, "displayName": "Somebody Else", "employeeId": "0" + local[:4], "accountEnabled": true,
		}})
	}
	if err := o.tenant.Seed(seed); err != nil {
		o.t.Fatal(err)
	}
	connector := o.connect()
	for _, local := range gone {
		account, err := connector.AccountByUserName(o.t.Context(), local+"@"+namesDomain)
		if err != nil {
			o.t.Fatal(err)
		}
		if err := connector.DeleteAccount(o.t.Context(), account.ID); err != nil {
			o.t.Fatal(err)
		}
	}
}

// hire makes the account of the n-th hire, as its journey asks for it.
func (o *namesOffice) hire(n int) (string, error) {
	key := strconv.Itoa(10_000 + n)
	var record person.Record
	for name, value := range map[string]string{
		"employeeId": key, "person.legalName.given": "Ada", "person.legalName.family": familyOf(n),
	} {
		record.Attributes = record.Attributes.With(person.Attribute{Name: name, Value: value})
	}
	const workflow = "account:entra"
	result, err := o.tasks.ChangeAccount(o.t.Context(), activities.TaskInput{
		Journey: contract.JourneyID("main", key), Realm: "main", Key: key, Now: o.now, PolicyVersion: 1, Record: record,
		Stays: []person.Stay{{ID: "s1", Start: person.DateOf(o.now)}}, Zone: "Europe/Berlin", ByHand: true,
		Batch: plan.Batch{Activity: plan.ActivityAccount, Target: "entra", Tasks: []plan.Task{{
			Key: plan.TaskKey(workflow, "s1", 0, "create"), Workflow: workflow, Stay: "s1", Task: "create", Verb: plan.Create, Due: o.now,
		}}},
	})
	switch {
	case err != nil:
		return "", err
	case result.Outcomes[0].Status != activities.Done:
		return "", fmt.Errorf("create ended %+v", result.Outcomes[0])
	default:
		return result.Account.UserName, nil
	}
}

// familyOf is the name that the n-th hire shares with others.
func familyOf(n int) string {
	return "Name" + string(rune('a'+n%sharedNames/20)) + string(rune('a'+n%20))
}

// Names are proposed by an expression, reserved by the store and free in the
// tenant, among those who are there and among the deleted: whoever is hired at the
// same time gets one of their own, and no number is left out.
func TestAThousandHiresAtOnceGetANameEach(t *testing.T) {
	t.Parallel()
	o := newNamesOffice(t, "userPrincipalName: {unique: [given.family, g.family, given.family#], apply: create}",
		`userPrincipalName: {apply: create, numbered: true, expression: 'SelectUniqueValue(ToLower([givenName] & "." & [surname]) & "@" & DefaultDomain(), ToLower([surname]) & "@" & DefaultDomain())'}`)
	foreign, gone := strings.ToLower(familyOf(1))+"5", strings.ToLower(familyOf(2))+"7"
	o.others([]string{foreign}, []string{gone})
	got := make([]string, hires)
	var wait sync.WaitGroup
	turn := make(chan struct{}, hiresAtOnce)
	for n := range hires {
		wait.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			name, err := o.hire(n)
			if err != nil {
				t.Errorf("hire %d: %v", n, err)
			}
			got[n] = name
		})
	}
	wait.Wait()
	slices.Sort(got)
	want := wantedNames(foreign, gone)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names of %d hires (-want +got):\n%s", hires, diff)
	}
	live := map[string]int{}
	for _, user := range o.tenant.State().Users {
		name, _ := user.Props["userPrincipalName"].(string)
		live[strings.ToLower(name)]++
	}
	for _, name := range want {
		if live[name] != 1 {
			t.Errorf("%d accounts are called %s, want one", live[name], name)
		}
	}
}

// wantedNames are the two proposals of each shared name and the numbers behind
// the second, without those that others have.
func wantedNames(except ...string) []string {
	var out []string
	for name := range sharedNames {
		family := strings.ToLower(familyOf(name))
		locals := []string{"ada." + family, family}
		for n := 2; len(locals) < hires/sharedNames; n++ {
			if local := fmt.Sprintf("%s%d", family, n); !slices.Contains(except, local) {
				locals = append(locals, local)
			}
		}
		for _, local := range locals {
			out = append(out, local+"@"+namesDomain)
		}
	}
	slices.Sort(out)
	return out
}
