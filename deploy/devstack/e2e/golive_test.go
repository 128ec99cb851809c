package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/deploy/devstack/sample/existing"
	"tenure/deploy/devstack/stack"
	"tenure/internal/cli"
	"tenure/internal/httpapi"
	"tenure/internal/sim/graph"
)

// goingLive is an organisation that had accounts before, on the day it begins.
type goingLive struct {
	*bench
	*existing.Organisation
	// before is the tenant as others left it.
	before graph.State
}

// longPatience is how long hundreds of people may take.
const longPatience = 6 * time.Minute

// TestGoingLive is the protocol of docs/going-live.md: observe, match, adopt,
// enforce. What it proves is read from the simulator: nobody gets a second
// account, nobody's account is enabled again, nobody is mailed, nothing is
// written while the target observes, nothing but employee numbers while it
// adopts, and every mistake of the export is reported.
func TestGoingLive(t *testing.T) {
	g := beginGoingLive(t)
	g.observe()
}

func beginGoingLive(t *testing.T) *goingLive {
	t.Helper()
	day := time.Now().UTC()
	b := begin(t, "", func(o *stack.Options) { o.Onboarding, o.Day = true, day })
	g := &goingLive{bench: b, Organisation: existing.New(day), before: b.Graph().State()}
	if len(g.before.Users) != len(g.Accounts) {
		t.Fatalf("the tenant has %d accounts, want %d", len(g.before.Users), len(g.Accounts))
	}
	b.Graph().ResetRequests()
	return g
}

// tenure runs a command line as an operator does.
func (b *bench) tenure(args ...string) (stdout string, code int) {
	b.t.Helper()
	var out, problems bytes.Buffer
	ctx, cancel := context.WithTimeout(b.t.Context(), longPatience)
	defer cancel()
	code = cli.Run(ctx, args, cli.Environment{
		Stdout: &out, Stderr: &problems, User: actor, Poll: 50 * time.Millisecond,
		Getenv: func(name string) string { return map[string]string{"TENURE_API": "http://" + b.Addresses().API}[name] },
	})
	if slices.Contains(args, "json") {
		b.t.Logf("tenure %s ended with %d\n%s", strings.Join(args, " "), code, problems.String())
	} else {
		b.t.Logf("tenure %s ended with %d\n%s%s", strings.Join(args, " "), code, out.String(), problems.String())
	}
	return out.String(), code
}

// ok runs a command line that must end with 0, or with findings.
func (b *bench) ok(args ...string) string {
	b.t.Helper()
	stdout, code := b.tenure(args...)
	if code != 0 && code != 3 {
		b.t.Fatalf("tenure %s ended with %d", strings.Join(args, " "), code)
	}
	return stdout
}

// inTime waits as long as hundreds of people may take.
func (b *bench) inTime(what string, holds func() bool) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), longPatience)
	defer cancel()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			b.t.Fatalf("waited %s in vain: %s", longPatience, what)
		case <-ticker.C:
		}
	}
}

// people lists everybody as the index knows them.
func (b *bench) people() []httpapi.Person {
	b.t.Helper()
	var list []httpapi.Person
	b.must(http.MethodGet, "/v1/people?limit=1000", nil, &list)
	return list
}

// settle waits until everybody has been planned with a version of the policy
// and nothing is going on.
func (g *goingLive) settle(version int) {
	g.t.Helper()
	keys := g.Keys()
	g.inTime("everybody is planned", func() bool {
		planned := 0
		for _, p := range g.people() {
			if p.PolicyVersion == version {
				planned++
			}
		}
		return planned == len(keys)
	})
	for _, key := range keys {
		g.idle(main, key)
	}
}

// export is the path of the file that the devstack wrote.
func (g *goingLive) export() string { return filepath.Join(g.opts.Dir, "hr.csv") }

