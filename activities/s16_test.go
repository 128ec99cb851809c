package activities_test

import (
	"testing"
	"time"

	"tenure/activities"
	"tenure/internal/directory"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// TestS16_HoldIsReadRightBefore: the task was sent without a hold, and the index
// knows of one by now; or the index is older than what the task was sent with.
func TestS16_HoldIsReadRightBefore(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		sent    []plan.HoldKind
		indexed []string
		// age is how much older the index is than the task.
		age     time.Duration
		deleted bool
	}{
		{"none", nil, nil, 0, true},
		{"set meanwhile", nil, []string{"legal"}, -time.Second, false},
		{"of a kind we do not know", nil, []string{"embargo"}, -time.Second, false},
		{"released before it was sent, and the index was away", nil, []string{"legal"}, time.Minute, true},
		{"set before it was sent, and the index was away", []plan.HoldKind{plan.HoldSecurity}, nil, time.Minute, false},
		{"released meanwhile", []plan.HoldKind{plan.HoldLegal}, nil, -time.Second, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.person(personKey, "", person.PhaseLeft, no())
			in := o.input("account:entra", "delete", plan.ActivityDelete, "entra")
			in.Account = plan.Account{Target: "entra", ID: o.dir.Accounts()[0].ID, State: plan.AccountDisabled, DisabledAt: o.now.Add(-time.Hour)}
			in.Holds = tt.sent
			if _, err := o.store.UpsertPerson(t.Context(), store.PersonRow{
				Realm: "main", Key: personKey, Journey: contract.JourneyID("main", personKey), Revision: 2,
				At: o.now.Add(-tt.age), Held: len(tt.indexed) > 0, Holds: tt.indexed,
			}); err != nil {
				t.Fatal(err)
			}
			result, err := o.tasks.DeleteAccount(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if got := !o.dir.Accounts()[0].DeletedAt.IsZero(); got != tt.deleted {
				t.Errorf("deleted: got %t, want %t (%+v)", got, tt.deleted, result.Outcomes)
			}
			if got := result.Outcomes[0]; !tt.deleted && (got.Code != activities.CodeHeld || !got.Retryable) {
				t.Errorf("outcome: got %+v, want %s, to be tried again", got, activities.CodeHeld)
			}
		})
	}
}

func TestS16_SecurityHoldIsReadRightBeforeAnEnable(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.person(personKey, "", person.PhaseActive, no())
	in := o.input("account:entra", "enable", plan.ActivityAccount, "entra")
	in.Account = plan.Account{Target: "entra", ID: o.dir.Accounts()[0].ID, State: plan.AccountDisabled}
	in.Holds = []plan.HoldKind{plan.HoldSecurity}
	o.now = o.now.Add(time.Minute)
	in.Now = o.now
	if _, err := o.tasks.ChangeAccount(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if got := o.dir.Calls(directory.VerbUpdateAccount); got != 0 {
		t.Errorf("%d writes under a security hold, want none", got)
	}
}
