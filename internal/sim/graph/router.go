package graph

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Application permissions by which routes are granted.
const (
	permUserRead     = "User.Read.All"
	permUserBasic    = "User.ReadBasic.All"
	permUserWrite    = "User.ReadWrite.All"
	permUserEnable   = "User.EnableDisableAccount.All"
	permUserPassword = "User-PasswordProfile.ReadWrite.All"
	permUserDelete   = "User.DeleteRestore.All"
	permUserRevoke   = "User.RevokeSessions.All"
	permUserLifeRead = "User-LifeCycleInfo.Read.All"
	permUserLife     = "User-LifeCycleInfo.ReadWrite.All"
	permDirRead      = "Directory.Read.All"
	permDirWrite     = "Directory.ReadWrite.All"
	permLicenceRead  = "LicenseAssignment.Read.All"
	permLicenceWrite = "LicenseAssignment.ReadWrite.All"
	permOrgRead      = "Organization.Read.All"
	permGroupCreate  = "Group.Create"
	permGroupRead    = "Group.Read.All"
	permGroupWrite   = "Group.ReadWrite.All"
	permMemberRead   = "GroupMember.Read.All"
	permMemberBasic  = "GroupMember.ReadBasic.All"
	permMemberWrite  = "GroupMember.ReadWrite.All"
	permPassWrite    = "UserAuthMethod-TAP.ReadWrite.All"
	permPassRead     = "UserAuthMethod-TAP.Read.All"
	permMethodWrite  = "UserAuthenticationMethod.ReadWrite.All"
	permMethodRead   = "UserAuthenticationMethod.Read.All"
	permPolicyRead   = "Policy.Read.All"
	permPolicyWrite  = "Policy.ReadWrite.AuthenticationMethod"
	permDomainRead   = "Domain.Read.All"
	permAuditRead    = "AuditLog.Read.All"
	permRoleRead     = "RoleManagement.Read.Directory"
	permRoleReadAll  = "RoleManagement.Read.All"
	permRoleManage   = "RoleManagement.ReadWrite.Directory"
	permEligibleRead = "RoleEligibilitySchedule.Read.Directory"
	permAppRead      = "Application.Read.All"
	permAppRoleWrite = "AppRoleAssignment.ReadWrite.All"
	permSyncRead     = "Synchronization.Read.All"
	permSyncWrite    = "Synchronization.ReadWrite.All"
	permFlowRead     = "LifecycleWorkflows.Read.All"
	permFlowWrite    = "LifecycleWorkflows.ReadWrite.All"
	permMethodPolicy = "Policy.Read.AuthenticationMethod"
)

const patternBatch = "/$batch"

// route is one operation.
type route struct {
	method  string
	pattern string
	segs    []string
	units   int      // resource units of the documented table
	free    bool     // a POST that reads: costs no write
	perms   []string // any of them grants the call; none means every signed-in caller
	handle  func(*Server, *request) (*reply, error)
}

func newRoute(method, pattern string, units int, handle func(*Server, *request) (*reply, error), perms ...string) route {
	return route{
		method: method, pattern: pattern, segs: strings.Split(strings.Trim(pattern, "/"), "/"),
		units: units, perms: perms, handle: handle,
	}
}

// read marks a POST that costs no write.
func (r route) read() route {
	r.free = true
	return r
}

func routes() []route {
	return slices.Concat(userRoutes(), userChildRoutes(), groupRoutes(), roleRoutes(), principalRoutes(), directoryRoutes())
}

