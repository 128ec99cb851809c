package config

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

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
	// Mail says how mail leaves where the policy's notifications do not.
	Mail Mail `yaml:"mail"`
	// TemporalUI is where the Temporal Web UI is: for links, and for letting its
	// pages decode payloads.
	TemporalUI string `yaml:"temporalUI"`
}

// Connection says how one target is reached.
type Connection struct {
	// BaseURL and Authority replace those of the public cloud.
	BaseURL   string `yaml:"baseURL"`
	Authority string `yaml:"authority"`
	// CAFile holds the certificates (PEM) that are trusted instead of the
	// system's.
	CAFile string `yaml:"caFile"`
}

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
	return Config{Store: "sqlite:tenure.db", Listen: "127.0.0.1:8080", Workers: 1}
}

// Load reads a configuration strictly and checks it.
func Load(name string, source io.Reader) (Config, error) {
	config := Defaults()
	decoder := yaml.NewDecoder(source)
	decoder.KnownFields(true)
	if err := decoder.Decode(&config); err != nil && !errors.Is(err, io.EOF) {
		return Config{}, fmt.Errorf("read configuration %s: %w", name, err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return Config{}, fmt.Errorf("read configuration %s: it holds more than one document", name)
	}
	if err := config.Validate(); err != nil {
		return Config{}, fmt.Errorf("read configuration %s: %w", name, err)
	}
	return config, nil
}

// Validate reports every problem at once.
func (c Config) Validate() error {
	problems := c.API.validate(c.Listen)
	if c.Store == "" {
		problems = append(problems, errors.New("store is missing: want sqlite:PATH, postgres://... or a reference"))
	}
	if c.Codec == "" {
		problems = append(problems, errors.New("codec is missing: want ID=env:NAME or ID=file:PATH, or none to keep histories in the clear"))
	}
	if err := c.validateUI(); err != nil {
		problems = append(problems, err)
	}
	if c.Workers < 1 {
		problems = append(problems, fmt.Errorf("workers is %d: want the number of worker processes, at least 1", c.Workers))
	}
	if c.Mail.Secret != "" && !IsReference(c.Mail.Secret) {
		problems = append(problems, errors.New("mail.secret is written in clear: want env:NAME or file:PATH"))
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

// validateUI wants a Web UI whose pages may decode to be named well.
func (c Config) validateUI() error {
	if !c.API.Decode || c.TemporalUI == "" {
		return nil
	}
	u, err := url.Parse(c.TemporalUI)
	if err != nil || u.Host == "" || u.User != nil || !encrypted(u) {
		return fmt.Errorf("temporalUI is %q: with api.decode want an https URL such as https://temporal.contoso.example", c.TemporalUI)
	}
	return nil
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
