package config

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Config is the configuration of the worker and the starter.
type Config struct {
	// Store is the URL of the store, or a reference to one.
	Store string `yaml:"store"`
	// Codec is "none", or the references of the keys, the first one newest:
	// ID=env:NAME or ID=file:PATH, separated by commas.
	Codec string `yaml:"codec"`
	// Listen is the API's address: a loopback one where nobody needs a token.
	Listen string `yaml:"listen"`
	API    API    `yaml:"api"`
	// Workers is how many worker processes share the write budgets of targets.
	Workers int `yaml:"workers"`
	// Targets say how targets of the policy are reached where that is not the
	// public cloud: sovereign clouds, proxies and simulators.
	Targets map[string]Connection `yaml:"targets"`
	// WriteBack says where the feeds of the policy are told of accounts, by feed.
	WriteBack map[string]Receiver `yaml:"writeBack"`
	// Mail says how mail leaves where the policy's notifications do not.
	Mail Mail `yaml:"mail"`
	// TemporalUI is where the Temporal Web UI is: for links, and for letting its
	// pages decode payloads.
	TemporalUI string `yaml:"temporalUI"`
	// Metrics says where the processes answer Prometheus.
	Metrics Metrics `yaml:"metrics"`
}

// Metrics are the addresses, HOST:PORT, where the processes answer Prometheus: a
// process without one counts nothing. Whoever reaches them may read them; they hold
// no personal data.
type Metrics struct {
	Worker  string `yaml:"worker"`
	Starter string `yaml:"starter"`
}

func (m Metrics) validate() []error {
	var problems []error
	for _, one := range []struct{ key, address string }{{"worker", m.Worker}, {"starter", m.Starter}} {
		if _, port, err := net.SplitHostPort(one.address); one.address != "" && (err != nil || !isPort(port)) {
			problems = append(problems, fmt.Errorf("metrics.%s is no address: want HOST:PORT such as 127.0.0.1:9464", one.key))
		}
	}
	return problems
}

// Connection says how one target is reached.
type Connection struct {
	// BaseURL and Authority replace those of the public cloud.
	BaseURL   string `yaml:"baseURL"`
	Authority string `yaml:"authority"`
	// CAFile holds the certificates (PEM) that are trusted instead of the
	// system's.
	CAFile string `yaml:"caFile"`
	// Hosts are the domain controllers of an AD domain, HOST or HOST:PORT: the
	// first that answers is used.
	Hosts []string `yaml:"hosts"`
	// Catalog are global catalogues of the forest of an AD domain, HOST or HOST:PORT.
	Catalog []string `yaml:"catalog"`
	// Security is ldaps (also where it is empty) or starttls.
	Security string `yaml:"security"`
	// Replication is how long what is written at one domain controller may be missing
	// at another; zero leaves it to the connector.
	Replication time.Duration `yaml:"replication"`
}

// maxReplication bounds how long a create waits for a controller that is gone.
const maxReplication = 24 * time.Hour

// CodecNone must be written to keep histories in the clear.
const CodecNone = "none"

// Mail is a mail server and how to sign in to it; all may be references, the
// secret must be one.
type Mail struct {
	// Server is HOST:PORT for smtp, a URL for sendgrid.
	Server string `yaml:"server"`
	User   string `yaml:"user"`
	Secret string `yaml:"secret"`
}

// Defaults are the values of keys that a configuration leaves out.
func Defaults() Config {
	return Config{
		Store: "sqlite:tenure.db", Listen: "127.0.0.1:8080", Workers: 1,
		API: API{AtOnce: AtOnce{Events: 256, Imports: 4}, Drain: 5 * time.Second},
	}
}

// Load reads a configuration strictly and checks it.
func Load(name string, source io.Reader) (Config, error) {
	config := Defaults()
	content, err := readSource(source)
	if err == nil {
		err = decode(content, &config)
	}
	if err == nil {
		err = config.Validate()
	}
	if err != nil {
		return Config{}, fmt.Errorf("read configuration %s: %w", name, err)
	}
	return config, nil
}

