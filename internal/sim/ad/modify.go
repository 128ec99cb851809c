package ad

import (
	"slices"
	"strings"
)

// What a change does with the values.
const (
	changeAdd = iota
	changeDelete
	changeReplace
)

// change is one modification of an attribute.
type change struct {
	op      int64
	name    string
	values  []string
	initial bool // of an object that is being made
}

func decodeModify(op element) (string, []change, error) {
	parts, err := op.want(opModify, 2)
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
	var out []change
	for _, item := range list {
		pair, err := item.want(tagSequence, 2)
		if err != nil {
			return "", nil, err
		}
		kind, err := pair[0].number(tagEnum)
		if err != nil || kind < changeAdd || kind > changeReplace {
			return "", nil, errBER
		}
		a, err := decodeAttribute(pair[1])
		if err != nil {
			return "", nil, err
		}
		out = append(out, change{op: kind, name: a.name, values: a.values})
	}
	return name, out, nil
}

// live finds an object that is not deleted.
func (s *Server) live(name string) (*entry, error) {
	e, err := s.d.lookup(name)
	if err == nil && e.Deleted != nil {
		err = noObject(s.d.nameOf(e.Parent))
	}
	return e, err
}

// edit is an object while it is changed: nothing of it is seen before it is kept.
type edit struct {
	s          *Server
	c          *call
	old, e     *entry
	permissive bool
	touched    map[string]bool // by folded name
}

// modify changes attributes, all of them or none. With the two changes that undo a delete it restores the object.
func (s *Server) modify(c *call) error {
	if revives(c.changes) {
		return s.restore(c)
	}
	old, err := s.live(c.dn)
	if err != nil {
		return err
	}
	for _, ch := range c.changes {
		if !s.mayWrite(c.who, old, ch.name) && !s.changesOwnPassword(c) {
			return denied()
		}
	}
	ed := &edit{s: s, c: c, old: old, e: old.clone(), permissive: c.request.has(oidPermissive), touched: map[string]bool{}}
	for _, ch := range c.changes {
		if err := ed.apply(ch); err != nil {
			return err
		}
	}
	if err := ed.finish(); err != nil {
		return err
	}
	if !ed.e.equal(old) {
		s.stamp(ed.e)
	}
	return nil
}

// apply makes one change.
func (ed *edit) apply(ch change) error {
	a := ed.s.schema.find(ch.name)
	if a == nil {
		return noAttribute(ch.name)
	}
	switch a.keeper {
	case byRename:
		return refuse(codeNotOnRDN, "00002016: UpdErr: DSID-031A0F4F, problem 6004 (CANT_ON_RDN), data 0\n")
	case bySystem, onRequest:
		return constraint("0000209A", a.name)
	case byAccounts, byBackLink:
		return unwilling("0000209A")
	default:
	}
	if a.in&ed.e.class().bit == 0 {
		return classViolation(a.name)
	}
	ed.touched[strings.ToLower(a.name)] = true
	if isAttribute(a.name, attrPassword) {
		return ed.changePassword(ch)
	}
	if slices.Contains(ch.values, "") {
		return badSyntax(a.name)
	}
	if a.syntax == asDN {
		return ed.changeLinks(a, ch)
	}
	for _, v := range ch.values {
		if err := a.check(v); err != nil {
			return err
		}
	}
	return ed.changeValues(a, ch)
}

// single tells whether an attribute holds one value on this object: the account database keeps one description.
func (ed *edit) single(a *attribute) bool {
	return !a.multi || ed.e.class().account && isAttribute(a.name, "description")
}

func (ed *edit) changeValues(a *attribute, ch change) error {
	values := slices.Clone(ed.e.Attrs[strings.ToLower(a.name)])
	at := func(v string) int { return slices.IndexFunc(values, func(w string) bool { return a.same(v, w) }) }
	switch {
	case ch.op == changeReplace:
		values = nil
		for _, v := range ch.values {
			if at(v) >= 0 {
				return valueExists(a.name)
			}
			values = append(values, v)
		}
		if len(values) > 1 && ed.single(a) {
			return constraint("00002081", a.name)
		}
	case ch.op == changeAdd:
		for _, v := range ch.values {
			switch known := at(v) >= 0; {
			case known && ed.permissive:
			case known, len(values) > 0 && ed.single(a):
				return valueExists(a.name)
			default:
				values = append(values, v)
			}
		}
	case len(ch.values) == 0:
		if len(values) == 0 && !ed.permissive {
			return valueMissing(a.name)
		}
		values = nil
	default:
		for _, v := range ch.values {
			i := at(v)
			if i < 0 && !ed.permissive {
				return valueMissing(a.name)
			}
			if i >= 0 {
				values = slices.Delete(values, i, i+1)
			}
		}
	}
	ed.e.set(a.name, values...)
	return nil
}

