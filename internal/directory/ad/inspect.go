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
)

// anything is the filter that every object passes.
const anything = "(objectClass=*)"

// What is worth a warning before it becomes a failure.
const (
	certificateEnds = 30 * 24 * time.Hour
	clockApart      = time.Minute
	clockFarApart   = 5 * time.Minute // Kerberos refuses beyond it
)

// Inspect looks at every controller, at the containers, and at what the bind
// account may do in them, which the directory itself works out.
func (d *Directory) Inspect(ctx context.Context, want directory.Wanted) ([]directory.Finding, error) {
	out, err := inspectServers(ctx, d.cfg, "controller ")
	if err != nil {
		return out, err
	}
	if d.catalog != nil {
		cfg := d.cfg
		cfg.Hosts = cfg.Catalog
		catalogs, _ := inspectServers(ctx, cfg, "global catalogue ") // the findings say what is wrong
		out = append(out, catalogs...)
	}
	err = d.call(ctx, directory.VerbInspect, func(l *link) error {
		r := d.review(l, want)
		for _, look := range []func() []directory.Finding{
			r.bindAccount, r.containers, r.attributes, r.passwords, r.groups, r.userNames,
		} {
			out = append(out, look()...)
		}
		out = append(out, d.inspectRecycleBin(l)...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", directory.VerbInspect, err)
	}
	return out, nil
}

func finding(name string, state directory.FindingState, detail, remedy string) directory.Finding {
	return directory.Finding{Name: name, State: state, Detail: detail, Remedy: remedy}
}

// inspectServers connects to each one: a second that does not work is found
// out when the first fails, and that is too late. The error is that of the last
// one where none can be used.
func inspectServers(ctx context.Context, cfg Config, what string) ([]directory.Finding, error) {
	var out []directory.Finding
	var failed error
	reached := false
	for i, host := range cfg.Hosts {
		l, err := connect(ctx, &cfg, i)
		if err != nil {
			failed = fmt.Errorf("%s: %w", directory.VerbInspect, err)
			out = append(out, connectFinding(what, host, err))
			if errors.Is(err, directory.ErrDenied) {
				return out, failed // once is enough: refusals lock the account
			}
			continue
		}
		reached = true
		out = append(out, finding(what+host, directory.FindingOK, "it answers and takes the credential", ""))
		out = append(out, l.inspectCertificate(host)...)
		out = append(out, l.inspectClock(host)...)
		l.cut()
	}
	if reached {
		return out, nil
	}
	return out, failed
}

// connectFinding says why a controller cannot be used. A certificate that does
// not verify is no controller that is away.
func connectFinding(what, host string, err error) directory.Finding {
	name := what + host
	switch why := untrusted(err); {
	case why != "":
		return finding("certificate of "+host, directory.FindingFailed, "it does not verify: "+why, certificateRemedy(why))
	case errors.Is(err, directory.ErrDenied):
		return finding(name, directory.FindingFailed, err.Error(), "give the bind account's name and password as the domain has them, and see that it may sign in")
	default:
		return finding(name, directory.FindingFailed, err.Error(), "check the address, that the controller runs, and that nothing between blocks the port")
	}
}

// untrusted is why a certificate did not verify, "" where that is not the
// trouble. StartTLS hands on no more than the words.
func untrusted(err error) string {
	const mark = "x509: "
	_, why, _ := strings.Cut(err.Error(), mark)
	return strings.TrimSuffix(why, ")")
}

func certificateRemedy(why string) string {
	switch {
	case strings.Contains(why, "unknown authority"):
		return "name the authority that signed it in targets.NAME.caFile of the configuration"
	case strings.Contains(why, "expired"):
		return "renew the controller's certificate, and compare the clocks"
	default:
		return "name the controller in targets.NAME.hosts as its certificate does, or give it a certificate for this name"
	}
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
	entries, err := l.entries("", ldap.ScopeBaseObject, anything, []string{"currentTime"})
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

// inspectRecycleBin says whether and how long what is deleted can come back.
func (d *Directory) inspectRecycleBin(l *link) []directory.Finding {
	const name = "recycle bin"
	bin := l.recycleBin()
	keeps := fmt.Sprintf("%d days", int(bin.keeps.Hours()/24))
	switch {
	case !bin.known:
		return []directory.Finding{finding(name, directory.FindingUnknown, "the forest does not tell whether it is on", "")}
	case bin.on && d.cfg.RestoreWindow > bin.keeps:
		return []directory.Finding{finding(name, directory.FindingFailed, "it keeps what is deleted for "+keeps+", less than is stated", "state no longer restore window")}
	case bin.on:
		return []directory.Finding{finding(name, directory.FindingOK, "what is deleted can be restored for "+keeps, "")}
	case d.cfg.RestoreWindow == 0:
		return []directory.Finding{finding(name, directory.FindingOK, "it is off: what is deleted does not come back, so who returns gets a new account", "")}
	}
	return []directory.Finding{finding(name, directory.FindingFailed, "it is off, so nothing that is deleted comes back",
		"Enable-ADOptionalFeature 'Recycle Bin Feature' -Scope ForestOrConfigurationSet, or take the restore window away")}
}

// configuration is the base of what the forest has in common, "" where the
// controller does not tell.
func (l *link) configuration() string {
	root, err := l.entries("", ldap.ScopeBaseObject, anything, []string{"configurationNamingContext"})
	if err != nil || len(root) != 1 {
		return ""
	}
	return root[0].GetEqualFoldAttributeValue("configurationNamingContext")
}

func containsFold(list []string, want string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, want) })
}
