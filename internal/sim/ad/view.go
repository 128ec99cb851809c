package ad

import (
	"slices"
	"strings"
	"time"
)

const (
	typeUser        = "805306368"
	typeGroup       = "268435456"
	typeAlias       = "536870912"
	typeMailGroup   = "268435457"
	typeMailAlias   = "536870913"
	writableFlag    = "4"
	computedLocked  = 0x10
	computedExpired = 0x800000
)

// view is the values of an attribute of an object, computed where they are not kept. What is computed on request only
// is in requested.
func (s *Server) view(e *entry, a *attribute) []string {
	if a.keeper == byBackLink || a.syntax == asDN && a.keeper == byClient {
		var out []string
		if e.Deleted == nil {
			for _, id := range s.linked(e, a) {
				out = append(out, s.d.nameOf(id))
			}
		}
		return out
	}
	c := e.class()
	switch strings.ToLower(a.name) {
	case "distinguishedname":
		return []string{s.d.dnOf(e).String()}
	case "objectguid":
		return []string{string(e.ID[:])}
	case "objectclass":
		return c.chain
	case "objectcategory":
		return live(e, s.categoryDN(c))
	case "name":
		return []string{e.RDN.value}
	case "cn", "ou", "dc":
		if strings.EqualFold(e.RDN.attr, a.name) {
			return []string{e.RDN.value}
		}
		return nil
	case "objectsid":
		if id := s.d.sidOf(e); id != nil {
			return []string{id.bytes()}
		}
		return nil
	case "samaccounttype":
		return accountType(e)
	case "instancetype":
		return []string{writableFlag}
	default:
		return s.viewState(e, a)
	}
}

// viewState is the part of view about what happened to an object.
func (s *Server) viewState(e *entry, a *attribute) []string {
	switch strings.ToLower(a.name) {
	case "whencreated":
		return []string{formatTime(e.Created)}
	case "whenchanged":
		return []string{formatTime(e.Changed)}
	case "usncreated":
		return []string{itoa(e.USNCreated)}
	case "usnchanged":
		return []string{itoa(e.USNChanged)}
	case "iscriticalsystemobject":
		return truth(e.Critical)
	case "isdeleted":
		return truth(e.Deleted != nil)
	case "isrecycled":
		return truth(e.Recycled)
	case "lastknownparent":
		if e.Deleted == nil {
			return nil
		}
		return []string{s.d.nameOf(e.LastParent)}
	case "msds-lastknownrdn":
		if e.Deleted == nil || s.opts.NoRecycleBin {
			return nil
		}
		return []string{e.LastRDN}
	case "badpwdcount":
		if e.Class != classUser || e.Deleted != nil {
			return nil
		}
		return []string{itoa(int64(e.BadCount))}
	case "unicodepwd":
		return nil
	default:
		return e.Attrs[strings.ToLower(a.name)]
	}
}

func live(e *entry, value string) []string {
	if e.Deleted != nil {
		return nil
	}
	return []string{value}
}

// truth is a flag that is absent when false.
func truth(b bool) []string {
	if !b {
		return nil
	}
	return []string{truthTrue}
}

func accountType(e *entry) []string {
	if e.Deleted != nil {
		return nil
	}
	switch e.Class {
	case classUser:
		return []string{typeUser}
	case classGroup:
		kind := e.number(attrGroupType)
		switch security, local := kind&groupSecurity != 0, kind&groupLocal != 0; {
		case security && local:
			return []string{typeAlias}
		case security:
			return []string{typeGroup}
		case local:
			return []string{typeMailAlias}
		default:
			return []string{typeMailGroup}
		}
	default:
		return nil
	}
}

func (s *Server) categoryDN(c class) string {
	return "CN=" + c.category + ",CN=Schema," + s.d.config.String()
}

