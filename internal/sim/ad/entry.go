package ad

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// entry is one object. What is computed from its place, class and links is not kept in it.
type entry struct {
	ID     guid
	Parent guid
	Class  string
	RDN    rdn
	Base   dn // the whole name of a head of a naming context, which has no parent
	RID    uint32
	// Builtin objects have a SID of the built-in domain.
	Builtin  bool
	Critical bool

	Created, Changed       time.Time
	USNCreated, USNChanged int64

	Attrs map[string][]string `json:"-"`               // by folded name; see kept
	Links map[string][]guid   `json:"links,omitempty"` // by folded name of the forward link

	Password digest
	BadCount int
	BadAt    time.Time

	Deleted    *time.Time
	Recycled   bool
	LastParent guid
	LastRDN    string
}

func (e *entry) clone() *entry {
	out := *e
	out.Attrs, out.Links = maps.Clone(e.Attrs), maps.Clone(e.Links)
	return &out
}

// first is the value of a single-valued attribute.
func (e *entry) first(name string) string {
	if v := e.Attrs[strings.ToLower(name)]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func (e *entry) number(name string) int64 {
	n, _ := parseInt(e.first(name))
	return n
}

// set replaces an attribute; without values it is gone.
func (e *entry) set(name string, values ...string) {
	if len(values) == 0 {
		delete(e.Attrs, strings.ToLower(name))
		return
	}
	e.Attrs[strings.ToLower(name)] = values
}

func (e *entry) setNumber(name string, n int64) { e.set(name, itoa(n)) }

func (e *entry) class() class {
	c, _ := classNamed(e.Class)
	return c
}

// equal tells whether a change has changed nothing.
func (e *entry) equal(o *entry) bool {
	return e.Parent == o.Parent && e.RDN == o.RDN && e.Password == o.Password && (e.Deleted == nil) == (o.Deleted == nil) &&
		e.BadCount == o.BadCount &&
		maps.EqualFunc(e.Attrs, o.Attrs, slices.Equal) && maps.EqualFunc(e.Links, o.Links, slices.Equal)
}
