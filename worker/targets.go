package worker

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"tenure/internal/config"
	"tenure/internal/directory"
	"tenure/internal/directory/ad"
	"tenure/internal/directory/entra"
	"tenure/internal/directory/entra/schema"
	"tenure/internal/directory/with"
	"tenure/internal/lifecycle"
	"tenure/internal/metrics"
)

// Targets makes connectors on first use and keeps them. Two policy versions
// that state a target alike share its connector and so its budget.
type Targets struct {
	config     config.Config
	references config.References
	log        *slog.Logger
	// around, where it is set, sees the requests of the connectors.
	around func(http.RoundTripper) http.RoundTripper
	// unthrottled targets have no budgets.
	unthrottled bool
	// metrics count the calls; nil counts nothing.
	metrics *metrics.Metrics

	mu       sync.Mutex
	made     map[string]directory.Target
	limiters map[string]*with.Limiter
	signIns  map[string]*ad.SignIns // by bind account
}

// NewTargets returns the connectors of a configuration.
func NewTargets(settings config.Config, references config.References, log *slog.Logger) *Targets {
	return &Targets{
		config: settings, references: references, log: log,
		made: map[string]directory.Target{}, limiters: map[string]*with.Limiter{}, signIns: map[string]*ad.SignIns{},
	}
}

// Target returns the connector of a target of this policy.
func (t *Targets) Target(_ context.Context, policy *lifecycle.Policy, name string) (directory.Target, error) {
	rules, found := policy.Target(name)
	if !found {
		return directory.Target{}, fmt.Errorf("open target: the policy has no target %q", name)
	}
	key := fmt.Sprintf("%s %s %s %+v %s %s %s %s %v %v", rules.Name, rules.Kind, rules.Tenant, rules.Credential, rules.Domain, rules.Base, rules.Under, rules.Forest, attributesRead(policy, rules), rules.Protect.Containers)
	t.mu.Lock()
	defer t.mu.Unlock()
	if made, found := t.made[key]; found {
		return made, nil
	}
	made, err := t.make(policy, rules)
	if err != nil {
		return directory.Target{}, fmt.Errorf("open target %s: %w", name, err)
	}
	t.made[key] = made
	return made, nil
}

func (t *Targets) make(policy *lifecycle.Policy, rules lifecycle.Target) (directory.Target, error) {
	connector, limits, err := t.connector(policy, rules)
	if err != nil {
		return directory.Target{}, err
	}
	limiter, found := t.limiters[rules.Name]
	if !found {
		if t.unthrottled {
			limits.Writes, limits.Units = directory.Budget{}, directory.Budget{}
		}
		limiter = with.NewLimiter(limits, with.LimiterOptions{Workers: t.config.Workers})
		t.limiters[rules.Name] = limiter
	}
	bundle := with.Wrap(directory.Bundle(connector), with.Limit(limiter))
	bundle = with.Wrap(bundle, with.Log(t.log, rules.Name, time.Now))
	return with.Wrap(bundle, with.Measure(func(verb directory.Verb, outcome string, took time.Duration) {
		t.metrics.Call(rules.Name, string(verb), outcome, took)
	}, time.Now)), nil
}

// connector makes the one of the target's kind, and says what its system allows.
func (t *Targets) connector(policy *lifecycle.Policy, rules lifecycle.Target) (directory.Directory, directory.Limits, error) {
	switch rules.Kind {
	case lifecycle.KindEntra:
		settings, err := t.entraConfig(rules)
		if err != nil {
			return nil, directory.Limits{}, err
		}
		connector, err := entra.New(settings)
		return connector, entra.Limits(), err
	case lifecycle.KindAD:
		settings, err := t.adConfig(policy, rules)
		if err != nil {
			return nil, directory.Limits{}, err
		}
		// A domain states no budgets: how many connections there are is the bound.
		connector, err := ad.New(settings)
		return connector, directory.Limits{}, err
	default:
		return nil, directory.Limits{}, fmt.Errorf("no connector is of kind %q", rules.Kind)
	}
}

// adConfig resolves the references of a domain; all that fail are reported.
func (t *Targets) adConfig(policy *lifecycle.Policy, rules lifecycle.Target) (ad.Config, error) {
	connection := t.config.Targets[rules.Name]
	user, errUser := t.references.Resolve(rules.Credential.User)
	secret, errSecret := t.references.Resolve(rules.Credential.Secret)
	kerberos, errKerberos := t.kerberos(rules.Credential)
	problems := []error{errUser, errSecret, errKerberos}
	if len(connection.Hosts) == 0 {
		problems = append(problems, fmt.Errorf("the configuration names no domain controllers: write targets.%s.hosts", rules.Name))
	}
	if rules.Forest != "" && len(connection.Catalog) == 0 {
		problems = append(problems, fmt.Errorf("the configuration names no global catalogue of forest %s: write targets.%s.catalog", rules.Forest, rules.Name))
	}
	settings := ad.Config{
		Name: rules.Name, Hosts: connection.Hosts, Catalog: connection.Catalog, Security: ad.Security(connection.Security),
		Replication: connection.Replication,
		BindName:    user, Secret: directory.NewSecret(secret), Kerberos: kerberos,
		BaseDN: rules.Base, Under: rules.Under, Domain: rules.Domain, Attributes: attributesRead(policy, rules), ProtectedOUs: rules.Protect.Containers,
		Renew: t.renew(rules.Credential), SignIns: t.signInsOf(user, rules.Base),
	}
	if connection.CAFile != "" {
		pool, err := certificates(connection.CAFile)
		problems = append(problems, err)
		settings.RootCAs = pool
	}
	return settings, errors.Join(problems...)
}

