package graph

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

const (
	// graphAppID is the application ID of Microsoft Graph itself, the same in every tenant.
	graphAppID       = "00000003-0000-0000-c000-000000000000"
	setPrincipals    = "servicePrincipals"
	propAppID        = "appId"
	propTemplate     = "applicationTemplateId"
	navSchema        = "schema"
	navJobs          = "jobs"
	jobActive        = "Active"
	jobDisabled      = "Disabled"
	codeNoLicense    = "NoLicense"
	entraDirectory   = "Azure Active Directory"
	codeNoSyncObject = "ResourceNotFound"
)

// ServicePrincipal is an enterprise application of the tenant. Those of Graph and of Options.Apps are there by themselves.
type ServicePrincipal struct {
	// ID is the object's GUID; empty means SeedID(Name).
	ID   string `json:"id"`
	Name string `json:"name"`
	// Template says that it was made from the gallery, without which nothing is provisioned.
	Template bool `json:"template,omitempty"`
	// Jobs provision from one directory into another.
	Jobs []SyncJob `json:"jobs,omitempty"`
}

// SyncJob is a provisioning job of Microsoft's own service.
type SyncJob struct {
	ID       string `json:"id"`
	Template string `json:"template"`
	// Active jobs run by themselves.
	Active bool `json:"active,omitempty"`
	// Source and Target are names of directories; empty means this tenant.
	Source string `json:"source,omitempty"`
	Target string `json:"target,omitempty"`
}

// LifecycleWorkflow is a workflow of Microsoft's own lifecycle service.
type LifecycleWorkflow struct {
	// ID is the object's GUID; empty means SeedID(Name).
	ID       string `json:"id"`
	Name     string `json:"name"`
	Category string `json:"category"`
	Enabled  bool   `json:"enabled,omitempty"`
	// Scheduled workflows run by themselves.
	Scheduled bool `json:"scheduled,omitempty"`
}

func principalCatalog() *catalog {
	return newCatalog("ServicePrincipal", []property{
		{name: propID, eq: filterDefault, shown: true, fixed: true},
		{name: propDeleted, kind: kindDate, shown: true, fixed: true},
		{name: propEnabled, kind: kindBool, eq: filterDefault, shown: true},
		{name: propAppID, eq: filterDefault, shown: true, fixed: true},
		{name: propDisplayName, eq: filterDefault, starts: true, shown: true},
		{name: "appOwnerOrganizationId", eq: filterDefault, shown: true, fixed: true},
		{name: propTemplate, eq: filterDefault, shown: true, fixed: true},
		{name: "servicePrincipalType", eq: filterDefault, shown: true},
		{name: "appRoles", kind: kindList, shown: true, fixed: true},
	})
}

func workflowCatalog() *catalog {
	return newCatalog("workflow", []property{
		{name: propID, eq: filterDefault, shown: true, fixed: true},
		{name: "category", eq: filterDefault, shown: true},
		{name: propDescription, shown: true},
		{name: propDisplayName, eq: filterDefault, shown: true},
		{name: "isEnabled", kind: kindBool, eq: filterDefault, shown: true},
		{name: "isSchedulingEnabled", kind: kindBool, eq: filterDefault, shown: true},
	})
}

