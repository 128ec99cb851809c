package graph

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Names of properties that code refers to.
const (
	propID           = "id"
	propUPN          = "userPrincipalName"
	propDisplayName  = "displayName"
	propMailNickname = "mailNickname"
	propEnabled      = "accountEnabled"
	propPassword     = "passwordProfile"
	propUsage        = "usageLocation"
	propSynced       = "onPremisesSyncEnabled"
	propCreated      = "createdDateTime"
	propDeleted      = "deletedDateTime"
	propLeave        = "employeeLeaveDateTime"
	propPhones       = "businessPhones"
	propMobile       = "mobilePhone"
	propOtherMails   = "otherMails"
	propUserType     = "userType"
	propSessions     = "signInSessionsValidFromDateTime"
	propAssigned     = "assignedLicenses"
	propStates       = "licenseAssignmentStates"
	propExtensions   = "onPremisesExtensionAttributes"
	propManager      = "manager"
	propGroupTypes   = "groupTypes"
	propMailEnabled  = "mailEnabled"
	propSecurity     = "securityEnabled"
	propRoleGroup    = "isAssignableToRole"
	propMail         = "mail"
	propPasswordAt   = "lastPasswordChangeDateTime"
	propImmutableID  = "onPremisesImmutableId"
	propRule         = "membershipRule"
	propDescription  = "description"
	propActivity     = "signInActivity"
	propEmployeeID   = "employeeId"
	propRoleTemplate = "roleTemplateId"
)

type propKind int

const (
	kindString propKind = iota
	kindBool
	kindDate
	kindStrings
	kindObject
	kindList
)

// filterable says how a property may be compared with eq.
type filterable int

const (
	filterNever filterable = iota
	filterDefault
	filterAdvanced
)

// property describes one property of a resource as the service treats it.
type property struct {
	name     string
	kind     propKind
	max      int // characters; 0 means no limit
	eq       filterable
	starts   bool // startsWith works without an advanced query
	shown    bool // returned without $select
	fixed    bool // read-only for every caller
	required bool // never null
}

type catalog struct {
	resource string
	byName   map[string]property // by folded name
	defaults []string
}

func newCatalog(resource string, list []property) *catalog {
	c := &catalog{resource: resource, byName: map[string]property{}}
	for _, p := range list {
		c.byName[strings.ToLower(p.name)] = p
		if p.shown {
			c.defaults = append(c.defaults, p.name)
		}
	}
	return c
}

func (c *catalog) find(name string) (property, bool) {
	p, ok := c.byName[strings.ToLower(name)]
	return p, ok
}

// userCatalog follows the documented table of directory object filters and the model's lengths.
func userCatalog() *catalog {
	return newCatalog(resourceUser, slices.Concat(userShown(), userEmployment(), userDirectory(), userReadOnly()))
}

func userShown() []property {
	return []property{
		{name: propPhones, kind: kindStrings, eq: filterAdvanced, shown: true},
		{name: propDisplayName, max: 256, eq: filterDefault, starts: true, shown: true, required: true},
		{name: "givenName", max: 64, eq: filterDefault, starts: true, shown: true},
		{name: "jobTitle", max: 128, eq: filterDefault, shown: true},
		{name: propMail, max: 256, eq: filterDefault, starts: true, shown: true},
		{name: propMobile, max: 64, eq: filterAdvanced, shown: true},
		{name: "officeLocation", max: 128, eq: filterAdvanced, shown: true},
		{name: "preferredLanguage", max: 64, eq: filterAdvanced, shown: true},
		{name: "surname", max: 64, eq: filterDefault, starts: true, shown: true},
		{name: propUPN, max: 113, eq: filterDefault, starts: true, shown: true, required: true},
		{name: propID, eq: filterDefault, shown: true, fixed: true},
	}
}

func userEmployment() []property {
	return []property{
		{name: "companyName", max: 64, eq: filterAdvanced},
		{name: "department", max: 64, eq: filterDefault, starts: true},
		{name: "employeeHireDate", kind: kindDate, eq: filterAdvanced},
		{name: propEmployeeID, max: 16, eq: filterDefault, starts: true},
		{name: propLeave, kind: kindDate},
		{name: "employeeOrgData", kind: kindObject, eq: filterAdvanced},
		{name: "employeeType", max: 128, eq: filterAdvanced},
		{name: "city", max: 128, eq: filterDefault, starts: true},
		{name: "country", max: 128, eq: filterDefault, starts: true},
		{name: "postalCode", max: 40, eq: filterAdvanced},
		{name: "state", max: 128, eq: filterDefault, starts: true},
		{name: "streetAddress", max: 1024, eq: filterAdvanced},
		{name: "faxNumber", max: 64, eq: filterAdvanced},
		{name: "ageGroup", max: 32, eq: filterAdvanced},
		{name: "consentProvidedForMinor", max: 32, eq: filterAdvanced},
	}
}

func userDirectory() []property {
	return []property{
		{name: propEnabled, kind: kindBool, eq: filterDefault, required: true},
		{name: propMailNickname, max: 64, eq: filterDefault, starts: true, required: true},
		{name: propOtherMails, kind: kindStrings, eq: filterDefault, starts: true},
		{name: propPassword, kind: kindObject},
		{name: "passwordPolicies", max: 128, eq: filterAdvanced},
		{name: "showInAddressList", kind: kindBool, eq: filterAdvanced},
		{name: propUsage, max: 2, eq: filterDefault, starts: true},
		{name: propUserType, max: 16, eq: filterDefault},
		{name: propExtensions, kind: kindObject, eq: filterAdvanced},
		{name: propImmutableID, max: 256, eq: filterAdvanced},
	}
}

