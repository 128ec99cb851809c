package workflows_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"

	"tenure/internal/notify"
	"tenure/internal/person"
	"tenure/workflows"
	"tenure/workflows/contract"
)

// States of earlier versions must be read by every later one. With -update the
// missing ones are recorded; those that exist are never changed by hand.
func TestStateGoldens(t *testing.T) {
	if workflows.Updating() {
		recordStates(t)
	}
	files, err := filepath.Glob("testdata/state/*.json")
	if err != nil || len(files) < 4 {
		t.Fatalf("testdata/state has %d files (%v), want at least 4: they are never removed", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var state workflows.State
			decoder := json.NewDecoder(bytes.NewReader(want))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(&state); err != nil {
				t.Fatalf("a field of an earlier state is not known any more: %v", err)
			}
			if got := encodeState(t, state); got != string(want) {
				t.Errorf("%s is not what it was once it is read and written:\n%s", file, got)
			}
		})
	}
}

func encodeState(t *testing.T, state workflows.State) string {
	t.Helper()
	text, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// recordStates writes states of a journey at four places.
func recordStates(t *testing.T) {
	s := newScenario(t, "2026-11-05T08:00:00Z")
	record := func(name string) {
		path := filepath.Join("testdata", "state", fmt.Sprintf("v%d-%s.json", workflows.Schema, name))
		if _, err := os.Stat(path); err == nil {
			return
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(encodeState(t, s.state)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.manager("1002", "Tobias")
	s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
	s.until("2026-11-06T08:00:00Z")
	record("waiting")
	s.until("2026-11-24T07:00:00Z")
	s.mail.fail = []error{notify.ErrUnknownDelivery}
	s.say("2026-11-25T08:00:00Z", contract.Hold, contract.Override{})
	s.say("2026-11-25T09:00:00Z", contract.SetDate, contract.Override{On: "startDate", Date: "2026-12-08"})
	s.say("2026-11-25T09:30:00Z", contract.Postpone, contract.Override{Key: runKey("Welcome", 1), To: instant(t, "2026-12-09T09:00:00Z")})
	s.until("2026-11-25T10:00:00Z")
	record("held-and-parked")
	s.say("2026-11-25T10:30:00Z", contract.Hold, contract.Override{HoldKind: contract.HoldLegal})
	s.until("2026-11-25T10:45:00Z")
	record("held-by-kinds")
	s.say("2026-11-25T10:50:00Z", contract.Release, contract.Override{HoldKind: contract.HoldLegal})
	s.say("2026-11-25T11:00:00Z", contract.Release, contract.Override{})
	s.say("2026-11-25T12:00:00Z", contract.Retry, contract.Override{Key: taskKey("Prepare a new hire", "sendOnboardingReminderEmail")})
	s.hr("2027-02-01T08:00:00Z", hired("2026-12-08", "assignment.department.name", "Sales", lastDay, "2027-03-31"))
	s.until("2027-04-01T08:00:00Z")
	record("left")
	s.until("2027-06-01T08:00:00Z")
	record("deleted")
	s = newScenario(t, "2026-11-05T08:00:00Z")
	s.existing("Zoë Müller", "Engineering")
	s.hr("2026-11-05T08:00:00Z", hired("2019-03-01"))
	s.until("2026-11-06T08:00:00Z")
	record("adopted")
	s.say("2026-11-07T08:00:00Z", contract.ReEvaluate, lookAgain)
	s.until("2026-11-07T09:00:00Z")
	record("looked-at-again")
}

func TestStateOfTheFuturePanics(t *testing.T) {
	t.Parallel()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	env := suite.NewTestWorkflowEnvironment()
	workflows.Register(env)
	state := workflows.NewState(testRealm, testKey)
	state.Schema = workflows.Schema + 1
	env.ExecuteWorkflow(contract.JourneyWorkflow, state)
	if err := env.GetWorkflowError(); err == nil || !strings.Contains(err.Error(), "is newer than this worker's") {
		t.Errorf("error = %v, want a panic that names the schema", err)
	}
}

// maxState is what a journey may carry from run to run.
const maxState = 50_000

func TestTenYearsFitIntoAState(t *testing.T) {
	t.Parallel()
	s := newScenario(t, "2026-11-05T08:00:00Z")
	s.renewEvery = 20 * 24 * time.Hour
	s.manager("1002", "Tobias")
	s.manager("1003", "Uma")
	s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
	departments := []string{"Sales", "Engineering"}
	managers := []string{"1003", "1002"}
	for year := 2027; year < 2037; year++ {
		for month := 1; month <= 12; month++ {
			changes := []string{"assignment.jobTitle", fmt.Sprintf("Engineer of %d-%d", year, month), managerValue, managers[month%2]}
			if month%4 == 0 {
				changes = append(changes, "assignment.department.name", departments[month/4%2])
			}
			s.hr(fmt.Sprintf("%d-%02d-10T08:00:00Z", year, month), hired("2026-12-01", changes...))
		}
		s.say(fmt.Sprintf("%d-06-15T08:00:00Z", year), contract.Hold, contract.Override{})
		s.say(fmt.Sprintf("%d-06-16T08:00:00Z", year), contract.Release, contract.Override{})
	}
	s.expect("2036-12-20T08:00:00Z", "enabled").expectOneAccount().expectPhase(string(person.PhaseActive))
	size := len(encodeState(t, s.state))
	text, err := json.Marshal(s.state)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("after ten years the state has %d bytes (%d indented), %d done tasks", len(text), size, len(s.state.Facts.Done))
	if len(text) > maxState {
		t.Errorf("after ten years the state has %d bytes, want at most %d", len(text), maxState)
	}
}
