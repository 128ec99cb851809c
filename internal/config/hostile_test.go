package config_test

import (
	"fmt"
	"strings"
	"testing"

	"tenure/internal/config"
	"tenure/internal/hostile"
)

// secret is what somebody wrote where no secret belongs: no message repeats it.
const secret = "hunter2-hunter2"

// hostileConfiguration is a configuration that is refused, and what is said.
type hostileConfiguration struct{ name, text, want string }

// adds is a line that a good configuration has too much.
func adds(name, line, want string) hostileConfiguration {
	return hostileConfiguration{name, "codec: none\n" + line + "\n", want}
}

// hostileSources are no YAML, or more of it than a configuration needs.
func hostileSources() []hostileConfiguration {
	return []hostileConfiguration{
		{"nothing", "", "codec is missing"},
		{"null", "null", "codec is missing"},
		{"a text", secret, "line 1: a text found where an object belongs"},
		{"a list", "[" + secret + "]", "line 1: a list found where an object belongs"},
		{"JSON that is cut", `{"codec": "none"`, "line 1"},
		{"XML", "<codec>none</codec>", "line 1: a text found where an object belongs"},
		{"tabs", "codec: none\napi:\n\ttokens: []\n", "line 3"},
		{"not UTF-8", "codec: \xff\xfe", "the file is not UTF-8: save it as UTF-8"},
		{"UTF-16", "\xff\xfec\x00", "the file is not UTF-8: save it as UTF-8"},
		{"NUL", "codec: none\x00", "control characters are not allowed"},
		{"escape code", "codec: none\ntemporalUI: \"\\e[2J\"\n", "line 2: a value holds control characters"},
		{"value written backwards", "codec: none\nstore: \"sqlite:\u202ebd.erunet\"\n", "line 2: a value holds control characters, line ends, or characters that show nothing"},
		{"value of two lines", "codec: none\nmail: {server: \"a\\r\\nb\"}\n", "line 2: a value holds control characters, line ends"},
		{"two documents", "codec: none\n---\ncodec: none\n", "it holds more than one document"},
		{"rubbish behind the end", "codec: none\n...\n%%%\n", "line 3: could not find expected directive name"},
		{"anchor and alias", "codec: &a none\nstore: *a\n", "line 1: anchors (&name) are not allowed"},
		{"alias of nothing", "codec: *none\n", "unknown anchor"},
		{"a billion laughs", bomb(), "line 1: anchors (&name) are not allowed"},
		{"merge key", "codec: none\n<<: {store: x}\n", "line 2: merge keys (<<) are not allowed"},
		{"tag", "codec: !!str none\n", "line 1: tags (!name) are not allowed"},
		{"tag of a language", "codec: !!python/object/apply:os.system [id]\n", "line 1: tags (!name) are not allowed"},
		{"binary", "codec: !!binary bm9uZQ==\n", "line 1: tags (!name) are not allowed"},
		{"a tower of lists", "codec: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000), "line 1: nested deeper than 8 levels"},
		{"a tower without an end", strings.Repeat("[", 250_000), "exceeded max depth"},
		{"a hundred thousand entries", "targets: [" + strings.Repeat("a,", 120_000) + "]", "a list found where an object belongs"},
		{"fifteen thousand keys", "targets:\n" + manyKeys(15_000), "unknown key"},
		{"a quarter of a megabyte and more", "# " + strings.Repeat("x", config.MaxSource), "the file has more than 262144 bytes"},
		{"a value of a hundred kilobytes", "codec: " + strings.Repeat("x", 100_000), "line 1: a value of 100000 bytes: at most 4096 are allowed"},
		adds("key twice", "codec: k=env:K", "already defined at line 1"),
		adds("unknown key", "lissen: "+secret, `line 2: unknown key "lissen"`),
		adds("key in other letters", "Listen: 127.0.0.1:1", `line 2: unknown key "Listen"`),
		adds("unknown key of endless length", strings.Repeat("k", 900)+": 1", "line 2: unknown key"),
		adds("a key that is a list", "? [a]\n: b", "line 2"),
	}
}

// bomb grows to a billion texts where aliases are followed.
func bomb() string {
	var out strings.Builder
	out.WriteString("a0: &a0 [lol]\n")
	for i := range 9 {
		fmt.Fprintf(&out, "a%d: &a%d [%s*a%d]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d,", i), 9), i)
	}
	return out.String()
}

