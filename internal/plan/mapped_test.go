package plan_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/plan"
)

// mapped is a policy with further lines of mapping.
func mapped(t *testing.T, lines ...string) *lifecycle.Policy {
	t.Helper()
	const before = "      displayName: {attribute: person.displayName}\n"
	return loadPolicy(t, before, before+"      "+strings.Join(lines, "\n      ")+"\n")
}

func wantedOf(t *testing.T, policy *lifecycle.Policy, creating bool, attributes ...string) plan.WantedAttributes {
	t.Helper()
	target, _ := policy.Target(entra)
	var view person.Attributes
	for i := 0; i < len(attributes); i += 2 {
		view = view.With(person.Attribute{Name: attributes[i], Value: attributes[i+1]})
	}
	wanted := plan.AttributesWanted(&target, plan.MappingScope{View: view, Zone: time.UTC, Now: at(t, "2026-12-20 12:34"), Creating: creating})
	return wanted
}

func TestMappingsSetClearAndLeaveOut(t *testing.T) {
	t.Parallel()
	const phone, city = "contact.workPhone", "assignment.location.city"
	policy := mapped(t,
		"businessPhones: {expression: 'Trim([contact.workPhone])', clear: true}",
		"mobilePhone: {expression: 'Trim([contact.workPhone])'}",
		"city: {attribute: assignment.location.city, default: Ghent}",
		"state: {expression: 'IgnoreFlowIfNullOrEmpty([assignment.location.city])', default: East}",
		"country: {expression: 'IIF([assignment.location.city] = \"nowhere\", IgnoreObjectFlow, \"BE\")'}",
	)
	for name, tt := range map[string]struct {
		creating   bool
		attributes []string
		want       plan.WantedAttributes
	}{
		"a value": {
			attributes: []string{phone, " 1 ", city, "Gent"},
			want: plan.WantedAttributes{Set: map[string]string{
				"businessPhones": "1", "mobilePhone": "1", "city": "Gent", "state": "Gent", "country": "BE",
			}},
		},
		"empty clears where that is asked for": {
			attributes: []string{phone, ""},
			want:       plan.WantedAttributes{Set: map[string]string{"country": "BE"}, Clear: []string{"businessPhones"}},
		},
		"what HR does not state clears nothing": {want: plan.WantedAttributes{Set: map[string]string{"country": "BE"}}},
		"a default is for the create": {
			creating: true, attributes: []string{phone, ""},
			want: plan.WantedAttributes{Set: map[string]string{"country": "BE", "city": "Ghent"}},
		},
		"the whole account is left out": {
			attributes: []string{phone, "1", city, "nowhere"},
			want:       plan.WantedAttributes{Set: map[string]string{}, LeftOut: "country"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, wantedOf(t, policy, tt.creating, tt.attributes...)); diff != "" {
				t.Errorf("wanted (-want +got):\n%s", diff)
			}
		})
	}
}

// Only what an expression gives makes an account differ, not what it reads.
func TestMappedExpressionIsWrittenWhenItsResultChanges(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00")
	j.policy = mapped(t, `state: {expression: 'IIF([city] = "Ghent", "yes", "no")'}`)
	j.hears(hire + " assignment.location.city=Ghent").until("2026-12-20 12:00").did()
	j.hears(hire + " assignment.location.city=Ghent assignment.grade=7").wantDid()
	j.hears(hire + " assignment.location.city=Bonn").wantDid("update")
	j.hears(hire + " assignment.location.city=Lille").wantDid()
}

// A clock alone never writes more than once an hour, however often is planned.
func TestMappedClockIsLookedAtToTheHour(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00")
	j.policy = mapped(t, `state: {expression: 'Now()'}`)
	j.hears(hire).until("2026-12-20 12:00").did()
	for range 5 {
		j.now = j.now.Add(11 * time.Minute)
		j.run()
	}
	j.wantDid()
	j.now = j.now.Add(10 * time.Minute)
	j.run().wantDid("update")
	j.wantAttention()
}

func TestS10_MappingErrorLeavesTheAttributeAndIsTold(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00")
	j.policy = mapped(t, `state: {expression: 'Item([country], 2)'}`)
	j.hears(hire + " country=BE").until("2026-12-20 12:00").wantState(plan.AccountEnabled)
	j.wantAttention(plan.AttentionMapping)
	if text := j.result().Attention[0].Text; !strings.HasPrefix(text, "state: line 1, column 1: Item: ") || strings.Contains(text, "BE") {
		t.Errorf("attention says %q, want attribute and place", text)
	}
	j.did()
	// The other attributes are written all the same.
	j.hears(strings.Replace(hire, "title=Clerk", "title=Head", 1) + " country=BE").wantDid("update")
	j.policy = mapped(t, `state: {expression: '[country]'}`)
	j.run().wantDid("update")
	j.wantAttention()
}