// requested is the values of an attribute that is computed where it is asked for by name.
func (s *Server) requested(e *entry, a *attribute, who *principal) []string {
	switch strings.ToLower(a.name) {
	case "canonicalname":
		return []string{s.canonical(e)}
	case "primarygrouptoken":
		if e.Class == classGroup {
			return []string{itoa(int64(e.RID))}
		}
	case "ntsecuritydescriptor":
		return []string{s.descriptor(e)}
	case "tokengroups":
		return s.tokenGroups(e)
	case "msds-user-account-control-computed":
		if e.Class == classUser {
			return []string{itoa(s.computedUAC(e))}
		}
	case "msds-keyversionnumber":
		if e.Class == classUser {
			return []string{itoa(int64(e.Password.Sets) + 1)} // as many as its attribute was written, the account's own making included
		}
	case "allowedattributeseffective":
		return s.allowedAttributes(e, func(a *attribute) bool { return s.mayWrite(who, e, a.name) })
	case "allowedattributes":
		return s.allowedAttributes(e, func(*attribute) bool { return true })
	case "allowedchildclasseseffective":
		return allowedClasses(e, func(c string) bool { return s.mayCreate(who, e, c) })
	case "allowedchildclasses":
		return allowedClasses(e, func(string) bool { return true })
	}
	return nil
}

func (s *Server) canonical(e *entry) string {
	name := s.d.dnOf(e)
	parts := []string{dnsOf(name)}
	for _, step := range slices.Backward(name) {
		if !strings.EqualFold(step.attr, "DC") {
			parts = append(parts, strings.ReplaceAll(step.value, "/", `\/`))
		}
	}
	return strings.Join(parts, "/")
}

func (s *Server) computedUAC(e *entry) int64 {
	var out int64
	if s.locked(e) {
		out |= computedLocked
	}
	if s.mustChange(e) || s.passwordExpired(e) {
		out |= computedExpired
	}
	return out
}

// tokenGroups lists the SIDs of the security groups that an account is in, over any number of steps.
func (s *Server) tokenGroups(e *entry) []string {
	var out []string
	for id := range s.groupsOf(e) {
		if g := s.d.entries[id]; g.number(attrGroupType)&groupSecurity != 0 {
			out = append(out, s.d.sidOf(g).bytes())
		}
	}
	slices.Sort(out)
	return out
}

// groupsOf is every group that an account is in: by its primary group, and through other groups.
func (s *Server) groupsOf(e *entry) map[guid]bool {
	out := map[guid]bool{}
	next := s.d.sources(attrMember, e.ID)
	if g := s.groupByRID(uint32(e.number(attrPrimaryGroup))); g != nil { //nolint:gosec // a RID by construction
		next = append(next, g.ID)
	}
	for len(next) > 0 {
		id := next[0]
		next = next[1:]
		if !out[id] {
			out[id] = true
			next = append(next, s.d.sources(attrMember, id)...)
		}
	}
	return out
}

func (s *Server) groupByRID(rid uint32) *entry {
	if rid == 0 {
		return nil
	}
	for _, id := range s.d.order {
		if e := s.d.entries[id]; e.Class == classGroup && e.RID == rid && !e.Builtin && e.Deleted == nil {
			return e
		}
	}
	return nil
}

func (s *Server) allowedAttributes(e *entry, may func(*attribute) bool) []string {
	var out []string
	for _, a := range s.schema {
		if a.keeper == byClient && a.in&e.class().bit != 0 && may(a) {
			out = append(out, a.name)
		}
	}
	slices.Sort(out)
	return out
}

func allowedClasses(e *entry, may func(string) bool) []string {
	var out []string
	for _, name := range []string{classContact, classGroup, classUnit, classUser, classContainer} {
		if c, _ := classNamed(name); slices.Contains(c.parents, e.Class) && may(name) {
			out = append(out, name)
		}
	}
	return out
}

// since is how long ago an instant was on the domain's clock.
func (s *Server) since(t time.Time) time.Duration { return s.now().Sub(t) }
