package entra

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/microsoft/kiota-abstractions-go/store"
	"github.com/microsoftgraph/msgraph-sdk-go/models"

	"tenure/internal/directory"
	"tenure/internal/directory/entra/schema"
)

// model is what all of the SDK's models have: their properties by name. It
// spares a getter and a setter per attribute.
type model interface {
	store.BackedModel
	SetAdditionalData(map[string]any)
}

// ownField are the attributes that an Account has fields for.
func ownField(name string) bool {
	switch name {
	case directory.UserNameAttribute, directory.EmployeeIDAttribute, schema.AccountEnabled, schema.Manager:
		return true
	}
	return false
}

// mapped returns the attributes to read into Account.Attributes.
func mapped(names []string) []directory.Attribute {
	var out []directory.Attribute
	for _, a := range schema.Attributes() {
		asked := slices.Contains(names, a.Name)
		if len(names) == 0 {
			asked = a.Name != schema.EmployeeLeaveDateTime
		}
		if asked && !ownField(a.Name) {
			out = append(out, a)
		}
	}
	return out
}

// readText reads a property, or one within another, in its text form.
func readText(m store.BackedModel, name string) string {
	top, inner, nested := strings.Cut(name, ".")
	value, err := m.GetBackingStore().Get(top)
	if err != nil || value == nil {
		return ""
	}
	if nested {
		if within, ok := value.(store.BackedModel); ok {
			return readText(within, inner)
		}
		return ""
	}
	switch v := value.(type) {
	case *string:
		return deref(v)
	case *bool:
		if v != nil {
			return strconv.FormatBool(*v)
		}
	case *time.Time:
		if v != nil && v.Year() > 1 { // Graph says year 1 where there is none
			return v.UTC().Format(time.RFC3339)
		}
	case []string:
		return strings.Join(v, directory.ListSeparator)
	}
	return ""
}

// patch collects what to write into one user. The SDK drops a property that is
// set to nil, so that a null travels as additional data.
type patch struct {
	user   models.Userable
	nulls  map[model]map[string]any
	nested map[string]model
}

func newPatch() *patch {
	return &patch{user: models.NewUser(), nulls: map[model]map[string]any{}, nested: map[string]model{}}
}

// set writes one attribute from its text form.
func (p *patch) set(name, text string) error {
	a, err := writable(name)
	if err != nil {
		return err
	}
	value, err := parse(a, text)
	if err != nil {
		return fmt.Errorf("attribute %s %w: %w", name, err, directory.ErrInvalid)
	}
	owner, property := p.owner(name)
	return owner.GetBackingStore().Set(property, value)
}

// clear writes a null, or an empty list.
func (p *patch) clear(name string) error {
	a, err := writable(name)
	if err != nil {
		return err
	}
	if name == directory.UserNameAttribute || name == schema.DisplayName || name == schema.MailNickname {
		return fmt.Errorf("attribute %s cannot be cleared: %w", name, directory.ErrInvalid)
	}
	owner, property := p.owner(name)
	if a.Kind == directory.KindList {
		return owner.GetBackingStore().Set(property, []string{})
	}
	p.null(owner, property)
	return nil
}

func (p *patch) null(owner model, property string) {
	if p.nulls[owner] == nil {
		p.nulls[owner] = map[string]any{}
	}
	p.nulls[owner][property] = nil
	owner.SetAdditionalData(p.nulls[owner])
}

// owner finds or makes the model that holds a property.
func (p *patch) owner(name string) (model, string) {
	top, inner, nested := strings.Cut(name, ".")
	if !nested {
		return p.user, top
	}
	if p.nested[top] == nil {
		switch top {
		case schema.EmployeeOrgData:
			data := models.NewEmployeeOrgData()
			p.user.SetEmployeeOrgData(data)
			p.nested[top] = data
		default:
			data := models.NewOnPremisesExtensionAttributes()
			p.user.SetOnPremisesExtensionAttributes(data)
			p.nested[top] = data
		}
	}
	return p.nested[top], inner
}

// writable finds an attribute that may be written as text.
func writable(name string) (directory.Attribute, error) {
	for _, a := range schema.Attributes() {
		if a.Name == name && a.Writable && a.Kind != directory.KindReference {
			return a, nil
		}
	}
	return directory.Attribute{}, fmt.Errorf("attribute %q is not known or not writable: %w", name, directory.ErrInvalid)
}

// parse makes the SDK's value of a text. Its errors never quote the text.
func parse(a directory.Attribute, text string) (any, error) {
	switch {
	case text == "":
		return nil, textError("is empty: it can only be cleared")
	case a.MaxLength > 0 && utf8.RuneCountInString(text) > a.MaxLength:
		return nil, textError(fmt.Sprintf("is longer than %d characters", a.MaxLength))
	}
	switch a.Kind {
	case directory.KindDateTime:
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return nil, textError("is no RFC 3339 date-time")
		}
		t = t.UTC()
		return &t, nil
	case directory.KindBool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, textError("is neither true nor false")
		}
		return &b, nil
	case directory.KindList:
		items := strings.Split(text, directory.ListSeparator)
		if a.MaxItems > 0 && len(items) > a.MaxItems {
			return nil, textError(fmt.Sprintf("has more than %d values", a.MaxItems))
		}
		return items, nil
	default:
		return &text, nil
	}
}

// textError is an error that is its text.
type textError string

func (e textError) Error() string { return string(e) }
