package lifecycle

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"tenure/internal/hostile"
)

// hostilePolicy is a policy that is refused, and what is said; the place stands
// before it.
type hostilePolicy struct{ name, text, want string }

// instead puts something else into the good policy.
func instead(name, old, with, want string) hostilePolicy {
	if strings.Count(basePolicy, old) != 1 {
		panic(fmt.Sprintf("%q stands in the base policy %d times", old, strings.Count(basePolicy, old)))
	}
	return hostilePolicy{name, strings.Replace(basePolicy, old, with, 1), want}
}

// condition puts another condition into the good policy.
func condition(name, source, want string) hostilePolicy {
	return instead(name, `'employment.kind == "employee"'`, "'"+strings.ReplaceAll(source, "'", "''")+"'", want)
}

// hostileSources are no YAML, or more of it than a policy needs.
func hostileSources() []hostilePolicy {
	whole := func(name, text, want string) hostilePolicy { return hostilePolicy{name, text, want} }
	return []hostilePolicy{
		whole("nothing", "", "the file is empty; begin with version: 1"),
		whole("comments alone", strings.Repeat("# nothing\n", 50_000), "the file is empty; begin with version: 1"),
		whole("null", "~", "nothing found where the policy belongs"),
		whole("a text", "version 1", "a text found where the policy belongs"),
		whole("a list", "- version: 1", "a list found where the policy belongs"),
		whole("JSON that is cut", `{"version": 1`, "not valid YAML"),
		whole("XML", "<policy version='1'/>", "a text found where the policy belongs"),
		whole("not UTF-8", "version: 1\nfeeds: \xff\n", "the file is not UTF-8; save it as UTF-8"),
		whole("NUL", "version: 1\x00\n", "not valid YAML: control characters are not allowed"),
		whole("escape code", "version: \x1b[2J\n", "not valid YAML: control characters are not allowed"),
		whole("rubbish behind the end", basePolicy+"...\n%%%\n", "not valid YAML"),
		whole("a megabyte and more", basePolicy+strings.Repeat("# x\n", MaxSourceSize/4), "a policy has at most 1048576"),
		whole("a billion laughs", yamlBomb(), "anchors (&name) are not allowed"),
		whole("an alias of itself", "version: &a [*a]\n", "anchors (&name) are not allowed"),
		whole("aliases without end", "a: &a 1\nb: ["+strings.Repeat("*a,", 100_000)+"]\n", "aliases (*name) are not allowed"),
		whole("a tower of lists", "version: "+strings.Repeat("[", 9000)+strings.Repeat("]", 9000), "nested deeper than 16 levels"),
		whole("a tower of objects", "version: "+strings.Repeat("{a: ", 5000)+strings.Repeat("}", 5000), "nested deeper than 16 levels"),
		whole("a tower without an end", strings.Repeat("[", 500_000), "not valid YAML: exceeded max depth"),
		whole("a tower of dashes", strings.Repeat("- ", 500_000), "not valid YAML: exceeded max depth"),
		whole("a tower of keys", strings.Repeat("? ", 500_000), "not valid YAML"),
		whole("a hundred thousand keys", numberedKeys(60_000), "unknown key"),
		whole("one key a hundred thousand times", "version: 1\n"+strings.Repeat("feeds: {}\n", 80_000), "stands here again; it stands in line"),
		whole("a key of a megabyte", strings.Repeat("k", 1000)+": 1\n", "unknown key"),
		whole("a value of a megabyte", "version: "+strings.Repeat("1", 1<<20-20)+"\n", "write version: 1"),
	}
}

// yamlBomb grows to a billion texts where aliases are followed.
func yamlBomb() string {
	var out strings.Builder
	out.WriteString("a0: &a0 [lol]\n")
	for i := range 9 {
		fmt.Fprintf(&out, "a%d: &a%d [%s*a%d]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d,", i), 9), i)
	}
	return out.String()
}

func numberedKeys(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "feeds%d: {}\n", i)
	}
	return out.String()
}

