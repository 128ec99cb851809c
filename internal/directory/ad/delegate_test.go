package ad_test

import (
	"context"
	"crypto/x509"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
	"tenure/internal/directory/ad"
	"tenure/internal/directory/ad/adtest"
	simulated "tenure/internal/sim/ad"
)

// TestDelegation gives a bare account what the commands say, runs them as they
// are printed, and does with it what the policy wants.
func TestDelegation(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	in := joiner(place, 0)
	sample := ensure(t, connect(t, place.Config(t)), joiner(place, 1))
	team := place.AddGroup(t, "team", false)
	want := directory.Wanted{
		Verbs:      []directory.Verb{directory.VerbCreateAccount, directory.VerbUpdateAccount},
		Attributes: []string{"title", "employeeId", "cn", "manager"}, Groups: []string{team}, Containers: []string{place.OU},
	}
	cfg := place.Config(t)
	cfg.BindName, cfg.Secret = place.AddServiceAccount(t, nil)
	cfg.RestoreWindow = 1
	d := connect(t, cfg)
	if _, err := d.CreateAccount(t.Context(), in); err == nil {
		t.Fatal("an account without rights has made an account")
	}
	ran := 0
	for _, f := range inspected(t, d, want) {
		if f.State == directory.FindingOK {
			continue
		}
		for _, c := range f.Commands {
			if c.Tool == "samba-tool" {
				place.Tool(t, c.Line)
				ran++
			}
		}
	}
	if ran == 0 {
		t.Fatal("nothing was missing")
	}
	for _, f := range inspected(t, d, want) {
		if f.State != directory.FindingOK && !strings.HasPrefix(f.Name, "certificate of ") {
			t.Errorf("finding = %+v after the commands, want it ok", f)
		}
	}
	made, err := d.CreateAccount(t.Context(), in)
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	no := false
	for what, do := range map[string]func(context.Context) error{
		"title": func(ctx context.Context) error {
			return d.UpdateAccount(ctx, made.ID, directory.Change{Set: map[string]string{"title": "Head"}})
		},
		"rename": func(ctx context.Context) error {
			return d.UpdateAccount(ctx, made.ID, directory.Change{Set: map[string]string{"cn": "Zo Doe"}})
		},
		"manager": func(ctx context.Context) error { return d.SetManager(ctx, made.ID, sample.ID) },
		"group":   func(ctx context.Context) error { return d.AddToGroup(ctx, made.ID, team) },
		"disable": func(ctx context.Context) error { return d.UpdateAccount(ctx, made.ID, directory.Change{Enabled: &no}) },
	} {
		if err := do(t.Context()); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := d.UpdateAccount(t.Context(), made.ID, directory.Change{Set: map[string]string{"department": "Sales"}}); err == nil {
		t.Error("the department was written, which nothing gives the right to")
	}
}

func inspected(t *testing.T, d *ad.Directory, want directory.Wanted) []directory.Finding {
	t.Helper()
	found, err := d.Inspect(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestDelegationOfHostileNames gives no command for a name that a shell would
// read as more.
func TestDelegationOfHostileNames(t *testing.T) {
	t.Parallel()
	_, controller := adtest.Simulated(t, simulated.Options{})
	place := controller.NewPlace(t)
	const hostile = "Sales $(reboot) '`%PATH%"
	team := place.AddGroup(t, "team", false)
	if err := place.Admin(t).ModifyDN(ldap.NewModifyDNRequest("CN=team,"+place.OU, "CN="+hostile, true, "")); err != nil {
		t.Fatal(err)
	}
	cfg := place.Config(t)
	cfg.BindName, cfg.Secret = place.AddServiceAccount(t, nil)
	want := directory.Wanted{
		Verbs: []directory.Verb{directory.VerbCreateAccount}, Attributes: []string{"title"}, Groups: []string{team}, Domain: "elsewhere.example",
	}
	found := inspected(t, connect(t, cfg), want)
	state := states(found)
	if state["user names in elsewhere.example"] != directory.FindingWarning || state["attribute title"] != directory.FindingUnknown {
		t.Errorf("states = %v, want the foreign domain warned of and the title not tried", state)
	}
	for _, f := range found {
		for _, c := range f.Commands {
			if strings.Contains(c.Line, "reboot") {
				t.Errorf("command %q holds the hostile name", c.Line)
			}
		}
		if f.Name == "group "+team && (f.State != directory.FindingFailed || strings.Contains(f.Remedy, "reboot") || f.Remedy == "") {
			t.Errorf("finding = %+v, want it failed without the name", f)
		}
	}
}

// TestUntrustedCertificate is told as such, over both ways to encrypt.
func TestUntrustedCertificate(t *testing.T) {
	t.Parallel()
	_, controller := adtest.Simulated(t, simulated.Options{})
	place := controller.NewPlace(t)
	for name, change := range map[string]func(*ad.Config){
		"unknown authority": func(c *ad.Config) { c.RootCAs = x509.NewCertPool() },
		"unknown authority with starttls": func(c *ad.Config) {
			c.Hosts, c.Security, c.RootCAs = []string{place.PlainAddress}, ad.StartTLS, x509.NewCertPool()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := place.Config(t)
			change(&cfg)
			found, err := connect(t, cfg).Inspect(t.Context(), directory.Wanted{})
			if err == nil {
				t.Error("the inspection says that a controller can be used")
			}
			i := slices.IndexFunc(found, func(f directory.Finding) bool { return f.Name == "certificate of "+cfg.Hosts[0] })
			if i < 0 || found[i].State != directory.FindingFailed || !strings.Contains(found[i].Remedy, "caFile") {
				t.Fatalf("findings = %+v, want the certificate failed, and the authority named", found)
			}
		})
	}
}

// TestCatalogsAreLookedAt: while none answers, nobody gets a user name.
func TestCatalogsAreLookedAt(t *testing.T) {
	t.Parallel()
	_, controller := adtest.Simulated(t, simulated.Options{})
	place := controller.NewPlace(t)
	cfg := place.Config(t)
	cfg.Catalog = []string{place.Address, "127.0.0.1:1"}
	state := states(inspected(t, connect(t, cfg), directory.Wanted{}))
	if state["global catalogue "+place.Address] != directory.FindingOK || state["global catalogue 127.0.0.1:1"] != directory.FindingFailed {
		t.Errorf("states = %v, want the second catalogue failed", state)
	}
}
