package lifecycle

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func problemsOf(tb testing.TB, err error) string {
	tb.Helper()
	if err == nil {
		return ""
	}
	var problems Problems
	if !errors.As(err, &problems) {
		tb.Fatalf("error is a %T, want Problems", err)
	}
	return problems.Error()
}

func TestLoadRefusesWhatIsNoPolicy(t *testing.T) {
	t.Parallel()
	const missing = "policy.yaml:1: feeds is missing in the policy: where HR facts come from\n" +
		"policy.yaml:1: targets is missing in the policy: the directories in which people get accounts"
	deep := strings.Repeat("[", 40) + strings.Repeat("]", 40)
	for name, test := range map[string]struct{ content, want string }{
		"empty":        {"", "policy.yaml: the file is empty; begin with version: 1"},
		"comment only": {"# nothing\n", "policy.yaml: the file is empty; begin with version: 1"},
		"a text":       {"hello", "policy.yaml:1: a text found where the policy belongs: write {version: ...}"},
		"a list":       {"- a", "policy.yaml:1: a list found where the policy belongs: write {version: ...}"},
		"not UTF-8":    {"version: \xff", "policy.yaml: the file is not UTF-8; save it as UTF-8"},
		"too large":    {strings.Repeat("#", MaxSourceSize+1), "policy.yaml: the file has 1048577 bytes; a policy has at most 1048576"},
		"too deep":     {"version: " + deep, "policy.yaml:1: nested deeper than 16 levels; no policy needs that"},
		"merge key":    {"version: 1\n<<: {a: b}", "policy.yaml:2: merge keys (<<) are not allowed; write the keys out"},
		"laughs":       {"a: &a [x]\nb: [*a, *a]", "policy.yaml:1: anchors (&name) are not allowed; write the value out where it is needed\npolicy.yaml:2: aliases (*name) are not allowed; write the value out\npolicy.yaml:2: aliases (*name) are not allowed; write the value out"},
		"complex key":  {"version: 1\n? [a]\n: b", missing + "\npolicy.yaml:2: a key must be a word"},
		"nothing else": {"version: 1", missing},
	} {
		_, err := Load(Source{Name: "policy.yaml", Content: []byte(test.content)})
		got := problemsOf(t, err)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, err := Load(); err == nil {
		t.Error("no file was taken for a policy")
	}
}

// Nothing that may be a secret is repeated in a message.
func TestSecretsAreNotRepeated(t *testing.T) {
	t.Parallel()
	const secret = "hunter2hunter2"
	for _, change := range [][2]string{
		{"secret: env:BADGES", "secret: " + secret},
		{"secret: env:BADGES", "secret: [" + secret + "]"},
		{"secret: env:SECRET", "secret: " + secret},
		{"client: env:CLIENT", "client: " + secret},
		{"tenant: env:TENANT", "tenant: " + secret},
		{"credential: {kind: secret, client: env:CLIENT, secret: env:SECRET}", "credential: " + secret},
		{"https://badges.contoso.example", "https://x:" + secret + "@badges.contoso.example"},
		{"https://badges.contoso.example", "http://badges.contoso.example/" + secret},
		{"via: smtp", "via: smtp, secret: " + secret},
		{"via: smtp", "via: smtp, server: " + secret},
		{"via: smtp", "via: sendgrid, server: " + secret},
		{"key: WorkerID", "key: {column: A, hmac: " + secret + "}"},
	} {
		text := strings.Replace(basePolicy, change[0], change[1], 1)
		_, err := Load(Source{Name: "policy.yaml", Content: []byte(text)})
		switch {
		case err == nil:
			t.Errorf("%s was taken", change[1])
		case strings.Contains(err.Error(), secret):
			t.Errorf("message repeats the secret: %v", err)
		}
	}
}

func TestPolicyInSeveralFiles(t *testing.T) {
	t.Parallel()
	start := strings.Index(basePolicy, "targets:")
	feeds := Source{Name: "feeds.yaml", Content: []byte(basePolicy[:start])}
	rest := Source{Name: "rest.yaml", Content: []byte("version: 1\n" + basePolicy[start:])}
	p, err := Load(rest, feeds)
	if err != nil {
		t.Fatalf("load two files:\n%v", err)
	}
	if len(p.Feeds) != 1 || len(p.Targets) != 1 || len(p.Workflows) != 3 {
		t.Errorf("%d feeds, %d targets, %d workflows", len(p.Feeds), len(p.Targets), len(p.Workflows))
	}
	_, err = Load(rest, feeds, feeds)
	if got, want := problemsOf(t, err), `feeds.yaml:3: a feed "hr" exists already`; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	_, err = Load(feeds)
	if got, want := problemsOf(t, err), `feeds.yaml:1: targets is missing in the policy: the directories in which people get accounts`; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestLoadOptions(t *testing.T) {
	t.Parallel()
	options := LoadOptions{
		Catalog: map[string][]AttributeInfo{
			KindEntra: {{Name: "displayName"}, {Name: "department"}, {Name: "manager", Type: "reference"}, {Name: "employeeHireDate", Type: "date-time"}, {Name: "assistant", Type: "reference"}, {Name: "mail", ReadOnly: true}},
			"memory":  nil,
		},
		Templates: []string{"generateTemporaryAccessPass"},
	}
	text := strings.Replace(basePolicy, "displayName: {attribute: person.displayName}",
		"displayName: {attribute: person.displayName}\n      departmnt: {constant: x}\n      mail: {constant: x}\n      employeeHireDate: {attribute: employment.kind}\n      assistant: {attribute: employment.kind}", 1)
	_, err := options.Load(Source{Name: "policy.yaml", Content: []byte(text)})
	want := strings.Join([]string{
		`policy.yaml:38: entra has no attribute "departmnt"; did you mean "department"?`,
		`policy.yaml:39: mail cannot be written in entra: remove this mapping`,
		`policy.yaml:40: employeeHireDate takes a date; the type of employment.kind is enum`,
		`policy.yaml:41: assistant is a link to another account: write {reference: managerRef}`,
		`policy.yaml:61: unknown template "sendEmailOnLastDay"; write generateTemporaryAccessPass`,
	}, "\n")
	if diff := cmp.Diff(want, problemsOf(t, err)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	memory := strings.Replace(basePolicy, "kind: entra", "kind: memory", 1)
	_, err = LoadOptions{Catalog: map[string][]AttributeInfo{"memory": {{Name: "displayName"}}}}.Load(Source{Name: "p", Content: []byte(memory)})
	if err != nil {
		t.Errorf("a kind of the catalog was refused: %v", err)
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	source := func(name, text string) Source { return Source{Name: name, Content: []byte(text)} }
	one := Hash(source("a", "version: 1\n"))
	if one != Hash(source("b", "\uFEFFversion: 1\r\n")) {
		t.Error("name, line ends or byte order mark change the hash")
	}
	if one == Hash(source("a", "version: 2\n")) {
		t.Error("another text has the same hash")
	}
	if len(one) != 64 {
		t.Errorf("hash has %d characters, want 64", len(one))
	}
	a, b := source("a", "x"), source("b", "y")
	if Hash(a, b) != Hash(b, a) {
		t.Error("the order of files changes the hash")
	}
	if Hash(source("a", "xy"), source("b", "")) == Hash(a, b) {
		t.Error("text moved from file to file keeps the hash")
	}
}

func TestRulesInWords(t *testing.T) {
	t.Parallel()
	p := mustLoad(t, Source{Name: "policy.yaml", Content: []byte(richPolicy)})
	account := p.Targets[0].Account
	for got, want := range map[string]string{
		account.Create.String():                          "startDate - 12h",
		account.Enable.String():                          "startDate (feed)",
		account.Disable.String():                         "lastDayOfWork + 1d (Asia/Tokyo)",
		p.Workflows[1].Late.String():                     "{run: 2d, then: skip}",
		p.Workflows[2].Late.String():                     "ask",
		Duration{Days: -7}.String():                      "-7d",
		Recipient{ToFixed, "a@contoso.example"}.String(): "a@contoso.example",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	first := mustLoad(t, firstPolicy(t))
	if got, want := first.Workflows[0].Trigger.Date.String(), "startDate - 7d at 09:00"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzLoad: no input makes the loader panic, and its report is bounded.
func FuzzLoad(f *testing.F) {
	f.Add(basePolicy)
	f.Add(richPolicy)
	for _, m := range malformedPolicies() {
		f.Add(strings.Replace(basePolicy, m.old, m.new, 1))
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Load(Source{Name: "policy.yaml", Content: []byte(text)})
		if (p == nil) == (err == nil) {
			t.Fatalf("policy %v, error %v: want exactly one", p != nil, err)
		}
		var problems Problems
		if errors.As(err, &problems) && (len(problems) == 0 || len(problems) > maxProblems+1) {
			t.Fatalf("%d problems", len(problems))
		}
	})
}
