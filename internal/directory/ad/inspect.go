package ad

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
	"tenure/internal/directory/ad/schema"
)

// What is worth a warning before it becomes a failure.
const (
	certificateEnds = 30 * 24 * time.Hour
	clockApart      = time.Minute
	clockFarApart   = 5 * time.Minute // Kerberos refuses beyond it
)

// Inspect looks at every controller, at the containers, and at what the bind
// account may do in them, which the directory itself works out.
func (d *Directory) Inspect(ctx context.Context, want directory.Wanted) ([]directory.Finding, error) {
	out, reached := d.inspectControllers(ctx)
	if reached {
		err := d.call(ctx, directory.VerbInspect, func(l *link) error {
			for _, look := range []func(*link, directory.Wanted) []directory.Finding{
				d.inspectContainers, d.inspectAttributes, d.inspectGroups, d.inspectRecycleBin,
			} {
				out = append(out, look(l, want)...)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", directory.VerbInspect, err)
	}
	return out, nil
}

func finding(name string, state directory.FindingState, detail, remedy string) directory.Finding {
	return directory.Finding{Name: name, State: state, Detail: detail, Remedy: remedy}
}

// inspectControllers connects to each one: a second that does not work is found
// out when the first fails, and that is too late.
func (d *Directory) inspectControllers(ctx context.Context) (out []directory.Finding, reached bool) {
	for i, host := range d.cfg.Hosts {
		name := "controller " + host
		l, err := connect(ctx, &d.cfg, i)
		if err != nil {
			out = append(out, finding(name, directory.FindingFailed, err.Error(), "check the address, the certificate authority and the bind account"))
			if errors.Is(err, directory.ErrDenied) {
				return out, false // once is enough: refusals lock the account
			}
			continue
		}
		reached = true
		out = append(out, finding(name, directory.FindingOK, "it answers and takes the credential", ""))
		out = append(out, l.inspectCertificate(host)...)
		out = append(out, l.inspectClock(host)...)
		l.cut()
	}
	return out, reached
}

func (l *link) inspectCertificate(host string) []directory.Finding {
	name := "certificate of " + host
	state, ok := l.TLSConnectionState()
	if !ok || len(state.PeerCertificates) == 0 {
		return nil
	}
	return []directory.Finding{certificateFinding(name, state, time.Now())}
}

func certificateFinding(name string, state tls.ConnectionState, now time.Time) directory.Finding {
	ends := state.PeerCertificates[0].NotAfter
	detail := "it ends on " + ends.UTC().Format(time.DateOnly)
	if ends.Sub(now) < certificateEnds {
		return finding(name, directory.FindingWarning, detail, "renew the controller's certificate")
	}
	return finding(name, directory.FindingOK, detail, "")
}

// inspectClock compares the controller's clock with this machine's.
func (l *link) inspectClock(host string) []directory.Finding {
	name := "clock of " + host
	entries, err := l.entries("", ldap.ScopeBaseObject, "(objectClass=*)", []string{"currentTime"})
	if err != nil || len(entries) != 1 {
		return []directory.Finding{finding(name, directory.FindingUnknown, "the controller does not tell its time", "")}
	}
	at, err := time.Parse(generalizedTime, entries[0].GetEqualFoldAttributeValue("currentTime"))
	if err != nil {
		return []directory.Finding{finding(name, directory.FindingUnknown, "the controller does not tell its time", "")}
	}
	return []directory.Finding{clockFinding(name, time.Since(at).Abs())}
}

func clockFinding(name string, apart time.Duration) directory.Finding {
	detail := fmt.Sprintf("it is %s apart from this machine's", apart.Round(time.Second))
	switch {
	case apart > clockFarApart:
		return finding(name, directory.FindingFailed, detail, "set both clocks by one source of time")
	case apart > clockApart:
		return finding(name, directory.FindingWarning, detail, "set both clocks by one source of time")
	}
	return finding(name, directory.FindingOK, detail, "")
}

// inspectContainers looks whether the containers exist, and whether accounts
// may be made where they are to be made.
func (d *Directory) inspectContainers(l *link, want directory.Wanted) []directory.Finding {
	var out []directory.Finding
	for _, dn := range compact(d.cfg.BaseDN, d.cfg.Under, d.cfg.OU) {
		name := "container " + dn
		entries, err := l.entries(dn, ldap.ScopeBaseObject, "(objectClass=*)", []string{"allowedChildClassesEffective"})
		switch {
		case isNotFound(err) || err == nil && len(entries) == 0:
			out = append(out, finding(name, directory.FindingFailed, "it does not exist, or may not be seen", "make it, or correct the configuration"))
		case err != nil:
			out = append(out, finding(name, directory.FindingUnknown, err.Error(), ""))
		case dn == d.cfg.OU && slices.Contains(want.Verbs, directory.VerbCreateAccount) &&
			!containsFold(entries[0].GetEqualFoldAttributeValues("allowedChildClassesEffective"), "user"):
			out = append(out, finding(name, directory.FindingFailed, "the bind account may not make accounts in it",
				delegate(dn, "/I:T", "CCDC;user")+"; "+delegate(dn, "/I:S", "CA;Reset Password;user")))
		default:
			out = append(out, finding(name, directory.FindingOK, "it is there, and what is to be done in it is allowed", ""))
		}
	}
	return out
}

// inspectAttributes looks at one account, no matter whose: which attributes the
// schema gives it, and which of them the bind account may write.
func (d *Directory) inspectAttributes(l *link, want directory.Wanted) []directory.Finding {
	names := writtenAttributes(want)
	if len(names) == 0 {
		return nil
	}
	const one = 1
	known, writable := attrAllowed, "allowedAttributesEffective"
	result, err := l.Search(ldap.NewSearchRequest(d.cfg.Under, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, one, 0, false,
		"(&"+people+"(!("+attrCritical+"=TRUE))(!("+attrAdminCount+"=1)))", []string{known, writable}, nil))
	// A strict controller answers with the one account and the code that there are more.
	if result == nil || len(result.Entries) == 0 {
		detail := "there is no account to try them on"
		if err := translate(err); err != nil {
			detail = err.Error()
		}
		return []directory.Finding{finding("attributes", directory.FindingUnknown, detail, "look again when there is one")}
	}
	e := result.Entries[0]
	var out []directory.Finding
	for _, name := range names {
		switch {
		case !containsFold(e.GetEqualFoldAttributeValues(known), name):
			out = append(out, finding("attribute "+name, directory.FindingFailed, "the forest's schema does not have it for accounts",
				"extend the schema, or map another attribute"))
		case !containsFold(e.GetEqualFoldAttributeValues(writable), name):
			out = append(out, finding("attribute "+name, directory.FindingFailed, "the bind account may not write it",
				delegate(d.cfg.OU, "/I:S", "WP;"+name+";user")))
		default:
			out = append(out, finding("attribute "+name, directory.FindingOK, "it is known and may be written", ""))
		}
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
		case schema.Parent, schema.CommonName: // a rename, which is a right of its own
		default:
			out = append(out, a.Name)
		}
	}
	if slices.Contains(want.Verbs, directory.VerbUpdateAccount) || slices.Contains(want.Verbs, directory.VerbCreateAccount) {
		out = append(out, attrControl)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// inspectGroups looks whether the groups exist, are ordinary ones, and may be
// changed.
func (d *Directory) inspectGroups(l *link, want directory.Wanted) []directory.Finding {
	var out []directory.Finding
	for _, id := range want.Groups {
		name := "group " + id
		base, err := byGUID(id)
		if err != nil {
			out = append(out, finding(name, directory.FindingFailed, "it is no GUID", "correct the policy"))
			continue
		}
		entries, err := l.entries(base, ldap.ScopeBaseObject, "(objectClass=group)", append(groupAttributes(), "allowedAttributesEffective"))
		switch {
		case err != nil && !isNotFound(err):
			out = append(out, finding(name, directory.FindingUnknown, err.Error(), ""))
		case len(entries) == 0:
			out = append(out, finding(name, directory.FindingFailed, "it does not exist", "correct the policy"))
		case exportGroup(entries[0]).Kind != directory.GroupAssigned:
			out = append(out, finding(name, directory.FindingFailed, "its members rule the domain", "take it out of the policy"))
		case !containsFold(entries[0].GetEqualFoldAttributeValues("allowedAttributesEffective"), attrMember):
			out = append(out, finding(name, directory.FindingFailed, "the bind account may not change its members",
				delegate(entries[0].DN, "", "WP;"+attrMember)))
		default:
			out = append(out, finding(name, directory.FindingOK, "its members may be changed", ""))
		}
	}
	return out
}

// inspectRecycleBin compares the configuration with the forest.
func (d *Directory) inspectRecycleBin(l *link, _ directory.Wanted) []directory.Finding {
	const name = "recycle bin"
	root, err := l.entries("", ldap.ScopeBaseObject, "(objectClass=*)", []string{"configurationNamingContext"})
	if err != nil || len(root) != 1 {
		return []directory.Finding{finding(name, directory.FindingUnknown, "the forest's configuration cannot be found", "")}
	}
	base := "CN=Optional Features,CN=Directory Service,CN=Windows NT,CN=Services," + root[0].GetEqualFoldAttributeValue("configurationNamingContext")
	features, err := l.entries(base, ldap.ScopeWholeSubtree, equals(schema.CommonName, "Recycle Bin Feature"), []string{"msDS-EnabledFeatureBL"})
	if err != nil || len(features) != 1 {
		return []directory.Finding{finding(name, directory.FindingUnknown, "the forest does not tell whether it is on", "")}
	}
	on := len(features[0].GetEqualFoldAttributeValues("msDS-EnabledFeatureBL")) > 0
	switch {
	case on == (d.cfg.RestoreWindow > 0):
		return []directory.Finding{finding(name, directory.FindingOK, "forest and configuration agree", "")}
	case on:
		return []directory.Finding{finding(name, directory.FindingWarning, "it is on, and the configuration does not use it", "state the restore window")}
	}
	return []directory.Finding{finding(name, directory.FindingFailed, "it is off, so nothing that is deleted comes back",
		"Enable-ADOptionalFeature 'Recycle Bin Feature' -Scope ForestOrConfigurationSet, or take the restore window away")}
}

// delegate is the command that gives the bind account the least that is needed.
func delegate(dn, inherit, right string) string {
	if inherit != "" {
		inherit += " "
	}
	return fmt.Sprintf(`dsacls "%s" %s/G "BIND-ACCOUNT:%s"`, dn, inherit, right)
}

func containsFold(list []string, want string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, want) })
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
