package entra

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/entra/schema"
)

// The defaults of a Config.
const (
	DefaultBaseURL        = "https://graph.microsoft.com/v1.0"
	DefaultAuthority      = "https://login.microsoftonline.com/"
	DefaultScope          = "https://graph.microsoft.com/.default"
	DefaultRequestTimeout = 30 * time.Second
)

// Config says which tenant to connect to, and how.
type Config struct {
	// Name is the target's name in the policy.
	Name string
	// Tenant is the tenant's ID or one of its domains.
	Tenant     string
	Credential Credential
	// Domain, where it is not empty, is the only one in which user names are
	// made: a mapping's slip is refused before Graph is asked.
	Domain string
	// Attributes names the mapped ones, which are read and nothing else. Empty:
	// all but employeeLeaveDateTime, which needs a permission of its own.
	Attributes []string

	// BaseURL, Authority and Scope name another cloud or a simulator.
	BaseURL   string
	Authority string
	Scope     string
	// RootCAs replaces the machine's certificate authorities.
	RootCAs *x509.CertPool
	// RequestTimeout bounds each request.
	RequestTimeout time.Duration
	// Around, where it is set, sees every request, also those for tokens.
	Around func(http.RoundTripper) http.RoundTripper
}

// CredentialKind is how the application proves who it is.
type CredentialKind string

// The kinds of credential.
const (
	CredentialSecret      CredentialKind = "secret"
	CredentialCertificate CredentialKind = "certificate"
	CredentialWorkload    CredentialKind = "workload"
)

// Credential is the application's identity. Only the fields of its Kind count.
type Credential struct {
	Kind     CredentialKind
	ClientID string
	// Secret is the client secret.
	Secret directory.Secret
	// Certificate holds the certificate and its key, PEM or PFX, and Password
	// opens a PFX.
	Certificate []byte
	Password    directory.Secret
	// TokenFile is where the platform puts the workload's token.
	TokenFile string
}

// complete fills in the defaults and reports every problem.
func (c Config) complete() (Config, error) {
	c.BaseURL = strings.TrimSuffix(orDefault(c.BaseURL, DefaultBaseURL), "/")
	c.Authority = orDefault(c.Authority, DefaultAuthority)
	c.Scope = orDefault(c.Scope, DefaultScope)
	if c.RequestTimeout == 0 {
		c.RequestTimeout = DefaultRequestTimeout
	}
	var problems []error
	if c.Name == "" {
		problems = append(problems, errors.New("name is missing"))
	}
	if c.Tenant == "" {
		problems = append(problems, errors.New("tenant is missing"))
	}
	for what, address := range map[string]string{"base URL": c.BaseURL, "authority": c.Authority} {
		if u, err := url.Parse(address); err != nil || u.Scheme != "https" || u.Host == "" {
			problems = append(problems, fmt.Errorf("%s %q is no https address", what, address))
		}
	}
	problems = append(problems, c.Credential.problems()...)
	for _, name := range c.Attributes {
		if !slices.ContainsFunc(schema.Attributes(), func(a directory.Attribute) bool { return a.Name == name }) {
			problems = append(problems, fmt.Errorf("attribute %q is not known", name))
		}
	}
	return c, errors.Join(problems...)
}

func (c Credential) problems() []error {
	var out []error
	if c.ClientID == "" {
		out = append(out, errors.New("client ID is missing"))
	}
	missing := func(what string) { out = append(out, fmt.Errorf("credential %s: %s is missing", c.Kind, what)) }
	switch c.Kind {
	case CredentialSecret:
		if c.Secret.Reveal() == "" {
			missing("secret")
		}
	case CredentialCertificate:
		if len(c.Certificate) == 0 {
			missing("certificate")
		}
	case CredentialWorkload:
		if c.TokenFile == "" {
			missing("token file")
		}
	default:
		out = append(out, fmt.Errorf("credential kind %q is none of secret, certificate, workload", c.Kind))
	}
	return out
}

func orDefault(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
