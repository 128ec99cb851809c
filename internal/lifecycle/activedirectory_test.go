package lifecycle

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// domainPolicy is the base policy with a domain of Active Directory as its target.
func domainPolicy(t *testing.T, edits ...string) Source {
	t.Helper()
	feeds, _, _ := strings.Cut(basePolicy, "targets:\n")
	text := feeds + `targets:
  corp:
    kind: ad
    credential: {kind: bind, user: env:USER, secret: env:PASSWORD}
    mode: enforce
    domain: corp.contoso.example
    account:
      create: {on: startDate, offset: -14d, at: "06:00"}
      enable: {on: startDate}
      disable: {on: lastDayOfWork}
    groups: {Sales: 91aa6d0e-52c1-4a0e-8a55-1f3f6f6b0002}
    mapping:
      userPrincipalName: {unique: [given.family, given.family#], apply: create}
      displayName: {attribute: person.displayName}
      parentDistinguishedName: {constant: "OU=Staff,DC=corp,DC=contoso,DC=example"}
workflows:
  - name: First day
    category: joiner
    trigger: {on: startDate}
    tasks:
      - addUserToGroups: {groups: [Sales]}
`
	for i := 0; i+1 < len(edits); i += 2 {
		if strings.Count(text, edits[i]) != 1 {
			t.Fatalf("%q does not stand once in the policy", edits[i])
		}
		text = strings.Replace(text, edits[i], edits[i+1], 1)
	}
	return Source{Name: "policy.yaml", Content: []byte(text)}
}

func TestDomainTarget(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edits       []string
		base, under string
	}{
		"base from the domain": {nil, "DC=corp,DC=contoso,DC=example", ""},
		"another base": {
			[]string{"    domain: corp.contoso.example\n", "    domain: contoso.example\n    base: DC=corp,DC=contoso,DC=example\n    under: ou=staff,dc=CORP,dc=contoso,dc=example\n"},
			"DC=corp,DC=contoso,DC=example", "ou=staff,dc=CORP,dc=contoso,dc=example",
		},
		"container by a switch": {
			[]string{`{constant: "OU=Staff,DC=corp,DC=contoso,DC=example"}`, `{expression: 'Switch([assignment.department.name], "OU=A,DC=corp,DC=contoso,DC=example", "Sales", "OU=B\, C,DC=corp,DC=contoso,DC=example")'}`},
			"DC=corp,DC=contoso,DC=example", "",
		},
	} {
		p, err := Load(domainPolicy(t, test.edits...))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		target, _ := p.Target("corp")
		if target.Kind != KindAD || target.Base != test.base || target.Under != test.under || target.Credential.User != "env:USER" || target.Credential.Secret != "env:PASSWORD" {
			t.Errorf("%s: %+v", name, target)
		}
	}
}