func manyKeys(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "  k%d: {x: y}\n", i)
	}
	return out.String()
}

// hostileValues are YAML, and mean what must not be.
func hostileValues() []hostileConfiguration {
	return []hostileConfiguration{
		{"empty codec", "codec: ''", "codec is missing"},
		{"a key in the codec", "codec: k1=" + secret, "codec: entry 1 is neither ID=env:NAME nor ID=file:PATH"},
		{"a key without a name", "codec: env:KEY", "codec: entry 1 is neither"},
		{"a codec of commas", "codec: k=env:K,,", "codec: entry 2 is neither"},
		{"a codec that names nothing", "codec: 'k=env:'", "codec: entry 1 is neither"},
		{"codec as a list", "codec: [none]", "line 1: a list found where a text belongs"},
		adds("no store", "store: ''", "store is missing"),
		adds("a store of another kind", "store: mysql://root:"+secret+"@db.contoso.example", "store is neither sqlite:PATH nor postgres://... nor a reference"),
		adds("a store that is a password", "store: "+secret, "store is neither"),
		adds("a store of no file", "store: 'sqlite:'", "store is neither"),
		adds("a store that names nothing", "store: 'file:'", "store is file: and names nothing"),
		adds("no port", "listen: 127.0.0.1", "want HOST:PORT"),
		adds("a port beyond all", "listen: 127.0.0.1:99999", "want a port from 0 to 65535"),
		adds("a port of minus one", "listen: '127.0.0.1:-1'", "want a port from 0 to 65535"),
		adds("a port with a sign", "listen: '127.0.0.1:+80'", "want a port from 0 to 65535"),
		adds("a port by name", "listen: 127.0.0.1:http", "want a port from 0 to 65535"),
		adds("every address", "listen: 0.0.0.0:80", "loopback only"),
		adds("loopback in other digits", "listen: 2130706433:80", "loopback only"),
		adds("loopback as a name", "listen: localhost.fabrikam.example:80", "loopback only"),
		adds("listen as a number", "listen: 8080", "want HOST:PORT"),
		adds("no workers", "workers: 0", "workers is 0: want the number of worker processes, 1 to 1000"),
		adds("workers beyond all", "workers: 2147483647", "workers is 2147483647"),
		adds("workers that overflow", "workers: 18446744073709551616", "line 2: a number with a fraction or an exponent"),
		adds("workers with a fraction", "workers: 1.5", "line 2: a number with a fraction or an exponent"),
		adds("workers as a secret", "workers: "+secret, "line 2: a text found where a whole number belongs"),
		adds("a target that is a secret", "targets: {entra: "+secret+"}", "line 2: a text found where an object belongs"),
		adds("a target in the clear", "targets: {entra: {baseURL: http://graph.contoso.example}}", "targets.entra.baseURL is no https address"),
		adds("a target with a password", "targets: {entra: {baseURL: https://u:"+secret+"@graph.contoso.example}}", "targets.entra.baseURL is no https address without a password"),
		adds("a target with a query", "targets: {entra: {authority: 'https://login.contoso.example/?next='}}", "targets.entra.authority is no https address"),
		adds("a target of a file", "targets: {entra: {baseURL: file:///etc/passwd}}", "targets.entra.baseURL is no https address"),
		adds("a controller that is an address", "targets: {corp: {hosts: ['ldaps://dc1.contoso.example']}}", "targets.corp.hosts: entry 1 is neither HOST nor HOST:PORT"),
		adds("a controller with a password", "targets: {corp: {hosts: [dc1, 'admin:"+secret+"@dc1']}}", "targets.corp.hosts: entry 2 is neither HOST nor HOST:PORT"),
		adds("a controller's port", "targets: {corp: {hosts: ['dc1:0', 'dc1:70000', '']}}", "targets.corp.hosts: entry 3 is neither HOST nor HOST:PORT"),
		adds("a domain in the clear", "targets: {corp: {hosts: [dc1], security: none}}", `targets.corp.security is "none": want ldaps or starttls`),
		adds("a target without a host", "targets: {entra: {baseURL: 'https:///v1.0'}}", "targets.entra.baseURL is no https address"),
		adds("links that are a script", "temporalUI: javascript:alert(1)", "temporalUI is no address"),
		adds("links with a password", "temporalUI: https://u:"+secret+"@t.contoso.example", "temporalUI is no address"),
		adds("a mail secret in clear", "mail: {secret: "+secret+"}", "mail.secret is written in clear"),
		adds("a mail secret that names nothing", "mail: {secret: 'env:'}", "mail.secret is env: and names nothing"),
		adds("mail that is a secret", "mail: "+secret, "line 2: a text found where an object belongs"),
		adds("tokens that are a secret", "api: {tokens: "+secret+"}", "line 2: a text found where a list belongs"),
		adds("a token without anything", "api: {tokens: [{}]}", "api.tokens[0].sha256 is no SHA-256"),
		adds("a token for its digest", "api: {tokens: [{name: a, role: viewer, sha256: "+secret+", expires: 2027-01-01}]}", "api.tokens[0].sha256 is no SHA-256"),
		adds("a token of a ledger's actor", `api: {tokens: [{name: "hr:kim", role: viewer, sha256: `+digest+`, expires: 2027-01-01}]}`, "api.tokens[0].name is"),
		adds("a role of endless length", "api: {tokens: [{name: a, role: "+strings.Repeat("r", 4000)+", sha256: "+digest+", expires: 2027-01-01}]}", "role is"),
		adds("a token for ever", "api: {tokens: [{name: a, role: viewer, sha256: "+digest+", expires: never}]}", `api.tokens[0].expires is "never"`),
		adds("an issuer in the clear", "api: {oidc: {issuer: http://login.contoso.example, audience: a, roleClaim: r, roles: {a: viewer}}}", "api.oidc.issuer is"),
		adds("an issuer with a fragment", "api: {oidc: {issuer: 'https://login.contoso.example/#x', audience: a, roleClaim: r, roles: {a: viewer}}}", "api.oidc.issuer is"),
		adds("a certificate that names nothing", "api: {tls: {certificate: 'file:', key: file:/k}}", "api.tls.certificate is file: and names nothing"),
		adds("a key in clear", "api: {tls: {certificate: file:/c, key: "+secret+"}}", "api.tls.key is written in clear"),
	}
}

