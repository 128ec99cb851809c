package ad

import (
	"context"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
	"tenure/internal/directory/ad/schema"
)

// wish is what an account would be called. What is empty is not asked for.
type wish struct {
	id           string // the account's own, "" for a new one
	container    string
	userName     string
	accountNames []string // in order of preference
	commonNames  []string
	mail         string
}

// holdings are the unique values that others hold of a wish.
type holdings struct {
	userName, mail            bool
	accountNames, commonNames map[string]bool
}

// holdings looks over the whole domain in one search. Servers refuse only some
// of these, and no server refuses a mail address that is there twice.
func (d *Directory) holdings(l *link, w wish) (*holdings, error) {
	out := &holdings{accountNames: map[string]bool{}, commonNames: map[string]bool{}}
	return out, d.collect(out, l, w)
}

// holdingsAnywhere looks at every controller: two people of one name may be made at
// two of them within the same minute.
func (d *Directory) holdingsAnywhere(ctx context.Context, l *link, w wish) (*holdings, error) {
	out, err := d.holdings(l, w)
	if err != nil {
		return nil, err
	}
	return out, l.during(func() error {
		return d.elsewhere(ctx, l.host, func(other *link) (bool, error) { return false, d.collect(out, other, w) })
	})
}

// collect adds what a controller knows.
func (d *Directory) collect(out *holdings, l *link, w wish) error {
	filters := w.filters()
	if len(filters) == 0 {
		return nil
	}
	attributes := []string{attrGUID, directory.UserNameAttribute, schema.AccountName, schema.CommonName, schema.Mail, attrProxies}
	entries, err := l.entries(d.cfg.BaseDN, ldap.ScopeWholeSubtree, anyOf(filters...), attributes)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if w.id != "" && guidText(e.GetEqualFoldRawAttributeValue(attrGUID)) == w.id {
			continue
		}
		out.add(w, e)
	}
	return nil
}

func (w wish) filters() []string {
	var out []string
	if w.userName != "" {
		out = append(out, equals(directory.UserNameAttribute, w.userName))
	}
	for _, name := range w.accountNames {
		out = append(out, equals(schema.AccountName, name))
	}
	for _, name := range w.commonNames {
		out = append(out, equals(schema.CommonName, name))
	}
	if w.mail != "" {
		out = append(out, equals(schema.Mail, w.mail), equals(attrProxies, proxy(w.mail)))
	}
	return out
}

func (h *holdings) add(w wish, e *ldap.Entry) {
	holds := func(attribute, value string) bool {
		for _, v := range e.GetEqualFoldAttributeValues(attribute) {
			if value != "" && strings.EqualFold(v, value) {
				return true
			}
		}
		return false
	}
	h.userName = h.userName || holds(directory.UserNameAttribute, w.userName)
	h.mail = h.mail || holds(schema.Mail, w.mail) || (w.mail != "" && holds(attrProxies, proxy(w.mail)))
	for _, name := range w.accountNames {
		h.accountNames[name] = h.accountNames[name] || holds(schema.AccountName, name)
	}
	if !sameDN(parentOf(e.DN), w.container) {
		return // common names are unique in their container only
	}
	for _, name := range w.commonNames {
		h.commonNames[name] = h.commonNames[name] || e.GetEqualFoldAttributeValue(schema.CommonName) != "" && holds(schema.CommonName, name)
	}
}

// proxy is a mail address as it stands among proxy addresses, which are
// compared without case.
func proxy(mail string) string { return "smtp:" + mail }

// firstFree is the first name that nobody holds.
func firstFree(names []string, held map[string]bool) (string, bool) {
	for _, name := range names {
		if !held[name] {
			return name, true
		}
	}
	return "", false
}

// taken says which unique value of a wish somebody else holds.
func (h *holdings) taken(w wish) error {
	switch {
	case h.userName:
		return &directory.ConflictError{Attribute: directory.UserNameAttribute}
	case h.mail:
		return &directory.ConflictError{Attribute: schema.Mail}
	}
	if _, ok := firstFree(w.accountNames, h.accountNames); !ok && len(w.accountNames) > 0 {
		return &directory.ConflictError{Attribute: schema.AccountName}
	}
	if _, ok := firstFree(w.commonNames, h.commonNames); !ok && len(w.commonNames) > 0 {
		return &directory.ConflictError{Attribute: schema.CommonName}
	}
	return nil
}
