package activities_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"tenure/activities"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// TestRememberedNeverLetsAMailGoTwice: what was under way, and what is parked
// without a word that it never left, may have been sent.
func TestRememberedNeverLetsAMailGoTwice(t *testing.T) {
	t.Parallel()
	policy := &lifecycle.Policy{Workflows: []lifecycle.Workflow{{Name: "Welcome", Tasks: []lifecycle.Task{
		{Name: "mail", Kind: lifecycle.SendWelcomeEmail}, {Name: "groups", Kind: lifecycle.AddUserToGroups},
	}}}}
	key := func(stay, task string) string { return plan.TaskKey("Welcome", stay, 1, task) }
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	known := activities.Remembered(activities.PlanInput{
		Journey: "journey/main/1", Now: now, LedgerSeq: 4, LedgerHash: "h",
		Facts: plan.Facts{
			Realm: "main", Key: "1", Running: []string{key("s1", "mail"), key("s1", "groups")},
			Done:   []plan.Done{{Key: key("s0", "mail"), Outcome: plan.OutcomeDone}},
			Person: person.Merged{Feeds: []person.FeedState{{Feed: "hr"}}},
			Parked: []plan.Parked{
				{Key: key("s2", "mail"), Code: activities.CodeTimeout},
				{Key: key("s3", "mail"), Code: activities.CodeNoRecipient},
				{Key: key("s4", "mail"), Code: activities.CodePaused},
			},
			Accounts: []plan.Account{{Target: "entra", ID: "o1", UserName: "ada@contoso.example", State: plan.AccountEnabled}, {Target: "other"}},
		},
	}, policy, "lost")
	if len(known.Unknown) != 2 || known.Unknown[0] != "journey/main/1/"+key("s1", "mail") || known.Unknown[1] != "journey/main/1/"+key("s2", "mail") {
		t.Errorf("mails that may have been sent: %v", known.Unknown)
	}
	if len(known.Open) != 4 || known.Open[0].OpenedAt != now {
		t.Errorf("effects that may have been made: %+v, want all but the one that a pause stopped", known.Open)
	}
	if len(known.Claims) != 2 || known.Claims[0].Value != "o1" || known.Claims[1].State != store.ClaimHeld {
		t.Errorf("claims: %+v", known.Claims)
	}
	if known.Witness.Seq != 4 || len(known.Decided) != 1 || len(known.Feeds) != 1 {
		t.Errorf("remembered: %+v", known)
	}
}

// counter answers how many journeys run.
type counter int64

func (c counter) CountWorkflow(context.Context, *workflowservice.CountWorkflowExecutionsRequest) (*workflowservice.CountWorkflowExecutionsResponse, error) {
	return &workflowservice.CountWorkflowExecutionsResponse{Count: int64(c)}, nil
}

func TestLostStoreIsRefused(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := activities.RefuseLostStore(ctx, db, counter(0)); err != nil {
		t.Errorf("a new organisation is refused: %v", err)
	}
	if err := activities.RefuseLostStore(ctx, db, counter(3)); !errors.Is(err, activities.ErrLostStore) {
		t.Errorf("an empty store with journeys: %v", err)
	}
	rebuild, err := db.BeginRebuild(ctx, "dana", "lost")
	if err != nil {
		t.Fatal(err)
	}
	version := store.PolicyVersion{Number: 2, Source: []byte("x"), Hash: "h", AppliedAt: time.Now()}
	if err := db.RestorePolicies(ctx, version); err != nil {
		t.Fatal(err)
	}
	if err := activities.RefuseLostStore(ctx, db, counter(3)); !errors.Is(err, activities.ErrLostStore) {
		t.Errorf("a rebuild that has not ended: %v", err)
	}
	if err := db.EndRebuild(ctx, rebuild); err != nil {
		t.Fatal(err)
	}
	if err := activities.RefuseLostStore(ctx, db, counter(3)); err != nil {
		t.Errorf("after the rebuild: %v", err)
	}
}