func hostileConfigurations() []hostileConfiguration {
	return append(hostileSources(), hostileValues()...)
}

func TestHostileConfigurationsAreMany(t *testing.T) {
	var names []string
	for _, c := range hostileConfigurations() {
		names = append(names, c.name)
	}
	hostile.Count(t, names)
}

func TestHostileConfigurations(t *testing.T) {
	for _, c := range hostileConfigurations() {
		t.Run(c.name, func(t *testing.T) {
			hostile.Bounded(t, len(c.text), func() {
				got, err := config.Load("tenure.yaml", strings.NewReader(c.text))
				if err == nil {
					t.Fatalf("loaded as %+v, want it refused", got)
				}
				if text := err.Error(); !strings.HasPrefix(text, "read configuration tenure.yaml: ") || !strings.Contains(text, c.want) || strings.Contains(text, secret[:6]) {
					t.Errorf("error = %.400q, want %q and no secret", text, c.want)
				}
				if got.Store != "" || got.Listen != "" {
					t.Errorf("a refused configuration is half used: %+v", got)
				}
				hostile.OneLine(t, err.Error())
			})
		})
	}
}

// FuzzLoad: what loads is printed without its secrets, and loads again as it is.
func FuzzLoad(f *testing.F) {
	f.Add("codec: k2=env:KEY2,k1=file:/run/key1\nlisten: \"[::1]:9000\"\nworkers: 3\ntargets:\n  entra: {baseURL: https://graph.example}\n")
	f.Add("codec: none\n" + oneToken + "}\nmail: {server: '127.0.0.1:1025', secret: file:/run/mail}\n")
	for _, c := range hostileConfigurations() {
		if len(c.text) < 2000 {
			f.Add(c.text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		loaded, err := config.Load("tenure.yaml", strings.NewReader(text))
		if err != nil {
			hostile.OneLine(t, err.Error())
			return
		}
		var printed strings.Builder
		if err := loaded.Print(&printed); err != nil {
			t.Fatal(err)
		}
		hostile.OneLine(t, printed.String())
		if strings.Contains(printed.String(), "********") {
			return
		}
		again, err := config.Load("printed", strings.NewReader(printed.String()))
		if err != nil {
			t.Fatalf("what was printed does not load: %v\n%s", err, printed.String())
		}
		var twice strings.Builder
		if err := again.Print(&twice); err != nil || twice.String() != printed.String() {
			t.Fatalf("printed again: %v\n%s\nwant\n%s", err, twice.String(), printed.String())
		}
	})
}
