package ad

import (
	"slices"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
)

// Attributes that say who may what, and who somebody is for that.
const (
	attrDescriptor = "nTSecurityDescriptor"
	attrTokens     = "tokenGroups"
)

// Who everybody is, with and without having signed in.
const (
	sidEveryone      = "S-1-1-0"
	sidAuthenticated = "S-1-5-11"
)

// passwords looks whether the bind account may reset passwords: which attributes it
// may write does not tell, since this is a right of its own.
func (r *review) passwords() []directory.Finding {
	if !r.all {
		return nil
	}
	const name = "passwords"
	seen := r.samples()
	var all, lacking, open []right
	for _, top := range r.tops {
		one := right{kind: resetPasswords, on: top}
		all = append(all, one)
		switch r.mayReset(top, seen[top]) {
		case directory.FindingFailed:
			lacking = append(lacking, one)
		case directory.FindingUnknown:
			open = append(open, one)
		default:
		}
	}
	switch {
	case len(lacking) > 0:
		return []directory.Finding{r.may(name, "the bind account may not set them", directory.FindingFailed, "", lacking...)}
	case len(open) > 0:
		return []directory.Finding{r.may(name, "the directory does not tell whether the bind account may set them; the first account that is made does",
			directory.FindingUnknown, "", open...)}
	default:
		return []directory.Finding{r.may(name, "they may be set", directory.FindingOK, "", all...)}
	}
}

// mayReset asks the account that is there. Without one it asks the container for what
// new accounts get from it; what else they have is not known there.
func (r *review) mayReset(top string, sample *ldap.Entry) directory.FindingState {
	at, speaks, otherwise := top, ofNewUsers, directory.FindingUnknown
	if sample != nil {
		at, speaks, otherwise = sample.DN, ofItself, directory.FindingFailed
	}
	list, known := r.accessList(at)
	switch {
	case !known || len(r.identifiers) == 0:
		return directory.FindingUnknown
	case lets(list, r.identifiers, toReset(), speaks):
		return directory.FindingOK
	default:
		return otherwise
	}
}

// accessList reads who may what with an object.
func (r *review) accessList(dn string) (list []accessEntry, known bool) {
	entries, err := r.l.entries(dn, ldap.ScopeBaseObject, anything, []string{attrDescriptor}, onlyDACL())
	if err != nil || len(entries) != 1 {
		return nil, false
	}
	list, err = accessList(entries[0].GetEqualFoldRawAttributeValue(attrDescriptor))
	return list, err == nil
}

// tokens are all by which the bind account has rights: what the controller made
// of it when it signed in, or what its groups say. None: they cannot be read.
func (r *review) tokens() []string {
	var out []string
	for _, from := range []*ldap.Entry{r.one(""), r.one(r.selfDN())} {
		if from == nil {
			continue
		}
		for _, raw := range from.GetEqualFoldRawAttributeValues(attrTokens) {
			if text := sid(raw).text(); text != "" {
				out = append(out, text)
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	if r.who.sid != "" {
		out = append(out, r.who.sid)
	}
	out = append(out, sidEveryone, sidAuthenticated)
	slices.Sort(out)
	return slices.Compact(out)
}

func (r *review) selfDN() string {
	if r.self == nil {
		return ""
	}
	return r.self.DN
}

// one reads the groups of an object, "" for those of who asks.
func (r *review) one(dn string) *ldap.Entry {
	entries, err := r.l.entries(dn, ldap.ScopeBaseObject, anything, []string{attrTokens})
	if err != nil || len(entries) != 1 {
		return nil
	}
	return entries[0]
}