func userRoutes() []route {
	reads := []string{permUserRead, permUserBasic, permUserWrite, permDirRead, permDirWrite}
	writes := []string{permUserWrite, permDirWrite}
	return []route{
		newRoute(http.MethodGet, "/users", 2, (*Server).listUsers, reads...),
		newRoute(http.MethodPost, "/users", 1, (*Server).createUser, writes...),
		newRoute(http.MethodGet, "/users/$count", 2, (*Server).countUsers, reads...),
		newRoute(http.MethodGet, "/users/delta", 1, (*Server).deltaUsers, permUserRead, permUserWrite, permDirRead, permDirWrite),
		newRoute(http.MethodGet, "/users/{id}", 1, (*Server).getUser, reads...),
		newRoute(http.MethodPatch, "/users/{id}", 1, (*Server).patchUser,
			permUserWrite, permDirWrite, permUserEnable, permUserPassword, permUserLife),
		newRoute(http.MethodDelete, "/users/{id}", 1, (*Server).deleteUser, permUserDelete, permUserWrite),
		newRoute(http.MethodGet, "/users/{id}/manager", 1, (*Server).getManager, reads...),
		newRoute(http.MethodPut, "/users/{id}/manager/$ref", 1, (*Server).putManager, writes...),
		newRoute(http.MethodDelete, "/users/{id}/manager/$ref", 1, (*Server).deleteManager, writes...),
		newRoute(http.MethodGet, "/users/{id}/directReports", 1, (*Server).directReports, reads...),
		newRoute(http.MethodPost, "/users/{id}/revokeSignInSessions", 1, (*Server).revokeSessions, permUserRevoke, permUserWrite, permDirWrite),
	}
}

func userChildRoutes() []route {
	memberships := []string{permDirRead, permUserRead, permMemberBasic, permMemberRead, permUserWrite, permDirWrite, permGroupRead, permGroupWrite}
	licences := []string{permLicenceWrite, permUserWrite, permDirWrite}
	passes := []string{permPassWrite, permMethodWrite}
	passReads := []string{permPassRead, permPassWrite, permMethodRead, permMethodWrite}
	const taps = "/users/{id}/authentication/temporaryAccessPassMethods"
	return []route{
		newRoute(http.MethodGet, "/users/{id}/memberOf", 2, (*Server).memberOf, memberships...),
		newRoute(http.MethodGet, "/users/{id}/memberOf/microsoft.graph.group", 2, (*Server).memberOf, memberships...),
		newRoute(http.MethodGet, "/users/{id}/transitiveMemberOf", 2, (*Server).memberOf, memberships...),
		newRoute(http.MethodGet, "/users/{id}/transitiveMemberOf/microsoft.graph.group", 2, (*Server).memberOf, memberships...),
		newRoute(http.MethodGet, "/users/{id}/ownedObjects", 2, (*Server).ownedObjects, permUserRead, permUserWrite, permDirRead, permDirWrite),
		newRoute(http.MethodPost, "/users/{id}/assignLicense", 1, (*Server).assignLicense, licences...),
		newRoute(http.MethodPost, "/users/{id}/reprocessLicenseAssignment", 1, (*Server).reprocessLicense, licences...),
		newRoute(http.MethodGet, "/users/{id}/licenseDetails", 2, (*Server).licenseDetails,
			permLicenceRead, permLicenceWrite, permOrgRead, permUserRead, permUserWrite, permDirRead, permDirWrite),
		newRoute(http.MethodGet, "/users/{id}/authentication/methods", 1, (*Server).listMethods, passReads...),
		newRoute(http.MethodGet, taps, 1, (*Server).listPasses, passReads...),
		newRoute(http.MethodPost, taps, 1, (*Server).createPass, passes...),
		newRoute(http.MethodGet, taps+"/{child}", 1, (*Server).getPass, passReads...),
		newRoute(http.MethodDelete, taps+"/{child}", 1, (*Server).deletePass, passes...),
	}
}

func groupRoutes() []route {
	reads := []string{permMemberRead, permMemberBasic, permMemberWrite, permGroupRead, permGroupWrite, permDirRead, permDirWrite}
	writes := []string{permGroupWrite, permDirWrite}
	members := []string{permMemberWrite, permGroupWrite, permDirWrite}
	return []route{
		newRoute(http.MethodGet, "/groups", 1, (*Server).listGroups, reads...),
		newRoute(http.MethodPost, "/groups", 1, (*Server).createGroup, permGroupCreate, permGroupWrite, permDirWrite),
		newRoute(http.MethodGet, "/groups/{id}", 1, (*Server).getGroup, reads...),
		newRoute(http.MethodPatch, "/groups/{id}", 1, (*Server).patchGroup, members...),
		newRoute(http.MethodDelete, "/groups/{id}", 1, (*Server).deleteGroup, writes...),
		newRoute(http.MethodGet, "/groups/{id}/members", 3, (*Server).listMembers, reads...),
		newRoute(http.MethodGet, "/groups/{id}/owners", 1, (*Server).listOwners,
			permMemberRead, permMemberWrite, permGroupRead, permGroupWrite, permDirRead),
		newRoute(http.MethodPost, "/groups/{id}/members/$ref", 1, (*Server).addMember, members...),
		newRoute(http.MethodDelete, "/groups/{id}/members/{child}/$ref", 1, (*Server).removeMember, members...),
		// The service's trap: without /$ref the URL names the member itself, and the member is deleted.
		newRoute(http.MethodDelete, "/groups/{id}/members/{child}", 1, (*Server).deleteThroughGroup, permUserDelete, permUserWrite),
	}
}

