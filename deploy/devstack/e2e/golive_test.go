package e2e_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"maps"
	"net/http"
	"os"
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
	// accepted are the numbers that a human agreed to, by object ID.
	accepted map[string]string
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
	g.adopt()
	g.enforce()
	g.live()
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
		Getenv: func(name string) string {
			return map[string]string{"TENURE_API": "http://" + b.Addresses().API, "TENURE_TOKEN": b.token}[name]
		},
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

// matchRow is one row of the match report.
type matchRow map[string]string

// match reads the report as an operator does.
func (g *goingLive) match() []matchRow {
	g.t.Helper()
	records, err := csv.NewReader(strings.NewReader(g.ok("target", "match", "entra", "-o", "csv"))).ReadAll()
	if err != nil || len(records) < 2 {
		g.t.Fatalf("read the match report: %d rows, %v", len(records), err)
	}
	var out []matchRow
	for _, record := range records[1:] {
		one := matchRow{}
		for i, name := range records[0] {
			one[name] = record[i]
		}
		out = append(out, one)
	}
	return out
}

// mode applies the policy with another mode of the target.
func (g *goingLive) mode(from, to string) {
	g.t.Helper()
	name := filepath.Join(g.opts.Dir, "policy.yaml")
	content, err := os.ReadFile(name)
	if err != nil {
		g.t.Fatalf("read policy: %v", err)
	}
	if bytes.Count(content, []byte("mode: "+from)) != 1 {
		g.t.Fatalf("the policy has no mode %s", from)
	}
	if err := os.WriteFile(name, bytes.Replace(content, []byte("mode: "+from), []byte("mode: "+to), 1), 0o600); err != nil {
		g.t.Fatalf("write policy: %v", err)
	}
	g.apply(name, "going live: "+to)
}

// apply looks at what a policy changes, and activates it.
func (b *bench) apply(name, reason string) httpapi.PolicyPreview {
	b.t.Helper()
	var preview httpapi.PolicyPreview
	b.decode(b.ok("policy", "diff", "active", name, "--people", "-o", "json"), &preview)
	b.ok("policy", "apply", name, "--reason", reason, "--yes", "--expect", preview.Expect)
	return preview
}

// adopt lets accounts be linked, and takes the decisions of a human, who looks at
// each proposal: right is the account that the person has in truth.
func (g *goingLive) adopt() {
	g.t.Helper()
	g.mode("observe", "adopt")
	g.settle(2)
	g.untouched("adopt, before anything was decided")
	rows := g.match()
	g.reportedInMatch(rows)
	g.decide(rows)
	g.settle(2)
	g.stamped()
}

// reportedInMatch wants the kind of row that each mistake ends in, and every
// account of nobody as such.
func (g *goingLive) reportedInMatch(rows []matchRow) {
	g.t.Helper()
	kinds, accounts := map[string][]string{}, map[string][]string{}
	for _, row := range rows {
		kinds[row["key"]] = append(kinds[row["key"]], row["kind"])
		accounts[row["objectId"]] = append(accounts[row["objectId"]], row["kind"])
	}
	for _, report := range g.Reports {
		for _, key := range report.Keys {
			if report.Where == existing.InMatch && !slices.Contains(kinds[key], report.Says) {
				g.t.Errorf("%s: the match report says %v of %s, want %s", report.Mistake, kinds[key], key, report.Says)
			}
		}
	}
	for _, account := range g.Accounts {
		said := accounts[account.ID()]
		if account.Owner == "" && (len(said) == 0 || slices.Contains(said, "linked") || slices.Contains(said, "match")) {
			g.t.Errorf("%s belongs to nobody, and the match report says %v", account.UserName, said)
		}
	}
}

// decide accepts what is right, by CSV, and leaves what HR must correct first.
func (g *goingLive) decide(rows []matchRow) {
	g.t.Helper()
	g.accepted = map[string]string{}
	var out bytes.Buffer
	writer := csv.NewWriter(&out)
	header := slices.Sorted(maps.Keys(rows[0]))
	records := [][]string{header}
	for _, row := range rows {
		account := g.Account(row["key"])
		if row["kind"] != "proposal" && row["kind"] != "ambiguous" || account == nil || account.ID() != row["objectId"] || !g.fits(row["key"]) {
			continue
		}
		row["decision"] = "accept"
		g.accepted[account.ID()] = g.Number(row["key"])
		var record []string
		for _, name := range header {
			record = append(record, row[name])
		}
		records = append(records, record)
	}
	if err := writer.WriteAll(records); err != nil {
		g.t.Fatalf("write decisions: %v", err)
	}
	name := filepath.Join(g.opts.Dir, "decisions.csv")
	if err := os.WriteFile(name, out.Bytes(), 0o600); err != nil {
		g.t.Fatalf("write decisions: %v", err)
	}
	if len(g.accepted) < 50 {
		g.t.Errorf("%d accounts are accepted, want those without a number", len(g.accepted))
	}
	g.ok("target", "match", "entra", "--accept", name, "--reason", "looked at each")
}

// fits reports whether what HR says of a person may be taken as it is.
func (g *goingLive) fits(key string) bool {
	for _, kind := range []existing.Mistake{existing.LostZeros, existing.SwappedNumbers, existing.SharedNumber} {
		if slices.Contains(g.Report(kind).Keys, key) {
			return false
		}
	}
	return true
}

