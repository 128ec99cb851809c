package person

import (
	"slices"
	"strings"
)

// Layer is the part of the record to which an attribute belongs.
type Layer string

// The layers of the record.
const (
	PersonLayer     Layer = "person"
	EmploymentLayer Layer = "employment"
	AssignmentLayer Layer = "assignment"
)

// Type is the form of an attribute's value.
type Type string

// The types of attributes. Values of all of them are carried as text.
const (
	Text   Type = "text"
	Day    Type = "date"
	Bool   Type = "bool"
	Number Type = "number"
	Enum   Type = "enum"
)

// Definition describes one attribute of the record.
type Definition struct {
	Name  string
	Layer Layer
	Type  Type
	// Values are the words an Enum allows; nil for other types.
	Values      []string
	Description string
}

// Names of attributes that rules of this package, the planner and the feeds
// speak of.
const (
	PersonKeyAttribute       = "personKey"
	SourceKeyAttribute       = "sourceKey"
	EmployeeIDAttribute      = "employeeId"
	GivenNameAttribute       = "person.legalName.given"
	FamilyNameAttribute      = "person.legalName.family"
	DisplayNameAttribute     = "person.displayName"
	LanguageAttribute        = "person.language"
	PrivateEmailAttribute    = "person.privateEmail"
	BirthDateAttribute       = "person.birthDate"
	TimeZoneAttribute        = "person.timeZone"
	WorkEmailAttribute       = "contact.workEmail"
	ManagerKindAttribute     = "managerRef.kind"
	ManagerValueAttribute    = "managerRef.value"
	EmploymentIDAttribute    = "employment.id"
	PrimaryEmployment        = "employment.primary"
	KindAttribute            = "employment.kind"
	StatusAttribute          = "employment.status"
	StartDateAttribute       = "employment.startDate"
	HireDateAttribute        = "employment.hireDate"
	LastDayAttribute         = "employment.lastDayOfWork"
	TerminationDateAttribute = "employment.terminationDate"
	ContractEndAttribute     = "employment.contractEndDate"
	LeaveStartAttribute      = "employment.leave.start"
	LeaveReturnAttribute     = "employment.leave.expectedReturn"
	LeaveReturnedAttribute   = "employment.leave.actualReturn"
	LeaveKeepsAccess         = "employment.leave.keepsAccess"
	AssignmentIDAttribute    = "assignment.id"
	AssignmentFromAttribute  = "assignment.from"
	AssignmentToAttribute    = "assignment.to"
	AssignmentPrimary        = "assignment.primary"
	AssignmentEmployment     = "assignment.employmentId"
	DepartmentAttribute      = "assignment.department.name"
	JobTitleAttribute        = "assignment.jobTitle"
	LocationTimeZone         = "assignment.location.timeZone"
	LocationCountry          = "assignment.location.country"
	companyCountry           = "assignment.company.country"
	employmentPrefix         = "employment."
	extensionPrefix          = "ext."
)

// The statuses of an employment.
const (
	StatusPreHire    = "pre_hire"
	StatusActive     = "active"
	StatusLeave      = "leave"
	StatusSuspended  = "suspended"
	StatusTerminated = "terminated"
	StatusRescinded  = "rescinded"
	StatusNoShow     = "no_show"
	StatusDiscarded  = "discarded"
)

// The kinds of employment.
const (
	KindEmployee   = "employee"
	KindContingent = "contingent"
	KindIntern     = "intern"
	KindOther      = "other"
)

// The kinds of reference to a manager.
const (
	ReferenceSourceKey  = "sourceKey"
	ReferenceEmployeeID = "employeeId"
	ReferenceEmail      = "email"
	ReferenceName       = "name"
)

// IsUndone reports whether the status says that the employment never came to
// be: the hire was rescinded, or the person did not appear.
func IsUndone(status string) bool {
	return status == StatusRescinded || status == StatusNoShow || status == StatusDiscarded
}

