package ad

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
	"tenure/internal/directory/ad/schema"
)

// The defaults of a Config.
const (
	DefaultConnectTimeout = 5 * time.Second
	DefaultRequestTimeout = 10 * time.Second
	DefaultCallTimeout    = 30 * time.Second
	DefaultConnections    = 4
	// DefaultReplication is ample for controllers of one site: changes are told
	// after 15 seconds, and pass three of them at most.
	DefaultReplication = time.Minute
)

// Security is how a connection is encrypted. There is no plain one.
type Security string

// The ways to encrypt.
const (
	// LDAPS is TLS from the first byte, on port 636 unless stated.
	LDAPS Security = "ldaps"
	// StartTLS turns TLS on before anything is said, on port 389 unless stated.
	StartTLS Security = "starttls"
)

// Config says which domain to connect to, and how.
type Config struct {
	// Name is the target's name in the policy.
	Name string
	// Hosts are the domain controllers, HOST or HOST:PORT. The first that
	// answers is used until it fails.
	Hosts []string
	// Catalog are global catalogues of the forest, HOST or HOST:PORT: user names are
	// looked for there too. None: in the domain alone.
	Catalog  []string
	Security Security
	// RootCAs are the authorities that may have signed the controllers'
	// certificates, and the only ones; nil takes the machine's.
	RootCAs *x509.CertPool
	// BindName is a user principal name, a distinguished name or DOMAIN\name.
	BindName string
	Secret   directory.Secret
	// Kerberos, where it is set, signs in by a ticket; the bind name is a user
	// principal name or an account name then.
	Kerberos *Kerberos
	// Renew, where it is set, reads secret and keytab again before each sign-in, so
	// that they can be changed while Tenure runs. It may be called concurrently.
	Renew func() (Credential, error)
	// SignIns is shared by all that sign in as the same account; nil makes one.
	SignIns *SignIns

	// BaseDN is the domain, such as DC=contoso,DC=example.
	BaseDN string
	// Under is the container whose accounts are looked up by number and listed;
	// empty: the whole domain. Names are unique over the domain all the same.
	Under string
	// OU is where new accounts go unless a mapping says otherwise.
	OU string
	// ProtectedOUs hold accounts that no feed may touch.
	ProtectedOUs []string
	// Domain, where it is not empty, is the only one in which user names are made.
	Domain string
	// Attributes names the mapped ones, which are read and nothing else. Empty:
	// the known ones.
	Attributes []string
	// RestoreWindow is how long the domain's recycle bin keeps a deleted account;
	// zero asks the forest, which may have none: what is deleted stays deleted then.
	RestoreWindow time.Duration

	// ConnectTimeout bounds each attempt to reach a controller, from the first
	// packet to the answer to the bind. RequestTimeout bounds each request,
	// CallTimeout each call of the port, which may take several.
	ConnectTimeout, RequestTimeout, CallTimeout time.Duration
	// Connections is how many calls go on at once.
	Connections int
	// Replication is how long what was written at one of several controllers may be
	// missing at another: until then nothing is taken for absent that one which does
	// not answer may know.
	Replication time.Duration
}

