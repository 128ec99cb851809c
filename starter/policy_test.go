package starter

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/config"
	"tenure/internal/httpapi"
	"tenure/internal/store"
	"tenure/internal/store/storetest"
	"tenure/workflows/contract"
)

func TestApplyActivatesWhatIsNew(t *testing.T) {
	t.Parallel()
	b := openBench(t, storetest.New(t), newTemporalFake())
	first := b.apply(policyText(t))
	if !first.Created || first.Version.Number != 1 || len(first.Version.Activations) != 0 {
		t.Errorf("the first version = %+v, want no activations: the feed's baseline counts", first)
	}
	if again := b.apply(policyText(t)); again.Created || again.Version.Number != 1 {
		t.Errorf("the same again = %+v, want nothing new", again)
	}
	later := testNow.Add(time.Hour)
	b.now = func() time.Time { return later }
	added := strings.Replace(policyText(t), "workflows:\n", `workflows:
  - name: Farewell
    category: leaver
    trigger: {on: lastDayOfWork, at: "12:00"}
    tasks:
      - sendEmailOnLastDay: {to: manager}
`, 1)
	second := b.apply(added)
	if diff := cmp.Diff(map[string]time.Time{"Farewell": later}, second.Version.Activations); diff != "" {
		t.Errorf("activations of a new workflow (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Farewell"}, second.Activated); diff != "" {
		t.Errorf("activated (-want +got):\n%s", diff)
	}
	latest := later.Add(time.Hour)
	b.now = func() time.Time { return latest }
	changed := strings.Replace(added, `offset: -7d, at: "09:00"`, `offset: -5d, at: "09:00"`, 1)
	third := b.apply("# a comment alone changes no workflow\n" + changed)
	if diff := cmp.Diff(map[string]time.Time{"Farewell": later, "Prepare": latest}, third.Version.Activations); diff != "" {
		t.Errorf("activations of a changed workflow (-want +got):\n%s", diff)
	}
	all, err := b.Policies(t.Context())
	if err != nil || len(all) != 3 || !all[0].Active || all[1].Active || all[0].Source != "" {
		t.Errorf("Policies() = %+v, %v, want 3 without sources, the newest active", all, err)
	}
	active, err := b.Policy(t.Context())
	if err != nil || active.Number != 3 || !strings.HasPrefix(active.Source, "# a comment") {
		t.Errorf("Policy() = %d, %v", active.Number, err)
	}
}

// TestFingerprintSeesConditionsAndTimes: a part of a definition that did not
// count would keep an old baseline for a new meaning.
func TestFingerprintSeesEveryPart(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"time of day": {`at: "09:00"`, `at: "09:30"`},
		"task":        {"sendOnboardingReminderEmail: {to: manager}", "sendOnboardingReminderEmail: {to: person}"},
		"scope":       {"    category: joiner\n", "    category: joiner\n    scope: 'employment.kind == \"employee\"'\n"},
		"when":        {"groups: [all-staff]}\n", "groups: [all-staff]}\n        when: 'employment.kind == \"employee\"'\n"},
		"late":        {"    category: joiner\n", "    category: joiner\n    late: skip\n"},
	} {
		b := openBench(t, storetest.New(t), newTemporalFake())
		b.apply(policyText(t))
		changed := strings.Replace(policyText(t), change[0], change[1], 1)
		if got := b.apply(changed); len(got.Activated) != 1 || got.Activated[0] != "Prepare" {
			t.Errorf("%s: activated = %v, want Prepare", name, got.Activated)
		}
	}
}

func TestInvalidPoliciesAreRefusedWhole(t *testing.T) {
	t.Parallel()
	b := openBench(t, storetest.New(t), newTemporalFake())
	source := httpapi.PolicySource{Name: "mine.yaml", Content: []byte(strings.Replace(policyText(t), "category: joiner", "category: joyner", 1))}
	report, err := b.ValidatePolicy(t.Context(), source)
	if err != nil || report.Valid || len(report.Problems) == 0 || report.Problems[0].File != "mine.yaml" || report.Problems[0].Line == 0 {
		t.Errorf("ValidatePolicy() = %+v, %v, want a problem with its place", report, err)
	}
	_, err = b.ApplyPolicy(t.Context(), source, "", httpapi.Decision{Actor: "kim", Reason: "r"})
	if problem := wantProblem(t, err, httpapi.KindUnprocessable, "not valid"); problem.Errors[0].Line != report.Problems[0].Line {
		t.Errorf("errors = %+v, want those of the report", problem.Errors)
	}
	_, err = b.Policy(t.Context())
	wantProblem(t, err, httpapi.KindNotFound, "apply")
	source.Content = []byte(policyText(t))
	if report, err := b.ValidatePolicy(t.Context(), source); err != nil || !report.Valid || report.Hash == "" {
		t.Errorf("ValidatePolicy() = %+v, %v, want valid", report, err)
	}
	b.references = config.Fixed(nil)
	_, err = b.ApplyPolicy(t.Context(), source, "", httpapi.Decision{Actor: "kim", Reason: "r"})
	wantProblem(t, err, httpapi.KindUnprocessable, "HOOK_SECRET")
}

func TestApplyWakesWhoIsBehind(t *testing.T) {
	t.Parallel()
	b := withHire(t)
	b.importFile(hires("E-1", "E-2", "E-3"), "2026-11-22T09:00:00Z")
	for key, version := range map[string]int{"E-1": 1, "E-2": 2, "E-3": 1, "E-gone": 1} {
		b.index(store.PersonRow{Realm: "main", Key: key, Journey: contract.JourneyID("main", key), PolicyVersion: version, Revision: 1})
	}
	b.apply("# another version\n" + policyText(t))
	woken := b.temporal.wakes
	if len(woken) != 2 || len(woken["journey/main/E-1"]) != 1 || len(woken["journey/main/E-3"]) != 1 {
		t.Fatalf("woken = %v, want E-1 and E-3 once", woken)
	}
	why := woken["journey/main/E-1"][0]
	if why.ID != "policy-2" || why.Actor != contract.ActorPolicy || !strings.Contains(why.Reason, "applied by kim") || why.Validate(contract.ReEvaluate) != nil {
		t.Errorf("override = %+v, want a valid one with the version as its ID", why)
	}
	next := openBench(t, b.db, b.temporal) // the process ended before it was done
	next.carryOn()
	next.background.work.Wait()
	if got := len(b.temporal.wakes["journey/main/E-3"]); got != 2 {
		t.Errorf("the next start woke E-3 %d times in all, want 2: it is still behind", got)
	}
}