func userReadOnly() []property {
	return []property{
		{name: propAssigned, kind: kindObject, eq: filterDefault, fixed: true},
		{name: propStates, kind: kindObject, fixed: true},
		{name: propCreated, kind: kindDate, eq: filterDefault, fixed: true},
		{name: propDeleted, kind: kindDate, eq: filterDefault, fixed: true},
		{name: "creationType", fixed: true, eq: filterAdvanced},
		{name: "externalUserState", fixed: true, eq: filterAdvanced},
		{name: "identities", kind: kindObject, fixed: true, eq: filterDefault},
		{name: propPasswordAt, kind: kindDate, fixed: true},
		{name: "onPremisesDistinguishedName", fixed: true},
		{name: propSyncDomain, fixed: true},
		{name: propSyncedAt, kind: kindDate, fixed: true, eq: filterAdvanced},
		{name: "onPremisesSamAccountName", fixed: true, eq: filterAdvanced},
		{name: "onPremisesSecurityIdentifier", fixed: true, eq: filterDefault},
		{name: propSynced, kind: kindBool, fixed: true, eq: filterDefault},
		{name: "onPremisesUserPrincipalName", fixed: true, eq: filterAdvanced},
		{name: "proxyAddresses", kind: kindStrings, fixed: true, eq: filterDefault, starts: true},
		{name: "securityIdentifier", fixed: true, eq: filterAdvanced},
		{name: propSessions, kind: kindDate, fixed: true},
		{name: propActivity, kind: kindObject, fixed: true},
	}
}

func groupCatalog() *catalog {
	return newCatalog(resourceGroup, []property{
		{name: propID, eq: filterDefault, shown: true, fixed: true},
		{name: propDeleted, kind: kindDate, shown: true, fixed: true},
		{name: "classification", max: 256, shown: true},
		{name: propCreated, kind: kindDate, eq: filterDefault, shown: true, fixed: true},
		{name: propDescription, max: 1024, shown: true, starts: true, eq: filterDefault},
		{name: propDisplayName, max: 256, eq: filterDefault, starts: true, shown: true, required: true},
		{name: propGroupTypes, kind: kindStrings, eq: filterDefault, shown: true},
		{name: propRoleGroup, kind: kindBool, eq: filterDefault, shown: true},
		{name: propMail, max: 256, eq: filterDefault, starts: true, shown: true, fixed: true},
		{name: propMailEnabled, kind: kindBool, eq: filterDefault, shown: true, required: true},
		{name: propMailNickname, max: 64, eq: filterDefault, starts: true, shown: true, required: true},
		{name: propRule, max: 3072, shown: true},
		{name: "membershipRuleProcessingState", max: 16, shown: true},
		{name: propSynced, kind: kindBool, eq: filterDefault, shown: true, fixed: true},
		{name: propSecurity, kind: kindBool, eq: filterDefault, shown: true, required: true},
		{name: "visibility", max: 32, shown: true},
		{name: propAssigned, kind: kindObject, eq: filterDefault, fixed: true},
	})
}

var (
	upnLocal      = regexp.MustCompile(`^[A-Za-z0-9'._!#^~-]{1,64}$`)
	nickname      = regexp.MustCompile(`^[\x21-\x7e]+$`)
	usageLocation = regexp.MustCompile(`^[A-Za-z]{2}$`)
	guid          = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
)

// value checks one value of a body and returns it as it is stored. Null clears; the empty string is not a value.
func (c *catalog) value(p property, v any) (any, error) {
	if v == nil {
		if p.required || p.kind == kindStrings {
			return nil, invalidValue(p.name, c.resource)
		}
		return nil, nil
	}
	switch p.kind {
	case kindString:
		s, ok := v.(string)
		if !ok || s == "" || (p.max > 0 && len([]rune(s)) > p.max) || !wellFormed(p.name, s) {
			return nil, invalidValue(p.name, c.resource)
		}
		return s, nil
	case kindBool:
		if _, ok := v.(bool); !ok {
			return nil, invalidValue(p.name, c.resource)
		}
	case kindDate:
		return c.date(p, v)
	case kindStrings:
		return c.stringList(p, v)
	case kindObject:
		if _, ok := v.(object); !ok {
			return nil, invalidValue(p.name, c.resource)
		}
	case kindList: // shown only
	}
	return v, nil
}

func wellFormed(name, s string) bool {
	switch name {
	case propMailNickname:
		return nickname.MatchString(s) && !strings.ContainsAny(s, `@()\[]";:<>, `)
	case propUsage:
		return usageLocation.MatchString(s)
	case propUserType:
		return s == "Member" || s == "Guest"
	default:
		return true
	}
}

func (c *catalog) date(p property, v any) (any, error) {
	s, _ := v.(string)
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return nil, invalidValue(p.name, c.resource)
	}
	return stamp(at), nil
}

func (c *catalog) stringList(p property, v any) (any, error) {
	list, ok := v.([]any)
	if !ok || (p.name == propPhones && len(list) > 1) {
		return nil, invalidValue(p.name, c.resource)
	}
	for _, item := range list {
		if s, ok := item.(string); !ok || s == "" {
			return nil, invalidValue(p.name, c.resource)
		}
	}
	return list, nil
}

// stamp writes an instant as the service does: UTC, whole seconds.
func stamp(t time.Time) string { return t.UTC().Format(stampFormat) }