// renew reads the files of a credential again, nil where there are none: what the
// environment or the policy holds does not change while the process runs.
func (t *Targets) renew(credential lifecycle.Credential) func() (ad.Credential, error) {
	if !config.IsFile(credential.Secret) && !config.IsFile(credential.Keytab) {
		return nil
	}
	return func() (ad.Credential, error) {
		secret, errSecret := t.references.Resolve(credential.Secret)
		kerberos, errKerberos := t.kerberos(credential)
		out := ad.Credential{Secret: directory.NewSecret(secret)}
		if kerberos != nil {
			out.Keytab = kerberos.Keytab
		}
		return out, errors.Join(errSecret, errKerberos)
	}
}

// signInsOf is what all targets share that bind as the same account. An account name
// alone is one of the target's own domain.
func (t *Targets) signInsOf(user, base string) *ad.SignIns {
	name := strings.ToLower(user)
	if !strings.ContainsAny(name, `@\=`) {
		name += "@" + strings.ToLower(base)
	}
	if t.signIns[name] == nil {
		t.signIns[name] = ad.NewSignIns(time.Now)
	}
	return t.signIns[name]
}

// kerberos is nil where the credential signs in with its password over LDAP.
func (t *Targets) kerberos(credential lifecycle.Credential) (*ad.Kerberos, error) {
	switch credential.Kind {
	case lifecycle.CredentialKerberos:
		return &ad.Kerberos{}, nil
	case lifecycle.CredentialKeytab:
		keys, err := t.references.Bytes(credential.Keytab)
		return &ad.Kerberos{Keytab: keys}, err
	default:
		return nil, nil //nolint:nilnil // no Kerberos is no error
	}
}

// entraConfig resolves the references of a target; all that fail are reported.
func (t *Targets) entraConfig(rules lifecycle.Target) (entra.Config, error) {
	connection := t.config.Targets[rules.Name]
	var problems []error
	resolve := func(text string) string {
		value, err := t.references.Resolve(text)
		problems = append(problems, err)
		return value
	}
	settings := entra.Config{
		Name: rules.Name, Tenant: resolve(rules.Tenant), Domain: rules.Domain, Attributes: mappedAttributes(rules),
		BaseURL: connection.BaseURL, Authority: connection.Authority, Around: t.around,
		Credential: entra.Credential{
			Kind:     entra.CredentialKind(rules.Credential.Kind),
			ClientID: resolve(rules.Credential.Client),
			Secret:   directory.NewSecret(resolve(rules.Credential.Secret)),
			// The token is read anew at each sign-in: what is wanted is the path.
			TokenFile: resolve(strings.TrimPrefix(rules.Credential.TokenFile, "file:")),
		},
	}
	if rules.Credential.Certificate != "" {
		certificate, err := t.references.Bytes(rules.Credential.Certificate)
		problems = append(problems, err)
		settings.Credential.Certificate = certificate
	}
	if connection.CAFile != "" {
		pool, err := certificates(connection.CAFile)
		problems = append(problems, err)
		settings.RootCAs = pool
	}
	return settings, errors.Join(problems...)
}

func certificates(path string) (*x509.CertPool, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read certificates: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(content) {
		return nil, fmt.Errorf("read certificates: %s holds none in PEM", path)
	}
	return pool, nil
}

// mappedAttributes are the ones that are read and compared, and the address
// that mails go to.
func mappedAttributes(rules lifecycle.Target) []string {
	names := []string{schema.Mail}
	for _, mapping := range rules.Mapping {
		if mapping.Reference == "" && !mapping.IsName() {
			names = append(names, mapping.To)
		}
	}
	return names
}

// attributesRead are the mapped ones and those that tasks write: what is there is
// compared with both.
func attributesRead(policy *lifecycle.Policy, rules lifecycle.Target) []string {
	names := mappedAttributes(rules)
	for _, workflow := range policy.Workflows {
		for _, task := range workflow.Tasks {
			for _, m := range task.Attributes {
				if task.Target == rules.Name && !slices.Contains(names, m.To) {
					names = append(names, m.To)
				}
			}
		}
	}
	return names
}