// known lists the permissions that the simulator knows.
func (s *Server) known() []string {
	out := []string{permUserLife, permUserLifeRead, permAuditRead, permRoleManage}
	for _, r := range s.routes {
		out = append(out, r.perms...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// granted lists the permissions of an application.
func (s *Server) granted(a *App) []string {
	if a.Permissions != nil {
		return a.Permissions
	}
	return slices.DeleteFunc(s.known(), func(p string) bool { return p == permRoleManage })
}

func principalID(appID string) string { return SeedID(setPrincipals + folded(appID)) }

func roleID(permission string) string { return SeedID("app role " + permission) }

// principalRows lists Graph's own service principal, those of the applications and those that were arranged.
func (s *Server) principalRows() []row {
	roles := []any{}
	for _, p := range s.known() {
		roles = append(roles, object{
			propID: roleID(p), keyValue: p, propDisplayName: p, propDescription: p, "isEnabled": true,
			"allowedMemberTypes": []any{"Application"},
		})
	}
	out := []row{s.principalRow(object{
		propID: principalID(graphAppID), propAppID: graphAppID, propDisplayName: "Microsoft Graph", "appRoles": roles,
		"appOwnerOrganizationId": "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
	})}
	for i := range s.opts.Apps {
		id := s.opts.Apps[i].ID
		out = append(out, s.principalRow(object{propID: principalID(id), propAppID: id, propDisplayName: "Application " + id}))
	}
	for _, p := range s.t.Principals {
		o := object{propID: p.ID, propAppID: SeedID("app " + p.ID), propDisplayName: p.Name}
		if p.Template {
			o[propTemplate] = SeedID("template " + p.ID)
		}
		out = append(out, s.principalRow(o))
	}
	return out
}

func (s *Server) principalRow(o object) row {
	defaults := object{
		propEnabled: true, "appOwnerOrganizationId": s.t.TenantID, "servicePrincipalType": "Application", "appRoles": []any{},
	}
	for name, v := range defaults {
		if o[name] == nil {
			o[name] = v
		}
	}
	return row{raw: o, full: func() object { return o }, cat: s.principals}
}

func (s *Server) listPrincipals(q *request) (*reply, error) {
	return s.list(q, listing{name: setPrincipals, cat: s.principals, alone: true, rows: s.principalRows()})
}

// listAppRoles lists what an application is granted.
func (s *Server) listAppRoles(q *request) (*reply, error) {
	id := folded(q.params[propID])
	if !slices.ContainsFunc(s.principalRows(), func(r row) bool { return r.raw[propID] == id }) {
		return nil, notFound(q.params[propID])
	}
	values := []any{}
	for i := range s.opts.Apps {
		a := &s.opts.Apps[i]
		if principalID(a.ID) != id {
			continue
		}
		for _, p := range s.granted(a) {
			values = append(values, object{
				propID: SeedID(a.ID + p), "appRoleId": roleID(p), propCreated: stamp(s.now()), propDeleted: nil,
				propPrincipal: id, "principalDisplayName": "Application " + a.ID, "principalType": "ServicePrincipal",
				"resourceId": principalID(graphAppID), "resourceDisplayName": "Microsoft Graph",
			})
		}
	}
	return &reply{status: http.StatusOK, body: object{keyContext: q.base + metadata + "appRoleAssignments", keyValue: values}}, nil
}

// arranged finds a service principal that was put there.
func (s *Server) arranged(id string) (ServicePrincipal, error) {
	for _, p := range s.t.Principals {
		if p.ID == folded(id) {
			return p, nil
		}
	}
	if slices.ContainsFunc(s.principalRows(), func(r row) bool { return r.raw[propID] == folded(id) }) {
		return ServicePrincipal{ID: folded(id)}, nil
	}
	return ServicePrincipal{}, notFound(id)
}

func (s *Server) listJobs(q *request) (*reply, error) {
	p, err := s.arranged(q.params[propID])
	if err != nil {
		return nil, err
	}
	values := []any{}
	for _, j := range p.Jobs {
		state, code := jobDisabled, "Paused"
		if j.Active {
			state, code = jobActive, jobActive
		}
		values = append(values, object{
			propID: j.ID, "templateId": j.Template,
			"schedule": object{"expiration": nil, "interval": "PT40M", "state": state},
			"status":   object{"code": code, "countSuccessiveCompleteFailures": 0, "escrowsPruned": false},
		})
	}
	return &reply{status: http.StatusOK, body: object{
		keyContext: q.base + metadata + setPrincipals + "('" + p.ID + "')/synchronization/" + navJobs, keyValue: values,
	}}, nil
}

func (s *Server) jobSchema(q *request) (*reply, error) {
	p, err := s.arranged(q.params[propID])
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(p.Jobs, func(j SyncJob) bool { return strings.EqualFold(j.ID, q.params[paramChild]) })
	if i < 0 {
		return nil, refuse(http.StatusNotFound, codeNoSyncObject, "The job does not exist.")
	}
	j := p.Jobs[i]
	name := func(directory string) string {
		if directory == "" {
			return entraDirectory
		}
		return directory
	}
	return &reply{status: http.StatusOK, body: object{
		keyContext: q.base + metadata + setPrincipals + "('" + p.ID + "')/synchronization/" + navJobs + "('" + j.ID + "')/" + navSchema + oneEntity,
		propID:     j.ID, "version": "v1",
		"directories": []any{object{"name": name(j.Source)}, object{"name": name(j.Target)}},
		"synchronizationRules": []any{object{
			"name": "USER_TO_USER", "priority": 1, "sourceDirectoryName": name(j.Source), "targetDirectoryName": name(j.Target),
		}},
	}}, nil
}

// listWorkflows answers for tenants with the licence that lifecycle workflows need.
func (s *Server) listWorkflows(q *request) (*reply, error) {
	if s.opts.NoPremium {
		return nil, refuse(http.StatusForbidden, codeNoLicense,
			"User is not authorized to perform the operation. Reason: Tenant does not meet license requirement!")
	}
	l := listing{name: "identityGovernance/lifecycleWorkflows/workflows", cat: s.workflows, alone: true}
	for _, w := range s.t.Workflows {
		o := object{
			propID: w.ID, "category": w.Category, propDisplayName: w.Name, propDescription: w.Name,
			"isEnabled": w.Enabled, "isSchedulingEnabled": w.Scheduled,
		}
		l.rows = append(l.rows, row{raw: o, full: func() object { return o }, cat: s.workflows})
	}
	return s.list(q, l)
}

// checkedPrincipals fills in the IDs.
func checkedPrincipals(list []ServicePrincipal) ([]ServicePrincipal, error) {
	out := []ServicePrincipal{}
	for _, p := range list {
		p.ID = folded(p.ID)
		if p.ID == "" {
			p.ID = SeedID(p.Name)
		}
		if !guid.MatchString(p.ID) {
			return nil, fmt.Errorf("service principal %q: not a GUID", p.ID)
		}
		for _, j := range p.Jobs {
			if j.ID == "" {
				return nil, errors.New("provisioning job without an ID")
			}
		}
		p.Jobs = slices.Clone(p.Jobs)
		out = append(out, p)
	}
	return out, nil
}

func checkedWorkflows(list []LifecycleWorkflow) ([]LifecycleWorkflow, error) {
	out := []LifecycleWorkflow{}
	for _, w := range list {
		w.ID = folded(w.ID)
		if w.ID == "" {
			w.ID = SeedID(w.Name)
		}
		if !slices.Contains([]string{"joiner", "mover", "leaver"}, w.Category) {
			return nil, fmt.Errorf("lifecycle workflow: unknown category %q", w.Category)
		}
		out = append(out, w)
	}
	return out, nil
}