// observe imports the export while the target observes: everything is said and
// nothing is done.
func (g *goingLive) observe() {
	g.t.Helper()
	asOf := g.Day.Format(time.DateOnly)
	var dry, done httpapi.Import
	g.decode(g.ok("feed", "import", g.export(), "--as-of", asOf, "--dry-run", "-o", "json"), &dry)
	g.decode(g.ok("feed", "import", g.export(), "--as-of", asOf, "-o", "json"), &done)
	for _, report := range []httpapi.Import{dry, done} {
		g.reportedAtImport(report)
	}
	g.settle(1)
	g.reportedInPlan(existing.InPlan, "adopted-state")
	g.untouched("observe")
}

func (b *bench) decode(text string, into any) {
	b.t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		b.t.Fatalf("decode %q: %v", text, err)
	}
}

// reportedAtImport wants every mistake that the file itself shows, and no other.
func (g *goingLive) reportedAtImport(in httpapi.Import) {
	g.t.Helper()
	if len(in.HeldReasons) > 0 {
		g.t.Fatalf("the file is held: %v", in.HeldReasons)
	}
	said := map[existing.Where]map[int][]string{existing.AtImport: {}, existing.Remarked: {}}
	for _, reject := range in.Rejects {
		said[existing.AtImport][reject.Row] = reject.Problems
	}
	for _, remark := range in.Remarks {
		said[existing.Remarked][remark.Row] = remark.Texts
	}
	for _, report := range g.Reports {
		lines := said[report.Where]
		for i, line := range report.Lines {
			if lines != nil && !strings.Contains(strings.Join(lines[line], "\n"), report.Says) {
				g.t.Errorf("%s: the import says %q of line %d (%s), want %q", report.Mistake, lines[line], line, report.Keys[i], report.Says)
			}
			delete(lines, line)
		}
	}
	for where, lines := range said {
		for line, texts := range lines {
			g.t.Errorf("line %d is %s without a mistake: %q", line, where, texts)
		}
	}
}

// reportedInPlan wants the attention of every mistake that planning shows.
func (g *goingLive) reportedInPlan(where existing.Where, except ...string) {
	g.t.Helper()
	for _, report := range g.Reports {
		if report.Where != where || slices.Contains(except, report.Says) {
			continue
		}
		for _, key := range report.Keys {
			if attention := g.person(main, key).Attention; !slices.Contains(attention, report.Says) {
				g.t.Errorf("%s: %s raises %v, want %s", report.Mistake, key, attention, report.Says)
			}
		}
	}
}

// untouched wants the tenant as it was, no write that was even tried, and no mail.
func (g *goingLive) untouched(phase string) {
	g.t.Helper()
	for _, line := range g.Graph().Requests() {
		if writes(line) {
			g.t.Errorf("%s: %s %s", phase, line.Method, line.Path)
		}
	}
	if now := g.Graph().State(); !reflect.DeepEqual(now.Users, g.before.Users) || !reflect.DeepEqual(now.Groups, g.before.Groups) {
		g.t.Errorf("%s: the tenant is not as it was", phase)
	}
	g.noMail(phase)
}

// writes reports whether a request could change something. A batch is recorded
// as a whole and by its items.
func writes(line graph.LogLine) bool {
	switch {
	case line.Method == http.MethodGet, strings.HasSuffix(line.Path, "/$batch"), strings.Contains(line.Path, "/oauth2/"):
		return false
	default:
		return true
	}
}

// apply looks at what a policy changes, and activates it.
func (b *bench) apply(name, reason string) httpapi.PolicyPreview {
	b.t.Helper()
	var preview httpapi.PolicyPreview
	b.decode(b.ok("policy", "diff", "active", name, "--people", "-o", "json"), &preview)
	b.ok("policy", "apply", name, "--reason", reason, "--yes", "--expect", preview.Expect)
	return preview
}

func (g *goingLive) noMail(phase string) {
	g.t.Helper()
	if mails := g.Mail().Messages(); len(mails) != 0 {
		g.t.Errorf("%s: %d mails, the first to %v: %s", phase, len(mails), mails[0].Recipients, mails[0].Subject)
	}
}