// An account is not made while something cannot be made that would never be
// written later.
func TestS10_MappingErrorParksTheCreate(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{
		"only on create":   `state: {expression: 'Item([country], 2)', apply: create}`,
		"the name to show": "",
		"the user name":    "name",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := newJourney(t, "2026-11-10 12:00")
			sound := j.policy
			switch line {
			case "":
				j.policy = loadPolicy(t, "displayName: {attribute: person.displayName}", `displayName: {expression: 'Item([country], 2)'}`)
			case "name":
				j.policy = loadPolicy(t, "userPrincipalName: {unique: [given.family, g.family, given.family#]", `userPrincipalName: {expression: 'SelectUniqueValue(Item([country], 2), [surname])'`)
			default:
				j.policy = mapped(t, line)
			}
			j.hears(hire + " country=BE").until("2026-11-28 12:00").wantState(plan.AccountUnknown)
			j.wantAttention(plan.AttentionMapping)
			if got := j.line("create"); got.State != plan.ParkedState || got.Code != plan.AttentionMapping {
				t.Errorf("create is %s %s, want parked", got.State, got.Code)
			}
			j.policy = sound
			j.run().wantState(plan.AccountDisabled)
			j.wantAttention()
		})
	}
}

// Guid has a value when the account is made, though a plan draws nothing.
func TestMappingThatIsDrawnDoesNotParkTheCreate(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00")
	j.policy = mapped(t, `state: {expression: 'RandomString(12, 2, 2, 2, 2, "O0")', apply: create}`, `city: {expression: 'Guid()', apply: create}`)
	j.hears(hire).until("2026-12-20 12:00").wantState(plan.AccountEnabled)
	j.wantAttention()
}

func TestMappingLeavesOutAndNobodyIsCut(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "2026-11-10 12:00")
	j.policy = mapped(t, `state: {expression: 'IIF([country] = "XX", IgnoreObjectFlow, [country])'}`)
	j.hears(hire + " country=XX").until("2026-11-28 12:00").wantState(plan.AccountUnknown)
	if got := j.line("create"); got.State != plan.Waiting || !strings.Contains(got.Reason, "the mapping of state leaves this person out") {
		t.Errorf("create is %s: %s", got.State, got.Reason)
	}
	j.hears(hire + " country=BE").until("2026-12-20 12:00").wantState(plan.AccountEnabled)
	j.hears(hire + " country=XX").wantState(plan.AccountEnabled)
	j.hears(leaving + " country=XX").until("2027-01-01 00:00").wantState(plan.AccountDisabled)
}

func TestNamesProposedAreNumbered(t *testing.T) {
	t.Parallel()
	policy := loadPolicy(t, "userPrincipalName: {unique: [given.family, g.family, given.family#]",
		`userPrincipalName: {numbered: true, expression: 'SelectUniqueValue(Join("@", [surname], DefaultDomain()), [givenName] & "." & [surname] & "@" & DefaultDomain(), "@x", "x@")'`)
	target, _ := policy.Target(entra)
	view := person.Attributes{}.
		With(person.Attribute{Name: person.GivenNameAttribute, Value: "Ada"}).
		With(person.Attribute{Name: person.FamilyNameAttribute, Value: "Li"})
	got, err := plan.NamesProposed(target.Mapping[0], &target, plan.MappingScope{View: view, Zone: time.UTC})
	if err != nil || len(got) != 101 {
		t.Fatalf("%d names, %v; want two and their numbers", len(got), err)
	}
	want := []string{"Li@contoso.example", "Ada.Li@contoso.example", "Ada.Li2@contoso.example", "Ada.Li3@contoso.example"}
	if diff := cmp.Diff(want, got[:4]); diff != "" || got[100] != "Ada.Li100@contoso.example" {
		t.Errorf("names (-want +got):\n%s, last %s", diff, got[100])
	}
	if got, err := plan.NamesProposed(target.Mapping[0], &target, plan.MappingScope{Zone: time.UTC}); err == nil {
		t.Errorf("a record without a name: got %q, want an error", got)
	}
}

// The lines of the account are the object actions of Entra: without a create line
// nobody gets an account, and who has one keeps what the other lines say.
func TestWithoutACreateLineNobodyGetsAnAccount(t *testing.T) {
	t.Parallel()
	policy := loadPolicy(t, `      create:  {on: startDate, offset: -14d, at: "06:00"}`+"\n", "")
	j := newJourney(t, "2026-11-10 12:00")
	j.policy = policy
	j.hears(hire).until("2026-12-20 12:00").wantState(plan.AccountUnknown)
	if got := j.did(); slices.Contains(got, "create") || slices.Contains(got, "enable") {
		t.Errorf("done without a create line: %v", got)
	}
	there := newJourney(t, "2026-11-10 12:00")
	there.policy = policy
	there.hears(staff).until("2026-12-20 12:00").wantState(plan.AccountEnabled)
}
