package person

import (
	"slices"
	"strings"
	"time"
)

// Attribute is one attribute as a feed stated it. Value is in canonical text
// form (dates YYYY-MM-DD, booleans true or false); "" is an explicit empty
// value, which is different from an attribute that is absent.
type Attribute struct {
	Name  string `json:"n"`
	Value string `json:"v"`
	// By says who stated it last; the zero Stamp in a record that comes fresh
	// from a feed.
	By Stamp `json:"by,omitzero"`
}

// Attributes is sorted by name and holds each name once, so that equal
// attributes encode equally.
type Attributes []Attribute

// Stamp orders statements about one attribute or one record.
type Stamp struct {
	Feed     string    `json:"f,omitempty"`
	AsOf     time.Time `json:"t,omitzero"`
	Sequence int64     `json:"s,omitempty"`
	// Event breaks ties, so that any order of arrival gives one result.
	Event string `json:"e,omitempty"`
}

// Completeness says what a missing attribute means.
type Completeness string

// The kinds of completeness. A partial record never clears anything.
const (
	Full    Completeness = "full"
	Partial Completeness = "partial"
)

// Record is what HR says of one person.
type Record struct {
	// Attributes of the person: employeeId, person.*, contact.*, managerRef.*,
	// ext.*.
	Attributes  Attributes   `json:"a,omitempty"`
	Employments []Employment `json:"e,omitempty"`
	Assignments []Assignment `json:"j,omitempty"`
}

// Employment is one span from hire to leave. Attributes are employment.*.
type Employment struct {
	// ID is the feed's; "" where the feed has no employment IDs.
	ID         string     `json:"id,omitempty"`
	Attributes Attributes `json:"a,omitempty"`
}

// Assignment is one job for a time inside an employment. Attributes are
// assignment.*; an assignment without From holds since ever, without To for
// good (To is exclusive: the first day on which it no longer holds).
type Assignment struct {
	ID           string     `json:"id,omitempty"`
	EmploymentID string     `json:"emp,omitempty"`
	Primary      bool       `json:"p,omitempty"`
	From         Date       `json:"from,omitzero"`
	To           Date       `json:"to,omitzero"`
	Attributes   Attributes `json:"a,omitempty"`
}

// Event is one statement of a feed about a person: the only way HR facts enter
// a journey.
type Event struct {
	ID           string       `json:"id"`
	Feed         string       `json:"feed"`
	AsOf         time.Time    `json:"asOf"`
	Sequence     int64        `json:"sequence,omitempty"`
	Completeness Completeness `json:"completeness"`
	// OwnsStatus is set for the one feed of the realm that owns status and
	// dates (S12); intake has already dropped what the feed does not own.
	OwnsStatus bool   `json:"ownsStatus,omitempty"`
	Record     Record `json:"record"`
}

// Stamp returns the event's place in the order of its feed.
func (e Event) Stamp() Stamp {
	return Stamp{Feed: e.Feed, AsOf: e.AsOf, Sequence: e.Sequence, Event: e.ID}
}

// Get returns the value of an attribute and whether it is present.
func (a Attributes) Get(name string) (string, bool) {
	i, found := a.find(name)
	if !found {
		return "", false
	}
	return a[i].Value, true
}

// With returns a copy in which the attribute has this value.
func (a Attributes) With(attribute Attribute) Attributes {
	i, found := a.find(attribute.Name)
	out := slices.Clone(a)
	if found {
		out[i] = attribute
		return out
	}
	return slices.Insert(out, i, attribute)
}

func (a Attributes) find(name string) (int, bool) {
	return slices.BinarySearchFunc(a, name, func(attribute Attribute, name string) int {
		return strings.Compare(attribute.Name, name)
	})
}
