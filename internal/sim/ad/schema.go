package ad

import "strings"

// syntax is the form of an attribute's values.
type syntax uint8

const (
	asText syntax = iota
	asInteger
	asLargeInteger
	asBoolean
	asOctets
	asDN
	asTime
	asClass
)

// keeper says who writes an attribute.
type keeper uint8

const (
	byClient   keeper = iota
	byRename          // part of the name
	bySystem          // refused as a constraint
	byAccounts        // owned by the account database: refused as unwilling
	byBackLink        // the other end of a link
	onRequest         // computed where it is asked for by name
)

// classes that an attribute belongs to, as bits.
type classes uint8

const (
	inUser classes = 1 << iota
	inGroup
	inUnit
	inContact
	inAll     = inUser | inGroup | inUnit | inContact | 1<<7
	inPeople  = inUser | inContact
	inAccount = inUser | inGroup
)

// attribute is one attribute of the schema.
type attribute struct {
	name   string
	syntax syntax
	keeper keeper
	multi  bool
	upper  int // longest value; 0: no limit
	in     classes
	link   string // of a back link: the forward one
}

// schema is the attributes by folded name.
type schema map[string]*attribute

func (s schema) find(name string) *attribute { return s[strings.ToLower(name)] }

// newSchema is the base schema as far as the simulator knows it; exchange adds what an Exchange organisation adds.
func newSchema(exchange bool) schema {
	s := schema{}
	for _, list := range [][]attribute{systemAttributes(), personAttributes(), accountAttributes(), linkAttributes()} {
		s.add(list)
	}
	for _, n := range numbered("msDS-cloudExtensionAttribute", 20) {
		s.add([]attribute{{name: n, in: inAccount | inContact}})
	}
	if exchange {
		for _, n := range numbered("extensionAttribute", 15) {
			s.add([]attribute{{name: n, upper: 1024, in: inAccount | inContact}})
		}
		s.add([]attribute{
			{name: "mailNickname", upper: 64, in: inAccount | inContact},
			{name: "targetAddress", upper: 1123, in: inAccount | inContact},
			{name: "msExchHideFromAddressLists", syntax: asBoolean, in: inAccount | inContact},
		})
	}
	return s
}

func (s schema) add(list []attribute) {
	for _, a := range list {
		s[strings.ToLower(a.name)] = &a
	}
}

func numbered(stem string, n int) []string {
	var out []string
	for i := range n {
		out = append(out, stem+itoa(int64(i+1)))
	}
	return out
}

// Names that the rules of the server speak of.
const (
	attrAccountExpires = "accountExpires"
	attrAdminCount     = "adminCount"
	attrCritical       = "isCriticalSystemObject"
	attrDirectReports  = "directReports"
	attrDN             = "distinguishedName"
	attrEmployeeID     = "employeeID"
	attrGroupType      = "groupType"
	attrIsDeleted      = "isDeleted"
	attrIsRecycled     = "isRecycled"
	attrLockoutTime    = "lockoutTime"
	attrManager        = "manager"
	attrMember         = "member"
	attrMemberOf       = "memberOf"
	attrObjectCategory = "objectCategory"
	attrObjectClass    = "objectClass"
	attrObjectGUID     = "objectGUID"
	attrObjectSID      = "objectSid"
	attrPassword       = "unicodePwd"
	attrPrimaryGroup   = "primaryGroupID"
	attrPwdLastSet     = "pwdLastSet"
	attrSAM            = "sAMAccountName"
	attrUAC            = "userAccountControl"
	attrUPN            = "userPrincipalName"
	attrBadPwdCount    = "badPwdCount"
	attrLastParent     = "lastKnownParent"
	attrLogonStamp     = "lastLogonTimestamp"
)

