package e2e_test

import (
	_ "embed"
	"encoding/csv"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/deploy/devstack/stack"
	"tenure/internal/httpapi"
)

//go:embed testdata/sample1.yaml
var sample1Policy string

const (
	sample1Rows, sample1Rejected, sample1People = 332, 93, 239

	columnKey, columnManager, columnStatus = "WorkerID", "ManagerID", "WorkerStatus"
)

// TestSample1 imports Microsoft's own sample file: into an organisation that has
// all these people already, and into an empty one.
func TestSample1(t *testing.T) {
	file := sharedData(t, "scim/repo/Sample1-employeeData.csv")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("read sample: %v", err)
	}
	t.Run("existing staff", func(t *testing.T) { existingStaff(t, string(content)) })
	t.Run("everybody is new", func(t *testing.T) { everybodyNew(t, string(content)) })
}

// beginSample1 takes the file in: held for its rejects, then released.
func beginSample1(t *testing.T, baseline, content string) *bench {
	t.Helper()
	b := begin(t, strings.Replace(sample1Policy, "BASELINE", baseline, 1), func(o *stack.Options) { o.Sample = false })
	in := b.importCSV("hr", "Sample1-employeeData.csv", time.Now().UTC().Format(time.RFC3339), content)
	if in.Rows != sample1Rows || in.Rejected != sample1Rejected || in.Accepted != sample1People || in.State != httpapi.ImportHeld {
		t.Fatalf("import = %+v, want %d rows, %d rejected, held", in, sample1Rows, sample1Rejected)
	}
	var rejects []httpapi.Reject
	b.must(http.MethodGet, "/v1/feeds/hr/imports/"+in.ID+"/rejects", nil, &rejects)
	if len(rejects) != sample1Rejected {
		t.Errorf("%d rejects are listed", len(rejects))
	}
	if list := b.everybody(); len(list) != 0 {
		t.Fatalf("%d people came out of a held file", len(list))
	}
	began := time.Now()
	b.must(http.MethodPost, "/v1/feeds/hr/imports/"+in.ID+"/release", encode(t, httpapi.Decision{Actor: actor, Reason: "known rejects"}), &in)
	b.sent("hr", in)
	b.eventually("everybody is there", func() bool { return len(b.everybody()) == sample1People })
	t.Logf("%d people after %s", sample1People, time.Since(began).Round(time.Millisecond))
	return b
}

// everybody is the list of people, at most a page of a thousand.
func (b *bench) everybody() []httpapi.Person {
	b.t.Helper()
	var list []httpapi.Person
	b.must(http.MethodGet, "/v1/people?"+url.Values{"limit": {"1000"}}.Encode(), nil, &list)
	return list
}

func existingStaff(t *testing.T, content string) {
	b := beginSample1(t, time.Now().Format("2006-01")+"-01", content)
	for _, p := range b.everybody() {
		b.idle(main, p.Key)
	}
	attention := map[string]int{}
	for _, p := range b.everybody() {
		for _, code := range p.Attention {
			attention[code]++
		}
		if slices.ContainsFunc(p.Accounts, func(a httpapi.Account) bool { return a.ID != "" }) {
			t.Errorf("%s has accounts %+v", p.Key, p.Accounts)
		}
	}
	b.nothingHappened()
	requests := len(b.Graph().Requests())
	again := b.importCSV("hr", "Sample1-employeeData.csv", time.Now().UTC().Format(time.RFC3339), content)
	if again.State == httpapi.ImportHeld {
		b.must(http.MethodPost, "/v1/feeds/hr/imports/"+again.ID+"/release", encode(t, httpapi.Decision{Actor: actor, Reason: "again"}), &again)
		again = b.sent("hr", again)
	}
	if again.Unchanged != sample1People || again.Total != 0 {
		t.Errorf("the same file again: %+v, want everybody unchanged", again)
	}
	b.nothingHappened()
	if now := len(b.Graph().Requests()); now != requests {
		t.Errorf("%d requests to the directory, %d after the second import", requests, now)
	}
	t.Logf("%d people, attention %v, %d requests to the directory, 0 accounts, 0 mails, 0 passes", len(b.everybody()), attention, requests)
}