// complete fills in the defaults and reports every problem.
func (c Config) complete() (Config, error) {
	c.Under, c.OU = orDefault(c.Under, c.BaseDN), orDefault(c.OU, c.Under)
	c.OU = orDefault(c.OU, c.BaseDN)
	c.Security = orDefault(c.Security, LDAPS)
	c.ConnectTimeout = orDefault(c.ConnectTimeout, DefaultConnectTimeout)
	c.RequestTimeout = orDefault(c.RequestTimeout, DefaultRequestTimeout)
	c.CallTimeout = orDefault(c.CallTimeout, DefaultCallTimeout)
	c.Connections = orDefault(c.Connections, DefaultConnections)
	if c.SignIns == nil {
		c.SignIns = NewSignIns(time.Now)
	}
	c.Replication = orDefault(c.Replication, DefaultReplication)
	var problems []error
	byKeytab := c.Kerberos != nil && c.Kerberos.Keytab != nil
	for what, value := range map[string]string{"name": c.Name, "bind name": c.BindName, "secret": c.Secret.Reveal(), "base DN": c.BaseDN} {
		if value == "" && (what != "secret" || !byKeytab) {
			problems = append(problems, errors.New(what+" is missing"))
		}
	}
	if len(c.Hosts) == 0 {
		problems = append(problems, errors.New("hosts are missing"))
	}
	var wrong []error
	c.Hosts, wrong = c.Security.addresses(c.Hosts, "636", "389")
	problems = append(problems, wrong...)
	c.Catalog, wrong = c.Security.addresses(c.Catalog, "3269", "3268")
	problems = append(problems, wrong...)
	if c.Security != LDAPS && c.Security != StartTLS {
		problems = append(problems, fmt.Errorf("security %q is none of %s, %s", c.Security, LDAPS, StartTLS))
	}
	if c.Kerberos != nil && strings.ContainsAny(c.BindName, "\\=, ") {
		problems = append(problems, errors.New("the bind name is no user principal name and no account name, as Kerberos wants one"))
	}
	problems = append(problems, c.nameProblems()...)
	for _, name := range c.Attributes {
		if name == "" || schema.Forbidden(name) {
			problems = append(problems, fmt.Errorf("attribute %q cannot be mapped", name))
		}
	}
	if c.Connections < 1 || c.ConnectTimeout < 0 || c.RequestTimeout < 0 || c.CallTimeout < 0 || c.RestoreWindow < 0 || c.Replication < 0 {
		problems = append(problems, errors.New("a number or a time is negative"))
	}
	return c, errors.Join(problems...)
}

func (c Config) nameProblems() []error {
	base, err := ldap.ParseDN(c.BaseDN)
	if err != nil {
		return []error{fmt.Errorf("base DN %q is no distinguished name", c.BaseDN)}
	}
	var out []error
	for _, name := range append([]string{c.Under, c.OU}, c.ProtectedOUs...) {
		dn, err := ldap.ParseDN(name)
		if err != nil {
			out = append(out, fmt.Errorf("%q is no distinguished name", name))
			continue
		}
		if !base.EqualFold(dn) && !base.AncestorOfFold(dn) {
			out = append(out, fmt.Errorf("%q does not lie in %q", name, c.BaseDN))
		}
	}
	return out
}

// addresses are HOST:PORT, with the port of LDAPS or of StartTLS where none is
// stated.
func (s Security) addresses(hosts []string, ldaps, startTLS string) ([]string, []error) {
	var problems []error
	out := make([]string, 0, len(hosts))
	port := ldaps
	if s == StartTLS {
		port = startTLS
	}
	for _, host := range hosts {
		address, err := addressOf(host, port)
		if err != nil {
			problems = append(problems, err)
		}
		out = append(out, address)
	}
	return out, problems
}

func addressOf(host, port string) (string, error) {
	if name, port, err := net.SplitHostPort(host); err == nil && name != "" {
		if _, err := strconv.ParseUint(port, 10, 16); err == nil {
			return host, nil
		}
	}
	if host == "" || strings.ContainsAny(host, "/ @") {
		return "", fmt.Errorf("host %q is neither HOST nor HOST:PORT", host)
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), port), nil
}

// properties are the attributes that are read into an account's Attributes.
func (c Config) properties() []directory.Attribute {
	own := []string{directory.UserNameAttribute, directory.EmployeeIDAttribute, schema.Manager}
	var out []directory.Attribute
	if len(c.Attributes) == 0 {
		out = schema.Attributes()
	}
	for _, name := range c.Attributes {
		a := schema.Find(name)
		a.Name = name // as the policy spells it
		out = append(out, a)
	}
	return slices.DeleteFunc(out, func(a directory.Attribute) bool {
		return slices.ContainsFunc(own, func(name string) bool { return strings.EqualFold(name, a.Name) })
	})
}

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
