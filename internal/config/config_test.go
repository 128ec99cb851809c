package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tenure/internal/config"
)

func TestLoadFillsDefaults(t *testing.T) {
	t.Parallel()
	got, err := config.Load("tenure.yaml", strings.NewReader("codec: none\n"))
	if err != nil {
		t.Fatalf("Load() = %v", err)
	}
	want := config.Defaults()
	want.Codec = config.CodecNone
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Load() (-want +got):\n%s", diff)
	}
}

func TestLoadReadsEveryKey(t *testing.T) {
	t.Parallel()
	got, err := config.Load("tenure.yaml", strings.NewReader(`
store: env:TENURE_STORE
codec: k2=env:KEY2,k1=file:/run/key1
listen: "[::1]:9000"
api: {atOnce: {events: 9, imports: 2}, drain: 1m}
workers: 3
temporalUI: http://127.0.0.1:8233
metrics: {worker: "127.0.0.1:9464", starter: ":9465"}
targets:
  entra: {baseURL: https://graph.example, authority: https://login.example, caFile: ca.pem}
  corp: {hosts: [dc1.corp.example, "dc2.corp.example:636"], catalog: [dc1.corp.example], security: starttls, replication: 15m}
writeBack:
  hris: {url: https://hr.fabrikam.example/accounts, secret: env:HR_SECRET}
mail: {server: "127.0.0.1:1025", user: env:MAIL_USER, secret: file:/run/mail}
`))
	want := config.Config{
		Store: "env:TENURE_STORE", Codec: "k2=env:KEY2,k1=file:/run/key1", Listen: "[::1]:9000", Workers: 3,
		API:        config.API{AtOnce: config.AtOnce{Events: 9, Imports: 2}, Drain: time.Minute},
		TemporalUI: "http://127.0.0.1:8233",
		Metrics:    config.Metrics{Worker: "127.0.0.1:9464", Starter: ":9465"},
		Targets: map[string]config.Connection{
			"entra": {BaseURL: "https://graph.example", Authority: "https://login.example", CAFile: "ca.pem"},
			"corp": {
				Hosts: []string{"dc1.corp.example", "dc2.corp.example:636"}, Catalog: []string{"dc1.corp.example"},
				Security: "starttls", Replication: 15 * time.Minute,
			},
		},
		WriteBack: map[string]config.Receiver{"hris": {URL: "https://hr.fabrikam.example/accounts", Secret: "env:HR_SECRET"}},
		Mail:      config.Mail{Server: "127.0.0.1:1025", User: "env:MAIL_USER", Secret: "file:/run/mail"},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Load() = %v (-want +got):\n%s", err, diff)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"no codec":          {"", []string{"tenure.yaml", "codec is missing"}},
		"unknown key":       {"codec: none\nlissen: 127.0.0.1:1\n", []string{"tenure.yaml", "lissen"}},
		"key twice":         {"codec: none\ncodec: none\n", []string{"already defined"}},
		"wrong type":        {"codec: none\nworkers: many\n", []string{"line 2: a text found where a whole number belongs"}},
		"two documents":     {"codec: none\n---\nlisten: 127.0.0.1:1\n", []string{"more than one document"}},
		"all at once":       {"store: ''\nlisten: nowhere\nworkers: 0\n", []string{"store is missing", "codec is missing", "listen is", "workers is 0"}},
		"all interfaces":    {"codec: none\nlisten: 0.0.0.0:80\n", []string{"loopback only"}},
		"no host":           {"codec: none\nlisten: ':80'\n", []string{"loopback only"}},
		"a host name":       {"codec: none\nlisten: tenure.contoso.example:80\n", []string{"loopback only"}},
		"looks like one":    {"codec: none\nlisten: 127.0.0.1.contoso.example:80\n", []string{"loopback only"}},
		"no places":         {"codec: none\napi: {atOnce: {events: 0, imports: -1}}\n", []string{"api.atOnce.events is 0", "api.atOnce.imports is -1"}},
		"no metrics there":  {"codec: none\nmetrics: {worker: nowhere, starter: '127.0.0.1:0'}\n", []string{"metrics.worker is no address", "metrics.starter is no address"}},
		"an endless drain":  {"codec: none\napi: {drain: 1h}\n", []string{"api.drain is 1h0m0s"}},
		"for ever apart":    {"codec: none\ntargets: {corp: {replication: 25h}}\n", []string{"targets.corp.replication is 25h0m0s"}},
		"told in the clear": {"codec: none\nwriteBack: {hris: {url: http://hr.fabrikam.example/a, secret: env:S}}\n", []string{"writeBack.hris.url is no https address"}},
		"told with no name": {"codec: none\nwriteBack: {hris: {url: http://127.0.0.1:1/a, secret: hunter2}}\n", []string{"writeBack.hris.secret is missing or written in clear"}},
		"told to nobody":    {"codec: none\nwriteBack: {hris: {secret: env:S}}\n", []string{"writeBack.hris.url is missing"}},
		"a secret in clear": {"codec: none\nmail: {secret: hunter2}\n", []string{"mail.secret"}},
	} {
		_, err := config.Load("tenure.yaml", strings.NewReader(c.text))
		if err == nil {
			t.Errorf("%s: Load() = nil, want an error", name)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: Load() = %q, want %q in it", name, err, want)
			}
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: Load() = %q shows a secret", name, err)
		}
	}
}

