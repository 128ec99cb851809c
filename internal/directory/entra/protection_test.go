package entra_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/directory"
	"tenure/internal/directory/entra"
	"tenure/internal/sim/graph"
)

// connectAs connects with an application that has no other permissions.
func connectAs(t *testing.T, o graph.Options, permissions ...string) (*graph.Server, *entra.Directory) {
	t.Helper()
	o.Apps = append(o.Apps, graph.App{ID: otherClient, Secret: clientSecret, Permissions: permissions})
	s := newSimulator(t, o)
	cfg := configFor(s)
	cfg.Credential.ClientID = otherClient
	return s, connect(t, cfg)
}

// TestS17RolesOfGroupsProtectTheirMembers covers what a membership does not
// say by itself: roles that a group brings, held or open to be taken up.
func TestS17RolesOfGroupsProtectTheirMembers(t *testing.T) {
	t.Parallel()
	s := newSimulator(t, graph.Options{})
	group := graph.SeedID(string(directory.GroupRoleAssignable))
	id := addUser(t, s, graph.UserSeed{Props: map[string]any{"userPrincipalName": "zoe@" + domain}})
	if err := errors.Join(
		s.Join(id, group),
		s.SetGroupRoles(group, []string{graph.RoleUserAdmin}, []string{graph.RoleGlobalAdmin}),
	); err != nil {
		t.Fatal(err)
	}
	got, err := connect(t, configFor(s)).Protection(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{graph.RoleGlobalAdmin, graph.RoleUserAdmin}, got.Roles); diff != "" {
		t.Errorf("roles differ (-want +got):\n%s", diff)
	}
}

// TestS17WhatCannotBeReadIsNotUnprotected shows that a missing permission is
// an error: Graph itself answers 200 and leaves out what the caller may not see.
func TestS17WhatCannotBeReadIsNotUnprotected(t *testing.T) {
	t.Parallel()
	all := []string{"User.Read.All", "GroupMember.Read.All", "RoleManagement.Read.Directory"}
	for _, missing := range append([]string{"none"}, all...) {
		t.Run(missing, func(t *testing.T) {
			t.Parallel()
			granted := slices.DeleteFunc(slices.Clone(all), func(p string) bool { return p == missing })
			s, d := connectAs(t, graph.Options{}, granted...)
			id := addUser(t, s, graph.UserSeed{Props: map[string]any{"userPrincipalName": "zoe@" + domain}})
			if err := s.Join(id, graph.SeedID(string(directory.GroupRoleAssignable))); err != nil {
				t.Fatal(err)
			}
			got, err := d.Protection(t.Context(), id)
			if missing == "none" {
				if err != nil || !got.Any() {
					t.Errorf("protection = %+v, %v, want the group", got, err)
				}
				return
			}
			if !errors.Is(err, directory.ErrDenied) {
				t.Errorf("without %s: protection = %+v, %v, want denied", missing, got, err)
			}
		})
	}
}

func TestMembershipsThatCannotBeReadAreDenied(t *testing.T) {
	t.Parallel()
	s, d := connectAs(t, graph.Options{}, "User.Read.All")
	id := addUser(t, s, graph.UserSeed{Props: map[string]any{"userPrincipalName": "zoe@" + domain}})
	if err := s.Join(id, graph.SeedID(string(directory.GroupAssigned))); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Memberships(t.Context(), id); !errors.Is(err, directory.ErrDenied) {
		t.Errorf("memberships = %v, %v, want denied", got, err)
	}
}

func TestS17ATenantWithoutPremiumHasNoEligibleRoles(t *testing.T) {
	t.Parallel()
	s := newSimulator(t, graph.Options{NoPremium: true})
	id := addUser(t, s, graph.UserSeed{
		Props: map[string]any{"userPrincipalName": "zoe@" + domain}, Facts: graph.SignInFacts{Roles: []string{graph.RoleUserAdmin}},
	})
	got, err := connect(t, configFor(s)).Protection(t.Context(), id)
	if err != nil || !slices.Equal(got.Roles, []string{graph.RoleUserAdmin}) {
		t.Errorf("protection = %+v, %v, want the active role", got, err)
	}
}

