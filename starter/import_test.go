package starter

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/api/serviceerror"

	"tenure/internal/httpapi"
	"tenure/internal/person"
	"tenure/internal/store"
	"tenure/internal/store/storetest"
	"tenure/workflows/contract"
)

func TestImportSendsEveryRowOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	done := b.importFile(hires("E-1", "E-2"), "2026-11-22T08:00:00Z")
	if done.State != httpapi.ImportRunning || done.Rows != 2 || done.Accepted != 2 || done.Total != 2 {
		t.Errorf("Import() = %+v, want 2 rows running", done)
	}
	got := b.status(done.ID)
	if got.State != httpapi.ImportAccepted || got.Sent != 2 || got.Total != 2 {
		t.Errorf("status = %+v, want 2 of 2 sent", got)
	}
	want := map[string]int{"journey/main/E-1": 1, "journey/main/E-2": 1}
	if diff := cmp.Diff(want, b.temporal.heard()); diff != "" {
		t.Errorf("journeys (-want +got):\n%s", diff)
	}
	again := b.importFile(hires("E-1", "E-2"), "2026-11-22T08:00:00Z")
	if again.Unchanged != 2 || again.Total != 0 {
		t.Errorf("the same file again = %+v, want 2 unchanged", again)
	}
	if diff := cmp.Diff(want, b.temporal.heard()); diff != "" {
		t.Errorf("journeys after the same file (-want +got):\n%s", diff)
	}
	seen, err := b.db.FeedPerson(t.Context(), "hr", "E-1")
	if err != nil || seen.LastImport != again.ID {
		t.Errorf("presence = %+v, %v, want seen in %s", seen, err, again.ID)
	}
	changed := strings.Replace(hires("E-1", "E-2"), "E-2,Ada", "E-2,Bea", 1)
	if done := b.importFile(changed, "2026-11-22T09:00:00Z"); done.Unchanged != 1 || done.Total != 1 {
		t.Errorf("a file with one change = %+v, want 1 unchanged and 1 to send", done)
	}
	want["journey/main/E-2"] = 2
	if diff := cmp.Diff(want, b.temporal.heard()); diff != "" {
		t.Errorf("journeys after a change (-want +got):\n%s", diff)
	}
}

func TestImportHoldsAWrongFileUntilReleased(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	done := b.importFile(hires("E-1", "E-2", "E-2"), "2026-11-22T08:00:00Z")
	if done.State != httpapi.ImportHeld || len(done.HeldReasons) != 1 || len(done.Rejects) != 2 {
		t.Fatalf("Import() = %+v, want held with 2 rejects", done)
	}
	if got := b.temporal.total(); got != 0 {
		t.Fatalf("%d events were sent of a held file", got)
	}
	feeds, err := b.Feeds(t.Context())
	if err != nil || !feeds[0].Held || feeds[0].Rejected != 2 || len(feeds[0].Attention) != 2 {
		t.Errorf("Feeds() = %+v, %v, want hr held with attention", feeds, err)
	}
	_, err = b.ReleaseImport(t.Context(), "hr", "nosuch", httpapi.Decision{Actor: "lee", Reason: "r"})
	wantProblem(t, err, httpapi.KindNotFound, "nosuch")
	_, err = b.ReleaseImport(t.Context(), "badge", done.ID, httpapi.Decision{Actor: "lee", Reason: "r"})
	wantProblem(t, err, httpapi.KindNotFound, done.ID)
	if _, err = b.ReleaseImport(t.Context(), "hr", done.ID, httpapi.Decision{Actor: "lee", Reason: "known duplicate"}); err != nil {
		t.Fatalf("ReleaseImport() = %v", err)
	}
	b.background.work.Wait()
	got := b.status(done.ID)
	if got.State != httpapi.ImportAccepted || got.Actor != "lee" || got.HeldReasons[1] != "released by lee: known duplicate" {
		t.Errorf("status = %+v, want accepted by lee with the reason", got)
	}
	if rejects, err := b.Rejects(t.Context(), "hr", done.ID); err != nil || len(rejects) != 2 {
		t.Errorf("Rejects() = %+v, %v, want still 2", rejects, err)
	}
	if diff := cmp.Diff(map[string]int{"journey/main/E-1": 1}, b.temporal.heard()); diff != "" {
		t.Errorf("journeys (-want +got):\n%s", diff)
	}
	_, err = b.ReleaseImport(t.Context(), "hr", done.ID, httpapi.Decision{Actor: "lee", Reason: "r"})
	wantProblem(t, err, httpapi.KindConflict, "accepted")
}

func TestDryRunChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	done, err := b.Import(t.Context(), httpapi.ImportRequest{
		Feed: "hr", AsOf: "2026-11-22", DryRun: true, Actor: "kim", Content: strings.NewReader(hires("E-1", "E-2", "E-2")),
	})
	b.background.work.Wait()
	if err != nil || done.State != httpapi.ImportDryRun || done.Accepted != 1 || len(done.Rejects) != 2 || !strings.Contains(done.Note, "would be held") {
		t.Errorf("Import() = %+v, %v, want the report of a dry run", done, err)
	}
	if want := time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC); !done.AsOf.Equal(want) {
		t.Errorf("asOf = %s, want the first moment of the day in the feed's zone, %s", done.AsOf, want)
	}
	if b.temporal.total() != 0 {
		t.Error("a dry run sent events")
	}
	if people, err := b.db.FeedPeople(t.Context(), "hr"); err != nil || len(people) != 0 {
		t.Errorf("a dry run noted %v, %v", people, err)
	}
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, c := range map[string]struct {
		request httpapi.ImportRequest
		kind    httpapi.Kind
		text    string
	}{
		"unknown feed": {httpapi.ImportRequest{Feed: "hrr"}, httpapi.KindNotFound, `did you mean "hr"?`},
		"webhook feed": {httpapi.ImportRequest{Feed: "badge"}, httpapi.KindUnprocessable, "takes no files"},
		"no asOf":      {httpapi.ImportRequest{Feed: "hr"}, httpapi.KindUnprocessable, "date of truth"},
		"bad asOf":     {httpapi.ImportRequest{Feed: "hr", AsOf: "today"}, httpapi.KindInvalid, "today"},
	} {
		c.request.Content, c.request.Actor = strings.NewReader(hires("E-1")), "kim"
		_, err := b.Import(t.Context(), c.request)
		t.Log(name)
		wantProblem(t, err, c.kind, c.text)
	}
}

