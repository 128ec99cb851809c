package notify

import (
	"fmt"
	"slices"
)

// The template names. Those of tasks are the task's key in the policy.
const (
	SendWelcomeEmail            = "sendWelcomeEmail"
	SendOnboardingReminderEmail = "sendOnboardingReminderEmail"
	SendManagerMoveNotification = "sendManagerMoveNotification"
	SendEmailBeforeLastDay      = "sendEmailBeforeLastDay"
	SendEmailOnLastDay          = "sendEmailOnLastDay"
	SendEmailAfterLastDay       = "sendEmailAfterLastDay"
	GenerateTemporaryAccessPass = "generateTemporaryAccessPass"
	GenerateInitialPassword     = "generateInitialPassword"

	// GenerateTemporaryAccessPassFallback carries a pass to the fallback address, when nobody else may have it (S6).
	GenerateTemporaryAccessPassFallback = "generateTemporaryAccessPassFallback"
	// GenerateInitialPasswordFallback does the same with an initial password.
	GenerateInitialPasswordFallback = "generateInitialPasswordFallback"
	// DeliveryFallback tells the fallback address that an ordinary mail found no recipient.
	DeliveryFallback = "deliveryFallback"
)

// Names returns the names of all templates, sorted.
func Names() []string {
	return []string{
		DeliveryFallback, GenerateInitialPassword, GenerateInitialPasswordFallback,
		GenerateTemporaryAccessPass, GenerateTemporaryAccessPassFallback, SendEmailAfterLastDay,
		SendEmailBeforeLastDay, SendEmailOnLastDay, SendManagerMoveNotification, SendOnboardingReminderEmail,
		SendWelcomeEmail,
	}
}

// The tokens that are not attributes of the user or the manager.
const (
	TokenRecipient      = "recipientDisplayName"
	TokenPass           = "temporaryAccessPass"
	TokenPassStart      = "temporaryAccessPassStart"
	TokenPassEnd        = "temporaryAccessPassEnd"
	TokenPassword       = "initialPassword"
	TokenPasswordStart  = "initialPasswordStart"
	TokenPasswordEnd    = "initialPasswordEnd"
	TokenFallbackReason = "fallbackReason"
	TokenFallbackTask   = "fallbackTask"
)

// Tokens is the set of names that a template may use, and which of them must have a value when it is rendered.
type Tokens struct {
	allowed  []string
	required []string
}

// NewTokens returns the set of the given names.
func NewTokens(names ...string) Tokens {
	names = slices.Clone(names)
	slices.Sort(names)
	return Tokens{allowed: slices.Compact(names)}
}

// With returns the set with more names.
func (t Tokens) With(names ...string) Tokens {
	merged := NewTokens(append(slices.Clone(t.allowed), names...)...)
	merged.required = t.required
	return merged
}

// Require returns the set with names that must have a value, and that are shown exactly as given.
func (t Tokens) Require(names ...string) Tokens {
	merged := t.With(names...)
	merged.required = append(slices.Clone(t.required), names...)
	return merged
}

// Names returns the allowed names, sorted.
func (t Tokens) Names() []string { return slices.Clone(t.allowed) }

func (t Tokens) has(name string) bool {
	_, found := slices.BinarySearch(t.allowed, name)
	return found
}

// oldTokens are Entra's first tokens; existing mail texts keep them.
func oldToken(name string) (string, bool) {
	switch name {
	case "userDisplayName":
		return "user.displayName", true
	case "userGivenName":
		return "user.givenName", true
	case "userSurname":
		return "user.surname", true
	case "userPrincipalName":
		return "user.userPrincipalName", true
	case "userEmployeeHireDate":
		return "user.employeeHireDate", true
	case "userEmployeeLeaveDateTime":
		return "user.employeeLeaveDateTime", true
	case "managerDisplayName":
		return "manager.displayName", true
	case "managerEmail":
		return "manager.mail", true
	}
	return "", false
}

// personProperties are the Graph properties that mail texts may name, for the user and the manager.
func personProperties() []string {
	return []string{
		"displayName", "givenName", "surname", "userPrincipalName", "mail", "employeeId", "employeeType", "department",
		"jobTitle", "companyName", "officeLocation", "city", "state", "country", "mobilePhone", "preferredLanguage",
		"employeeOrgData/costCenter", "employeeOrgData/division",
	}
}

// CommonTokens are the tokens that every template may use.
func CommonTokens() Tokens {
	const attributes = 15
	names := []string{
		TokenRecipient, "userDisplayName", "userGivenName", "userSurname", "userPrincipalName", "userEmployeeHireDate",
		"userEmployeeLeaveDateTime", "managerDisplayName", "managerEmail",
		"user.employeeHireDate", "user.employeeLeaveDateTime", "user.createdDateTime",
	}
	for _, p := range personProperties() {
		names = append(names, "user."+p, "manager."+p)
	}
	for i := range attributes {
		names = append(names, fmt.Sprintf("user.onPremisesExtensionAttributes/extensionAttribute%d", i+1))
	}
	return NewTokens(names...)
}

// TokensOf returns what the template of that name may use. A pass or a password is allowed in the mails that deliver
// one and nowhere else; what was before exists only in a mail about a change.
func TokensOf(name string) Tokens {
	common := CommonTokens()
	switch name {
	case GenerateTemporaryAccessPass:
		return common.With(TokenPassStart, TokenPassEnd).Require(TokenPass)
	case GenerateTemporaryAccessPassFallback:
		return common.With(TokenPassStart, TokenPassEnd, TokenFallbackReason).Require(TokenPass)
	case GenerateInitialPassword:
		return common.With(TokenPasswordStart, TokenPasswordEnd).Require(TokenPassword)
	case GenerateInitialPasswordFallback:
		return common.With(TokenPasswordStart, TokenPasswordEnd, TokenFallbackReason).Require(TokenPassword)
	case SendManagerMoveNotification:
		return common.With("before.department", "before.jobTitle", "before.officeLocation", "changeEffectiveDate")
	case DeliveryFallback:
		return common.With(TokenFallbackReason, TokenFallbackTask)
	default:
		return common
	}
}