// hostileValues are of a type, a size or a form that nothing has.
func hostileValues() []hostilePolicy {
	return []hostilePolicy{
		instead("version with a fraction", "version: 1\n", "version: 1.0\n", "write version: 1"),
		instead("version in hex", "version: 1\n", "version: 0x1\n", "write version: 1"),
		instead("version twice", "version: 1\n", "version: 1\nversion: 1\n", `"version" stands here again`),
		instead("a key that is an object", "    realm: main\n", "    ? {realm: x}\n    : main\n", "a key must be a word"),
		instead("key in other letters", "    realm: main\n", "    Realm: main\n", `unknown key "Realm" in a feed; did you mean "realm"?`),
		instead("key of another alphabet", "    realm: main\n", "    r\u0435alm: main\n", "unknown key"),
		instead("key with a hidden blank", "    realm: main\n", "    \"re\\u200balm\": main\n", `unknown key "re\u200balm"`),
		instead("key with an escape code", "    realm: main\n", "    \"\\e[2J\": main\n", `unknown key "\x1b[2J"`),
		instead("realm with a slash", "    realm: main\n", "    realm: ../other\n", "is no realm: use letters, digits, dots, dashes and underscores"),
		instead("realm with a line end", "    realm: main\n", "    realm: \"a\\nb\"\n", "realm holds a control character"),
		instead("realm as a number", "    realm: main\n", "    realm: 1e9\n", "a number found where"),
		instead("realm as a truth value", "    realm: main\n", "    realm: true\n", "true or false found where"),
		instead("zone that climbs", "    zone: Europe/Berlin\n", "    zone: ../../etc/passwd\n", "zone"),
		instead("zone of endless length", "    zone: Europe/Berlin\n", "    zone: "+strings.Repeat("Z/", 5000)+"\n", "zone"),
		instead("baseline before time", "    baseline: 2026-11-01\n", "    baseline: 0000-00-00\n", "baseline"),
		instead("baseline beyond all", "    baseline: 2026-11-01\n", "    baseline: 99999-01-01\n", "baseline"),
		instead("offset that overflows", "{on: startDate, offset: -7d, at: \"09:00\"}", "{on: startDate, offset: -99999999999999999999d}", "offset"),
		instead("offset of a thousand years", "{on: startDate, offset: -7d, at: \"09:00\"}", "{on: startDate, offset: -365000d}", "offset"),
		instead("offset with an exponent", "{on: startDate, offset: -7d, at: \"09:00\"}", "{on: startDate, offset: 1e9d}", "offset"),
		instead("time of day beyond the day", `at: "09:00"`, `at: "99:99"`, "at"),
		instead("time of day in base sixty", `at: "09:00"`, `at: 9:00`, "at"),
		instead("lifetime of a year", "lifetime: 8h}", "lifetime: 8760h}", "lifetime"),
		instead("lifetime of nothing", "lifetime: 8h}", "lifetime: 0s}", "lifetime"),
		instead("minimum that is negative", "minimum: 14d", "minimum: -14d", "minimum"),
		instead("group that is a path", "91aa6d0e-52c1-4a0e-8a55-1f3f6f6b0002", "../users/91aa6d0e", "must be an ID such as"),
		instead("group that is a filter", "91aa6d0e-52c1-4a0e-8a55-1f3f6f6b0002", `"' or 1 eq 1 or '"`, "must be an ID such as"),
		instead("licence with a line end", "6fd2c87f-b296-42f0-b197-1e91e994b900", `"6fd2c87f-b296-42f0-b197-1e91e994b900\n"`, "holds a control character"),
		instead("extension in the clear", "https://badges.contoso.example/tenure", "http://badges.contoso.example/tenure", "https"),
		instead("extension of another kind", "https://badges.contoso.example/tenure", "ftp://badges.contoso.example", "https"),
		instead("extension with a line end", "https://badges.contoso.example/tenure", `"https://badges.contoso.example/\r\nX-A: b"`, "url"),
		instead("secret of an extension in clear", "secret: env:BADGES", "secret: hunter2", "secret"),
		instead("credential in clear", "secret: env:SECRET", "secret: hunter2", "secret"),
		instead("sender with a header", "from: it@contoso.example", `from: "it@contoso.example\r\nBcc: x@fabrikam.example"`, "from"),
		instead("sender with a name", "from: it@contoso.example", `from: "IT <it@contoso.example>, x@fabrikam.example"`, "from"),
		instead("fallback with a header", "fallback: desk@contoso.example", `fallback: "desk@contoso.example\nBcc: x@fabrikam.example"`, "fallback"),
		instead("domain that is a path", "domain: contoso.example", "domain: contoso.example/../x", "domain"),
		instead("domain with a line end", "domain: contoso.example", `domain: "contoso.example\n"`, "domain"),
		instead("workflow with an escape code", "name: Prepare", `name: "Pre\e[2Jpare"`, "name"),
		instead("workflow written backwards", "name: Prepare", `name: "\u202eeraperP"`, "holds a character that shows nothing"),
		instead("workflow of endless length", "name: Prepare", "name: "+strings.Repeat("n", 5000), "name"),
		instead("workflow with a hidden blank", "name: Prepare", `name: "Pre\u200bpare"`, "holds a character that shows nothing"),
		instead("workflow with an 8-bit escape code", "name: Prepare", `name: "Pre\u009b2Jpare"`, "holds a control character"),
		instead("pattern of a file that is no pattern", "    zone: Europe/Berlin\n", "    zone: Europe/Berlin\n    asOf: {fileName: '(?<date>'}\n", "fileName"),
		instead("pattern of a file that explodes", "    zone: Europe/Berlin\n", "    zone: Europe/Berlin\n    asOf: {fileName: '(?<date>((a{1000}){1000}){1000})'}\n", "fileName"),
		instead("delimiter of a line end", "    zone: Europe/Berlin\n", "    zone: Europe/Berlin\n    delimiter: \"\\n\"\n", "delimiter"),
	}
}