// TestAbsentPeopleAreReported is S11: nobody becomes a leaver by absence, and a
// rejected row counts as present.
func TestAbsentPeopleAreReported(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	keys := make([]string, 0, 40)
	for i := range 40 {
		keys = append(keys, fmt.Sprintf("E-%02d", i))
	}
	b.importFile(hires(keys...), "2026-11-20")
	rejected := hires(keys[1:39]...) + "E-39,Ada,Example,?,2026-12-07,,Sales\n"
	for i, asOf := range []string{"2026-11-21", "2026-11-22"} {
		done := b.importFile(rejected, asOf)
		if done.State != httpapi.ImportRunning || len(done.Absent) != 1 || done.Absent[0].Key != "E-00" || done.Absent[0].Files != i+1 {
			t.Fatalf("file %d = %s, absent %+v, want E-00 missing from %d files", i+1, done.State, done.Absent, i+1)
		}
		feeds, err := b.Feeds(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(feeds[0].Attention, "\n")
		if got, want := strings.Contains(text, "E-00"), i == 1; got != want || strings.Contains(text, "E-39,") {
			t.Errorf("attention after file %d = %q", i+1, text)
		}
		if feeds[0].Absent != 1 || feeds[0].People != 39 {
			t.Errorf("feed = %d people, %d absent, want 39 and 1", feeds[0].People, feeds[0].Absent)
		}
	}
	if got := b.temporal.heard()["journey/main/E-00"]; got != 1 {
		t.Errorf("the absent person heard %d events, want only the first", got)
	}
	back := b.importFile(hires(keys...), "2026-11-22T12:00:00Z")
	seen, err := b.db.FeedPerson(t.Context(), "hr", "E-00")
	if err != nil || !seen.AbsentSince.IsZero() || back.Unchanged != 40 {
		t.Errorf("back again = %+v, %v, %d unchanged", seen, err, back.Unchanged)
	}
}

// TestNextProcessGoesOn stops a process in the middle of a file.
func TestNextProcessGoesOn(t *testing.T) {
	t.Parallel()
	db, temporal := storetest.New(t), newTemporalFake()
	b := openBench(t, db, temporal)
	b.apply(policyText(t))
	var keys []string
	for i := range 300 {
		keys = append(keys, fmt.Sprintf("E-%03d", i))
	}
	var sent atomic.Int64
	reached := make(chan struct{}, 1)
	temporal.sendErr = func(person.Event) error {
		if sent.Add(1) > 250 {
			select {
			case reached <- struct{}{}:
			default:
			}
			return errors.New("temporal is away")
		}
		return nil
	}
	done, err := b.Import(t.Context(), httpapi.ImportRequest{Feed: "hr", AsOf: "2026-11-22", Actor: "kim", Content: strings.NewReader(hires(keys...))})
	if err != nil {
		t.Fatal(err)
	}
	<-reached
	b.background.stop()
	if got := b.status(done.ID); got.State != httpapi.ImportRunning {
		t.Fatalf("after a stop the import is %s, want running", got.State)
	}
	temporal.change(func() { temporal.sendErr = nil })
	next := openBench(t, db, temporal)
	next.carryOn()
	next.background.work.Wait()
	got := next.status(done.ID)
	if got.State != httpapi.ImportAccepted || got.Sent != 300 {
		t.Errorf("the next process left it %+v, want 300 sent", got)
	}
	heard := temporal.heard()
	again := 0
	for _, key := range keys {
		if n := heard[contract.JourneyID("main", key)]; n < 1 || n > 2 {
			t.Errorf("%s heard %d events, want 1, or 2 where the crash forgot it", key, n)
		} else if n == 2 {
			again++
		}
	}
	if again > presenceBatch {
		t.Errorf("%d people were sent twice, want at most a batch", again)
	}
	if people, err := db.FeedPeople(t.Context(), "hr"); err != nil || len(people) != 300 {
		t.Errorf("presence of %d people, %v, want 300", len(people), err)
	}
}

func TestSendingTriesAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var tries atomic.Int64
	b.temporal.sendErr = func(event person.Event) error {
		given, _ := event.Record.Attributes.Get(person.EmployeeIDAttribute)
		switch {
		case given == "E-2":
			return serviceerror.NewInvalidArgument("blob size exceeds limit")
		case tries.Add(1) == 1:
			return serviceerror.NewUnavailable("away")
		default:
			return nil
		}
	}
	done := b.importFile(hires("E-1", "E-2"), "2026-11-22")
	got := b.status(done.ID)
	if got.State != httpapi.ImportAccepted || got.Accepted != 1 || got.Rejected != 1 {
		t.Errorf("status = %+v, want one sent and one rejected", got)
	}
	rejects, err := b.Rejects(t.Context(), "hr", done.ID)
	if err != nil || len(rejects) != 1 || rejects[0].Key != "E-2" || rejects[0].Row != 3 {
		t.Errorf("Rejects() = %+v, %v, want row 3 of E-2", rejects, err)
	}
	if seen, err := b.db.FeedPerson(t.Context(), "hr", "E-2"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("who was never sent is noted as %+v, %v", seen, err)
	}
}