// Validate reports every problem at once.
func (c Config) Validate() error {
	problems := append(c.API.validate(c.Listen), validateStore(c.Store), validateCodec(c.Codec))
	if c.Workers < 1 || c.Workers > maxWorkers {
		problems = append(problems, fmt.Errorf("workers is %d: want the number of worker processes, 1 to %d", c.Workers, maxWorkers))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Targets)) {
		problems = append(problems, c.Targets[name].validate("targets."+name)...)
	}
	for _, name := range slices.Sorted(maps.Keys(c.WriteBack)) {
		problems = append(problems, c.WriteBack[name].validate("writeBack."+name)...)
	}
	problems = append(problems, c.Mail.validate()...)
	problems = append(problems, c.Metrics.validate()...)
	if err := c.validateUI(); err != nil {
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// UIOrigin is the origin of the Temporal Web UI as browsers state it, or "".
func (c Config) UIOrigin() string {
	u, err := url.Parse(c.TemporalUI)
	if err != nil || u.Host == "" {
		return ""
	}
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	for s, port := range map[string]string{"http": ":80", "https": ":443"} {
		if scheme == s {
			host = strings.TrimSuffix(host, port)
		}
	}
	return scheme + "://" + host
}

// validateUI wants an address for links, and an encrypted one where its pages may
// decode.
func (c Config) validateUI() error {
	if c.TemporalUI == "" {
		return nil
	}
	if !isAddress(c.TemporalUI, "http", "https") {
		return errors.New("temporalUI is no address: want an https URL such as https://temporal.contoso.example")
	}
	if u, err := url.Parse(c.TemporalUI); err != nil || c.API.Decode && !encrypted(u) {
		return errors.New("temporalUI is not encrypted: with api.decode want an https URL such as https://temporal.contoso.example")
	}
	return nil
}

// maxWorkers bounds into how many shares a budget is cut.
const maxWorkers = 1000

// validateStore does not repeat what stands there: it may hold a password.
func validateStore(store string) error {
	scheme, rest, _ := strings.Cut(store, ":")
	switch {
	case store == "":
		return errors.New("store is missing: want sqlite:PATH, postgres://... or a reference")
	case IsReference(store):
		return validateReference("store", store)
	case scheme == "sqlite" && strings.Trim(rest, "/") != "", (scheme == "postgres" || scheme == "postgresql") && strings.HasPrefix(rest, "//"):
		return nil
	default:
		return errors.New("store is neither sqlite:PATH nor postgres://... nor a reference")
	}
}

// validateCodec reads the list as internal/platform does. Entries are not
// repeated: one may be a key that was pasted here.
func validateCodec(codec string) error {
	const acceptPlain = "accept-plain"
	codec = strings.TrimSpace(codec)
	switch codec {
	case "":
		return errors.New("codec is missing: want ID=env:NAME or ID=file:PATH, or none to keep histories in the clear")
	case CodecNone:
		return nil
	}
	var problems []error
	for i, entry := range strings.Split(codec, ",") {
		entry = strings.TrimSpace(entry)
		if entry == acceptPlain {
			continue
		}
		id, reference, _ := strings.Cut(entry, "=")
		if id == "" || !IsReference(reference) || validateReference("", reference) != nil {
			problems = append(problems, fmt.Errorf("codec: entry %d is neither ID=env:NAME nor ID=file:PATH", i+1))
		}
	}
	return errors.Join(problems...)
}

func (c Connection) validate(place string) []error {
	var problems []error
	for _, one := range []struct{ key, text string }{{"baseURL", c.BaseURL}, {"authority", c.Authority}} {
		if one.text != "" && !isAddress(one.text, "https") {
			problems = append(problems, fmt.Errorf("%s.%s is no https address without a password and a query: credentials are sent there", place, one.key))
		}
	}
	for _, list := range []struct {
		key   string
		hosts []string
	}{{"hosts", c.Hosts}, {"catalog", c.Catalog}} {
		for i, host := range list.hosts {
			if !isHost(host) {
				problems = append(problems, fmt.Errorf("%s.%s: entry %d is neither HOST nor HOST:PORT", place, list.key, i+1))
			}
		}
	}
	if c.Replication < 0 || c.Replication > maxReplication {
		problems = append(problems, fmt.Errorf("%s.replication is %v: want a time up to %v", place, c.Replication, maxReplication))
	}
	switch c.Security {
	case "", "ldaps", "starttls":
	default:
		problems = append(problems, fmt.Errorf("%s.security is %q: want ldaps or starttls", place, c.Security))
	}
	return problems
}

// isHost reads the name or address of a server, with or without a port.
func isHost(text string) bool {
	host := text
	if name, port, err := net.SplitHostPort(text); err == nil {
		if !isPort(port) {
			return false
		}
		host = name
	}
	return hostPattern.MatchString(host) || net.ParseIP(host) != nil
}

func isPort(text string) bool {
	number, err := strconv.ParseUint(text, 10, 16)
	return err == nil && number > 0
}

var hostPattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`)

func (m Mail) validate() []error {
	problems := []error{validateReference("mail.server", m.Server), validateReference("mail.user", m.User), validateReference("mail.secret", m.Secret)}
	if m.Secret != "" && !IsReference(m.Secret) {
		problems = append(problems, errors.New("mail.secret is written in clear: want env:NAME or file:PATH"))
	}
	return problems
}

// validateReference refuses a reference that names nothing.
func validateReference(place, text string) error {
	if text == envReference || text == fileReference {
		return fmt.Errorf("%s is %s and names nothing: want env:NAME or file:PATH", place, text)
	}
	return nil
}

// isAddress allows URLs of a host, without a password, a query or a fragment.
func isAddress(text string, schemes ...string) bool {
	u, err := url.Parse(text)
	return err == nil && slices.Contains(schemes, u.Scheme) && u.Hostname() != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" && !u.ForceQuery
}

// Print writes the effective configuration. References are shown as they are
// written; a store URL with a password is not.
func (c Config) Print(to io.Writer) error {
	if !strings.HasPrefix(c.Store, "sqlite:") && !IsReference(c.Store) {
		c.Store = "********"
	}
	encoder := yaml.NewEncoder(to)
	if err := encoder.Encode(c); err != nil {
		return fmt.Errorf("print configuration: %w", err)
	}
	return encoder.Close()
}
