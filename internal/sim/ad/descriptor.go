package ad

import (
	"encoding/binary"
	"slices"
	"strings"
)

const attrDescriptor = "nTSecurityDescriptor"

// What a security descriptor is made of.
const (
	descriptorHeader  = 20
	descriptorControl = 0x8004 // self-relative, and says who may what
	listRevision      = 4

	aceAllow, aceAllowObject   = 0x0, 0x5
	aceInherits, aceInheritsAs = 0x2, 0x2 | 0x8 // for the object too, and for what is below it alone

	maskAll, maskExtendedRight = 0x000F01FF, 0x00000100

	rightReset = "00299570-246d-11d0-a768-00aa006e0529"
	userSchema = "bf967aba-0de6-11d0-a285-00aa003049e2"
)

// decodeParts reads which parts of security descriptors are asked for. Without a word
// the whole is, which administrators alone may see.
func decodeParts(c *call) (dacl bool, err error) {
	ctl, ok := c.request.control(oidSDFlags)
	if !ok {
		return false, nil
	}
	e, _, err := next(ctl.value)
	if err != nil {
		return false, err
	}
	parts, err := e.want(tagSequence, 1)
	if err != nil {
		return false, err
	}
	n, err := parts[0].number(tagInteger)
	const flagDACL, other = 4, 8 | 2 | 1
	return n&flagDACL != 0 && n&other == 0, err
}

// descriptor says who may do what with an object: administrators everything, and others
// what they were given rights to.
func (s *Server) descriptor(e *entry) string {
	var list [][]byte
	for _, id := range s.d.order {
		if g := s.d.entries[id]; g.Class == classGroup && g.Deleted == nil && rules(g) {
			list = append(list, ace(aceAllow, aceInherits, maskAll, "", "", s.d.sidOf(g)))
		}
	}
	for _, g := range s.grants {
		who := s.d.entries[g.Account]
		if who == nil || guarded(e) || !s.d.below(e, g.Unit) || !containsFold(g.Classes, classUser) {
			continue
		}
		mask, right := uint32(maskAll), ""
		if len(g.Attributes) > 0 {
			mask, right = maskExtendedRight, rightReset
			if !containsFold(g.Attributes, "unicodePwd") {
				continue
			}
		}
		switch {
		case e.Class == classUser:
			list = append(list, ace(aceAllowObject, 0, mask, right, "", s.d.sidOf(who)))
		case !e.class().account:
			list = append(list, ace(aceAllowObject, aceInheritsAs, mask, right, userSchema, s.d.sidOf(who)))
		}
	}
	body := slices.Concat(list...)
	out := []byte{1, 0}
	out = binary.LittleEndian.AppendUint16(out, descriptorControl)
	for _, offset := range []uint32{0, 0, 0, descriptorHeader} { // no owner, no group, no audit
		out = binary.LittleEndian.AppendUint32(out, offset)
	}
	const listHeader = 8
	out = append(out, listRevision, 0)
	out = binary.LittleEndian.AppendUint16(out, uint16(listHeader+len(body))) //nolint:gosec // a few entries
	out = binary.LittleEndian.AppendUint16(out, uint16(len(list)))            //nolint:gosec // a few entries
	return string(append(append(out, 0, 0), body...))
}

// rules tells the groups whose members may do everything.
func rules(g *entry) bool {
	return g.Builtin && g.RID == ridAdministrators || !g.Builtin && g.RID == ridDomainAdmins
}

// ace is one entry of a list of who may what.
func ace(kind, flags byte, mask uint32, right, class string, who sid) []byte {
	var body []byte
	if kind == aceAllowObject {
		var has uint32
		var ids []byte
		for i, name := range []string{right, class} {
			if id, ok := parseGUID(strings.ToLower(name)); ok {
				has |= 1 << i
				ids = append(ids, id[:]...)
			}
		}
		body = append(binary.LittleEndian.AppendUint32(nil, has), ids...)
	}
	body = append(body, who.bytes()...)
	const header = 8
	out := binary.LittleEndian.AppendUint16([]byte{kind, flags}, uint16(header+len(body))) //nolint:gosec // two GUIDs and a SID
	return append(binary.LittleEndian.AppendUint32(out, mask), body...)
}
