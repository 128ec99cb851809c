package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/store"
	"tenure/internal/store/storetest"
)

func findingOf(id string, seen time.Time, names ...string) store.Finding {
	return store.Finding{
		ID: id, Target: targetEntra, Kind: "drifted", Realm: "main", Key: "1", ObjectID: "o1", UserName: "u1@fabrikam.example",
		Names: names, Reason: "it differs", FirstSeen: seen, LastSeen: seen,
	}
}

// compare records a comparison that sees these findings.
func compare(t *testing.T, s *store.Store, when time.Time, findings ...store.Finding) int {
	t.Helper()
	if err := s.SaveFindings(t.Context(), findings); err != nil {
		t.Fatalf("save findings: %v", err)
	}
	closed, err := s.CloseFindings(t.Context(), store.Comparison{Target: targetEntra, At: when, Accounts: 3, People: 2, Counts: map[string]int{"drifted": len(findings)}})
	if err != nil {
		t.Fatalf("close findings: %v", err)
	}
	return closed
}

func standing(t *testing.T, s *store.Store) []store.Finding {
	t.Helper()
	findings, err := s.Findings(t.Context(), targetEntra)
	if err != nil {
		t.Fatalf("list findings: %v", err)
	}
	return findings
}

func TestReconcileFindingsStandAndClose(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		if _, err := s.Comparison(ctx, targetEntra); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a comparison before the first one: %v", err)
		}
		first := findingOf("f1", at, "jobTitle")
		other := findingOf("f2", at)
		elsewhere := findingOf("f3", at)
		elsewhere.Target = "fabrikam"
		if err := s.SaveFindings(ctx, []store.Finding{elsewhere}); err != nil {
			t.Fatal(err)
		}
		compare(t, s, at, first, other)
		if diff := cmp.Diff([]store.Finding{first, other}, standing(t, s)); diff != "" {
			t.Errorf("findings (-want +got):\n%s", diff)
		}
		next := at.Add(24 * time.Hour)
		seen := findingOf("f1", next, "jobTitle")
		if closed := compare(t, s, next, seen); closed != 1 {
			t.Errorf("closed %d, want the one that is gone", closed)
		}
		seen.FirstSeen = at
		if diff := cmp.Diff([]store.Finding{seen}, standing(t, s)); diff != "" {
			t.Errorf("findings of the next night (-want +got):\n%s", diff)
		}
		gone, err := s.Finding(ctx, "f2")
		if err != nil || !gone.ClosedAt.Equal(next) {
			t.Errorf("the finding that is gone: %+v, %v", gone, err)
		}
		if got, err := s.Comparison(ctx, targetEntra); err != nil || !got.At.Equal(next) || got.Accounts != 3 || got.Counts["drifted"] != 1 {
			t.Errorf("comparison = %+v, %v", got, err)
		}
		// An older comparison that ends late changes nothing.
		compare(t, s, at, findingOf("f1", at, "city"))
		if diff := cmp.Diff([]store.Finding{seen}, standing(t, s)); diff != "" {
			t.Errorf("findings after an older comparison (-want +got):\n%s", diff)
		}
		if got, err := s.Comparison(ctx, targetEntra); err != nil || !got.At.Equal(next) {
			t.Errorf("comparison after an older one = %+v, %v", got, err)
		}
	})
}

func TestReconcileKeepsWhatItCouldNotLookAt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t)
		compare(t, s, at, findingOf("f1", at))
		next := at.Add(time.Hour)
		if err := s.KeepFindings(t.Context(), targetEntra, "main", "1", next); err != nil {
			t.Fatal(err)
		}
		if closed := compare(t, s, next); closed != 0 || len(standing(t, s)) != 1 {
			t.Errorf("closed %d findings of somebody who could not be asked", closed)
		}
	})
}

func TestReconcileDecisionsAreKept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		compare(t, s, at, findingOf("ignored", at, "jobTitle"), findingOf("fixed", at))
		ignore := store.FindingDecision{Decision: store.DecisionIgnore, Until: at.Add(72 * time.Hour), Actor: "ines", Reason: "known", At: at}
		fix := store.FindingDecision{Decision: store.DecisionFix, Actor: "ines", Reason: "wrong", At: at}
		if err := errors.Join(s.DecideFinding(ctx, "ignored", ignore), s.DecideFinding(ctx, "fixed", fix)); err != nil {
			t.Fatal(err)
		}
		if err := s.DecideFinding(ctx, "none", fix); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("decide a finding that is not there: %v", err)
		}
		decisions := func() []string {
			var out []string
			for _, f := range standing(t, s) {
				out = append(out, f.ID+"="+f.Decided.Decision)
			}
			slices.Sort(out)
			return out
		}
		want := func(when string, want ...string) {
			t.Helper()
			if got := decisions(); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", when, got, want)
			}
		}
		night := func(n int) time.Time { return at.Add(time.Duration(n) * 24 * time.Hour) }
		compare(t, s, night(1), findingOf("ignored", night(1), "jobTitle"), findingOf("fixed", night(1)))
		want("while they stand", "fixed=fix", "ignored=ignore")
		compare(t, s, night(2))
		if err := s.DecideFinding(ctx, "fixed", fix); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("decide a closed finding: %v", err)
		}
		compare(t, s, night(3), findingOf("ignored", night(3), "jobTitle"), findingOf("fixed", night(3)))
		want("back again", "fixed=", "ignored=ignore")
		compare(t, s, night(4), findingOf("ignored", night(4), "department", "jobTitle"))
		want("another difference", "ignored=")
		f := store.Finding{Decided: ignore}
		if !f.Hidden(at) || f.Hidden(ignore.Until) {
			t.Errorf("hidden at %s: %t, at %s: %t", at, f.Hidden(at), ignore.Until, f.Hidden(ignore.Until))
		}
	})
}

func TestReconcileListsClaimedAccounts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		ctx, s := t.Context(), db.Open(t)
		for _, claim := range []store.Claim{
			{Target: targetEntra, Attribute: store.ObjectIDAttribute, Value: "O-1", Owner: journeyAda, At: at},
			{Target: targetEntra, Attribute: "userPrincipalName", Value: "ada", Owner: journeyAda, At: at},
			{Target: "fabrikam", Attribute: store.ObjectIDAttribute, Value: "o-2", Owner: journeyAda, At: at},
		} {
			if err := s.Hold(ctx, claim); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.ClaimedObjects(ctx, targetEntra)
		if err != nil || !slices.Equal(got, []string{"o-1"}) {
			t.Errorf("claimed accounts = %v, %v, want o-1", got, err)
		}
	})
}