func TestOwnedApplicationsAreTold(t *testing.T) {
	t.Parallel()
	s := newSimulator(t, graph.Options{})
	id := addUser(t, s, graph.UserSeed{Props: map[string]any{"userPrincipalName": "zoe@" + domain}})
	if err := s.Seed(graph.Seed{Applications: []graph.Application{{Name: "Intranet", Owners: []string{id}}}}); err != nil {
		t.Fatal(err)
	}
	got, err := connect(t, configFor(s)).Ownerships(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	want := []directory.Owned{{ID: graph.SeedID("Intranet"), Kind: "application", Name: "Intranet"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ownerships differ (-want +got):\n%s", diff)
	}
}

// TestALinkElsewhereIsNotFollowed keeps the token, and the belief in the
// answer, within the configured address.
func TestALinkElsewhereIsNotFollowed(t *testing.T) {
	t.Parallel()
	other := newCanned(t, say(http.StatusOK, `{"value":[{"id":"2"}]}`))
	for _, link := range []string{
		other.server.URL + "/v1.0/users?$skiptoken=x", "https://graph.elsewhere.example/v1.0/users", "https://HOST/beta/users",
		"http://HOST/v1.0/users",
	} {
		var here *canned
		here = newCanned(t, func(w http.ResponseWriter, r *http.Request) {
			host := strings.TrimPrefix(here.server.URL, "https://")
			say(http.StatusOK, fmt.Sprintf(`{"value":[{"id":"1"}],"@odata.nextLink":%q}`, strings.ReplaceAll(link, "HOST", host)))(w, r)
		})
		visited := 0
		err := connect(t, here.config()).ListAccounts(t.Context(), func(directory.Account) error {
			visited++
			return nil
		})
		if !errors.Is(err, directory.ErrInvalid) || visited != 1 {
			t.Errorf("link %s: %d accounts and %v, want one and a refusal", link, visited, err)
		}
		if err != nil && strings.Contains(err.Error(), "elsewhere.example") {
			t.Errorf("error %q repeats the link", err)
		}
	}
	if requests, _ := other.seen(); len(requests) != 0 {
		t.Errorf("the other host saw %d requests, want none", len(requests))
	}
}

// TestPagesThatLeadInACircleAreNoList keeps a list that never ends from being
// taken for a whole one, or from being read for ever.
func TestPagesThatLeadInACircleAreNoList(t *testing.T) {
	t.Parallel()
	var here *canned
	here = newCanned(t, func(w http.ResponseWriter, r *http.Request) {
		next := map[string]string{"": "a", "a": "b", "b": "a"}[r.URL.Query().Get("$skiptoken")]
		link := here.server.URL + r.URL.Path + "?$skiptoken=" + next
		say(http.StatusOK, fmt.Sprintf(`{"value":[{"id":"1"}],"@odata.nextLink":%q}`, link))(w, r)
	})
	d := connect(t, here.config())
	if err := d.ListAccounts(t.Context(), func(directory.Account) error { return nil }); !errors.Is(err, directory.ErrUnavailable) {
		t.Errorf("ListAccounts = %v, want it refused as not whole", err)
	}
	if got, err := d.AccountsByEmployeeID(t.Context(), "4711"); !errors.Is(err, directory.ErrUnavailable) {
		t.Errorf("AccountsByEmployeeID = %v, %v, want it refused as not whole", got, err)
	}
}

// TestAWalkAsksForLargePages shows what a walk over a tenant costs.
func TestAWalkAsksForLargePages(t *testing.T) {
	t.Parallel()
	c := newCanned(t, say(http.StatusOK, `{"value":[]}`))
	if err := connect(t, c.config()).ListAccounts(t.Context(), func(directory.Account) error { return nil }); err != nil {
		t.Fatal(err)
	}
	requests, _ := c.seen()
	query := requests[0].URL.Query()
	if query.Get("$top") != "999" || !strings.Contains(query.Get("$select"), "userType") || query.Get("$count") != "" {
		t.Errorf("query = %v, want the largest page, the type and no advanced query", query)
	}
}
