package ad

import (
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
	"tenure/internal/directory/ad/schema"
)

// The directory's names that no mapping uses.
const (
	attrGUID         = "objectGUID"
	attrSID          = "objectSid"
	attrConsistency  = "mS-DS-ConsistencyGuid"
	attrEmployeeID   = "employeeID"
	attrControl      = "userAccountControl"
	attrManager      = schema.Manager
	attrPasswordSet  = "pwdLastSet"
	attrKeyVersion   = "msDS-KeyVersionNumber"
	attrPassword     = "unicodePwd"
	attrPrimaryGroup = "primaryGroupID"
	attrAdminCount   = "adminCount"
	attrCritical     = "isCriticalSystemObject"
	attrClass        = "objectClass"
	attrMember       = "member"
	attrLastParent   = "lastKnownParent"
	attrLastRDN      = "msDS-LastKnownRDN"
	attrChanged      = "whenChanged"
	attrProxies      = "proxyAddresses"
	attrDeleted      = "isDeleted"
	attrDN           = "distinguishedName"
	attrAllowed      = "allowedAttributes"
)

// The bits of userAccountControl that Tenure knows.
const (
	controlDisabled = 0x2
	controlNormal   = 0x200
)

// generalizedTime is how a directory writes an instant.
const generalizedTime = "20060102150405.0Z"

// object is an account with what the connector needs beside the port's view.
type object struct {
	directory.Account

	dn           string
	commonName   string
	accountName  string
	displayName  string
	control      int
	sid          sid
	primaryGroup uint32
	adminCount   bool
	critical     bool
	// passwordSet is pwdLastSet, keyVersion how many passwords there were.
	passwordSet string
	keyVersion  int
	lastParent  string
	lastRDN     string
	managerDN   string
}

// wantedAttributes are what every read of an account asks for.
func (d *Directory) wantedAttributes() []string {
	out := []string{
		attrGUID, attrConsistency, attrSID, directory.UserNameAttribute, attrEmployeeID, attrControl, attrManager, attrPasswordSet, attrKeyVersion,
		attrPrimaryGroup, attrAdminCount, attrCritical,
		schema.CommonName, schema.AccountName, schema.DisplayName,
	}
	for _, a := range d.properties {
		if !strings.EqualFold(a.Name, schema.Parent) && !strings.EqualFold(a.Name, schema.CommonName) {
			out = append(out, a.Name)
		}
	}
	return out
}

// export reads an entry. Names in it are extended ones where the server knows
// how.
func (d *Directory) export(e *ldap.Entry) object {
	o := marked(e)
	o.commonName = e.GetEqualFoldAttributeValue(schema.CommonName)
	o.accountName, o.displayName = e.GetEqualFoldAttributeValue(schema.AccountName), e.GetEqualFoldAttributeValue(schema.DisplayName)
	o.control, o.sid = number(e, attrControl), e.GetEqualFoldRawAttributeValue(attrSID)
	o.primaryGroup = uint32(number(e, attrPrimaryGroup)) //nolint:gosec // a RID has 32 bits
	o.passwordSet, o.keyVersion = e.GetEqualFoldAttributeValue(attrPasswordSet), number(e, attrKeyVersion)
	o.lastRDN = e.GetEqualFoldAttributeValue(attrLastRDN)
	_, o.lastParent = splitExtended(e.GetEqualFoldAttributeValue(attrLastParent))
	o.Account = directory.Account{
		ID: guidText(e.GetEqualFoldRawAttributeValue(attrGUID)), UserName: e.GetEqualFoldAttributeValue(directory.UserNameAttribute),
		EmployeeID: e.GetEqualFoldAttributeValue(attrEmployeeID), Enabled: o.control&controlDisabled == 0, Attributes: map[string]string{},
		Anchor: anchorOf(e),
	}
	o.ManagerID, o.managerDN = splitExtended(e.GetEqualFoldAttributeValue(attrManager))
	if e.GetEqualFoldAttributeValue(attrDeleted) == ldapTrue {
		// Deleting is the last change that an object sees.
		o.DeletedAt, _ = time.Parse(generalizedTime, e.GetEqualFoldAttributeValue(attrChanged))
	}
	for _, a := range d.properties {
		if text := d.property(o, e, a); text != "" {
			o.Attributes[a.Name] = text
		}
	}
	return o
}

// marked is an entry's name and what protects it.
func marked(e *ldap.Entry) object {
	_, dn := splitExtended(e.DN)
	return object{
		dn: dn, adminCount: number(e, attrAdminCount) > 0, critical: e.GetEqualFoldAttributeValue(attrCritical) == ldapTrue,
	}
}

func (d *Directory) property(o object, e *ldap.Entry, a directory.Attribute) string {
	switch {
	case strings.EqualFold(a.Name, schema.Parent):
		return parentOf(o.dn)
	case strings.EqualFold(a.Name, schema.CommonName):
		return plainName(o.commonName, o.UserName)
	}
	return toText(a, e.GetEqualFoldAttributeValues(a.Name))
}

func number(e *ldap.Entry, name string) int {
	n, err := strconv.Atoi(e.GetEqualFoldAttributeValue(name))
	if err != nil {
		return 0 // absent, or of a kind that means nothing to us
	}
	return n
}