func TestAFileThatNoLongerFitsIsHeldAgain(t *testing.T) {
	t.Parallel()
	db, temporal := storetest.New(t), newTemporalFake()
	b := openBench(t, db, temporal)
	b.apply(policyText(t))
	in := store.FeedImport{ID: "i1", Feed: "gone", AsOf: testNow, Received: testNow, State: store.ImportRunning, Rows: 1, Accepted: 1}
	if err := db.SaveImport(t.Context(), in, []byte(hires("E-1")), nil); err != nil {
		t.Fatal(err)
	}
	b.carryOn()
	b.background.work.Wait()
	got, err := db.Import(t.Context(), "i1")
	if err != nil || got.State != store.ImportHeld {
		t.Errorf("import = %+v, %v, want held", got, err)
	}
	if _, err := db.ImportContent(t.Context(), "i1"); err != nil {
		t.Errorf("the content is lost: %v", err)
	}
}

// samplePolicy reads Microsoft's sample file as it is.
const samplePolicy = `version: 1
feeds:
  sample:
    kind: csv
    realm: main
    baseline: 2026-11-01
    key: WorkerID
    dates: YYYY-MM-DD
    zone: America/Los_Angeles
    fields:
      employeeId: WorkerID
      person.legalName.given: FirstName
      person.legalName.family: LastName
      employment.status: {from: WorkerStatus, values: {Active: active, Inactive: terminated}}
      employment.startDate: HireDate
      assignment.department.name: Department
      assignment.jobTitle: JobTitle
      managerRef: {from: ManagerID, kind: employeeId}
targets:
  entra:
    kind: entra
    tenant: env:TENANT
    credential: {kind: secret, client: env:CLIENT, secret: env:CLIENT_SECRET}
    mode: enforce
    domain: contoso.example
    account:
      create: {on: startDate, offset: -14d, at: "06:00"}
      enable: {on: startDate, at: "00:00"}
      disable: {on: lastDayOfWork, at: "24:00"}
      delete: {on: terminationDate, offset: 30d, minimum: 14d}
    mapping:
      userPrincipalName: {unique: [given.family, given.family#], apply: create}
      displayName: {attribute: person.displayName}
notifications: {from: it@contoso.example, via: smtp, fallback: it-desk@contoso.example}
`

func TestMicrosoftsSampleFile(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(sharedData(t, "scim/repo/Sample1-employeeData.csv"))
	if err != nil {
		t.Fatal(err)
	}
	b := openBench(t, storetest.New(t), newTemporalFake())
	b.apply(samplePolicy)
	request := func() httpapi.Import {
		done, err := b.Import(t.Context(), httpapi.ImportRequest{Feed: "sample", AsOf: "2026-11-22", Actor: "kim", Content: strings.NewReader(string(content))})
		if err != nil {
			t.Fatalf("Import() = %v", err)
		}
		return done
	}
	done := request()
	if done.Rows != 332 || done.Rejected != 93 || done.Accepted != 239 || done.State != httpapi.ImportHeld {
		t.Fatalf("Import() = %d rows, %d rejected, %d accepted, %s", done.Rows, done.Rejected, done.Accepted, done.State)
	}
	for range 2 {
		if _, err := b.ReleaseImport(t.Context(), "sample", done.ID, httpapi.Decision{Actor: "kim", Reason: "known"}); err != nil {
			t.Fatalf("ReleaseImport() = %v", err)
		}
		b.background.work.Wait()
		if people, events := len(b.temporal.heard()), b.temporal.total(); people != 239 || events != 239 {
			t.Errorf("%d people heard %d events, want 239 each", people, events)
		}
		done = request() // imported twice: no change
	}
	if done.Unchanged != 239 || done.Total != 0 {
		t.Errorf("imported again = %d unchanged, %d to send", done.Unchanged, done.Total)
	}
}

// sharedData finds a file of the shared data folder, or skips the test.
func sharedData(t *testing.T, name string) string {
	t.Helper()
	folder, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for {
		path := filepath.Join(folder, "shared", "data", filepath.FromSlash(name))
		if _, err := os.Stat(path); err == nil {
			return path
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Skipf("shared data folder absent: no shared/data/%s above the test", name)
		}
		folder = parent
	}
}
