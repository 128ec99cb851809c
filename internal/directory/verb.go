package directory

// Verb names one method of this port, for logs, metrics and fault injection.
type Verb string

// The verbs, in the order of the interfaces.
const (
	VerbAccount              Verb = "account"
	VerbAccountsByEmployeeID Verb = "accounts-by-employee-id"
	VerbAccountByUserName    Verb = "account-by-user-name"
	VerbAccountsByAnchor     Verb = "accounts-by-anchor"
	VerbCreateAccount        Verb = "create-account"
	VerbUpdateAccount        Verb = "update-account"
	VerbSetManager           Verb = "set-manager"
	VerbDeleteAccount        Verb = "delete-account"
	VerbDeletedAccounts      Verb = "deleted-accounts"
	VerbRestoreAccount       Verb = "restore-account"
	VerbGroup                Verb = "group"
	VerbMemberships          Verb = "memberships"
	VerbAddToGroup           Verb = "add-to-group"
	VerbRemoveFromGroup      Verb = "remove-from-group"
	VerbLicenses             Verb = "licenses"
	VerbChangeLicenses       Verb = "change-licenses"
	VerbRevokeSessions       Verb = "revoke-sessions"
	VerbReplacePassword      Verb = "replace-password"
	VerbPasses               Verb = "passes"
	VerbIssuePass            Verb = "issue-pass"
	VerbDeletePass           Verb = "delete-pass"
	VerbSignInFacts          Verb = "sign-in-facts"
	VerbListAccounts         Verb = "list-accounts"
	VerbProtection           Verb = "protection"
	VerbOwnerships           Verb = "ownerships"
	VerbMemberOf             Verb = "member-of"
	VerbInspect              Verb = "inspect"
)