// resolve finds the object that a value of a link names.
func (ed *edit) resolve(a *attribute, value string) (*entry, error) {
	target, err := ed.s.live(value)
	found, elsewhere := ed.c.strangers[value]
	switch {
	case err == nil:
		return target, nil
	case elsewhere:
		return found.stub, nil
	case asResult(err).code == codeInvalidDN:
		return nil, err
	case isAttribute(a.name, attrMember):
		return nil, &refusalError{code: codeNoSuchObject, text: "00000525: NameErr: DSID-031A11F9, problem 2001 (NO_OBJECT), data 0, best match of:\n\t''\n"}
	default:
		return nil, constraint("000020B5", a.name)
	}
}

func (ed *edit) changeLinks(a *attribute, ch change) error {
	key := strings.ToLower(a.name)
	// Links to deleted objects are not seen; they are kept for a restore.
	links := slices.Clone(ed.e.Links[key])
	shown := len(ed.s.d.targets(ed.e, key))
	if ch.op == changeReplace || len(ch.values) == 0 {
		if ch.op == changeDelete && shown == 0 && !ed.permissive {
			return valueMissing(a.name)
		}
		links, shown = nil, 0
	}
	if ch.op == changeReplace && len(ch.values) > 1 && !a.multi {
		return constraint("00002081", a.name)
	}
	for _, v := range ch.values {
		target, err := ed.resolve(a, v)
		if err != nil {
			return err
		}
		i := slices.Index(links, target.ID)
		if ch.op == changeDelete {
			if err := ed.mayUnlink(a, target, i >= 0); err != nil {
				return err
			}
			if i >= 0 {
				links = slices.Delete(links, i, i+1)
			}
			continue
		}
		if shown > 0 && !a.multi && i < 0 {
			return valueExists(a.name)
		}
		if err := ed.mayLink(a, target, i >= 0); err != nil {
			return err
		}
		if i < 0 {
			links = append(links, target.ID)
		}
	}
	if len(links) == 0 {
		delete(ed.e.Links, key)
	} else {
		ed.e.Links[key] = links
	}
	return nil
}

// mayLink refuses a link that is there, and members that a group cannot have.
func (ed *edit) mayLink(a *attribute, target *entry, known bool) error {
	if !isAttribute(a.name, attrMember) {
		if known && !ed.permissive {
			return valueExists(a.name)
		}
		return nil
	}
	if known || ed.isPrimary(target) {
		if ed.permissive {
			return nil
		}
		return entryExists("00000562")
	}
	if target.ID == ed.e.ID {
		return unwilling("00002146")
	}
	if ed.s.d.entries[target.ID] == nil && ed.e.number(attrGroupType)&groupGlobal != 0 {
		return unwilling("00002147") // members of its own domain only
	}
	if target.Class == classGroup && ed.e.number(attrGroupType)&groupGlobal != 0 && target.number(attrGroupType)&groupGlobal == 0 {
		return unwilling("00002145")
	}
	return nil
}

func (ed *edit) mayUnlink(a *attribute, target *entry, known bool) error {
	switch {
	case isAttribute(a.name, attrMember) && ed.isPrimary(target):
		return unwilling("0000055E")
	case known || ed.permissive:
		return nil
	case isAttribute(a.name, attrMember):
		return unwilling("00000561")
	default:
		return valueMissing(a.name)
	}
}

// isPrimary tells whether the group is the primary group of an account, which is not among its members.
func (ed *edit) isPrimary(target *entry) bool {
	return target.Class == classUser && !ed.e.Builtin && ed.e.RID != 0 && target.number(attrPrimaryGroup) == int64(ed.e.RID)
}