func TestDomainTargetMistakes(t *testing.T) {
	t.Parallel()
	const container = `{constant: "OU=Staff,DC=corp,DC=contoso,DC=example"}`
	for name, test := range map[string]struct{ old, new, want string }{
		"keys of a tenant": {
			"    kind: ad\n", "    kind: ad\n    tenant: env:TENANT\n    licenses: {e3: 6fd2c87f-b296-42f0-b197-1e91e994b900}\n",
			"policy.yaml:24: a target of kind ad has no tenant: remove it\npolicy.yaml:25: a target of kind ad has no licenses: remove it",
		},
		"a credential of Entra": {
			"{kind: bind, user: env:USER, secret: env:PASSWORD}", "{kind: secret, client: env:USER, secret: env:PASSWORD}",
			`policy.yaml:24: unknown credential kind "secret"; allowed are bind, kerberos, keytab`,
		},
		"a keytab for a password": {
			"{kind: bind, user: env:USER, secret: env:PASSWORD}", "{kind: keytab, user: env:USER, secret: env:PASSWORD}",
			"policy.yaml:24: keytab is missing in a credential of kind keytab: write keytab: env:NAME or file:PATH\n" +
				"policy.yaml:24: a credential of kind keytab has no secret: remove it",
		},
		"a password in the policy": {
			"secret: env:PASSWORD", "secret: hunter2",
			"policy.yaml:24: secret must be a reference, env:NAME or file:PATH; a secret never stands in the policy",
		},
		"nobody binds": {
			"user: env:USER, ", "", "policy.yaml:24: user is missing in a credential of kind bind: write user: env:NAME or file:PATH",
		},
		"no credential": {
			"    credential: {kind: bind, user: env:USER, secret: env:PASSWORD}\n", "",
			"policy.yaml:23: credential is missing in a target of kind ad: how to sign in",
		},
		"a base that is no name": {
			"    kind: ad\n", "    kind: ad\n    base: corp.contoso.example\n",
			`policy.yaml:24: "corp.contoso.example" is no distinguished name; write one such as OU=Staff,DC=corp,DC=contoso,DC=example`,
		},
		"people elsewhere": {
			"    kind: ad\n", "    kind: ad\n    under: OU=Staff,DC=fabrikam,DC=example\n",
			`policy.yaml:24: "OU=Staff,DC=fabrikam,DC=example" lies outside of the domain DC=corp,DC=contoso,DC=example`,
		},
		"a container elsewhere": {
			container, `{constant: "OU=Staff,DC=fabrikam,DC=example"}`,
			`policy.yaml:35: "OU=Staff,DC=fabrikam,DC=example" lies outside of the domain DC=corp,DC=contoso,DC=example`,
		},
		"a container that is no name": {
			container, `{constant: "Staff"}`,
			`policy.yaml:35: "Staff" is no distinguished name; write one such as OU=Staff,DC=corp,DC=contoso,DC=example`,
		},
		"HR names a container (S18)": {
			container, `{expression: 'Join("", "OU=", [assignment.department.name], ",DC=corp,DC=contoso,DC=example")'}`,
			"policy.yaml:35: what HR says never names a container (S18): write a constant, or a Switch whose values and default are containers",
		},
		"HR is the container (S18)": {
			container, `{attribute: assignment.department.name}`,
			"policy.yaml:35: what HR says never names a container (S18): write a constant, or a Switch whose values and default are containers",
		},
		"a pass in a domain": {
			"      - addUserToGroups: {groups: [Sales]}\n", "      - addUserToGroups: {groups: [Sales]}\n      - revokeAllRefreshTokens: {}\n",
			`policy.yaml:42: revokeAllRefreshTokens does not fit a joiner; it is for movers and leavers` + "\n" +
				`policy.yaml:42: revokeAllRefreshTokens works on Entra alone, and "corp" is a domain of Active Directory: name another target, or leave the task out`,
		},
	} {
		_, err := Load(domainPolicy(t, test.old, test.new))
		if diff := cmp.Diff(test.want, problemsOf(t, err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	text := strings.Replace(basePolicy, "    kind: entra\n", "    kind: entra\n    base: DC=contoso,DC=example\n", 1)
	_, err := Load(Source{Name: "policy.yaml", Content: []byte(text)})
	if err == nil || !strings.Contains(err.Error(), "base is for targets of kind ad: remove it") {
		t.Errorf("a tenant with a base: %v", err)
	}
}

// TestDocumentedDomain loads the example of docs/policy.md.
func TestDocumentedDomain(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/policy.md")
	if err != nil {
		t.Fatalf("read docs: %v", err)
	}
	_, section, found := strings.Cut(string(page), "\n## Active Directory\n")
	_, example, fenced := strings.Cut(section, "```yaml\n")
	example, _, closed := strings.Cut(example, "```\n")
	if !found || !fenced || !closed {
		t.Fatal("docs/policy.md has no example of a domain")
	}
	feeds, _, _ := strings.Cut(basePolicy, "targets:\n")
	p, err := Load(Source{Name: "policy.yaml", Content: []byte(feeds + "targets:\n" + example)})
	if err != nil {
		t.Fatalf("the example is refused:\n%v", err)
	}
	if target, ok := p.Target("corp"); !ok || target.Kind != KindAD || target.Base == "" || target.Under == "" {
		t.Errorf("target = %+v", target)
	}
}

// secondDomain is a target to put before the workflows of domainPolicy.
func secondDomain(lines string) []string {
	return []string{"    mode: enforce\n    domain: corp", "    mode: enforce\n    forest: contoso\n    domain: corp", "workflows:\n", `  emea:
    kind: ad
    credential: {kind: bind, user: env:USER, secret: env:PASSWORD}
` + lines + `    account: {create: {on: startDate}, enable: {on: startDate}, disable: {on: lastDayOfWork}}
    mapping:
      userPrincipalName: {unique: [given.family], apply: create}
      displayName: {attribute: person.displayName}
      manager: {reference: managerRef}
workflows:
`, "addUserToGroups: {groups", "addUserToGroups: {target: corp, groups"}
}

func TestForest(t *testing.T) {
	t.Parallel()
	policy, err := Load(domainPolicy(t, secondDomain("    domain: emea.corp.contoso.example\n    forest: contoso\n")...))
	if err != nil {
		t.Fatal(err)
	}
	corp, _ := policy.Target("corp")
	if got := policy.Neighbours(corp); len(got) != 1 || got[0].Name != "emea" || corp.Forest != "contoso" {
		t.Errorf("neighbours of corp = %v, want emea", got)
	}
	if got := policy.Neighbours(Target{Name: "alone"}); len(got) != 0 {
		t.Errorf("neighbours without a forest = %v", got)
	}
}

func TestForestMistakes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ lines, want string }{
		"no name":           {"    domain: emea.contoso.example\n    forest: con toso\n", `policy.yaml:41: "con toso" is no name: use letters, digits, dots, dashes and underscores, 64 at most`},
		"the same domain":   {"    domain: contoso.example\n    base: dc=Corp,DC=contoso,DC=example\n    forest: contoso\n", `policy.yaml:42: "emea" is the same domain as "corp": leave one of the two, or give each an under of its own`},
		"a part of another": {"    domain: corp.contoso.example\n    under: OU=A,DC=corp,DC=contoso,DC=example\n    forest: contoso\n", `policy.yaml:42: "emea" is the same domain as "corp": leave one of the two, or give each an under of its own`},
	} {
		_, err := Load(domainPolicy(t, secondDomain(test.lines)...))
		if diff := cmp.Diff(test.want, problemsOf(t, err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	text := strings.Replace(basePolicy, "    kind: entra\n", "    kind: entra\n    forest: contoso\n", 1)
	if _, err := Load(Source{Name: "policy.yaml", Content: []byte(text)}); err == nil || !strings.Contains(err.Error(), "forest is for targets of kind ad: remove it") {
		t.Errorf("a tenant with a forest: %v", err)
	}
	policy, err := Load(domainPolicy(t, secondDomain("    domain: emea.contoso.example\n    forest: contoos\n")...))
	if err != nil {
		t.Fatal(err)
	}
	if len(policy.Warnings) != 3 || !strings.Contains(policy.Warnings[1].Error(), `managers are looked for in emea alone, since no other target is of forest "contoos"; did you mean "contoso"?`) {
		t.Errorf("a mistyped forest: %v", policy.Warnings)
	}
}
