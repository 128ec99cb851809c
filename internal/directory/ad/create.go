package ad

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
	"tenure/internal/directory/ad/schema"
)

// CreateAccount makes an account in the order that every server takes: disabled,
// then a password, then enabled if it is to be. Where the answer to a later step
// is lost, a disabled account without a password is there; enabling it later
// gives it one.
func (d *Directory) CreateAccount(ctx context.Context, in directory.NewAccount) (directory.Account, error) {
	if err := d.freeInForest(ctx, directory.VerbCreateAccount, in.UserName, ""); err != nil {
		return directory.Account{}, err
	}
	var out object
	err := d.call(ctx, directory.VerbCreateAccount, func(l *link) error {
		w, attributes, err := d.newcomer(in)
		if err != nil {
			return err
		}
		if d.isProtected(w.container) {
			return fmt.Errorf("%s: %w", roleContainer, directory.ErrProtected)
		}
		dn, err := d.add(ctx, l, w, attributes, in)
		if err != nil {
			return err
		}
		if out, err = d.at(l, dn); err != nil {
			return err
		}
		at, err := byGUID(out.ID)
		if err != nil {
			return err
		}
		if err := l.setPassword(at, out); err != nil {
			return fmt.Errorf("set a password: %w", err)
		}
		if !in.Enabled {
			return nil
		}
		if err := l.setControl(at, controlNormal); err != nil {
			return fmt.Errorf("enable: %w", err)
		}
		out.Enabled = true
		return nil
	})
	if err != nil {
		return directory.Account{}, err
	}
	return out.Account, nil
}

// newcomer checks what is wanted and works out the names.
func (d *Directory) newcomer(in directory.NewAccount) (wish, map[string][]string, error) {
	if err := d.checkUserName(in.UserName); err != nil {
		return wish{}, nil, err
	}
	values := map[string][]string{directory.UserNameAttribute: {in.UserName}}
	given := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(in.Attributes)) {
		text := in.Attributes[name]
		if text == "" || strings.EqualFold(name, directory.UserNameAttribute) || strings.EqualFold(name, directory.EmployeeIDAttribute) {
			continue // without a value is how it starts; the two have fields of their own
		}
		v, err := wireValues(name, text)
		if err != nil {
			return wish{}, nil, err
		}
		switch a := schema.Find(name); a.Name {
		case schema.CommonName, schema.Parent, schema.AccountName, schema.Mail, schema.DisplayName:
			given[a.Name] = text
		}
		values[name] = v
	}
	w := wish{
		container: orDefault(given[schema.Parent], d.cfg.OU), userName: in.UserName, mail: given[schema.Mail],
		commonNames:  commonNames(orDefault(given[schema.CommonName], given[schema.DisplayName]), in.UserName),
		accountNames: accountNames(in.UserName),
	}
	if name := given[schema.AccountName]; name != "" {
		w.accountNames = []string{name}
	}
	if in.EmployeeID != "" {
		values[attrEmployeeID] = []string{in.EmployeeID}
	}
	maps.DeleteFunc(values, func(name string, _ []string) bool {
		return strings.EqualFold(name, schema.CommonName) || strings.EqualFold(name, schema.Parent) || strings.EqualFold(name, schema.AccountName)
	})
	return w, values, nil
}

// addTries bounds how often add chooses other names: somebody else may take one
// between the look and the request.
const addTries = 3

// add makes the disabled account under names that are free and returns its
// distinguished name. A refusal made nothing, so other names are no repetition.
func (d *Directory) add(ctx context.Context, l *link, w wish, values map[string][]string, in directory.NewAccount) (string, error) {
	if in.ManagerID != "" {
		manager, err := byGUID(in.ManagerID)
		if err != nil {
			return "", fmt.Errorf("manager: %w", err)
		}
		values[attrManager] = []string{manager}
	}
	var refused error
	tried := map[string]bool{}
	for {
		held, err := d.holdingsAnywhere(ctx, l, w)
		if err != nil {
			return "", err
		}
		if err := held.taken(w); err != nil {
			return "", err
		}
		cn, _ := firstFree(w.commonNames, held.commonNames)
		sam, _ := firstFree(w.accountNames, held.accountNames)
		dn := commonName(cn) + "," + w.container
		if tried[dn+"\n"+sam] || len(tried) == addTries {
			return "", refused
		}
		tried[dn+"\n"+sam] = true
		if refused = translate(l.Add(newUser(dn, sam, values))); refused == nil {
			return dn, nil
		}
		if refusedWith(refused, ldap.LDAPResultEntryAlreadyExists) {
			continue
		}
		why := d.whyNot(l, w, in.ManagerID, refused)
		if in.ManagerID == "" || !isNotFound(why) {
			return "", why
		}
		if err := l.during(func() error { return d.managerElsewhere(ctx, in.ManagerID, values) }); err != nil {
			return "", err
		}
		in.ManagerID = ""
		delete(tried, dn+"\n"+sam)
	}
}

