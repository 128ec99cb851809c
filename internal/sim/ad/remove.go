package ad

import (
	"slices"
	"strings"
)

const deletedMark = "\nDEL:"

// remove deletes an object: it moves to the deleted ones.
func (s *Server) remove(c *call) error {
	e, err := s.live(c.dn)
	if err != nil {
		return err
	}
	doomed := []*entry{e}
	if s.d.hasChildren(e.ID) {
		if !c.request.has(oidTreeDelete) {
			return refuse(codeNotOnNonLeaf, "00002015: UpdErr: DSID-031B0F97, problem 6003 (CANT_ON_NON_LEAF), data 0\n")
		}
		doomed = s.subtree(e)
	}
	for _, d := range doomed {
		if d.Base != nil || d.Critical || d.ID == c.who.id {
			return unwilling("00002035")
		}
		if !s.mayDelete(c.who, d) {
			return denied()
		}
	}
	for _, d := range doomed {
		s.bury(d)
	}
	return nil
}

// subtree lists an object and what lies below it, the deepest first.
func (s *Server) subtree(top *entry) []*entry {
	var out []*entry
	for _, id := range slices.Backward(s.d.order) {
		if e := s.d.entries[id]; e.Deleted == nil && s.d.below(e, top.ID) {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b *entry) int { return len(s.d.dnOf(b)) - len(s.d.dnOf(a)) })
	return out
}

// bury makes an object a deleted one. Without a recycle bin little of it is left.
func (s *Server) bury(old *entry) {
	e := old.clone()
	now := s.now()
	e.Deleted, e.LastParent, e.LastRDN = &now, old.Parent, old.RDN.value
	e.Parent = s.d.deleted
	e.RDN.value += deletedMark + e.ID.String()
	if s.opts.NoRecycleBin {
		s.strip(e)
	}
	s.stamp(e)
}

// strip leaves of an object what a tombstone keeps.
func (s *Server) strip(e *entry) {
	sam, uac := e.Attrs[strings.ToLower(attrSAM)], e.Attrs[strings.ToLower(attrUAC)]
	e.Attrs, e.Links, e.Password = map[string][]string{}, map[string][]guid{}, digest{Sets: e.Password.Sets}
	e.set(attrSAM, sam...)
	e.set(attrUAC, uac...)
	s.d.unlink(e.ID)
}

// revives tells whether the changes are those that undo a delete.
func revives(changes []change) bool {
	return slices.ContainsFunc(changes, func(ch change) bool { return isAttribute(ch.name, attrIsDeleted) && ch.op == changeDelete })
}

// restore brings a deleted object back under the name that the request gives it, with the same objectGUID.
func (s *Server) restore(c *call) error {
	old, err := s.d.lookup(c.dn)
	if err != nil {
		return err
	}
	if !c.request.has(oidShowDeleted) {
		return noObject(s.d.base.String())
	}
	if !s.isAdmin(c.who) {
		return denied()
	}
	if old.Deleted == nil || old.ID == s.d.deleted || old.Recycled && !s.opts.NoRecycleBin {
		return unwilling("00002162")
	}
	e := old.clone()
	ed := &edit{s: s, c: c, old: old, e: e, permissive: true, touched: map[string]bool{}}
	if err := ed.revive(); err != nil {
		return err
	}
	for _, ch := range c.changes {
		if isAttribute(ch.name, attrIsDeleted) || isAttribute(ch.name, attrDN) {
			continue
		}
		if err := ed.apply(ch); err != nil {
			return err
		}
	}
	for _, name := range []string{attrSAM, attrUPN} {
		ed.touched[strings.ToLower(name)] = ed.touched[strings.ToLower(name)] || e.first(name) != ""
	}
	if err := ed.finish(); err != nil {
		return err
	}
	s.stamp(e)
	return nil
}

// revive gives a deleted object the place that the request names.
func (ed *edit) revive() error {
	i := slices.IndexFunc(ed.c.changes, func(ch change) bool {
		return isAttribute(ch.name, attrDN) && ch.op == changeReplace && len(ch.values) == 1
	})
	if i < 0 {
		return unwilling("00002035")
	}
	parent, step, err := ed.s.newPlace(ed.c.changes[i].values[0])
	if err != nil {
		if asResult(err).code == codeNoSuchObject {
			return refuse(codeOther, "00002089: UpdErr: DSID-031B0BDB, problem 5012 (DIR_ERROR), data 0\n")
		}
		return err
	}
	kind := ed.e.class()
	if err := fits(kind, step, parent); err != nil {
		return err
	}
	ed.e.Deleted, ed.e.Parent, ed.e.RDN = nil, parent.ID, rdn{kind.rdn, step.value}
	if ed.s.opts.NoRecycleBin && ed.e.Class == classUser {
		uac := ed.e.number(attrUAC)
		ed.s.setDefaults(ed.e)
		ed.e.set(attrSAM, ed.old.first(attrSAM))
		ed.e.setNumber(attrUAC, uac|uacDisabled)
	}
	return nil
}

// sweep does what a domain does by itself as time passes: it recycles and forgets what was deleted long ago, and
// protects administrators.
func (s *Server) sweep() {
	if since := s.since(s.swept); since >= 0 && since < sweepEvery {
		return
	}
	s.swept = s.now()
	for _, id := range slices.Clone(s.d.order) {
		e := s.d.entries[id]
		if e.Deleted == nil || e.ID == s.d.deleted {
			continue
		}
		switch age := s.since(*e.Deleted); {
		case age < s.opts.DeletedLifetime:
		case s.opts.NoRecycleBin || age >= 2*s.opts.DeletedLifetime:
			s.d.drop(e)
		case !e.Recycled:
			e = e.clone()
			e.Recycled = true
			s.strip(e)
			s.stamp(e)
		}
	}
	s.protectAdmins()
}