func roleRoutes() []route {
	const root = "/roleManagement/directory/"
	return []route{
		newRoute(http.MethodGet, root+segAssignments, 1, (*Server).listAssignments,
			permRoleRead, permRoleReadAll, permRoleManage, permDirRead, permDirWrite),
		newRoute(http.MethodGet, root+segEligibilities, 1, (*Server).listEligibilities,
			permEligibleRead, permRoleRead, permRoleReadAll, permRoleManage),
	}
}

func principalRoutes() []route {
	const root = "/servicePrincipals"
	reads := []string{permAppRead, permDirRead, permDirWrite}
	jobs := []string{permSyncRead, permSyncWrite}
	return []route{
		newRoute(http.MethodGet, root, 1, (*Server).listPrincipals, reads...),
		newRoute(http.MethodGet, root+"/{id}/appRoleAssignments", 1, (*Server).listAppRoles, append(reads, permAppRoleWrite)...),
		newRoute(http.MethodGet, root+"/{id}/synchronization/jobs", 1, (*Server).listJobs, jobs...),
		newRoute(http.MethodGet, root+"/{id}/synchronization/jobs/{child}/schema", 1, (*Server).jobSchema, jobs...),
		newRoute(http.MethodGet, "/identityGovernance/lifecycleWorkflows/workflows", 1, (*Server).listWorkflows, permFlowRead, permFlowWrite),
	}
}

func directoryRoutes() []route {
	const tap = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{id}"
	objects := []string{permDirRead, permDirWrite, permUserRead, permUserWrite, permGroupRead, permGroupWrite}
	deleted := []string{permUserDelete, permUserRead, permUserWrite, permDirRead, permDirWrite, permGroupRead, permGroupWrite}
	restores := []string{permUserDelete, permUserWrite}
	return []route{
		newRoute(http.MethodGet, "/directory/deletedItems/microsoft.graph.user", 1, (*Server).listDeletedUsers, deleted...),
		newRoute(http.MethodGet, "/directory/deletedItems/microsoft.graph.group", 1, (*Server).listDeletedGroups, deleted...),
		newRoute(http.MethodGet, "/directory/deletedItems/{id}", 1, (*Server).getDeleted, deleted...),
		newRoute(http.MethodDelete, "/directory/deletedItems/{id}", 1, (*Server).purgeDeleted, restores...),
		newRoute(http.MethodPost, "/directory/deletedItems/{id}/restore", 1, (*Server).restoreDeleted, restores...),
		newRoute(http.MethodGet, "/directoryObjects/{id}", 1, (*Server).getObject, objects...),
		newRoute(http.MethodPost, "/directoryObjects/getByIds", 3, (*Server).getByIDs, objects...).read(),
		newRoute(http.MethodGet, "/subscribedSkus", 3, (*Server).listSKUs, permLicenceRead, permOrgRead, permDirRead, permDirWrite),
		newRoute(http.MethodGet, "/subscribedSkus/{id}", 3, (*Server).getSKU, permLicenceRead, permOrgRead, permDirRead, permDirWrite),
		newRoute(http.MethodGet, "/organization", 1, (*Server).organization, permOrgRead, permDirRead, permDirWrite, permUserRead),
		newRoute(http.MethodGet, "/domains", 1, (*Server).listDomains, permDomainRead, permDirRead, permDirWrite),
		newRoute(http.MethodGet, tap, 1, (*Server).getPassPolicy, permMethodPolicy, permPolicyRead, permPolicyWrite),
		newRoute(http.MethodPatch, tap, 1, (*Server).patchPassPolicy, permPolicyWrite),
		newRoute(http.MethodPost, patternBatch, 0, nil).read(),
	}
}

