package graph

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Directory roles that a user or a role-assignable group can hold here. Holders are out of reach for an application
// without a role of its own.
const (
	RoleGlobalAdmin   = "Global Administrator"
	RoleUserAdmin     = "User Administrator"
	RoleHelpdeskAdmin = "Helpdesk Administrator"
)

const (
	typeRole         = "#microsoft.graph.directoryRole"
	resourceRole     = "DirectoryRole"
	codeNotPremium   = "AadPremiumLicenseRequired"
	propPrincipal    = "principalId"
	propRoleID       = "roleDefinitionId"
	propScope        = "directoryScopeId"
	navRole          = "roleDefinition"
	segAssignments   = "roleAssignments"
	segEligibilities = "roleEligibilityScheduleInstances"
)

// roleTemplates are the IDs of the built-in roles, the same in every tenant. They are those of the definitions too.
func roleTemplates() map[string]string {
	return map[string]string{
		RoleGlobalAdmin:   "62e90394-69f5-4237-9190-012177145e10",
		RoleUserAdmin:     "fe930be7-5e62-47db-91af-98c3a49a38b1",
		RoleHelpdeskAdmin: "729827e3-9c14-49f7-bb1b-9608f156bbb8",
	}
}

// checkRoles names the roles that are not known here.
func checkRoles(lists ...[]string) error {
	var problems []error
	roles := roleTemplates()
	for _, name := range slices.Concat(lists...) {
		if roles[name] == "" {
			problems = append(problems, fmt.Errorf("unknown directory role %q", name))
		}
	}
	return errors.Join(problems...)
}

func roleCatalog() *catalog {
	return newCatalog(resourceRole, []property{
		{name: propID, shown: true, fixed: true},
		{name: propDeleted, kind: kindDate, shown: true, fixed: true},
		{name: propDescription, shown: true, fixed: true},
		{name: propDisplayName, eq: filterDefault, shown: true, fixed: true},
		{name: propRoleTemplate, shown: true, fixed: true},
	})
}

// grantCatalog describes role assignments and eligibilities.
func grantCatalog() *catalog {
	return newCatalog("unifiedRoleAssignment", []property{
		{name: propID, eq: filterDefault, shown: true, fixed: true},
		{name: propPrincipal, eq: filterDefault, shown: true, fixed: true},
		{name: propRoleID, eq: filterDefault, shown: true, fixed: true},
		{name: propScope, shown: true, fixed: true},
	})
}

// eligibilityCatalog has what eligibilities show beside that.
func eligibilityCatalog() *catalog {
	c := grantCatalog()
	c.resource = "unifiedRoleEligibilityScheduleInstance"
	for _, p := range []property{
		{name: "appScopeId", shown: true, fixed: true},
		{name: propStart, kind: kindDate, shown: true, fixed: true},
		{name: "endDateTime", kind: kindDate, shown: true, fixed: true},
		{name: "memberType", shown: true, fixed: true},
		{name: "roleEligibilityScheduleId", shown: true, fixed: true},
	} {
		c.byName[strings.ToLower(p.name)] = p
		c.defaults = append(c.defaults, p.name)
	}
	return c
}

// roleRows lists directory roles as memberships.
func (s *Server) roleRows(names []string) []row {
	var out []row
	for _, name := range names {
		o := object{
			propID: SeedID(resourceRole + name), propDisplayName: name,
			propRoleTemplate: roleTemplates()[name],
		}
		out = append(out, row{raw: o, full: func() object { return o }, typ: typeRole, cat: s.roles})
	}
	return out
}

// grants lists who holds which role: users, and the groups whose members do.
func (s *Server) grants(c *catalog, of func(SignInFacts) []string) []row {
	var out []row
	add := func(principal string, names []string) {
		for _, name := range names {
			o := object{
				propID:        SeedID(c.resource + principal + name),
				propPrincipal: principal, propRoleID: roleTemplates()[name], propScope: "/",
				"memberType": "Direct", propStart: stamp(s.now()), "roleEligibilityScheduleId": SeedID(principal + name),
			}
			out = append(out, row{raw: o, full: func() object { return o }, cat: c})
		}
	}
	for _, u := range s.t.liveUsers() {
		add(u.ID, of(u.Facts))
	}
	for _, g := range s.t.liveGroups() {
		add(g.ID, of(SignInFacts{Roles: g.Roles, Eligible: g.Eligible}))
	}
	return out
}

func (s *Server) listAssignments(q *request) (*reply, error) {
	return s.listGrants(q, segAssignments, s.assignments, func(f SignInFacts) []string { return f.Roles })
}

// listEligibilities answers for tenants with the licence that eligible roles need.
func (s *Server) listEligibilities(q *request) (*reply, error) {
	if s.opts.NoPremium {
		return nil, refuse(http.StatusBadRequest, codeNotPremium,
			"The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.")
	}
	return s.listGrants(q, segEligibilities, s.eligibilities, func(f SignInFacts) []string { return f.Eligible })
}

func (s *Server) listGrants(q *request, name string, c *catalog, of func(SignInFacts) []string) (*reply, error) {
	for _, option := range []string{optSearch, optOrderBy} {
		if q.has(option) {
			return nil, unsupported("The query option '%s' is not supported for this resource.", option)
		}
	}
	l := listing{name: "roleManagement/directory/" + name, cat: c, alone: true, rows: s.grants(c, of)}
	if q.has(optExpand) {
		expanded, _, _ := strings.Cut(q.option(optExpand), "(")
		if !strings.EqualFold(strings.TrimSpace(expanded), navRole) {
			return nil, unsupported("The expand clause names a navigation property that cannot be expanded here.")
		}
		l.extra = func(full, out object) { out[navRole] = definition(full[propRoleID]) }
	}
	return s.list(q, l)
}

// definition is the role of an ID.
func definition(id any) object {
	for name, template := range roleTemplates() {
		if template == id {
			return object{
				propID: template, propDisplayName: name, "isBuiltIn": true, "isEnabled": true, "templateId": template,
				"description": name + " of the simulator",
			}
		}
	}
	return nil
}

// powerful reports a user whom the service lets only privileged callers touch: the holder of a role, and the members and
// owners of a role-assignable group.
func (s *Server) powerful(u *user) bool {
	return len(u.Facts.Roles) > 0 || slices.ContainsFunc(s.t.liveGroups(), func(g *group) bool {
		return g.flag(propRoleGroup) && (g.hasMember(u.ID) || slices.Contains(g.Owners, u.ID))
	})
}
