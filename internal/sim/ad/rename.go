package ad

import "strings"

// rename is what a modify DN asks for.
type rename struct {
	rdn       string
	deleteOld bool
	superior  string // "" keeps the parent
}

func decodeRename(op element) (string, rename, error) {
	parts, err := op.want(opModifyDN, 3)
	if err != nil {
		return "", rename{}, err
	}
	name, err := parts[0].text()
	if err != nil {
		return "", rename{}, err
	}
	var r rename
	if r.rdn, err = parts[1].text(); err != nil {
		return "", r, err
	}
	if r.deleteOld, err = parts[2].truth(); err != nil {
		return "", r, err
	}
	if len(parts) > 3 {
		if parts[3].tag != 0x80 {
			return "", r, errBER
		}
		r.superior = string(parts[3].body)
	}
	return name, r, nil
}

// modifyDN renames or moves an object, or both at once. What lies below it and what links to it follow.
func (s *Server) modifyDN(c *call) error {
	if strings.HasPrefix(c.dn, "<") {
		return noObject("") // only names are taken here
	}
	old, err := s.live(c.dn)
	if err != nil {
		return err
	}
	if !c.rename.deleteOld || old.Base != nil || old.Critical {
		return unwilling("00002035")
	}
	parsed, err := parseDN(c.rename.rdn)
	if err != nil || len(parsed) != 1 {
		return badName()
	}
	parent, err := s.newParent(old, c.rename.superior)
	if err != nil {
		return err
	}
	kind := old.class()
	if !strings.EqualFold(parsed[0].attr, kind.rdn) {
		return unwilling("00002035")
	}
	if err := fits(kind, parsed[0], parent); err != nil {
		return err
	}
	if s.d.below(parent, old.ID) {
		return unwilling("00002150")
	}
	step := rdn{kind.rdn, parsed[0].value}
	if id, taken := s.d.places[place{parent.ID, step.key()}]; taken && id != old.ID {
		return entryExists("00002071")
	}
	if !s.mayMove(c.who, old, parent) {
		return denied()
	}
	e := old.clone()
	e.Parent, e.RDN = parent.ID, step
	if !e.equal(old) {
		s.stamp(e)
	}
	return nil
}

// newParent is where a rename leads: to where the object is, when no other place is named.
func (s *Server) newParent(e *entry, superior string) (*entry, error) {
	if superior == "" {
		return s.d.entries[e.Parent], nil
	}
	parent, err := s.live(superior)
	if err != nil && asResult(err).code == codeInvalidDN {
		return nil, err
	}
	if err != nil || s.d.head(parent) != s.d.head(e) {
		return nil, refuse(codeOther, "00002089: UpdErr: DSID-031B0BDB, problem 5012 (DIR_ERROR), data 0\n")
	}
	return parent, nil
}
