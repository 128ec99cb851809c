package schema

import (
	"fmt"

	"tenure/internal/directory"
)

// The properties that the connector treats specially.
const (
	Manager               = "manager"
	AccountEnabled        = "accountEnabled"
	DisplayName           = "displayName"
	MailNickname          = "mailNickname"
	Mail                  = "mail"
	EmployeeLeaveDateTime = "employeeLeaveDateTime"
	EmployeeOrgData       = "employeeOrgData"
	Division              = EmployeeOrgData + ".division"
	CostCenter            = EmployeeOrgData + ".costCenter"

	usageLocation = "usageLocation"
)

// The lengths that Microsoft's model states for more than one property.
const (
	short  = 64
	middle = 128
	long   = 256
)

// extensionAttributes is how many of them Exchange once invented.
const extensionAttributes = 15

// Attributes lists the supported properties in the order in which people read
// them. The slice is the caller's own.
func Attributes() []directory.Attribute {
	list := []directory.Attribute{
		byDefault(text(directory.UserNameAttribute, 0)), // at most 64 before and 48 after the @
		text(directory.EmployeeIDAttribute, 16),
		byDefault(text(DisplayName, long)),
		byDefault(text("givenName", short)),
		byDefault(text("surname", short)),
		byDefault(text("jobTitle", middle)),
		text("department", short),
		text("companyName", short),
		text("employeeType", 0),
		{Name: "employeeHireDate", Kind: directory.KindDateTime, Writable: true},
		{Name: EmployeeLeaveDateTime, Kind: directory.KindDateTime, Writable: true},
		text(Division, 0),
		text(CostCenter, 0),
		byDefault(text("officeLocation", middle)),
		text("streetAddress", 1024),
		text("city", middle),
		text("state", middle),
		text("postalCode", 40),
		text("country", middle),
		text(usageLocation, 2),
		byDefault(text("preferredLanguage", 0)),
		byDefault(text("mobilePhone", short)),
		{Name: "businessPhones", Kind: directory.KindList, MaxItems: 1, Writable: true, Default: true},
		text(MailNickname, short),
		// The address is Exchange's to give.
		{Name: Mail, Kind: directory.KindString, Default: true},
		{Name: "otherMails", Kind: directory.KindList, MaxItems: 250, Writable: true},
		{Name: "showInAddressList", Kind: directory.KindBool, Writable: true},
		{Name: Manager, Kind: directory.KindReference, Writable: true},
		// Enabled follows the account lines of a policy and is never mapped.
		{Name: AccountEnabled, Kind: directory.KindBool},
	}
	for i := range extensionAttributes {
		list = append(list, text(fmt.Sprintf("onPremisesExtensionAttributes.extensionAttribute%d", i+1), 1024))
	}
	return list
}

// SyncedWritable are the properties of a user mastered on premises that are
// written in the cloud: Graph refuses a request that names another one.
func SyncedWritable() []string { return []string{usageLocation} }

func text(name string, maxLength int) directory.Attribute {
	return directory.Attribute{Name: name, Kind: directory.KindString, MaxLength: maxLength, Writable: true}
}

// byDefault marks what Graph answers without being asked for it.
func byDefault(a directory.Attribute) directory.Attribute {
	a.Default = true
	return a
}
