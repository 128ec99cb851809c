package schema

import (
	"fmt"
	"slices"
	"strings"

	"tenure/internal/directory"
)

// The attributes that the connector treats specially.
const (
	// CommonName is the account's own part of its distinguished name: writing
	// it renames the account.
	CommonName = "cn"
	// Parent is the distinguished name of the container: writing it moves the
	// account. Active Directory has no attribute of this name; Microsoft's own
	// provisioning uses it the same way.
	Parent         = "parentDistinguishedName"
	AccountName    = "sAMAccountName"
	AccountExpires = "accountExpires"
	DisplayName    = "displayName"
	Mail           = "mail"
)

// The lengths that Active Directory's schema states for more than one attribute.
const (
	short  = 64
	middle = 128
	long   = 256
)

// extensionAttributes is how many of each family there are.
const (
	exchangeAttributes = 15
	cloudAttributes    = 20
)

// MaxAccountName is the longest sAMAccountName of a user.
const MaxAccountName = 20

// Attributes lists the known attributes in the order in which people read them.
// Others of the forest's schema may be mapped too; they are single texts. The
// slice is the caller's own.
func Attributes() []directory.Attribute {
	list := []directory.Attribute{
		text(directory.UserNameAttribute, 1024),
		text(directory.EmployeeIDAttribute, 16),
		text(AccountName, MaxAccountName),
		text(CommonName, short),
		text(Parent, 0),
		text(DisplayName, long),
		text("givenName", short),
		text("middleName", short),
		text("sn", short),
		text("initials", 6),
		text("personalTitle", short),
		text("title", middle),
		text("department", short),
		text("departmentNumber", 0),
		text("division", long),
		text("company", short),
		text("employeeNumber", 512),
		text("employeeType", long),
		text("description", 1024),
		text("info", 1024),
		text("physicalDeliveryOfficeName", middle),
		text("streetAddress", 1024),
		text("l", middle),
		text("st", middle),
		text("postalCode", 40),
		text("postOfficeBox", 40),
		text("c", 2),
		text("co", middle),
		text("countryCode", 5),
		text("preferredLanguage", 0),
		text("telephoneNumber", short),
		text("mobile", short),
		text("homePhone", short),
		text("pager", short),
		text("facsimileTelephoneNumber", short),
		text("ipPhone", short),
		text("wWWHomePage", 2048),
		text(Mail, long),
		text("mailNickname", 0),
		list("proxyAddresses"),
		list("otherTelephone"),
		list("otherMobile"),
		text("homeDirectory", 0),
		text("homeDrive", 3),
		text("profilePath", 0),
		text("scriptPath", 0),
		{Name: "msExchHideFromAddressLists", Kind: directory.KindBool, Writable: true},
		{Name: AccountExpires, Kind: directory.KindDateTime, Writable: true},
		{Name: Manager, Kind: directory.KindReference, Writable: true},
	}
	for i := range exchangeAttributes {
		list = append(list, text(fmt.Sprintf("extensionAttribute%d", i+1), 1024))
	}
	for i := range cloudAttributes {
		list = append(list, text(fmt.Sprintf("msDS-cloudExtensionAttribute%d", i+1), 1024))
	}
	return list
}

// LockoutTime is since when an account is locked; it is written to unlock, and no
// mapping may name it.
const LockoutTime = "lockoutTime"

// Unlocked is the only value that is written to LockoutTime.
const Unlocked = "0"

// Manager is the link to the manager.
const Manager = "manager"

// Find returns the attribute of a name, which Active Directory compares without
// case. One that is not listed is a single text.
func Find(name string) directory.Attribute {
	if a, listed := known[strings.ToLower(name)]; listed {
		return a
	}
	return directory.Attribute{Name: name, Kind: directory.KindString, Writable: true}
}

// known are the attributes by their names in lower case: each write looks some of
// them up. Nobody changes it.
var known = byName(Attributes())

func byName(list []directory.Attribute) map[string]directory.Attribute {
	out := map[string]directory.Attribute{}
	for _, a := range list {
		out[strings.ToLower(a.Name)] = a
	}
	return out
}

// Forbidden reports whether no mapping may write an attribute: it gives rights,
// is a secret, belongs to the system or is written by a call of its own.
func Forbidden(name string) bool {
	return slices.ContainsFunc(forbidden(), func(f string) bool { return strings.EqualFold(f, name) })
}

func forbidden() []string {
	return []string{
		"unicodePwd", "userPassword", "dBCSPwd", "supplementalCredentials", "userAccountControl", "pwdLastSet",
		"objectGUID", "objectSid", "sIDHistory", "objectClass", "objectCategory", "nTSecurityDescriptor", "adminCount",
		"member", "memberOf", "primaryGroupID", "sAMAccountType", "servicePrincipalName", "altSecurityIdentities",
		"msDS-AllowedToDelegateTo", "msDS-AllowedToActOnBehalfOfOtherIdentity", "msDS-KeyCredentialLink", "userCertificate",
		"isDeleted", "isCriticalSystemObject", "distinguishedName", "name", "instanceType", "mS-DS-ConsistencyGuid",
	}
}

func text(name string, length int) directory.Attribute {
	return directory.Attribute{Name: name, Kind: directory.KindString, MaxLength: length, Writable: true}
}

func list(name string) directory.Attribute {
	return directory.Attribute{Name: name, Kind: directory.KindList, Writable: true}
}
