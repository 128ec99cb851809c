package entraschema

import (
	"strings"

	"tenure/internal/directory"
	"tenure/internal/directory/entra/schema"
	"tenure/internal/person"
)

// The prefixes that SCIM puts before the names of attributes.
const (
	scimCore       = "urn:ietf:params:scim:schemas:core:2.0:user:"
	scimEnterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:"
)

// recordNames are the attributes of the record by the names that the sources of
// Entra's HR provisioning give them, in lower case: SCIM (API-driven), Workday,
// SuccessFactors and what exports are usually headed with.
func recordNames() map[string]string {
	names := map[string]string{}
	for attribute, known := range map[string]string{
		person.EmployeeIDAttribute:       "externalid employeenumber employeeid workerid empid employeecode personidexternal",
		person.SourceKeyAttribute:        "wid perpersonuuid",
		"contact.userName":               "username userid loginid",
		person.GivenNameAttribute:        "name.givenname givenname firstname",
		person.FamilyNameAttribute:       "name.familyname familyname lastname surname",
		"person.legalName.middle":        "name.middlename middlename",
		"person.legalName.suffix":        "name.honorificsuffix",
		"person.preferredName.given":     "nickname preferredname preferredfirstname",
		"person.preferredName.family":    "preferredlastname",
		person.DisplayNameAttribute:      "displayname preferrednamedata",
		person.LanguageAttribute:         "preferredlanguage locale",
		person.TimeZoneAttribute:         "timezone",
		person.JobTitleAttribute:         "title jobtitle businesstitle",
		"assignment.jobCode":             "jobcode",
		person.DepartmentAttribute:       "department supervisoryorganization",
		"assignment.division":            "division",
		"assignment.businessUnit":        "businessunit",
		"assignment.costCenter.name":     "costcenter",
		"assignment.company.name":        "organization company",
		"assignment.location.name":       "location localreference worklocation",
		"assignment.location.street":     `addresses[type eq "work"].streetaddress addresslinedata`,
		"assignment.location.city":       `addresses[type eq "work"].locality municipality city`,
		"assignment.location.region":     `addresses[type eq "work"].region countryregionreference`,
		"assignment.location.postalCode": `addresses[type eq "work"].postalcode postalcode`,
		person.LocationCountry:           `addresses[type eq "work"].country countryreferencetwoletter`,
		"contact.workPhone":              `phonenumbers[type eq "work"].value primaryworktelephone`,
		"contact.mobile":                 `phonenumbers[type eq "mobile"].value mobile`,
		person.WorkEmailAttribute:        `emails[type eq "work"].value emailbusiness`,
		person.PrivateEmailAttribute:     `emails[type eq "home"].value emails[type eq "other"].value`,
		person.HireDateAttribute:         "hiredate statushiredate",
		person.StartDateAttribute:        "startdate firstdayofwork",
		person.LastDayAttribute:          "terminationlastdayofwork lastdateworked lastdayofwork",
		person.TerminationDateAttribute:  "statusterminationdate terminationdate enddate",
		person.ContractEndAttribute:      "contractenddate",
		"employment.originalHireDate":    "originalhiredate",
		person.ManagerValueAttribute:     "manager manager.value managerreference managerid",
	} {
		for _, name := range splitNames(known) {
			names[name] = attribute
		}
	}
	return names
}

// splitNames splits at blanks that stand in no brackets.
func splitNames(text string) []string {
	depth := 0
	return strings.FieldsFunc(text, func(r rune) bool {
		switch r {
		case '[':
			depth++
		case ']':
			depth--
		}
		return r == ' ' && depth == 0
	})
}

// undecidable are the attributes of a source that say what Tenure decides by
// dates and status instead.
func undecidable(folded string) bool {
	switch folded {
	case "active", "statusactive", "accountenabled", "status", "emplstatus", "workerstatus", "usertype", "workertype":
		return true
	default:
		return false
	}
}

// targetNames are the properties of a user that the provisioning service calls
// otherwise than Graph, in lower case.
func targetNames() map[string]string {
	names := map[string]string{
		"physicaldeliveryofficename": "officeLocation",
		"telephonenumber":            "businessPhones",
		"mobile":                     "mobilePhone",
		"title":                      "jobTitle",
		"division":                   schema.Division,
		"costcenter":                 schema.CostCenter,
		"employeeorgdata_division":   schema.Division,
		"employeeorgdata_costcenter": schema.CostCenter,
	}
	for _, attribute := range schema.Attributes() {
		names[strings.ToLower(attribute.Name)] = attribute.Name
		if short, found := strings.CutPrefix(attribute.Name, "onPremisesExtensionAttributes."); found {
			names[strings.ToLower(short)] = attribute.Name
		}
	}
	return names
}

// writable reports whether a property of a user can be mapped.
func writable(name string) bool {
	for _, attribute := range schema.Attributes() {
		if attribute.Name == name {
			return attribute.Writable
		}
	}
	return name == directory.UserNameAttribute
}

// extensionName makes a name under ext. of one that no attribute of the record
// has.
func extensionName(name string) string {
	if at := strings.LastIndex(name, ":"); at >= 0 {
		name = name[at+1:]
	}
	var out strings.Builder
	for _, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		digit := r >= '0' && r <= '9'
		switch {
		case letter, digit && out.Len() > 0:
			out.WriteRune(r)
		case out.Len() > 0 && !strings.HasSuffix(out.String(), "_"):
			out.WriteByte('_')
		}
	}
	const longest = 64
	made := out.String()
	return "ext." + strings.TrimRight(made[:min(len(made), longest)], "_")
}
