package lifecycle

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/person"
)

// firstPolicy is the shipped example.
func firstPolicy(tb testing.TB) Source {
	tb.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "deploy", "policy", "first.yaml"))
	if err != nil {
		tb.Fatalf("read the shipped policy: %v", err)
	}
	return Source{Name: "first.yaml", Content: content}
}

func mustLoad(tb testing.TB, source Source) *Policy {
	tb.Helper()
	p, err := Load(source)
	if err != nil {
		tb.Fatalf("load %s:\n%v", source.Name, err)
	}
	return p
}

func TestFirstPolicyLoads(t *testing.T) {
	t.Parallel()
	p := mustLoad(t, firstPolicy(t))
	if len(p.Warnings) > 0 {
		t.Errorf("warnings of the shipped policy:\n%v", p.Warnings)
	}
	target, found := p.Target("entra")
	if !found {
		t.Fatal("no target entra")
	}
	at := func(minutes int) *person.TimeOfDay { return &person.TimeOfDay{Minutes: minutes} }
	want := AccountLines{
		Create:  &DateRule{On: StartDate, Offset: Duration{Days: -14}, At: at(6 * 60), Zone: ZonePerson},
		Enable:  &DateRule{On: StartDate, At: at(0), Zone: ZonePerson},
		Disable: &DateRule{On: LastDayOfWork, At: at(24 * 60), Zone: ZonePerson},
		Delete:  &DateRule{On: TerminationDate, Offset: Duration{Days: 30}, Zone: ZonePerson},
		Minimum: Duration{Days: 14},
		Leave:   LeaveKeep,
		Rehire:  RehireReactivate,
	}
	if diff := cmp.Diff(want, target.Account); diff != "" {
		t.Errorf("account lines (-want +got):\n%s", diff)
	}
	if id, _ := target.Group("engineering"); id != "5b7d2b7c-9c1e-4b43-a3c1-1f3f6f6b0003" {
		t.Errorf("group engineering = %q", id)
	}
	if label := target.LicenseLabel("6FD2C87F-b296-42f0-b197-1e91e994b900"); label != "e3" {
		t.Errorf("licence label = %q, want e3", label)
	}
	prepare, _ := p.Workflow("Prepare a new hire")
	var names []string
	for _, task := range prepare.Tasks {
		names = append(names, task.Name)
	}
	wantNames := []string{
		"addUserToGroups", "addUserToGroups#2", "addUserToGroups#3", "assignLicensesToUser",
		"sendOnboardingReminderEmail", "generateTemporaryAccessPass",
	}
	if diff := cmp.Diff(wantNames, names); diff != "" {
		t.Errorf("task names (-want +got):\n%s", diff)
	}
	pass := prepare.Tasks[5]
	wantPass := &PassRule{Start: DateRule{On: StartDate, At: at(8 * 60), Zone: ZonePerson}, Lifetime: 8 * time.Hour, Once: true}
	if diff := cmp.Diff(wantPass, pass.Pass); diff != "" || pass.Target != "entra" || pass.To != (Recipient{Kind: ToManager}) {
		t.Errorf("pass = %+v to %v in %q; difference (-want +got):\n%s", pass.Pass, pass.To, pass.Target, diff)
	}
}

// The devstack writes its own copy with another baseline: the line must be
// one of its own.
func TestFirstPolicyBaselineIsReplaceable(t *testing.T) {
	t.Parallel()
	source := firstPolicy(t)
	line := regexp.MustCompile(`(?m)^( +baseline: )\d{4}-\d{2}-\d{2}`)
	if found := line.FindAll(source.Content, -1); len(found) != 1 {
		t.Fatalf("%d baseline lines, want 1", len(found))
	}
	source.Content = line.ReplaceAll(source.Content, []byte("${1}2031-05-17"))
	feed, _ := mustLoad(t, source).Feed("hr")
	if feed.Baseline.String() != "2031-05-17" {
		t.Errorf("baseline = %s, want 2031-05-17", feed.Baseline)
	}
}

// The first policy of the design page must load, with its shortened IDs
// written out and its badge-office call kept.
func TestDesignPolicyLoads(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(sharedFile(t, "design", "policy.md"))
	if err != nil {
		t.Skip("shared design folder absent: ", err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	text, _, _ := strings.Cut(rest, "```")
	for short, id := range map[string]string{
		"3f0c...": "3f0c1a52-7f0b-4c57-9d55-1f3f6f6b0001", "91aa...": "91aa6d0e-52c1-4a0e-8a55-1f3f6f6b0002",
		"5b7d...": "5b7d2b7c-9c1e-4b43-a3c1-1f3f6f6b0003", "6fd2...": "6fd2c87f-b296-42f0-b197-1e91e994b900",
	} {
		text = strings.ReplaceAll(text, short, id)
	}
	mustLoad(t, Source{Name: "policy.md", Content: []byte(text)})
}

// sharedFile finds a file of the shared folder beside the repository.
func sharedFile(tb testing.TB, parts ...string) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		candidate := filepath.Join(append([]string{dir, "shared"}, parts...)...)
		if _, err := os.Stat(candidate); err == nil {
			return candidate
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			tb.Skip("shared data folder absent: ", filepath.Join(parts...))
		}
		dir = parent
	}
}