func (b *bench) nothingHappened() {
	b.t.Helper()
	state := b.Graph().State()
	passes := b.Graph().Counts()["POST /users/{id}/authentication/temporaryAccessPassMethods"]
	if mails := len(b.Mail().Messages()); len(state.Users) != 0 || len(state.Deleted) != 0 || mails != 0 || passes != 0 {
		b.t.Errorf("%d accounts, %d deleted ones, %d mails, %d passes, want none", len(state.Users), len(state.Deleted), mails, passes)
	}
}

// everybodyNew: one account for each active person, linked to those managers
// who are active persons too.
func everybodyNew(t *testing.T, content string) {
	managers := activeManagers(t, content)
	want := 0
	for _, manager := range managers {
		if _, found := managers[manager]; found {
			want++
		}
	}
	began := time.Now()
	b := beginSample1(t, "2000-01-01", content)
	b.eventually("everybody has an account", func() bool { return len(b.Graph().State().Users) >= len(managers) })
	t.Logf("%d accounts after %s", len(managers), time.Since(began).Round(time.Millisecond))
	for _, p := range b.everybody() {
		b.idle(main, p.Key)
	}
	linked := func() int {
		count := 0
		for _, u := range b.Graph().State().Users {
			if u.Manager != "" {
				count++
			}
		}
		return count
	}
	b.eventually("managers are linked", func() bool { return linked() >= want })
	state := b.Graph().State()
	numbers := map[string]string{}
	for _, u := range state.Users {
		number, _ := u.Props["employeeId"].(string)
		if _, twice := numbers[u.ID]; twice || !enabled(u) || managers[number] == "" {
			t.Errorf("account of %s: enabled %t, manager %q in HR", number, enabled(u), managers[number])
		}
		numbers[u.ID] = number
	}
	for _, u := range state.Users {
		if u.Manager != "" && numbers[u.Manager] != managers[numbers[u.ID]] {
			t.Errorf("%s is linked to %s, want %s", numbers[u.ID], numbers[u.Manager], managers[numbers[u.ID]])
		}
	}
	creates := b.Graph().Counts()["POST /users"]
	if len(state.Users) != len(managers) || creates != len(managers) || linked() != want {
		t.Errorf("%d accounts by %d creates, %d linked; want %d, %d linked", len(state.Users), creates, linked(), len(managers), want)
	}
	passes := b.Graph().Counts()["POST /users/{id}/authentication/temporaryAccessPassMethods"]
	if mails := len(b.Mail().Messages()); mails != 0 || passes != 0 {
		t.Errorf("%d mails and %d passes for people who started years ago, want none", mails, passes)
	}
	total := 0
	for _, count := range b.Graph().Counts() {
		total += count
	}
	t.Logf("%d accounts, %d linked to their managers, %d requests in all: %.1f an account", len(state.Users), linked(), total, float64(total)/float64(len(managers)))
}

// activeManagers gives, for each active person whose key is unique, the manager
// HR names.
func activeManagers(t *testing.T, content string) map[string]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(content, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatalf("read sample: %v", err)
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	seen := map[string]int{}
	for _, row := range rows[1:] {
		seen[row[at[columnKey]]]++
	}
	out := map[string]string{}
	for _, row := range rows[1:] {
		if seen[row[at[columnKey]]] == 1 && row[at[columnStatus]] == "Active" {
			out[row[at[columnKey]]] = row[at[columnManager]]
		}
	}
	return out
}

// sharedData finds a file of the shared data folder above the test.
func sharedData(t *testing.T, name string) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatalf("find folder: %v", err)
	}
	for {
		path := filepath.Join(folder, "shared", "data", filepath.FromSlash(name))
		if _, err := os.Stat(path); err == nil {
			return path
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Skipf("shared data folder absent: %s", name)
		}
		folder = parent
	}
}
