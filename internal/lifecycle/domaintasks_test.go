package lifecycle

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// withLeaver is the policy of a domain with tasks for leavers.
func withLeaver(t *testing.T, tasks string) Source {
	t.Helper()
	const first = "      - addUserToGroups: {groups: [Sales]}\n"
	return domainPolicy(t, first, first+"  - name: Last day\n    category: leaver\n    trigger: {on: lastDayOfWork}\n    tasks:\n      - "+tasks+"\n")
}

func TestDomainTasks(t *testing.T) {
	t.Parallel()
	const leavers = "OU=Leavers,DC=corp,DC=contoso,DC=example"
	for tasks, want := range map[string]string{
		`disableUserAndMoveToContainer: {container: "` + leavers + `"}`:                          "to " + leavers,
		`moveUserToContainer: {container: "` + leavers + `"}`:                                    "to " + leavers,
		"hideUserFromAddressLists: {}":                                                           "",
		"hideUserFromAddressLists: {hidden: false}":                                              "shows it again",
		`setUserAttributes: {attributes: {info: {constant: Left}, description: {clear: true}}}`:  "writes info, description",
		`setUserAttributes: {attributes: {department: {attribute: assignment.department.name}}}`: "writes department",
		"deleteUserAccount: {minimum: 14d}":                                                      "not before 14d after the disable",
	} {
		p, err := Load(withLeaver(t, tasks))
		if err != nil {
			t.Errorf("%s: %v", tasks, err)
			continue
		}
		task := p.Workflows[1].Tasks[0]
		if got := task.Says(); got != want || task.Target != "corp" {
			t.Errorf("%s: says %q in %q, want %q", tasks, got, task.Target, want)
		}
	}
}

func TestDomainTaskMistakes(t *testing.T) {
	t.Parallel()
	for tasks, want := range map[string]string{
		`moveUserToContainer: {container: "OU=Leavers,DC=fabrikam,DC=example"}`:     `"OU=Leavers,DC=fabrikam,DC=example" lies outside of the domain DC=corp,DC=contoso,DC=example`,
		`moveUserToContainer: {container: Leavers}`:                                 `"Leavers" is no distinguished name; write one such as OU=Staff,DC=corp,DC=contoso,DC=example`,
		`setUserAttributes: {attributes: {displayName: {constant: x}}}`:             "the mapping of corp makes displayName: one of the two writes it",
		`setUserAttributes: {attributes: {adminCount: {constant: "1"}}}`:            "adminCount is not written by setUserAttributes: it says whose account it is, or what it may do",
		`setUserAttributes: {attributes: {sAMAccountName: {constant: x}}}`:          "sAMAccountName is not written by setUserAttributes: it says whose account it is, or what it may do",
		`setUserAttributes: {attributes: {parentDistinguishedName: {constant: x}}}`: "parentDistinguishedName is not written by setUserAttributes: use moveUserToContainer",
		`setUserAttributes: {attributes: {info: {constant: x, clear: true}}}`:       `"info" needs exactly one of attribute, constant, expression and clear: true`,
		`setUserAttributes: {attributes: {info: {}}}`:                               `"info" needs exactly one of attribute, constant, expression and clear: true`,
		`setUserAttributes: {attributes: {info: {expression: 'Guid()'}}}`:           "Guid and RandomString give another value each time: a task that is tried again would write another one",
		"deleteUserAccount: {minimum: 0d}":                                          "minimum must be 1d or more, such as minimum: 14d: so long is a mistaken leave noticed before anything is lost (S7)",
	} {
		_, err := Load(withLeaver(t, tasks))
		if diff := cmp.Diff("policy.yaml:46: "+want, problemsOf(t, err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tasks, diff)
		}
	}
	p, err := Load(domainPolicy(t, "      - addUserToGroups: {groups: [Sales]}\n", "      - unlockUserAccount: {}\n"))
	if err != nil || len(p.Workflows[0].Tasks[0].Attributes) != 1 {
		t.Errorf("unlock: %+v, %v", p, err)
	}
	// A mapping that makes the container owns it, but of those who have left.
	_, err = Load(domainPolicy(t, "      - addUserToGroups: {groups: [Sales]}\n", "      - moveUserToContainer: {container: \"OU=New,DC=corp,DC=contoso,DC=example\"}\n"))
	if got, want := problemsOf(t, err), "policy.yaml:41: the mapping of corp makes parentDistinguishedName: one of the two writes it"; got != want {
		t.Errorf("a joiner is moved: %q, want %q", got, want)
	}
}

func TestProtectedContainers(t *testing.T) {
	t.Parallel()
	const groups = "    groups: {Sales: 91aa6d0e-52c1-4a0e-8a55-1f3f6f6b0002}\n"
	load := func(protect string, edits ...string) (*Policy, error) {
		return Load(domainPolicy(t, append([]string{groups, groups + "    protect: " + protect + "\n"}, edits...)...))
	}
	p, err := load(`{containers: ["OU=Admins,DC=corp,DC=contoso,DC=example"], membersOf: [Sales]}`)
	if err != nil {
		t.Fatal(err)
	}
	if target, _ := p.Target("corp"); len(target.Protect.Containers) != 1 || len(target.Protect.MembersOf) != 1 {
		t.Errorf("protect = %+v", target.Protect)
	}
	for _, test := range [][]string{
		{`{containers: [Admins]}`, `policy.yaml:32: "Admins" is no distinguished name; write one such as OU=Staff,DC=corp,DC=contoso,DC=example`},
		{`{containers: ["OU=Admins,DC=fabrikam,DC=example"]}`, `policy.yaml:32: "OU=Admins,DC=fabrikam,DC=example" lies outside of the domain DC=corp,DC=contoso,DC=example`},
		{`{containers: ["ou=staff,DC=corp,DC=contoso,DC=example"]}`, `policy.yaml:36: "OU=Staff,DC=corp,DC=contoso,DC=example" is protected: nobody is put there (S17)`},
	} {
		if _, err := load(test[0]); problemsOf(t, err) != test[1] {
			t.Errorf("%s: %q, want %q", test[0], problemsOf(t, err), test[1])
		}
	}
	text := strings.Replace(basePolicy, "    kind: entra\n", "    kind: entra\n    protect: {containers: [\"OU=A,DC=b\"]}\n", 1)
	if _, err := Load(Source{Name: "policy.yaml", Content: []byte(text)}); err == nil || !strings.Contains(err.Error(), "containers are for targets of kind ad: remove them") {
		t.Errorf("a tenant with containers: %v", err)
	}
}

// TestDomainTasksElsewhere: Entra has none of them.
func TestDomainTasksElsewhere(t *testing.T) {
	t.Parallel()
	for _, task := range []string{
		`moveUserToContainer: {container: "OU=Leavers,DC=corp,DC=contoso,DC=example"}`, "hideUserFromAddressLists: {}",
		"setUserAttributes: {attributes: {info: {constant: x}}}", "deleteUserAccount: {minimum: 14d}",
	} {
		kind, _, _ := strings.Cut(task, ":")
		text := strings.Replace(basePolicy, "extensions:\n", "  - name: Gone\n    category: leaver\n    trigger: {on: lastDayOfWork}\n    tasks:\n      - "+task+"\nextensions:\n", 1)
		_, err := Load(Source{Name: "policy.yaml", Content: []byte(text)})
		if want := kind + ` works on a domain of Active Directory alone, and "entra" is none`; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", kind, err, want)
		}
	}
}
