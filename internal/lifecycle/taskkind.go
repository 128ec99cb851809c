package lifecycle

// TaskKind is a built-in kind of work: Entra's task name in lower camel case.
type TaskKind string

// The task kinds that exist.
const (
	SendOnboardingReminderEmail TaskKind = "sendOnboardingReminderEmail"
	SendWelcomeEmail            TaskKind = "sendWelcomeEmail"
	SendManagerMoveNotification TaskKind = "sendManagerMoveNotification"
	SendEmailBeforeLastDay      TaskKind = "sendEmailBeforeLastDay"
	SendEmailOnLastDay          TaskKind = "sendEmailOnLastDay"
	SendEmailAfterLastDay       TaskKind = "sendEmailAfterLastDay"
	GenerateTemporaryAccessPass TaskKind = "generateTemporaryAccessPass"
	AddUserToGroups             TaskKind = "addUserToGroups"
	RemoveUserFromGroups        TaskKind = "removeUserFromGroups"
	RemoveUserFromAllGroups     TaskKind = "removeUserFromAllGroups"
	AssignLicensesToUser        TaskKind = "assignLicensesToUser"
	RemoveLicensesFromUser      TaskKind = "removeLicensesFromUser"
	RemoveAllLicenseAssignments TaskKind = "removeAllLicenseAssignments"
	RevokeAllRefreshTokens      TaskKind = "revokeAllRefreshTokens"
	RunCustomTaskExtension      TaskKind = "runCustomTaskExtension"
	// The account tasks set an override on the one owner of enabled (S4).
	EnableUserAccount  TaskKind = "enableUserAccount"
	DisableUserAccount TaskKind = "disableUserAccount"
	// The tasks of Active Directory have no counterpart at Microsoft.
	MoveUserToContainer           TaskKind = "moveUserToContainer"
	DisableUserAndMoveToContainer TaskKind = "disableUserAndMoveToContainer"
	HideUserFromAddressLists      TaskKind = "hideUserFromAddressLists"
	SetUserAttributes             TaskKind = "setUserAttributes"
	UnlockUserAccount             TaskKind = "unlockUserAccount"
	// GenerateInitialPassword is for a domain what a temporary access pass is for
	// the cloud (S6).
	GenerateInitialPassword TaskKind = "generateInitialPassword"
	// DeleteUserAccount asks the account lines for the delete, which keeps its
	// minimum, gate and holds (S7).
	DeleteUserAccount TaskKind = "deleteUserAccount"
)

// Class groups task kinds by the activity that performs them.
type Class string

// The classes.
const (
	// ClassAccess: groups, licences and sessions; batched per target.
	ClassAccess Class = "access"
	ClassMail   Class = "mail"
	ClassPass   Class = "pass"
	// ClassExtension: a signed HTTP call.
	ClassExtension Class = "extension"
	// ClassAccount: performed by the account lines through an override.
	ClassAccount Class = "account"
)

// hasTarget reports whether tasks of the class work on an account.
func (c Class) hasTarget() bool { return c == ClassAccess || c == ClassPass || c == ClassAccount }

// TaskInfo describes a task kind.
type TaskInfo struct {
	Kind       TaskKind
	Class      Class
	Categories []Category
	// EntraID is the task definition in Microsoft's catalogue, EntraName its
	// display name; both are "" for the tasks of Active Directory alone.
	EntraID, EntraName string
}