// hostileConditions are bombs of the condition language, and ways out of it.
func hostileConditions() []hostilePolicy {
	const kind = `employment.kind == "employee"`
	return []hostilePolicy{
		condition("a condition of endless length", strings.Repeat(kind+" && ", 200)+kind, "at most 4096 are allowed"),
		condition("a tower of brackets", strings.Repeat("(", 1000)+kind+strings.Repeat(")", 1000), "not a condition"),
		condition("a tower of nots", strings.Repeat("!", 3001)+"true", "this condition never holds"),
		condition("a tower of choices", strings.Repeat("true ? true : ", 200)+"true", "not a condition: nested too deeply"),
		condition("a condition of lists in lists", "employment.kind in "+strings.Repeat("[", 200)+strings.Repeat("]", 200), "not a condition: nested too deeply"),
		condition("a loop", "[1,2,3].all(x, x > 0)", `a condition has no "all"`),
		condition("loops in loops", "[1].map(a, [1].map(b, [1].map(c, c))) == [[[1]]]", "lists stand only behind in"),
		condition("a pattern that explodes", `assignment.jobTitle.matches("((a{1000}){1000}){1000}")`, "the pattern of matches() is wrong"),
		condition("a pattern without an end", `assignment.jobTitle.matches("(")`, "the pattern of matches() is wrong"),
		condition("a pattern from HR", `assignment.jobTitle.matches(assignment.department.name)`, "must be a text in quotes"),
		condition("a number beyond all", "assignment.fte < 1e999", "invalid double literal"),
		condition("a clock", "now() > 0", "a condition has no"),
		condition("a variable of the machine", "env.SECRET == \"x\"", "unknown attribute"),
		condition("a template", `employment.kind == "{{.Secret}}" || {{.Secret}}`, "not a condition"),
		condition("SQL", `employment.kind == "x"; drop table people`, "not a condition"),
		condition("an object", `{"a": 1}.a == 1`, "write attributes with dots"),
		condition("a type", "type(employment.kind) == string", `a condition has no "type"`),
		condition("text times text", `employment.kind + employment.kind == "x"`, `a condition has no "+"`),
		condition("an endless text", `employment.kind == "`+strings.Repeat("x", 4000)+`"`, "employment.kind is never"),
		condition("NUL in a text", "employment.kind == \"\\x00\"", `employment.kind is never "\x00"`),
		condition("an escape code in a name", "\\u001b[2J == \"x\"", "not a condition"),
		condition("an unknown attribute of endless length", strings.Repeat("a", 3000)+` == "x"`, "unknown attribute"),
		condition("bytes", `b"abc" == b"abc"`, "null and bytes are not part of conditions"),
	}
}

func hostilePolicies() []hostilePolicy {
	return append(append(hostileSources(), hostileValues()...), hostileConditions()...)
}

func TestHostilePoliciesAreMany(t *testing.T) {
	var names []string
	for _, c := range hostilePolicies() {
		names = append(names, c.name)
	}
	hostile.Count(t, names)
}

func TestHostilePolicies(t *testing.T) {
	for _, c := range hostilePolicies() {
		t.Run(c.name, func(t *testing.T) {
			hostile.Bounded(t, len(c.text), func() {
				policy, err := Load(Source{Name: "policy.yaml", Content: []byte(c.text)})
				var problems Problems
				if policy != nil || !errors.As(err, &problems) {
					t.Fatalf("loaded (%v), want it refused", err)
				}
				if text := err.Error(); !strings.HasPrefix(text, "policy.yaml") || !strings.Contains(text, c.want) || strings.Contains(text, "hunter2") {
					t.Errorf("error = %.400q, want %q with its place, and no secret", text, c.want)
				}
				for _, one := range problems {
					hostile.OneLine(t, one.Error())
				}
			})
		})
	}
}
