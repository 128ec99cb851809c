package ad

import (
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
	"tenure/internal/directory/ad/schema"
)

// Attributes by which a directory tells what the one who asks may do.
const (
	attrMayMake  = "allowedChildClassesEffective"
	attrMayWrite = "allowedAttributesEffective"
	attrSet      = "attributeSecurityGUID"
	attrName     = "name"
)

// review looks at what the bind account may do with what the policy wants.
type review struct {
	d    *Directory
	l    *link
	want directory.Wanted
	who  grantee
	// all tells that everything of the policy is done. Where it is only observed
	// or adopted, what may not be written is no trouble yet.
	all bool
	// self is the bind account's own object, nil where it was not found.
	self *ldap.Entry
	// tops are the containers of accounts that lie in no other one.
	tops []string
	// identifiers are all by which the bind account has rights; none: they cannot be read.
	identifiers []string
	// sets are the GUIDs of the property sets that attributes belong to.
	sets map[string]string
}

func (d *Directory) review(l *link, want directory.Wanted) *review {
	r := &review{d: d, l: l, want: want, sets: map[string]string{}, all: slices.Contains(want.Verbs, directory.VerbCreateAccount)}
	if len(want.Containers) == 0 {
		r.want.Containers = []string{d.cfg.OU}
	}
	r.want.Containers = compact(r.want.Containers...)
	for _, dn := range r.want.Containers {
		if !slices.ContainsFunc(r.want.Containers, func(other string) bool { return !sameDN(dn, other) && within(dn, other) }) {
			r.tops = append(r.tops, dn)
		}
	}
	r.identify()
	r.identifiers = r.tokens()
	return r
}