// catalog is the whole record, sorted by name; it is never written.
var catalog = []Definition{
	{"assignment.businessUnit", AssignmentLayer, Text, nil, "Business unit."},
	{companyCountry, AssignmentLayer, Text, nil, "Country in which the company is registered."},
	{"assignment.company.id", AssignmentLayer, Text, nil, "The feed's ID of the legal company."},
	{"assignment.company.name", AssignmentLayer, Text, nil, "Legal company."},
	{"assignment.costCenter.id", AssignmentLayer, Text, nil, "The feed's ID of the cost centre."},
	{"assignment.costCenter.name", AssignmentLayer, Text, nil, "Cost centre."},
	{"assignment.department.id", AssignmentLayer, Text, nil, "The feed's ID of the department."},
	{DepartmentAttribute, AssignmentLayer, Text, nil, "Department."},
	{"assignment.division", AssignmentLayer, Text, nil, "Division."},
	{AssignmentEmployment, AssignmentLayer, Text, nil, "The ID of the employment to which the assignment belongs."},
	{AssignmentFromAttribute, AssignmentLayer, Day, nil, "First day on which the assignment holds."},
	{"assignment.fte", AssignmentLayer, Number, nil, "Share of a full-time job, 1 is full time."},
	{"assignment.grade", AssignmentLayer, Text, nil, "Grade."},
	{AssignmentIDAttribute, AssignmentLayer, Text, nil, "The feed's ID of the assignment."},
	{"assignment.jobCode", AssignmentLayer, Text, nil, "The feed's code of the job."},
	{JobTitleAttribute, AssignmentLayer, Text, nil, "Job title."},
	{"assignment.location.city", AssignmentLayer, Text, nil, "City of the place of work."},
	{LocationCountry, AssignmentLayer, Text, nil, "Country of the place of work, as ISO 3166 writes it in two letters."},
	{"assignment.location.id", AssignmentLayer, Text, nil, "The feed's ID of the place of work."},
	{"assignment.location.name", AssignmentLayer, Text, nil, "Place of work."},
	{"assignment.location.postalCode", AssignmentLayer, Text, nil, "Postal code of the place of work."},
	{"assignment.location.region", AssignmentLayer, Text, nil, "State or region of the place of work."},
	{"assignment.location.street", AssignmentLayer, Text, nil, "Street and number of the place of work."},
	{LocationTimeZone, AssignmentLayer, Text, nil, "IANA time zone of the place of work."},
	{"assignment.position", AssignmentLayer, Text, nil, "The feed's ID of the position."},
	{AssignmentPrimary, AssignmentLayer, Bool, nil, "Whether it is the main one of several assignments."},
	{AssignmentToAttribute, AssignmentLayer, Day, nil, "First day on which the assignment no longer holds."},
	{"assignment.weeklyHours", AssignmentLayer, Number, nil, "Hours of work in a week."},
	{"contact.mobile", PersonLayer, Text, nil, "Business mobile phone."},
	{"contact.userName", PersonLayer, Text, nil, "User name as HR knows it."},
	{WorkEmailAttribute, PersonLayer, Text, nil, "Business mail address as HR knows it."},
	{"contact.workPhone", PersonLayer, Text, nil, "Business phone."},
	{EmployeeIDAttribute, PersonLayer, Text, nil, "The number people know; the key that matches accounts."},
	{"employment.assignmentClass", EmploymentLayer, Enum, []string{"ST", "GA"}, "Standard or global assignment."},
	{ContractEndAttribute, EmploymentLayer, Day, nil, "Day on which a contract for a fixed term ends."},
	{"employment.endReason", EmploymentLayer, Text, nil, "The feed's reason for the end."},
	{HireDateAttribute, EmploymentLayer, Day, nil, "Day of hire."},
	{EmploymentIDAttribute, EmploymentLayer, Text, nil, "The feed's ID of the employment."},
	{KindAttribute, EmploymentLayer, Enum, []string{KindEmployee, KindContingent, KindIntern, KindOther}, "Kind of contract."},
	{LastDayAttribute, EmploymentLayer, Day, nil, "Last day of work, inclusive."},
	{LeaveReturnedAttribute, EmploymentLayer, Day, nil, "Day on which the person came back from leave."},
	{LeaveReturnAttribute, EmploymentLayer, Day, nil, "Day on which the person is expected back from leave."},
	{LeaveKeepsAccess, EmploymentLayer, Bool, nil, "Whether access stays during the leave."},
	{"employment.leave.paid", EmploymentLayer, Bool, nil, "Whether the leave is paid."},
	{LeaveStartAttribute, EmploymentLayer, Day, nil, "First day of a leave of absence."},
	{"employment.leave.type", EmploymentLayer, Text, nil, "The feed's kind of leave."},
	{"employment.noticeDate", EmploymentLayer, Day, nil, "Day on which notice was given."},
	{"employment.originalHireDate", EmploymentLayer, Day, nil, "Day of the first hire ever."},
	{PrimaryEmployment, EmploymentLayer, Bool, nil, "Whether it is the main one of several employments."},
	{"employment.rehireEligible", EmploymentLayer, Bool, nil, "Whether the person may be hired again."},
	{StartDateAttribute, EmploymentLayer, Day, nil, "First day of work."},
	{
		StatusAttribute, EmploymentLayer, Enum,
		[]string{
			StatusPreHire, StatusActive, StatusLeave, StatusSuspended,
			StatusTerminated, StatusRescinded, StatusNoShow, StatusDiscarded,
		},
		"What HR says of the employment.",
	},
	{TerminationDateAttribute, EmploymentLayer, Day, nil, "Day on which the employment ends in law."},
	{"employment.voluntary", EmploymentLayer, Bool, nil, "Whether the person left by their own wish."},
	{
		ManagerKindAttribute, PersonLayer, Enum,
		[]string{ReferenceSourceKey, ReferenceEmployeeID, ReferenceEmail, ReferenceName},
		"How managerRef.value names the manager.",
	},
	{ManagerValueAttribute, PersonLayer, Text, nil, "The manager, named as managerRef.kind says."},
	{BirthDateAttribute, PersonLayer, Day, nil, "Date of birth; used only to tell people apart."},
	{DisplayNameAttribute, PersonLayer, Text, nil, "Name to show."},
	{LanguageAttribute, PersonLayer, Text, nil, "Language for messages, as BCP 47 writes it."},
	{FamilyNameAttribute, PersonLayer, Text, nil, "Legal family name."},
	{GivenNameAttribute, PersonLayer, Text, nil, "Legal given name."},
	{"person.legalName.middle", PersonLayer, Text, nil, "Legal middle name."},
	{"person.legalName.suffix", PersonLayer, Text, nil, "Suffix of the legal name."},
	{"person.preferredName.family", PersonLayer, Text, nil, "Family name the person uses."},
	{"person.preferredName.given", PersonLayer, Text, nil, "Given name the person uses."},
	{"person.preferredName.middle", PersonLayer, Text, nil, "Middle name the person uses."},
	{"person.preferredName.suffix", PersonLayer, Text, nil, "Suffix of the name the person uses."},
	{PrivateEmailAttribute, PersonLayer, Text, nil, "Private mail address."},
	{"person.privatePhone", PersonLayer, Text, nil, "Private phone."},
	{TimeZoneAttribute, PersonLayer, Text, nil, "IANA time zone of the person; goes before that of the location."},
	{PersonKeyAttribute, PersonLayer, Text, nil, "Key of the human that survives a rehire."},
	{SourceKeyAttribute, PersonLayer, Text, nil, "Immutable ID of the row or object in the feed."},
}

