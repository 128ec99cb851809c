package ad

import (
	"slices"
	"strings"
)

// Well-known relative identifiers.
const (
	ridAdministrator  = 500
	ridGuest          = 501
	ridKrbtgt         = 502
	ridDomainAdmins   = 512
	ridDomainUsers    = 513
	ridAdministrators = 544
	ridUsers          = 545
)

// The containers that every domain has.
const (
	containerUsers   = "Users"
	containerBuiltin = "Builtin"
)

const recycleFeature = "CN=Recycle Bin Feature,CN=Optional Features,CN=Directory Service,CN=Windows NT,CN=Services,"

// build makes what every domain has.
func (s *Server) build() {
	root := s.make(nil, classDomain, s.d.base[0], func(e *entry) {
		e.Base = s.d.base
		e.setNumber("minPwdLength", int64(s.opts.MinPasswordLength))
		e.setNumber("lockoutThreshold", int64(s.opts.LockoutThreshold))
	})
	s.d.heads = append(s.d.heads, root.ID)
	users := s.make(root, classContainer, rdn{"CN", containerUsers}, nil)
	builtin := s.make(root, classBuiltin, rdn{"CN", containerBuiltin}, nil)
	s.make(root, classContainer, rdn{"CN", "Computers"}, nil)
	s.make(root, classContainer, rdn{"CN", "System"}, nil)
	s.make(root, classUnit, rdn{"OU", "Domain Controllers"}, nil)
	now := s.now()
	s.d.deleted = s.make(root, classContainer, rdn{"CN", "Deleted Objects"}, func(e *entry) { e.Deleted = &now }).ID
	s.buildConfiguration()
	admins := s.group(users, "Domain Admins", ridDomainAdmins, groupGlobal, false)
	s.group(users, "Domain Users", ridDomainUsers, groupGlobal, false)
	s.group(users, "Domain Guests", 514, groupGlobal, false)
	s.group(users, "Domain Computers", 515, groupGlobal, false)
	s.group(users, "Domain Controllers", 516, groupGlobal, false)
	s.group(users, "Schema Admins", 518, groupUniversal, false)
	enterprise := s.group(users, "Enterprise Admins", 519, groupUniversal, false)
	administrators := s.group(builtin, "Administrators", ridAdministrators, groupLocal, true)
	for name, rid := range map[string]uint32{
		"Users": ridUsers, "Guests": 546, "Account Operators": 548, "Server Operators": 549, "Print Operators": 550, "Backup Operators": 551,
	} {
		s.group(builtin, name, rid, groupLocal, true)
	}
	boss := s.builtinUser(users, administratorName, ridAdministrator, uacNormal|uacNeverExpires)
	s.builtinUser(users, "Guest", ridGuest, uacNormal|uacDisabled|uacNoPassword|uacNeverExpires)
	s.builtinUser(users, "krbtgt", ridKrbtgt, uacNormal|uacDisabled)
	s.relink(admins, boss.ID, true)
	s.relink(enterprise, boss.ID, true)
	s.relink(administrators, boss.ID, true)
	s.relink(s.d.entries[administrators.ID], admins.ID, true)
	s.swept = s.now()
	s.protectAdmins()
}

// buildConfiguration makes the part of the configuration that clients look at: the schema, the suffixes and features.
func (s *Server) buildConfiguration() {
	config := s.make(nil, classContainer, s.d.config[0], func(e *entry) { e.Base = s.d.config })
	s.d.heads = append(s.d.heads, config.ID)
	schema := s.make(config, classContainer, rdn{"CN", "Schema"}, nil)
	names := make([]string, 0, len(s.schema))
	for name := range s.schema {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		a := s.schema[name]
		s.make(schema, classAttribute, rdn{"CN", a.name}, func(e *entry) {
			e.set("lDAPDisplayName", a.name)
			e.set("isSingleValued", strings.ToUpper(map[bool]string{true: truthFalse, false: truthTrue}[a.multi]))
			if a.upper > 0 {
				e.setNumber("rangeUpper", int64(a.upper))
			}
		})
	}
	s.make(config, classContainer, rdn{"CN", "Partitions"}, func(e *entry) {
		e.set("uPNSuffixes", s.opts.Suffixes...)
		if !s.opts.NoRecycleBin {
			e.set("msDS-EnabledFeature", recycleFeature+s.d.config.String())
		}
	})
	at := config
	for _, name := range []string{"Services", "Windows NT", "Directory Service"} {
		at = s.make(at, classContainer, rdn{"CN", name}, func(e *entry) {
			if name == "Directory Service" {
				days := int64(s.opts.DeletedLifetime.Hours() / 24)
				e.setNumber("msDS-deletedObjectLifetime", days)
				e.setNumber("tombstoneLifetime", days)
			}
		})
	}
	features := s.make(at, classContainer, rdn{"CN", "Optional Features"}, func(*entry) {})
	s.make(features, classContainer, rdn{"CN", "Recycle Bin Feature"}, func(e *entry) {
		if !s.opts.NoRecycleBin {
			e.set("msDS-EnabledFeatureBL", "CN=Partitions,"+s.d.config.String())
		}
	})
}

// make makes an object that no client may rename or delete.
func (s *Server) make(parent *entry, kind string, step rdn, fill func(*entry)) *entry {
	e := &entry{ID: newGUID(), Class: kind, RDN: step, Critical: true, Attrs: map[string][]string{}, Links: map[string][]guid{}}
	if parent != nil {
		e.Parent = parent.ID
	}
	s.setDefaults(e)
	if fill != nil {
		fill(e)
	}
	s.stamp(e)
	return e
}

func (s *Server) group(parent *entry, name string, rid uint32, scope int64, builtin bool) *entry {
	return s.make(parent, classGroup, rdn{"CN", name}, func(e *entry) {
		e.RID, e.Builtin = rid, builtin
		e.set(attrSAM, name)
		e.setNumber(attrGroupType, scope|groupSecurity)
	})
}

func (s *Server) builtinUser(parent *entry, name string, rid uint32, uac int64) *entry {
	return s.make(parent, classUser, rdn{"CN", name}, func(e *entry) {
		e.RID = rid
		e.set(attrSAM, name)
		e.setNumber(attrUAC, uac)
		if rid == ridAdministrator {
			e.set(attrUPN, s.Administrator())
			e.Password = e.Password.with(s.opts.Password)
			e.setNumber(attrPwdLastSet, filetime(s.now()))
		}
	})
}
