package directory

// The two attributes that every target knows under these names in Change.Set
// and in a ConflictError, beside its own attribute names. They have fields of
// their own in Account and NewAccount and do not appear in their Attributes.
const (
	UserNameAttribute   = "userPrincipalName"
	EmployeeIDAttribute = "employeeId"
)

// ListSeparator joins the members of a collection attribute in its text form.
const ListSeparator = ";"

// AttributeKind is the form of an attribute's text.
type AttributeKind string

// The kinds of attribute.
const (
	// KindString is free text.
	KindString AttributeKind = "string"
	// KindDateTime is RFC 3339 in UTC.
	KindDateTime AttributeKind = "date-time"
	// KindBool is "true" or "false".
	KindBool AttributeKind = "bool"
	// KindList is several strings joined by ListSeparator.
	KindList AttributeKind = "list"
	// KindReference is another account, linked by SetManager.
	KindReference AttributeKind = "reference"
)

// Attribute describes one attribute that a target knows, so that a policy can
// be checked before the target is asked.
type Attribute struct {
	// Name is the target's own name, dotted where it lies within another.
	Name string
	Kind AttributeKind
	// MaxLength counts characters; zero: no limit is known.
	MaxLength int
	// MaxItems counts the members of a list; zero: no limit is known.
	MaxItems int
	// Writable attributes may be mapped.
	Writable bool
	// Default attributes are in the target's answer without being asked for.
	Default bool
}