func systemAttributes() []attribute {
	out := []attribute{
		{name: "cn", keeper: byRename, upper: 64},
		{name: "ou", keeper: byRename, upper: 64},
		{name: "dc", keeper: byRename, upper: 255},
		{name: "name", keeper: byRename, upper: 255},
		{name: attrDN, syntax: asDN, keeper: bySystem},
		{name: attrObjectClass, syntax: asClass, keeper: bySystem, multi: true},
		{name: attrObjectCategory, syntax: asDN, keeper: bySystem},
		{name: attrObjectGUID, syntax: asOctets, keeper: bySystem},
		{name: attrObjectSID, syntax: asOctets, keeper: byAccounts},
		{name: "whenCreated", syntax: asTime, keeper: bySystem},
		{name: "whenChanged", syntax: asTime, keeper: bySystem},
		{name: "uSNCreated", syntax: asLargeInteger, keeper: bySystem},
		{name: "uSNChanged", syntax: asLargeInteger, keeper: bySystem},
		{name: "instanceType", syntax: asInteger, keeper: bySystem},
		{name: "sAMAccountType", syntax: asInteger, keeper: byAccounts},
		{name: attrIsDeleted, syntax: asBoolean, keeper: bySystem},
		{name: attrIsRecycled, syntax: asBoolean, keeper: bySystem},
		{name: attrLastParent, syntax: asDN, keeper: bySystem},
		{name: "msDS-LastKnownRDN", keeper: bySystem},
		{name: attrCritical, syntax: asBoolean, keeper: bySystem},
		{name: attrBadPwdCount, syntax: asInteger, keeper: byAccounts},
		{name: "badPasswordTime", syntax: asLargeInteger, keeper: byAccounts},
		{name: "lastLogon", syntax: asLargeInteger, keeper: byAccounts},
		{name: attrLogonStamp, syntax: asLargeInteger, keeper: byAccounts},
		{name: "logonCount", syntax: asInteger, keeper: byAccounts},
		{name: "canonicalName", keeper: onRequest},
		{name: "msDS-KeyVersionNumber", syntax: asInteger, keeper: onRequest},
		{name: "primaryGroupToken", syntax: asInteger, keeper: onRequest},
		{name: "tokenGroups", syntax: asOctets, keeper: onRequest, multi: true},
		{name: "msDS-User-Account-Control-Computed", syntax: asInteger, keeper: onRequest},
		{name: "allowedAttributesEffective", keeper: onRequest, multi: true},
		{name: "allowedChildClassesEffective", keeper: onRequest, multi: true},
		{name: "allowedAttributes", keeper: onRequest, multi: true},
		{name: attrDescriptor, syntax: asOctets, keeper: onRequest},
		{name: "allowedChildClasses", keeper: onRequest, multi: true},
		// Of the configuration and the domain.
		{name: "lDAPDisplayName", keeper: bySystem},
		{name: "isSingleValued", syntax: asBoolean, keeper: bySystem},
		{name: "rangeUpper", syntax: asInteger, keeper: bySystem},
		{name: "msDS-EnabledFeature", syntax: asText, keeper: bySystem, multi: true},
		{name: "msDS-EnabledFeatureBL", syntax: asText, keeper: bySystem, multi: true},
		{name: "uPNSuffixes", keeper: bySystem, multi: true},
		{name: "minPwdLength", syntax: asInteger, keeper: bySystem},
		{name: "lockoutThreshold", syntax: asInteger, keeper: bySystem},
		{name: "msDS-deletedObjectLifetime", syntax: asInteger, keeper: bySystem},
		{name: "tombstoneLifetime", syntax: asInteger, keeper: bySystem},
	}
	for i := range out {
		out[i].in = inAll
	}
	return out
}

func personAttributes() []attribute {
	out := []attribute{
		{name: "sn", upper: 64},
		{name: "givenName", upper: 64},
		{name: "initials", upper: 6},
		{name: "middleName", upper: 64},
		{name: "personalTitle", upper: 64},
		{name: "generationQualifier", upper: 64},
		{name: "title", upper: 128},
		{name: "department", upper: 64},
		{name: "departmentNumber", multi: true},
		{name: "company", upper: 64},
		{name: "division", upper: 256},
		{name: attrEmployeeID, upper: 16},
		{name: "employeeNumber", upper: 512},
		{name: "employeeType", upper: 256},
		{name: "physicalDeliveryOfficeName", upper: 128},
		{name: "roomNumber", multi: true},
		{name: "streetAddress", upper: 1024},
		{name: "postOfficeBox", upper: 40, multi: true},
		{name: "postalCode", upper: 40},
		{name: "l", upper: 128},
		{name: "st", upper: 128},
		{name: "c", upper: 3},
		{name: "co", upper: 128},
		{name: "countryCode", syntax: asInteger},
		{name: "preferredLanguage"},
		{name: "homePostalAddress", upper: 4096},
		{name: "mobile", upper: 64},
		{name: "otherMobile", upper: 64, multi: true},
		{name: "homePhone", upper: 64},
		{name: "pager", upper: 64},
		{name: "ipPhone", upper: 64},
		{name: "facsimileTelephoneNumber", upper: 64},
		{name: "otherTelephone", upper: 64, multi: true},
		{name: "otherMailbox", upper: 2048, multi: true},
		{name: "homeDirectory", upper: 256},
		{name: "homeDrive", upper: 3},
		{name: "profilePath"},
		{name: "scriptPath"},
		{name: "carLicense", upper: 128, multi: true},
		{name: "uid", upper: 256, multi: true},
		{name: "thumbnailPhoto", syntax: asOctets, upper: 102_400},
		{name: "jpegPhoto", syntax: asOctets, multi: true},
		{name: "msDS-PhoneticDisplayName", upper: 256},
		{name: "o", upper: 64, multi: true},
	}
	for i := range out {
		out[i].in = inPeople
	}
	return append(out,
		attribute{name: "displayName", upper: 256, in: inAll},
		attribute{name: "description", upper: 1024, multi: true, in: inAll},
		attribute{name: "info", upper: 1024, in: inAccount | inContact},
		attribute{name: "mail", upper: 256, in: inAccount | inContact},
		attribute{name: "telephoneNumber", upper: 64, in: inAccount | inContact},
		attribute{name: "wWWHomePage", upper: 2048, in: inAll},
		attribute{name: "url", multi: true, in: inAll},
		attribute{name: "proxyAddresses", upper: 1123, multi: true, in: inAccount | inContact},
		attribute{name: "adminDescription", upper: 256, in: inAll},
		attribute{name: "adminDisplayName", upper: 256, in: inAll},
		attribute{name: "extensionName", upper: 255, multi: true, in: inAll},
		attribute{name: "showInAddressBook", multi: true, in: inAccount | inContact},
		attribute{name: "mS-DS-ConsistencyGuid", syntax: asOctets, in: inAll},
	)
}