func TestLoopbackAddressesAreAllowed(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"127.0.0.1:80", "127.1.2.3:80", "[::1]:80", "localhost:0"} {
		c := config.Defaults()
		c.Codec, c.Listen = config.CodecNone, address
		if err := c.Validate(); err != nil {
			t.Errorf("Validate() with %s = %v, want nil", address, err)
		}
	}
}

func TestControllersAreAllowed(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"dc1", "dc1.corp.contoso.example", "dc1.corp.contoso.example:636", "127.0.0.1:10636", "::1", "[::1]:636"} {
		c := config.Defaults()
		c.Codec = config.CodecNone
		c.Targets = map[string]config.Connection{"corp": {Hosts: []string{host}, Catalog: []string{host}, Security: "starttls"}}
		if err := c.Validate(); err != nil {
			t.Errorf("Validate() with %s = %v, want nil", host, err)
		}
	}
}

func TestPrintShowsNoPassword(t *testing.T) {
	t.Parallel()
	for store, want := range map[string]string{
		"postgres://tenure:hunter2@db.contoso.example/tenure": "store: '********'",
		"env:TENURE_STORE": "store: env:TENURE_STORE",
		"sqlite:tenure.db": "store: sqlite:tenure.db",
	} {
		c := config.Defaults()
		c.Store = store
		var out strings.Builder
		if err := c.Print(&out); err != nil {
			t.Fatalf("Print() = %v", err)
		}
		if !strings.Contains(out.String(), want) || strings.Contains(out.String(), "hunter2") {
			t.Errorf("Print() with %s = %q, want %q", store, out.String(), want)
		}
	}
}

// TestPrintedConfigurationCanBeRead: what is printed is a configuration.
func TestPrintedConfigurationCanBeRead(t *testing.T) {
	t.Parallel()
	want := config.Defaults()
	want.Codec = "k1=env:KEY"
	want.Targets = map[string]config.Connection{"entra": {BaseURL: "https://graph.example"}}
	var out strings.Builder
	if err := want.Print(&out); err != nil {
		t.Fatalf("Print() = %v", err)
	}
	got, err := config.Load("printed", strings.NewReader(out.String()))
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Errorf("Load(Print()) = %v (-want +got):\n%s", err, diff)
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret")
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	references := config.Fixed(map[string]string{"SET": "value", "EMPTY": ""})
	write("from a file\r\n")
	for text, want := range map[string]string{"env:SET": "value", "file:" + path: "from a file", "literal": "literal", "": ""} {
		if got, err := references.Resolve(text); err != nil || got != want {
			t.Errorf("Resolve(%q) = %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"env:UNSET", "env:EMPTY", "file:" + path + ".nosuch"} {
		if got, err := references.Resolve(text); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("Resolve(%q) = %q, %v, want an error that names the reference", text, got, err)
		}
	}
	if got, err := references.Bytes("file:" + path); err != nil || string(got) != "from a file\r\n" {
		t.Errorf("Bytes() = %q, %v, want every byte", got, err)
	}
	write("\n")
	if _, err := references.Resolve("file:" + path); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("Resolve() of an empty file = %v, want an error", err)
	}
	write(strings.Repeat("x", 1<<20+1))
	if _, err := references.Resolve("file:" + path); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("Resolve() of a huge file = %v, want an error", err)
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("TENURE_TEST_REFERENCE", "value")
	if got, err := config.Environment().Resolve("env:TENURE_TEST_REFERENCE"); err != nil || got != "value" {
		t.Errorf("Resolve() = %q, %v, want the variable's value", got, err)
	}
	for text, want := range map[string]bool{"env:X": true, "file:/x": true, "X": false, "": false, "ENV:X": false} {
		if got := config.IsReference(text); got != want {
			t.Errorf("IsReference(%q) = %t, want %t", text, got, want)
		}
	}
}

// TestUIOrigin: the origin is the one that browsers state for the configured
// address.
func TestUIOrigin(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://temporal.contoso.example": "https://temporal.contoso.example", "https://Temporal.contoso.example:443/ui/": "https://temporal.contoso.example",
		"http://127.0.0.1:8233/": "http://127.0.0.1:8233", "http://[::1]:80": "http://[::1]", "": "", "temporal.contoso.example": "",
	} {
		if got := (config.Config{TemporalUI: address}).UIOrigin(); got != want {
			t.Errorf("origin of %q = %q, want %q", address, got, want)
		}
	}
	for address, problem := range map[string]string{
		"https://temporal.contoso.example": "", "http://127.0.0.1:8233": "", "http://temporal.contoso.example": "temporalUI is not encrypted",
		"temporal.contoso.example": "temporalUI is no address", "https://u:p@temporal.contoso.example": "temporalUI is no address",
	} {
		text := "codec: none\ntemporalUI: '" + address + "'\n"
		if _, err := config.Load("c.yaml", strings.NewReader(text)); (err != nil) != strings.Contains(problem, "no address") {
			t.Errorf("%q as a link: %v", address, err)
		}
		_, err := config.Load("c.yaml", strings.NewReader(text+"api: {decode: true}\n"))
		if problem == "" && err != nil || problem != "" && (err == nil || !strings.Contains(err.Error(), problem)) {
			t.Errorf("%q with api.decode: %v, want %q", address, err, problem)
		}
	}
}
