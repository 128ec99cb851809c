package entra

import (
	"slices"

	"tenure/internal/directory"
	"tenure/internal/directory/entra/schema"
)

// Application permissions of Microsoft Graph.
const (
	userRead        = "User.Read.All"
	userWrite       = "User.ReadWrite.All"
	userDelete      = "User.DeleteRestore.All"
	userRevoke      = "User.RevokeSessions.All"
	userLifecycle   = "User-LifeCycleInfo.ReadWrite.All"
	directoryRead   = "Directory.Read.All"
	directoryWrite  = "Directory.ReadWrite.All"
	memberRead      = "GroupMember.Read.All"
	memberWrite     = "GroupMember.ReadWrite.All"
	groupRead       = "Group.Read.All"
	groupWrite      = "Group.ReadWrite.All"
	licenseRead     = "LicenseAssignment.Read.All"
	licenseWrite    = "LicenseAssignment.ReadWrite.All"
	organizationAll = "Organization.Read.All"
	passWrite       = "UserAuthMethod-TAP.ReadWrite.All" //nolint:gosec // the name of a permission
	methodRead      = "UserAuthenticationMethod.Read.All"
	methodWrite     = "UserAuthenticationMethod.ReadWrite.All"
	auditRead       = "AuditLog.Read.All"
	roleRead        = "RoleManagement.Read.Directory"
	roleReadAll     = "RoleManagement.Read.All"
	roleWrite       = "RoleManagement.ReadWrite.Directory"
	applicationRead = "Application.Read.All"
	applicationAll  = "Application.ReadWrite.All"
	appRoleWrite    = "AppRoleAssignment.ReadWrite.All"
	methodPolicy    = "Policy.Read.AuthenticationMethod"
	policyRead      = "Policy.Read.All"
	policyWrite     = "Policy.ReadWrite.AuthenticationMethod"
	syncRead        = "Synchronization.Read.All"
	syncWrite       = "Synchronization.ReadWrite.All"
	workflowRead    = "LifecycleWorkflows.Read.All"
	workflowWrite   = "LifecycleWorkflows.ReadWrite.All"
)

// Right is an application permission that some calls need.
type Right struct {
	// For says what it is for.
	For string
	// Verbs are the calls that need it; those of VerbInspect are for the doctor
	// alone.
	Verbs []directory.Verb
	// Attribute narrows the need to policies that map it; "" does not.
	Attribute string
	// AnyOf grants it: the least comes first.
	AnyOf []string
}

// Least is the permission to ask for.
func (r Right) Least() string { return r.AnyOf[0] }

// Rights is the least-privilege table, ordered as people read it.
func Rights() []Right {
	inspect := []directory.Verb{directory.VerbInspect}
	return []Right{
		{For: "find, read and list accounts, deleted ones and what they own", Verbs: []directory.Verb{
			directory.VerbAccount, directory.VerbAccountsByEmployeeID, directory.VerbAccountsByAnchor, directory.VerbAccountByUserName,
			directory.VerbListAccounts, directory.VerbDeletedAccounts, directory.VerbLicenses, directory.VerbOwnerships, directory.VerbProtection,
			directory.VerbMemberOf, directory.VerbSignInFacts,
		}, AnyOf: []string{userRead, userWrite, directoryRead, directoryWrite}},
		{For: "make accounts, write attributes, enable, disable, link managers", Verbs: []directory.Verb{
			directory.VerbCreateAccount, directory.VerbUpdateAccount, directory.VerbSetManager,
		}, AnyOf: []string{userWrite, directoryWrite}},
		{For: "write employeeLeaveDateTime", Attribute: schema.EmployeeLeaveDateTime, Verbs: []directory.Verb{
			directory.VerbAccount, directory.VerbUpdateAccount,
		}, AnyOf: []string{userLifecycle}},
		{For: "delete and restore accounts", Verbs: []directory.Verb{
			directory.VerbDeleteAccount, directory.VerbRestoreAccount,
		}, AnyOf: []string{userDelete, userWrite}},
		{For: "read groups and memberships", Verbs: []directory.Verb{
			directory.VerbGroup, directory.VerbMemberships, directory.VerbMemberOf, directory.VerbProtection,
			directory.VerbOwnerships, directory.VerbSignInFacts,
		}, AnyOf: []string{memberRead, memberWrite, groupRead, groupWrite, directoryRead, directoryWrite}},
		{For: "add to and remove from groups", Verbs: []directory.Verb{
			directory.VerbAddToGroup, directory.VerbRemoveFromGroup,
		}, AnyOf: []string{memberWrite, groupWrite, directoryWrite}},
		{For: "assign and remove licences", Verbs: []directory.Verb{
			directory.VerbChangeLicenses,
		}, AnyOf: []string{licenseWrite, userWrite, directoryWrite}},
		{For: "revoke sessions", Verbs: []directory.Verb{
			directory.VerbRevokeSessions,
		}, AnyOf: []string{userRevoke, userWrite, directoryWrite}},
		{For: "list, issue and delete passes", Verbs: []directory.Verb{
			directory.VerbPasses, directory.VerbIssuePass, directory.VerbDeletePass,
		}, AnyOf: []string{passWrite, methodWrite}},
		{For: "see other sign-in methods, before a pass", Verbs: []directory.Verb{
			directory.VerbSignInFacts,
		}, AnyOf: []string{methodRead, methodWrite}},
		{For: "see the last sign-in, before a pass", Verbs: []directory.Verb{directory.VerbSignInFacts}, AnyOf: []string{auditRead}},
		{For: "see who holds a role or may take one up", Verbs: []directory.Verb{
			directory.VerbProtection,
		}, AnyOf: []string{roleRead, roleReadAll, roleWrite}},
		{For: "the doctor: granted permissions, enterprise applications", Verbs: inspect, AnyOf: []string{
			applicationRead, directoryRead, directoryWrite,
		}},
		{For: "the doctor: the policy for passes", Verbs: inspect, AnyOf: []string{methodPolicy, policyRead, policyWrite}},
		{For: "the doctor: licences left", Verbs: inspect, AnyOf: []string{licenseRead, organizationAll, directoryRead, directoryWrite}},
		{For: "the doctor: Microsoft's provisioning jobs", Verbs: inspect, AnyOf: []string{syncRead, syncWrite}},
		{For: "the doctor: Microsoft's lifecycle workflows", Verbs: inspect, AnyOf: []string{workflowRead, workflowWrite}},
	}
}

// excessive are permissions that open far more than Tenure does.
func excessive() []string {
	return []string{directoryWrite, roleWrite, applicationAll, appRoleWrite}
}

// needed reports whether any of the calls needs the right.
func (r Right) needed(verbs []directory.Verb, attributes []string) bool {
	if r.Attribute != "" && !slices.Contains(attributes, r.Attribute) {
		return false
	}
	return slices.ContainsFunc(r.Verbs, func(v directory.Verb) bool { return slices.Contains(verbs, v) })
}

// LeastPermissions are the permissions to grant for these calls and mapped
// attributes.
func LeastPermissions(verbs []directory.Verb, attributes []string) []string {
	var out []string
	for _, r := range Rights() {
		if r.needed(verbs, attributes) && !slices.Contains(out, r.Least()) {
			out = append(out, r.Least())
		}
	}
	return out
}