// Tasks returns the table of the task kinds, in the order of the constants.
func Tasks() []TaskInfo {
	joinerMoverLeaver := []Category{Joiner, Mover, Leaver}
	leaver := []Category{Leaver}
	return []TaskInfo{
		{SendOnboardingReminderEmail, ClassMail, []Category{Joiner}, "3c860712-2d37-42a4-928f-5c93935d26a1", "Send onboarding reminder email"},
		{SendWelcomeEmail, ClassMail, []Category{Joiner}, "70b29d51-b59a-4773-9280-8841dfd3f2ea", "Send welcome email to new hire"},
		{SendManagerMoveNotification, ClassMail, []Category{Mover}, "aab41899-9972-422a-9d97-f626014578b7", "Send email to notify manager of user move"},
		{SendEmailBeforeLastDay, ClassMail, leaver, "52853a3e-f4e5-4eb8-bb24-1ac09a1da935", "Send email to manager before user's last day"},
		{SendEmailOnLastDay, ClassMail, leaver, "9c0a1eaf-5bda-4392-9d9e-6e155bb57411", "Send email on user's last day"},
		{SendEmailAfterLastDay, ClassMail, leaver, "6f22ddd4-b3a5-47a4-a846-0d7c201a49ce", "Send email to user's manager after their last day"},
		{GenerateTemporaryAccessPass, ClassPass, []Category{Joiner}, "1b555e50-7f65-41d5-b514-5894a026d10d", "Generate Temporary Access Pass and send via email to user's manager"},
		{AddUserToGroups, ClassAccess, joinerMoverLeaver, "22085229-5809-45e8-97fd-270d28d66910", "Add user to groups"},
		{RemoveUserFromGroups, ClassAccess, joinerMoverLeaver, "1953a66c-751c-45e5-8bfe-01462c70da3c", "Remove user from selected groups"},
		{RemoveUserFromAllGroups, ClassAccess, leaver, "b3a31406-2a15-4c9a-b25b-a658fa5f07fc", "Remove users from all groups"},
		{AssignLicensesToUser, ClassAccess, []Category{Joiner, Mover}, "683c87a4-2ad4-420b-97d4-220d90afcd24", "Assign licenses to user"},
		{RemoveLicensesFromUser, ClassAccess, []Category{Mover, Leaver}, "5fc402a8-daaf-4b7b-9203-da868b05fc5f", "Remove selected license assignments from user"},
		{RemoveAllLicenseAssignments, ClassAccess, leaver, "8fa97d28-3e52-4985-b3a9-a1126f9b8b4e", "Remove all license assignments from user"},
		{RevokeAllRefreshTokens, ClassAccess, []Category{Mover, Leaver}, "509589a4-0466-4471-829e-49c5e502bdee", "Revoke all refresh tokens for user"},
		{RunCustomTaskExtension, ClassExtension, joinerMoverLeaver, "4262b724-8dba-4fad-afc3-43fcbb497a0e", "Run a custom task extension"},
		{EnableUserAccount, ClassAccount, []Category{Joiner, Leaver}, "6fc52c9d-398b-4305-9763-15f42c1676fc", "Enable user account"},
		{DisableUserAccount, ClassAccount, leaver, "1dfdfcc7-52fa-4c2e-bf3a-e3919cc12950", "Disable user account"},
		{MoveUserToContainer, ClassAccess, joinerMoverLeaver, "", ""},
		{DisableUserAndMoveToContainer, ClassAccess, leaver, "", ""},
		{HideUserFromAddressLists, ClassAccess, joinerMoverLeaver, "", ""},
		{SetUserAttributes, ClassAccess, joinerMoverLeaver, "", ""},
		{UnlockUserAccount, ClassAccess, []Category{Joiner, Mover}, "", ""},
		{GenerateInitialPassword, ClassPass, []Category{Joiner}, "", ""},
		{DeleteUserAccount, ClassAccount, leaver, "", ""},
	}
}

// InDomainOnly reports whether the task works on Active Directory alone.
func (i TaskInfo) InDomainOnly() bool { return i.Class.hasTarget() && i.EntraID == "" }

// IsPass reports whether the task lets somebody in on their first day (S6).
func (k TaskKind) IsPass() bool {
	info, _ := k.Info()
	return info.Class == ClassPass
}

// Info looks a kind up.
func (k TaskKind) Info() (TaskInfo, bool) {
	for _, info := range Tasks() {
		if info.Kind == k {
			return info, true
		}
	}
	return TaskInfo{}, false
}
