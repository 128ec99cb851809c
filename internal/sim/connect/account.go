package connect

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// Attributes of the domain that code refers to.
const (
	attrAnchor   = "mS-DS-ConsistencyGuid"
	attrCritical = "isCriticalSystemObject"
	attrControl  = "userAccountControl"
	attrGUID     = "objectGUID"
	attrHidden   = "msExchHideFromAddressLists"
	attrLogon    = "sAMAccountName"
	attrMailbox  = "proxyAddresses"
	attrManager  = "manager"
	attrNickname = "mailNickname"
	attrPhone    = "telephoneNumber"
	attrSID      = "objectSid"
	attrUserName = "userPrincipalName"

	extensionStem  = "extensionAttribute"
	extensionCount = 15

	ldapTrue        = "TRUE"
	controlDisabled = 0x2
	sidHeader       = 8
	sidPart         = 4
)

// flows are the attributes that go to the tenant as they are, by the names there.
func flows() map[string]string {
	return map[string]string{
		"displayName": "displayName", "givenName": "givenName", "surname": "sn", "jobTitle": "title",
		"department": "department", "companyName": "company", "officeLocation": "physicalDeliveryOfficeName",
		"streetAddress": "streetAddress", "city": "l", "state": "st", "postalCode": "postalCode", "country": "co",
		"mobilePhone": "mobile", "faxNumber": "facsimileTelephoneNumber", "mail": "mail", "preferredLanguage": "preferredLanguage",
		"employeeId": "employeeID", "employeeType": "employeeType",
		"onPremisesSamAccountName": attrLogon, "onPremisesUserPrincipalName": attrUserName,
	}
}

func readAttributes() []string {
	out := []string{
		attrAnchor, attrCritical, attrControl, attrGUID, attrHidden, attrMailbox, attrManager, attrNickname, attrPhone, attrSID, "cn",
	}
	for _, name := range flows() {
		out = append(out, name)
	}
	for i := range extensionCount {
		out = append(out, extensionStem+strconv.Itoa(i+1))
	}
	return out
}

// account is one account as the domain gave it.
type account struct{ *ldap.Entry }

func (a account) first(name string) string { return a.GetEqualFoldAttributeValue(name) }

// anchor is what the tenant calls onPremisesImmutableId.
func (a account) anchor() string {
	raw := a.GetEqualFoldRawAttributeValue(attrAnchor)
	if len(raw) == 0 {
		raw = a.GetEqualFoldRawAttributeValue(attrGUID)
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// text is a value as JSON decodes it: null for none.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func texts(list []string) []any {
	out := []any{}
	for _, s := range list {
		out = append(out, s)
	}
	return out
}

// props are the properties of the user that the account becomes.
func (a account) props(domain string) map[string]any {
	out := map[string]any{}
	for property, attribute := range flows() {
		out[property] = text(a.first(attribute))
	}
	if out["displayName"] == nil {
		out["displayName"] = a.first("cn")
	}
	name := a.first(attrUserName)
	if name == "" {
		name = a.first(attrLogon) + "@" + domain
	}
	nickname := a.first(attrNickname)
	if nickname == "" {
		nickname, _, _ = strings.Cut(name, "@")
	}
	control, _ := strconv.ParseInt(a.first(attrControl), 10, 64)
	out["userPrincipalName"], out["mailNickname"] = name, nickname
	out["accountEnabled"] = control&controlDisabled == 0
	out["businessPhones"] = texts(a.GetEqualFoldAttributeValues(attrPhone))
	out["proxyAddresses"] = texts(a.GetEqualFoldAttributeValues(attrMailbox))
	out["onPremisesDistinguishedName"] = a.DN
	out["onPremisesSecurityIdentifier"] = text(sidText(a.GetEqualFoldRawAttributeValue(attrSID)))
	out["showInAddressList"] = nil
	if hidden := a.first(attrHidden); hidden != "" {
		out["showInAddressList"] = hidden != ldapTrue
	}
	extensions := map[string]any{}
	for i := range extensionCount {
		n := strconv.Itoa(i + 1)
		if value := a.first(extensionStem + n); value != "" {
			extensions[extensionStem+n] = value
		}
	}
	out["onPremisesExtensionAttributes"] = extensions
	return out
}

// sidText writes a security identifier as people do.
func sidText(raw []byte) string {
	if len(raw) < sidHeader {
		return ""
	}
	authority := binary.BigEndian.Uint64(append([]byte{0, 0}, raw[2:sidHeader]...))
	var out strings.Builder
	fmt.Fprintf(&out, "S-%d-%d", raw[0], authority)
	for rest := raw[sidHeader:]; len(rest) >= sidPart; rest = rest[sidPart:] {
		fmt.Fprintf(&out, "-%d", binary.LittleEndian.Uint32(rest))
	}
	return out.String()
}