func accountAttributes() []attribute {
	return []attribute{
		{name: attrSAM, upper: 256, in: inAccount},
		{name: attrUPN, upper: 1024, in: inUser},
		{name: attrUAC, syntax: asInteger, in: inUser},
		{name: attrPassword, syntax: asOctets, in: inUser},
		{name: attrPwdLastSet, syntax: asLargeInteger, in: inUser},
		{name: attrAccountExpires, syntax: asLargeInteger, in: inUser},
		{name: attrLockoutTime, syntax: asLargeInteger, in: inUser},
		{name: attrPrimaryGroup, syntax: asInteger, in: inUser},
		{name: attrAdminCount, syntax: asInteger, in: inAccount},
		{name: attrGroupType, syntax: asInteger, in: inGroup},
		{name: "codePage", syntax: asInteger, in: inUser},
		{name: "servicePrincipalName", multi: true, in: inUser},
		{name: "altSecurityIdentities", multi: true, in: inAccount},
		{name: "userWorkstations", upper: 1024, in: inUser},
		{name: "logonHours", syntax: asOctets, in: inUser},
		{name: "msDS-SupportedEncryptionTypes", syntax: asInteger, in: inUser},
	}
}

func linkAttributes() []attribute {
	return []attribute{
		{name: attrManager, syntax: asDN, in: inPeople},
		{name: attrDirectReports, syntax: asDN, keeper: byBackLink, multi: true, in: inAll, link: attrManager},
		{name: attrMember, syntax: asDN, multi: true, in: inGroup},
		{name: attrMemberOf, syntax: asDN, keeper: byBackLink, multi: true, in: inAll, link: attrMember},
		{name: "managedBy", syntax: asDN, in: inGroup | inUnit},
		{name: "managedObjects", syntax: asDN, keeper: byBackLink, multi: true, in: inAll, link: "managedBy"},
		{name: "secretary", syntax: asDN, multi: true, in: inPeople},
		{name: "assistant", syntax: asDN, in: inPeople},
		{name: "seeAlso", syntax: asDN, multi: true, in: inAll},
	}
}

// class is one class of objects.
type class struct {
	name     string
	chain    []string // objectClass, the most general first
	category string
	rdn      string
	bit      classes
	parents  []string // classes that it may lie in
	account  bool
}

const (
	classUser      = "user"
	classGroup     = "group"
	classUnit      = "organizationalUnit"
	classContainer = "container"
	classContact   = "contact"
	classDomain    = "domainDNS"
	classBuiltin   = "builtinDomain"
	classAttribute = "attributeSchema"
	classTop       = "top"
)

// classNamed finds a class that an object can be of.
func classNamed(name string) (class, bool) {
	places := []string{classDomain, classUnit, classContainer, classBuiltin}
	for _, c := range []class{
		{classUser, []string{classTop, "person", "organizationalPerson", classUser}, "Person", "CN", inUser, places, true},
		{classGroup, []string{classTop, classGroup}, "Group", "CN", inGroup, places, true},
		{classContact, []string{classTop, "person", "organizationalPerson", classContact}, "Person", "CN", inContact, places, false},
		{classUnit, []string{classTop, classUnit}, "Organizational-Unit", "OU", inUnit, []string{classDomain, classUnit}, false},
		{classContainer, []string{classTop, classContainer}, "Container", "CN", 1 << 7, places, false},
		{classDomain, []string{classTop, "domain", classDomain}, "Domain-DNS", "DC", 1 << 7, nil, false},
		{classBuiltin, []string{classTop, classBuiltin}, "Builtin-Domain", "CN", 1 << 7, nil, false},
		{classAttribute, []string{classTop, classAttribute}, "Attribute-Schema", "CN", 1 << 7, nil, false},
	} {
		if strings.EqualFold(c.name, name) {
			return c, true
		}
	}
	return class{}, false
}