// stamped wants nothing but employee numbers to have been written, and those
// only where a human agreed.
func (g *goingLive) stamped() {
	g.t.Helper()
	now := byID(g.Graph().State().Users)
	for _, was := range g.before.Users {
		is, found := now[was.ID]
		if !found {
			g.t.Errorf("adopt: %v is gone", was.Props["userPrincipalName"])
			continue
		}
		changed, number := differences(was, is), g.accepted[was.ID]
		synced := was.Props["onPremisesSyncEnabled"] == true
		switch {
		case number == "" || synced || was.Props["employeeId"] == number:
			if len(changed) > 0 {
				g.t.Errorf("adopt: %v of %v was written", changed, was.Props["userPrincipalName"])
			}
		case !slices.Equal(changed, []string{"employeeId"}) || is.Props["employeeId"] != number:
			g.t.Errorf("adopt: %v of %v was written, employeeId is %v, want %s", changed, was.Props["userPrincipalName"], is.Props["employeeId"], number)
		}
	}
	if len(now) != len(g.before.Users) {
		g.t.Errorf("adopt: %d accounts, were %d", len(now), len(g.before.Users))
	}
	g.noMail("adopt")
}

func (g *goingLive) noMail(phase string) {
	g.t.Helper()
	if mails := g.Mail().Messages(); len(mails) != 0 {
		g.t.Errorf("%s: %d mails, the first to %v: %s", phase, len(mails), mails[0].Recipients, mails[0].Subject)
	}
}

// enforce lets everything be done: what comes from now on, and nothing of before.
func (g *goingLive) enforce() {
	g.t.Helper()
	g.mode("adopt", "enforce")
	g.settle(3)
	g.reportedInPlan(existing.InPlan)
	g.noMail("enforce")
	g.safe("enforce")
	for _, key := range append(g.Report(existing.NameTaken).Keys, g.Report(existing.Conversion).Keys[1]) {
		if attention := g.person(main, key).Attention; !slices.Contains(attention, "proposed") {
			g.t.Errorf("%s may have an account, and raises %v", key, attention)
		}
	}
	for _, user := range g.Graph().State().Users {
		if was, found := byID(g.before.Users)[user.ID]; found && enabled(was) != enabled(user) {
			g.t.Errorf("enforce: %v is enabled %t, was %t", user.Props["userPrincipalName"], enabled(user), enabled(was))
		}
	}
}

// safe is what must hold at every moment: nobody has two accounts, nobody's
// account was enabled again, only those who are new have new ones, and what is
// protected or mastered elsewhere is as it was.
func (g *goingLive) safe(phase string) {
	g.t.Helper()
	before := byID(g.before.Users)
	carried, carries := map[any]int{}, map[any]int{}
	for _, user := range g.before.Users {
		carried[user.Props["employeeId"]]++
	}
	fresh := map[any]int{}
	for _, user := range g.Graph().State().Users {
		carries[user.Props["employeeId"]]++
		was, found := before[user.ID]
		switch {
		case !found:
			fresh[user.Props["employeeId"]]++
		case !enabled(was) && enabled(user):
			g.t.Errorf("%s: %v was enabled again", phase, user.Props["userPrincipalName"])
		case was.Props["onPremisesSyncEnabled"] == true && user.ID != g.Account(existing.SyncedLeaver).ID() && len(differences(was, user)) > 0:
			g.t.Errorf("%s: %v is mastered on premises, and %v was written", phase, user.Props["userPrincipalName"], differences(was, user))
		}
	}
	for number, count := range carries {
		if number != nil && count > max(1, carried[number]) {
			g.t.Errorf("%s: %d accounts carry %v, were %d", phase, count, number, carried[number])
		}
	}
	var newcomers []any
	for _, key := range g.Newcomers() {
		newcomers = append(newcomers, g.Number(key))
	}
	for number, count := range fresh {
		if !slices.Contains(newcomers, number) || count != 1 {
			g.t.Errorf("%s: %d new accounts for %v, who is not new", phase, count, number)
		}
	}
	g.t.Logf("%s: %d new accounts", phase, len(fresh))
}

// live lets the first two weeks pass for those to whom something happens.
func (g *goingLive) live() {
	g.t.Helper()
	for key, days := range map[string]int{existing.Leaver: 3, existing.SyncedLeaver: 3, existing.ProtectedLeaver: 3, existing.Joiner: 11} {
		g.forward(main, key, g.Day.AddDate(0, 0, days).Add(12*time.Hour))
	}
	now, before := byID(g.Graph().State().Users), byID(g.before.Users)
	gone := now[g.Account(existing.Leaver).ID()]
	if enabled(gone) || gone.Revocations == 0 || len(gone.Licences) > 0 {
		g.t.Errorf("the leaver is enabled %t, with licences %v", enabled(gone), gone.Licences)
	}
	synced := now[g.Account(existing.SyncedLeaver).ID()]
	if attention := g.person(main, existing.SyncedLeaver).Attention; synced.Revocations == 0 || !slices.Contains(attention, "disable-on-premises") {
		g.t.Errorf("the synced leaver: %d revocations, attention %v", synced.Revocations, attention)
	}
	protected := g.Account(existing.ProtectedLeaver).ID()
	if changed := differences(before[protected], now[protected]); len(changed) > 0 {
		g.t.Errorf("the protected leaver: %v was written", changed)
	}
	if attention := g.person(main, existing.ProtectedLeaver).Attention; !slices.Contains(attention, "protected") {
		g.t.Errorf("the protected leaver raises %v", attention)
	}
	if joiner := g.account(g.Number(existing.Joiner)); !enabled(joiner) {
		g.t.Error("the joiner is not enabled after the first day")
	}
	g.safe("live")
}