// Catalog lists every attribute of the record, sorted by name. Attributes
// under ext. are declared by feeds and are not in it.
func Catalog() []Definition { return slices.Clone(catalog) }

// Lookup finds an attribute by its exact name. Names under ext. are text
// attributes of the person.
func Lookup(name string) (Definition, bool) {
	if rest, found := strings.CutPrefix(name, extensionPrefix); found {
		if !isExtensionName(rest) {
			return Definition{}, false
		}
		return Definition{Name: name, Layer: PersonLayer, Type: Text, Description: "Declared by the feed."}, true
	}
	i, found := slices.BinarySearchFunc(catalog, name, func(d Definition, name string) int {
		return strings.Compare(d.Name, name)
	})
	if !found {
		return Definition{}, false
	}
	return catalog[i], true
}

// OwnedWithStatus reports whether only the feed that owns status and dates may
// state the attribute (S12): the whole employment and the frame of assignments
// belong to it.
func OwnedWithStatus(name string) bool {
	switch name {
	case AssignmentFromAttribute, AssignmentToAttribute, AssignmentPrimary, AssignmentEmployment:
		return true
	}
	return strings.HasPrefix(name, employmentPrefix)
}

func isExtensionName(name string) bool {
	if name == "" || len(name) > 64 {
		return false
	}
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		digit := r >= '0' && r <= '9'
		if !letter && (i == 0 || !digit && r != '_') {
			return false
		}
	}
	return true
}
