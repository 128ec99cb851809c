package ad

import (
	"slices"
	"strings"
)

func decodeAdd(op element) (string, []attributeList, error) {
	parts, err := op.want(opAdd, 2)
	if err != nil {
		return "", nil, err
	}
	name, err := parts[0].text()
	if err != nil {
		return "", nil, err
	}
	list, err := parts[1].want(tagSequence, 0)
	if err != nil {
		return "", nil, err
	}
	var out []attributeList
	for _, item := range list {
		a, err := decodeAttribute(item)
		if err != nil {
			return "", nil, err
		}
		out = append(out, a)
	}
	return name, out, nil
}

// add makes an object.
func (s *Server) add(c *call) error {
	parent, step, err := s.newPlace(c.dn)
	if err != nil {
		return err
	}
	kind, err := newClass(c.attrs)
	if err != nil {
		return err
	}
	if err := fits(kind, step, parent); err != nil {
		return err
	}
	if !s.mayCreate(c.who, parent, kind.name) {
		return denied()
	}
	e := &entry{
		ID: newGUID(), Parent: parent.ID, Class: kind.name, RDN: rdn{kind.rdn, step.value},
		Attrs: map[string][]string{}, Links: map[string][]guid{},
	}
	s.setDefaults(e)
	ed := &edit{s: s, c: c, old: nil, e: e, touched: map[string]bool{}}
	for _, a := range c.attrs {
		if err := ed.initial(a); err != nil {
			return err
		}
	}
	if err := ed.finish(); err != nil {
		return err
	}
	if kind.account {
		e.RID = s.d.nextRID
		s.d.nextRID++
	}
	s.stamp(e)
	return nil
}

// newPlace finds where a new object is to lie.
func (s *Server) newPlace(name string) (*entry, rdn, error) {
	parsed, err := parseDN(name)
	if err != nil || len(parsed) == 0 {
		return nil, rdn{}, badName()
	}
	parent, left := s.d.nearest(parsed)
	switch {
	case parent == nil:
		return nil, rdn{}, refuse(codeOperationsError, "000020D6: SvcErr: DSID-031007DB, problem 5012 (DIR_ERROR), data 0, no superior reference has been configured\n")
	case len(left) == 0:
		return nil, rdn{}, entryExists("00002071")
	case len(left) > 1 || parent.Deleted != nil:
		return nil, rdn{}, noObject(s.d.dnOf(parent).String())
	}
	return parent, left[0], nil
}

// newClass is the class of a new object: the most special one that was named.
func newClass(attrs []attributeList) (class, error) {
	for _, a := range attrs {
		if !isAttribute(a.name, attrObjectClass) {
			continue
		}
		for _, name := range []string{classUser, classGroup, classContact, classUnit, classContainer} {
			if c, _ := classNamed(name); slices.ContainsFunc(a.values, func(v string) bool { return strings.EqualFold(v, name) }) {
				return c, nil
			}
		}
	}
	return class{}, classViolation(attrObjectClass)
}

// fits refuses a name or a place that the class cannot have.
func fits(c class, step rdn, parent *entry) error {
	switch {
	case !strings.EqualFold(step.attr, c.rdn):
		return namingViolation("00002037")
	case !slices.Contains(c.parents, parent.Class):
		return namingViolation("00002099")
	case len([]rune(step.value)) > maxName:
		return constraint("00002082", c.rdn)
	}
	return nil
}

const maxName = 64

// setDefaults gives a new account what every account has.
func (s *Server) setDefaults(e *entry) {
	switch e.Class {
	case classUser:
		e.setNumber(attrUAC, uacNormal|uacDisabled|uacNoPassword)
		e.setNumber(attrPwdLastSet, 0)
		e.setNumber(attrAccountExpires, never)
		e.setNumber(attrPrimaryGroup, ridDomainUsers)
		e.setNumber("countryCode", 0)
		e.setNumber("codePage", 0)
	case classGroup:
		e.setNumber(attrGroupType, groupGlobal|groupSecurity)
	}
	if e.class().account {
		e.set(attrSAM, inventedName())
	}
}

// inventedName is the logon name of who was given none.
func inventedName() string {
	id := newGUID().String()
	return strings.ToUpper("$" + id[:6] + "-" + id[24:36])
}

// initial gives a new object an attribute.
func (ed *edit) initial(a attributeList) error {
	switch strings.ToLower(a.name) {
	case "objectclass", "objectcategory", "instancetype", "distinguishedname":
		return nil
	case "cn", "ou", "name":
		if len(a.values) != 1 || fold(a.values[0]) != fold(ed.e.RDN.value) {
			return namingViolation("00002099")
		}
		return nil
	case "unicodepwd":
		return unwilling("0000001F") // set it when the object is there
	}
	return ed.apply(change{op: changeReplace, name: a.name, values: a.values, initial: true})
}
