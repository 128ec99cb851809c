package worker

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tenure/internal/config"
	"tenure/internal/directory/ad"
	"tenure/internal/lifecycle"
)

func entraTarget() lifecycle.Target {
	return lifecycle.Target{
		Name: "entra", Kind: "entra", Tenant: "env:TENANT", Domain: "contoso.example",
		Credential: lifecycle.Credential{Kind: "secret", Client: "env:CLIENT", Secret: "env:SECRET"},
		Mapping:    []lifecycle.Mapping{{To: "displayName", Attribute: "person.displayName"}, {To: "manager", Reference: "managerRef"}},
	}
}

func opened(values map[string]string, settings config.Config) *Targets {
	return NewTargets(settings, config.Fixed(values), slog.New(slog.DiscardHandler))
}

func credentials() map[string]string {
	return map[string]string{"TENANT": "7e57c11e-0000-4000-8000-000000000001", "CLIENT": "7e57c11e-0000-4000-8000-000000000002", "SECRET": "s3cret-value"}
}

func TestTargetIsMadeOnce(t *testing.T) {
	t.Parallel()
	targets := opened(credentials(), config.Config{Workers: 2})
	policy := &lifecycle.Policy{Targets: []lifecycle.Target{entraTarget()}}
	first, err := targets.Target(t.Context(), policy, "entra")
	if err != nil {
		t.Fatalf("Target: %v", err)
	}
	again := &lifecycle.Policy{Targets: []lifecycle.Target{entraTarget()}}
	if _, err := targets.Target(t.Context(), again, "entra"); err != nil || len(targets.made) != 1 {
		t.Errorf("a policy version that states the target alike made another of %d connectors (error %v)", len(targets.made), err)
	}
	if first.Writer == nil || first.Remover == nil || first.Groups == nil || first.Licenses == nil || first.Sessions == nil || first.Passes == nil {
		t.Errorf("an ability was lost on the way: %+v", first)
	}
}

func TestTargetProblems(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("nothing\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	values := credentials()
	delete(values, "CLIENT")
	delete(values, "SECRET")
	for name, test := range map[string]struct {
		targets *Targets
		target  string
		want    []string
	}{
		"every missing reference": {opened(values, config.Config{}), "entra", []string{"env:CLIENT", "env:SECRET"}},
		"unknown target":          {opened(credentials(), config.Config{}), "entar", []string{`no target "entar"`}},
		"no certificate": {
			opened(credentials(), config.Config{Targets: map[string]config.Connection{"entra": {CAFile: empty}}}), "entra",
			[]string{"holds none in PEM"},
		},
	} {
		_, err := test.targets.Target(t.Context(), &lifecycle.Policy{Targets: []lifecycle.Target{entraTarget()}}, test.target)
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want %q in it", name, err, want)
			}
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the error shows the secret", name)
		}
	}
}

func domainTarget() lifecycle.Target {
	return lifecycle.Target{
		Name: "corp", Kind: lifecycle.KindAD, Domain: "corp.contoso.example", Base: "DC=corp,DC=contoso,DC=example",
		Credential: lifecycle.Credential{Kind: lifecycle.CredentialBind, User: "env:CLIENT", Secret: "env:SECRET"},
		Mapping:    []lifecycle.Mapping{{To: "displayName", Attribute: "person.displayName"}},
	}
}

func TestDomainIsMade(t *testing.T) {
	t.Parallel()
	policy := &lifecycle.Policy{Targets: []lifecycle.Target{domainTarget()}}
	settings := config.Config{Targets: map[string]config.Connection{"corp": {Hosts: []string{"dc1.corp.contoso.example"}, Security: "starttls"}}}
	made, err := opened(credentials(), settings).Target(t.Context(), policy, "corp")
	if err != nil {
		t.Fatalf("Target: %v", err)
	}
	if made.Writer == nil || made.Remover == nil || made.Groups == nil || made.Lister == nil || made.Protections == nil || made.Passes == nil {
		t.Errorf("an ability was lost on the way: %+v", made)
	}
	if made.Licenses != nil || made.Sessions != nil {
		t.Errorf("a domain has abilities of the cloud: %+v", made)
	}
}

func TestDomainProblems(t *testing.T) {
	t.Parallel()
	values := credentials()
	delete(values, "CLIENT")
	policy := &lifecycle.Policy{Targets: []lifecycle.Target{domainTarget()}}
	_, err := opened(values, config.Config{}).Target(t.Context(), policy, "corp")
	for _, want := range []string{"env:CLIENT", "write targets.corp.hosts"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
	if err != nil && strings.Contains(err.Error(), "s3cret") {
		t.Error("the error shows the secret")
	}
}

// TestCredentialFileIsReadAgain gives the connector what the file holds at each
// sign-in, and nothing to read where no file is named.
func TestCredentialFileIsReadAgain(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret")
	rules := domainTarget()
	rules.Credential.Secret = "file:" + file
	settings := config.Config{Targets: map[string]config.Connection{"corp": {Hosts: []string{"dc1.corp.contoso.example"}}}}
	targets := opened(credentials(), settings)
	policy := &lifecycle.Policy{Targets: []lifecycle.Target{rules}}
	var made ad.Config
	for _, secret := range []string{"one", "two"} {
		if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if made.Renew == nil {
			var err error
			if made, err = targets.adConfig(policy, rules); err != nil || made.Renew == nil {
				t.Fatalf("adConfig: %v, with a way to read the file again: %t", err, made.Renew != nil)
			}
		}
		if got, err := made.Renew(); err != nil || got.Secret.Reveal() != secret {
			t.Errorf("the credential is another than the file's, error %v", err)
		}
	}
	other, err := targets.adConfig(policy, domainTarget())
	if err != nil || other.Renew != nil || other.SignIns != made.SignIns {
		t.Errorf("adConfig without a file: %v, reads again: %t, shares what was refused: %t", err, other.Renew != nil, other.SignIns == made.SignIns)
	}
}

// TestRefusalsAreAnAccounts: a name without its domain is another account in each.
func TestRefusalsAreAnAccounts(t *testing.T) {
	t.Parallel()
	targets := opened(credentials(), config.Config{})
	const corp, emea = "DC=corp,DC=contoso,DC=example", "DC=emea,DC=contoso,DC=example"
	if targets.signInsOf("Tenure@contoso.example", corp) != targets.signInsOf("tenure@contoso.example", emea) {
		t.Error("two targets of one bind account do not share what was refused")
	}
	if targets.signInsOf("tenure", corp) == targets.signInsOf("tenure", emea) {
		t.Error("two domains share what was refused of accounts that are called the same")
	}
}

func TestTokenFileIsAPath(t *testing.T) {
	t.Parallel()
	token := filepath.Join(t.TempDir(), "token")
	rules := entraTarget()
	rules.Credential = lifecycle.Credential{Kind: "workload", Client: "env:CLIENT", TokenFile: "file:" + token}
	settings, err := opened(credentials(), config.Config{}).entraConfig(rules)
	if err != nil || settings.Credential.TokenFile != token {
		t.Errorf("token file = %q, error %v; want the path %q, which is read at each sign-in", settings.Credential.TokenFile, err, token)
	}
}

func TestMappedAttributes(t *testing.T) {
	t.Parallel()
	got := strings.Join(mappedAttributes(entraTarget()), " ")
	if want := "mail displayName"; got != want {
		t.Errorf("attributes to read = %q, want %q", got, want)
	}
}