// match fills in the route and its parameters, preferring literal segments.
func (s *Server) match(q *request) error {
	known := false
	best := -1
	for i := range s.routes {
		params, literals, ok := s.routes[i].match(q.segs)
		if !ok {
			continue
		}
		known = true
		if s.routes[i].method == q.method && literals > best {
			best, q.route, q.params = literals, &s.routes[i], params
		}
	}
	switch {
	case q.route != nil:
		return nil
	case known:
		return refuse(http.StatusMethodNotAllowed, codeBadRequest, "Specified HTTP method is not allowed for the request target.")
	default:
		return refuse(http.StatusBadRequest, codeParse, "Resource not found for the segment '"+q.segs[len(q.segs)-1]+"'.")
	}
}

func (r route) match(segs []string) (map[string]string, int, bool) {
	if len(segs) != len(r.segs) {
		return nil, 0, false
	}
	params, literals := map[string]string{}, 0
	for i, want := range r.segs {
		if name, ok := strings.CutPrefix(want, "{"); ok {
			if segs[i] == "" || strings.HasPrefix(segs[i], "$") {
				return nil, 0, false
			}
			params[strings.TrimSuffix(name, "}")] = segs[i]
			continue
		}
		if !strings.EqualFold(want, segs[i]) {
			return nil, 0, false
		}
		literals++
	}
	return params, literals, true
}

// answer checks the caller and performs the request.
func (s *Server) answer(q *request) *reply {
	app, err := s.caller(q.header.Get("Authorization"))
	if err != nil {
		return s.refusalReply(q, err)
	}
	q.app = app
	return s.perform(q)
}

// perform carries out a request of a known caller: route, budget, permission, operation, commit.
func (s *Server) perform(q *request) *reply {
	if err := s.match(q); err != nil {
		return s.refusalReply(q, err)
	}
	if q.odd != "" {
		return s.refusalReply(q, refuse(http.StatusBadRequest, codeParse,
			"The query specified in the URI is not valid. The query parameter '"+q.odd+"' is not supported."))
	}
	if q.route.pattern == patternBatch {
		// Not under the lock: each item takes it by itself.
		a, err := s.batch(q)
		if err != nil {
			return s.refusalReply(q, err)
		}
		return a
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	header, err := s.spend(q)
	if err == nil {
		err = s.permit(q)
	}
	if err != nil {
		return s.refusalReply(q, err)
	}
	s.sweep()
	s.settle()
	return s.finish(q, header)
}

// finish runs the operation and keeps what changed. An operation that answers an error has itself changed nothing; what
// time has brought about before it is kept all the same.
func (s *Server) finish(q *request, header http.Header) *reply {
	a, err := q.route.handle(s, q)
	if kept := s.commit(); kept != nil {
		s.log.Error("cannot keep state", "error", kept)
		return s.refusalReply(q, refuse(http.StatusInternalServerError, codeInternal, "The simulator cannot keep its state."))
	}
	if err != nil {
		return s.refusalReply(q, err)
	}
	if a.header == nil {
		a.header = http.Header{}
	}
	maps.Copy(a.header, header)
	return a
}

func (s *Server) permit(q *request) error {
	if len(q.route.perms) == 0 || q.app.allowed(q.route.perms...) {
		return nil
	}
	return denied()
}

// allowed reports whether one of the permissions is granted.
func (a *App) allowed(perms ...string) bool {
	return slices.ContainsFunc(perms, func(p string) bool {
		if a.Permissions == nil {
			return p != permRoleManage
		}
		return slices.Contains(a.Permissions, p)
	})
}

func (s *Server) refusalReply(q *request, err error) *reply {
	var e *refusal
	if !errors.As(err, &e) {
		s.log.Error("unexpected error", "error", err)
		e = refuse(http.StatusInternalServerError, codeInternal, "The simulator met an unexpected error.")
	}
	header := e.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	return &reply{status: e.status, header: header, body: e.body(s.opts.Now(), q.requestID, q.clientID)}
}