// managerElsewhere names the manager as the forest does. One whom it does not know
// yet, since their account is new, is left out: nobody waits for an account
// because of that.
func (d *Directory) managerElsewhere(ctx context.Context, id string, values map[string][]string) error {
	manager, err := d.nameInForest(ctx, id)
	switch {
	case err == nil:
		values[attrManager] = []string{manager}
	case d.catalog != nil && isNotFound(err):
		delete(values, attrManager)
	default:
		return fmt.Errorf("manager: %w", err)
	}
	return nil
}

// newUser is the request for a disabled account.
func newUser(dn, accountName string, values map[string][]string) *ldap.AddRequest {
	r := ldap.NewAddRequest(dn, nil)
	r.Attribute(attrClass, []string{"top", "person", "organizationalPerson", "user"})
	r.Attribute(schema.AccountName, []string{accountName})
	r.Attribute(attrControl, []string{strconv.Itoa(controlNormal | controlDisabled)})
	for _, name := range slices.Sorted(maps.Keys(values)) {
		r.Attribute(name, values[name])
	}
	return r
}

// whyNot finds out what a refusal meant where its code says too little: the
// same code stands for several reasons, and not for the same with all servers.
func (d *Directory) whyNot(l *link, w wish, managerID string, refused error) error {
	switch {
	case isTakenInForest(refused):
		return &directory.ConflictError{Attribute: directory.UserNameAttribute, Elsewhere: true}
	case refusedWith(refused, ldap.LDAPResultEntryAlreadyExists, ldap.LDAPResultConstraintViolation):
		held, err := d.holdings(l, w)
		if err != nil {
			return err
		}
		if err := held.taken(w); err != nil {
			return err
		}
		if managerID != "" && refusedWith(refused, ldap.LDAPResultConstraintViolation) {
			if _, err := d.byID(l, managerID); err != nil {
				return fmt.Errorf("manager: %w", err)
			}
		}
		return refused
	case refusedWith(refused, ldap.LDAPResultNoSuchObject, ldap.LDAPResultOther, ldap.LDAPResultOperationsError):
		if id, err := l.idOf(w.container); err == nil && id == "" {
			return invalid("container does not exist")
		}
		if managerID != "" {
			if _, err := d.byID(l, managerID); err != nil {
				return fmt.Errorf("manager: %w", err)
			}
		}
		return refused
	}
	return refused
}

// setControl writes userAccountControl.
func (l *link) setControl(dn string, control int) error {
	m := ldap.NewModifyRequest(dn, nil)
	m.Replace(attrControl, []string{strconv.Itoa(control)})
	return translate(l.Modify(m))
}

// wireValues checks an attribute and turns its text into the values to write.
func wireValues(name, text string) ([]string, error) {
	if schema.Forbidden(name) {
		return nil, invalid("%s cannot be written", name)
	}
	if text == "" {
		return nil, invalid("%s: an empty value cannot be set, only cleared", name)
	}
	a := schema.Find(name)
	if strings.EqualFold(name, schema.LockoutTime) && text != schema.Unlocked {
		return nil, invalid("%s can only be written to unlock", name)
	}
	if a.Name == schema.AccountName {
		if err := checkAccountName(text); err != nil {
			return nil, err
		}
	}
	if a.MaxLength > 0 && len([]rune(text)) > a.MaxLength {
		return nil, invalid("%s is longer than %d characters", name, a.MaxLength)
	}
	return toValues(a, text)
}