// identify finds the bind account in the directory, so that commands name it as
// their tools want it.
func (r *review) identify() {
	bind := r.d.cfg.BindName
	r.who.name = bind
	base, scope, filter := r.d.cfg.BaseDN, ldap.ScopeWholeSubtree, anything
	switch {
	case strings.Contains(bind, `\`) && !strings.Contains(bind, "="):
		_, account, _ := strings.Cut(bind, `\`)
		filter = equals(schema.AccountName, account)
	case strings.Contains(bind, "@"):
		account, _, _ := strings.Cut(bind, "@")
		filter = "(|" + equals(directory.UserNameAttribute, bind) + equals(schema.AccountName, account) + ")"
	default:
		base, scope = bind, ldap.ScopeBaseObject
	}
	entries, err := r.l.entries(base, scope, filter, []string{attrSID, schema.AccountName, directory.UserNameAttribute, attrAdminCount})
	if err != nil {
		return
	}
	if i := slices.IndexFunc(entries, func(e *ldap.Entry) bool {
		return strings.EqualFold(e.GetEqualFoldAttributeValue(directory.UserNameAttribute), bind)
	}); i > 0 {
		entries = entries[i:] // a name of its own goes before one that is made of the account name
	}
	if len(entries) == 0 {
		return
	}
	r.self = entries[0]
	r.who.sid = sid(r.self.GetEqualFoldRawAttributeValue(attrSID)).text()
	if account := r.self.GetEqualFoldAttributeValue(schema.AccountName); account != "" {
		r.who.name = account + "@" + domainOf(r.d.cfg.BaseDN)
	}
}

// domainOf is the DNS name of a domain.
func domainOf(base string) string {
	dn, err := ldap.ParseDN(base)
	if err != nil {
		return ""
	}
	var labels []string
	for _, step := range dn.RDNs {
		if a := step.Attributes[0]; strings.EqualFold(a.Type, "DC") {
			labels = append(labels, a.Value)
		}
	}
	return strings.Join(labels, ".")
}

// bindAccount warns of one that may do more than anybody needs.
func (r *review) bindAccount() []directory.Finding {
	const name = "bind account"
	switch {
	case r.self == nil:
		return []directory.Finding{finding(name, directory.FindingUnknown, "it cannot be found in the domain, so that commands name it as the configuration does", "")}
	case r.self.GetEqualFoldAttributeValue(attrAdminCount) == "1":
		return []directory.Finding{finding(name, directory.FindingWarning, "it is or was an administrator of the domain, and may do more than is needed",
			"bind with an account of its own that has the rights of tenure target check --rights, and no others")}
	default:
		return []directory.Finding{finding(name, directory.FindingOK, "it is no administrator", "")}
	}
}

// may is a finding about a right: what is missing comes with the commands.
func (r *review) may(name, detail string, state directory.FindingState, remedy string, rights ...right) directory.Finding {
	f := finding(name, state, detail, remedy)
	for _, one := range rights {
		f.Commands = append(f.Commands, r.who.commands(one)...)
	}
	if state != directory.FindingOK && len(rights) > 0 && remedy == "" {
		f.Remedy = "give the right by hand: the name holds characters that a command cannot hold"
		if given := lines(f.Commands, toolDsacls); len(given) > 0 {
			f.Remedy = strings.Join(given, "; ")
		}
	}
	return f
}

// containers looks whether the containers exist, and whether accounts may be
// made where they are to be made.
func (r *review) containers() []directory.Finding {
	var out []directory.Finding
	for _, dn := range compact(append([]string{r.d.cfg.BaseDN, r.d.cfg.Under}, r.want.Containers...)...) {
		name := "container " + dn
		entries, err := r.l.entries(dn, ldap.ScopeBaseObject, anything, []string{attrMayMake})
		makes := slices.ContainsFunc(r.want.Containers, func(c string) bool { return sameDN(c, dn) })
		var rights []right
		if makes {
			rights = []right{{kind: makeUsers, on: dn}}
		}
		switch {
		case isNotFound(err) || err == nil && len(entries) == 0:
			out = append(out, finding(name, directory.FindingFailed, "it does not exist, or may not be seen", "make it, or correct the policy"))
		case err != nil:
			out = append(out, finding(name, directory.FindingUnknown, err.Error(), ""))
		case makes && r.all && !containsFold(entries[0].GetEqualFoldAttributeValues(attrMayMake), "user"):
			out = append(out, r.may(name, "the bind account may not make accounts in it", directory.FindingFailed, "", rights...))
		default:
			out = append(out, r.may(name, "it is there, and what is to be done in it is allowed", directory.FindingOK, "", rights...))
		}
	}
	return out
}

// attributes looks at one account in each container, no matter whose: which
// attributes the schema gives it, and which of them the bind account may write.
func (r *review) attributes() []directory.Finding {
	names := writtenAttributes(r.want)
	if len(names) == 0 {
		return nil
	}
	ids := r.schemaIDs(append([]string{attrName}, names...))
	seen := r.samples()
	var out []directory.Finding
	for _, name := range names {
		out = append(out, r.attribute(name, ids, seen))
	}
	return out
}

func (r *review) attribute(name string, ids map[string]string, seen map[string]*ldap.Entry) directory.Finding {
	finds := "attribute " + name
	id, known := ids[strings.ToLower(name)]
	var all, lacking []right
	for _, top := range r.tops {
		these := []right{{kind: writeOfUsers, on: top, attribute: name, id: id}}
		if name == schema.CommonName { // a rename asks for both
			these = append(these, right{kind: writeOfUsers, on: top, attribute: attrName, id: ids[attrName]})
		}
		all = append(all, these...)
		e := seen[top]
		if e == nil {
			continue
		}
		known = containsFold(e.GetEqualFoldAttributeValues(attrAllowed), name)
		if !containsFold(e.GetEqualFoldAttributeValues(attrMayWrite), name) {
			lacking = append(lacking, these...)
		}
	}
	switch {
	case !known && (ids != nil || len(seen) > 0):
		return finding(finds, directory.FindingFailed, "the forest's schema does not have it for accounts", "extend the schema, or map another attribute")
	case len(lacking) > 0 && !r.all && (name != attrEmployeeID || !slices.Contains(r.want.Verbs, directory.VerbUpdateAccount)):
		return r.may(finds, "it is known; it may not be written, which the target's mode does not ask for yet", directory.FindingOK, "", all...)
	case len(lacking) > 0:
		return r.may(finds, "the bind account may not write it", directory.FindingFailed, "", lacking...)
	case len(seen) == 0 && r.allHandOn(all):
		return r.may(finds, "it is known; there is no account yet, and new ones may be written", directory.FindingOK, "", all...)
	case len(seen) == 0:
		return r.may(finds, "there is no account to try it on", directory.FindingUnknown, "look again when there is one", all...)
	case len(seen) < len(r.tops):
		return r.may(finds, "it is known and may be written where there are accounts to try it on", directory.FindingOK, "", all...)
	default:
		return r.may(finds, "it is known and may be written", directory.FindingOK, "", all...)
	}
}

// allHandOn tells whether containers give the bind account all these rights to write
// attributes of the accounts that will be made in them.
func (r *review) allHandOn(rights []right) bool {
	return !slices.ContainsFunc(rights, func(one right) bool {
		list, known := r.accessList(one.on)
		write := wantedRight{mask: maskWrite, names: []string{one.id, r.sets[strings.ToLower(one.attribute)]}}
		return one.id == "" || !known || !lets(list, r.identifiers, write, ofNewUsers)
	})
}

// samples are an account of each top container, where there is one that is
// ordinary.
func (r *review) samples() map[string]*ldap.Entry {
	out := map[string]*ldap.Entry{}
	for _, top := range r.tops {
		// A strict controller answers with the one account and the code that there are more.
		result, _ := r.l.Search(ldap.NewSearchRequest(top, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 1, 0, false,
			"(&"+people+"(!("+attrCritical+"=TRUE))(!("+attrAdminCount+"=1)))", []string{attrAllowed, attrMayWrite}, nil))
		if result != nil && len(result.Entries) > 0 {
			out[top] = result.Entries[0]
		}
	}
	return out
}

// schemaIDs finds attributes in the forest's schema. Nil: it cannot be read. An
// identifier is "" where the controller keeps it to itself.
func (r *review) schemaIDs(names []string) map[string]string {
	configuration := r.l.configuration()
	if configuration == "" {
		return nil
	}
	var filter strings.Builder
	for _, name := range names {
		filter.WriteString(equals("lDAPDisplayName", name))
	}
	entries, err := r.l.entries("CN=Schema,"+configuration, ldap.ScopeSingleLevel, "(|"+filter.String()+")", []string{"lDAPDisplayName", "schemaIDGUID", attrSet})
	if err != nil {
		return nil
	}
	out := map[string]string{}
	for _, e := range entries {
		name := strings.ToLower(e.GetEqualFoldAttributeValue("lDAPDisplayName"))
		out[name] = identifier(e.GetEqualFoldRawAttributeValue("schemaIDGUID"))
		r.sets[name] = identifier(e.GetEqualFoldRawAttributeValue(attrSet))
	}
	return out
}

// writtenAttributes are those that the policy's calls write.
func writtenAttributes(want directory.Wanted) []string {
	var out []string
	for _, name := range want.Attributes {
		switch a := schema.Find(name); a.Name {
		case directory.EmployeeIDAttribute:
			out = append(out, attrEmployeeID)
		case schema.Parent: // a move, which is the right to make and delete
		case schema.CommonName:
			out = append(out, schema.CommonName)
		default:
			out = append(out, a.Name)
		}
	}
	if slices.Contains(want.Verbs, directory.VerbUpdateAccount) || slices.Contains(want.Verbs, directory.VerbCreateAccount) {
		out = append(out, attrControl)
	}
	if slices.Contains(want.Verbs, directory.VerbIssuePass) {
		out = append(out, attrPasswordSet)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// groups looks whether the groups exist, are ordinary ones, and may be changed.
func (r *review) groups() []directory.Finding {
	var out []directory.Finding
	for _, id := range r.want.Groups {
		out = append(out, r.group("group "+id, id))
	}
	return out
}

func (r *review) group(name, id string) directory.Finding {
	base, err := byGUID(id)
	if err != nil {
		return finding(name, directory.FindingFailed, "it is no GUID", "correct the policy")
	}
	entries, err := r.l.entries(base, ldap.ScopeBaseObject, "(objectClass=group)", append(groupAttributes(), attrMayWrite))
	if err != nil && !isNotFound(err) {
		return finding(name, directory.FindingUnknown, err.Error(), "")
	}
	if len(entries) == 0 {
		return finding(name, directory.FindingFailed, "it does not exist", "correct the policy")
	}
	e := entries[0]
	members := right{kind: writeMember, on: e.DN}
	switch {
	case exportGroup(e).Kind != directory.GroupAssigned:
		return finding(name, directory.FindingFailed, "its members rule the domain", "take it out of the policy")
	case r.all && !containsFold(e.GetEqualFoldAttributeValues(attrMayWrite), attrMember):
		return r.may(name, "the bind account may not change its members", directory.FindingFailed, "", members)
	case !r.all:
		return r.may(name, "it is an ordinary one", directory.FindingOK, "", members)
	default:
		return r.may(name, "its members may be changed", directory.FindingOK, "", members)
	}
}

// userNames compares the domain of new user names with those that the forest
// signs people in by.
func (r *review) userNames() []directory.Finding {
	if r.want.Domain == "" {
		return nil
	}
	name := "user names in " + r.want.Domain
	configuration := r.l.configuration()
	entries, err := r.l.entries("CN=Partitions,"+configuration, ldap.ScopeWholeSubtree, anything, []string{"uPNSuffixes", "dnsRoot"})
	if err != nil || configuration == "" {
		return []directory.Finding{finding(name, directory.FindingUnknown, "the forest does not tell its domains", "")}
	}
	known := []string{domainOf(r.d.cfg.BaseDN)}
	for _, e := range entries {
		known = append(known, e.GetEqualFoldAttributeValues("uPNSuffixes")...)
		known = append(known, e.GetEqualFoldAttributeValues("dnsRoot")...)
	}
	if containsFold(known, r.want.Domain) {
		return []directory.Finding{finding(name, directory.FindingOK, "the forest knows the domain", "")}
	}
	return []directory.Finding{finding(name, directory.FindingWarning, "the forest does not know the domain: nobody signs in by such a name",
		"add it to the forest's UPN suffixes, or correct domain in the policy")}
}

// compact leaves out what is there twice.
func compact(names ...string) []string {
	var out []string
	for _, name := range names {
		if !slices.ContainsFunc(out, func(o string) bool { return sameDN(o, name) }) {
			out = append(out, name)
		}
	}
	return out
}
