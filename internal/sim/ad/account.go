package ad

import (
	"slices"
	"strconv"
	"strings"
)

// The bits of userAccountControl that matter.
const (
	uacDisabled     = 0x2
	uacLockout      = 0x10
	uacNoPassword   = 0x20
	uacCannotChange = 0x40
	uacTemporary    = 0x100
	uacNormal       = 0x200
	uacTrust        = 0x800
	uacWorkstation  = 0x1000
	uacServer       = 0x2000
	uacNeverExpires = 0x10000
	uacExpired      = 0x800000
	uacKinds        = uacTemporary | uacNormal | uacTrust | uacWorkstation | uacServer
	uacComputed     = uacLockout | uacCannotChange | uacExpired
)

// The bits of groupType.
const (
	groupGlobal    = 0x2
	groupLocal     = 0x4
	groupUniversal = 0x8
	groupScopes    = groupGlobal | groupLocal | groupUniversal
	groupSecurity  = -0x80000000
)

const (
	maxUserName    = 20
	maxCountryCode = 0xffff
	// What a logon name must not contain.
	samForbidden = `"/\[]:;|=,+*?<>`
)

func parseInt(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// finish checks the object as it is after all changes and completes it.
func (ed *edit) finish() error {
	steps := []struct {
		attr string
		do   func() error
	}{
		{attrSAM, ed.finishSAM},
		{attrUPN, ed.finishUPN},
		{attrUAC, ed.finishUAC},
		{attrPassword, ed.finishUAC},
		{attrPwdLastSet, ed.finishPwdLastSet},
		{attrLockoutTime, ed.finishLockout},
		{attrPrimaryGroup, ed.finishPrimaryGroup},
		{attrGroupType, ed.finishGroupType},
		{"countryCode", ed.finishCountry},
	}
	for _, step := range steps {
		if ed.touched[strings.ToLower(step.attr)] || ed.old == nil && step.attr == attrSAM && ed.e.class().account {
			if err := step.do(); err != nil {
				return err
			}
		}
	}
	ed.meet()
	return nil
}

func (ed *edit) finishSAM() error {
	name := ed.e.first(attrSAM)
	switch {
	case name == "":
		return classViolation(attrSAM)
	case ed.e.Class == classUser && len([]rune(name)) > maxUserName, strings.ContainsAny(name, samForbidden),
		strings.HasSuffix(name, "."), strings.Trim(name, " ") == "", strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }):
		return invalidArgument("00000523")
	}
	if id, taken := ed.s.d.sams[fold(name)]; taken && id != ed.e.ID {
		return entryExists("00000524")
	}
	return nil
}

func (ed *edit) finishUPN() error {
	name := ed.e.first(attrUPN)
	if id, taken := ed.s.d.upns[fold(name)]; name != "" && (taken && id != ed.e.ID || ed.c.taken[fold(name)]) {
		return constraint("000021C8", attrUPN)
	}
	return nil
}

// finishUAC refuses kinds of accounts that a user cannot be, and enabling one without a password.
func (ed *edit) finishUAC() error {
	value, ok := parseInt(ed.e.first(attrUAC))
	if !ok {
		return unwilling("00000057")
	}
	value &^= uacComputed
	if value&uacKinds != uacNormal {
		return unwilling("00000057")
	}
	if value&(uacDisabled|uacNoPassword) == 0 && !ed.e.Password.set() {
		return unwilling("0000052D")
	}
	ed.e.setNumber(attrUAC, value)
	return nil
}

func (ed *edit) finishPwdLastSet() error {
	switch ed.e.first(attrPwdLastSet) {
	case "0":
		return nil
	case "-1":
		ed.e.setNumber(attrPwdLastSet, filetime(ed.s.now()))
		return nil
	}
	if ed.old != nil && ed.old.first(attrPwdLastSet) == ed.e.first(attrPwdLastSet) {
		return nil
	}
	return invalidArgument("00000057")
}

func (ed *edit) finishLockout() error {
	if v := ed.e.first(attrLockoutTime); v != "0" && v != "" {
		return invalidArgument("00000057")
	}
	ed.e.BadCount = 0
	return nil
}

// finishPrimaryGroup swaps the memberships: the primary group has no link to its members.
func (ed *edit) finishPrimaryGroup() error {
	wanted := ed.e.number(attrPrimaryGroup)
	if ed.old == nil || ed.old.number(attrPrimaryGroup) == wanted {
		if wanted != ridDomainUsers && ed.old == nil {
			return unwilling("0000055F")
		}
		return nil
	}
	group := ed.s.groupByRID(uint32(wanted)) //nolint:gosec // who is not there is not found
	if group == nil || !slices.Contains(ed.s.d.targets(group, attrMember), ed.e.ID) {
		return unwilling("0000055F")
	}
	before := ed.s.groupByRID(uint32(ed.old.number(attrPrimaryGroup))) //nolint:gosec // kept as a RID
	ed.s.relink(group, ed.e.ID, false)
	if before != nil {
		ed.s.relink(before, ed.e.ID, true)
	}
	return nil
}

// relink adds or removes a member without any rule.
func (s *Server) relink(group *entry, id guid, in bool) {
	g := group.clone()
	key := strings.ToLower(attrMember)
	links := slices.DeleteFunc(slices.Clone(g.Links[key]), func(other guid) bool { return other == id })
	if in {
		links = append(links, id)
	}
	g.Links[key] = links
	s.stamp(g)
}

func (ed *edit) finishGroupType() error {
	value := ed.e.number(attrGroupType)
	switch value & groupScopes {
	case groupGlobal, groupLocal, groupUniversal:
		return nil
	default:
		return unwilling("00002141")
	}
}

func (ed *edit) finishCountry() error {
	if n := ed.e.number("countryCode"); n < 0 || n > maxCountryCode {
		return constraint("00002082", "countryCode")
	}
	return nil
}
