package workflows

import (
	"strings"
	"testing"
	"time"

	"tenure/internal/person"
	"tenure/internal/plan"
)

// detailsCases are journeys as somebody meets them in the Temporal Web UI.
func detailsCases() map[string]struct {
	state   State
	last    plan.Result
	flights []*flight
} {
	at := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	account := plan.Account{Target: "entra", ID: "7c9e6679-7425-40de-944b-e07fc1f90ae7", State: plan.AccountDisabled}
	state := func(change func(*State)) State {
		s := NewState("main", "2001")
		change(&s)
		return s
	}
	key := plan.TaskKey("Prepare a new hire", "s1", 1, "sendOnboardingReminderEmail")
	return map[string]struct {
		state   State
		last    plan.Result
		flights []*flight
	}{
		"fresh": {state: NewState("main", "2001")},
		"pre-hire": {
			state: state(func(s *State) {
				account.WaitingFor, account.Synced, account.Protected = "employeeId", true, "holds a role"
				s.Facts.Accounts = []plan.Account{account}
			}),
			last: plan.Result{PolicyVersion: 3, Phase: person.PhasePreHire, Zone: "Europe/Berlin", Next: at, NextWhat: "Prepare a new hire: addUserToGroups"},
		},
		"working": {
			state: NewState("main", "2001"),
			last:  plan.Result{PolicyVersion: 3, Phase: person.PhaseActive, Zone: "Europe/Berlin"},
			flights: []*flight{{started: at, batch: plan.Batch{Activity: plan.ActivityAccount, Target: "entra", Tasks: []plan.Task{
				{Workflow: "account:entra", Task: "create"}, {Workflow: "Prepare a new hire", Task: "addUserToGroups#2"},
			}}}},
		},
		"parked": {
			state: state(func(s *State) {
				s.Facts.Parked = []plan.Parked{
					{Key: key, Code: "delivery-unknown", Detail: "the mail may have been sent", Since: at, Attempts: 1},
					{Key: plan.TaskKey("Last day", "s1", 1, "removeUserFromAllGroups"), Code: "denied", Since: at, Attempts: 4, Retry: at.Add(6 * time.Hour)},
				}
				s.Raised = []plan.Attention{{Code: "left-behind", Key: key, Text: "2 memberships stay"}}
			}),
			last: plan.Result{PolicyVersion: 4, Phase: person.PhaseActive, Zone: "Asia/Tokyo", Attention: []plan.Attention{{Code: "parked", Key: key, Text: "could not be done; see the error, then retry or skip"}}},
		},
		"held and terminated": {
			state: state(func(s *State) {
				s.Facts.Overrides.Hold = &plan.By{Actor: "ines@contoso.example", At: at}
				s.Facts.Overrides.Holds = []plan.Hold{{By: plan.By{Actor: "kim@contoso.example", At: at.Add(time.Hour)}, Kind: plan.HoldLegal}}
				s.Facts.Overrides.Blocked = &plan.By{Actor: "unverified: oscar", At: at.Add(time.Hour)}
			}),
			last: plan.Result{PolicyVersion: 4, Phase: person.PhaseActive},
		},
		"waiting for the cloud": {
			state: state(func(s *State) {
				s.Facts.Accounts = []plan.Account{{Target: "corp", ID: "guid-1", State: plan.AccountDisabled}}
			}),
			last: plan.Result{PolicyVersion: 4, Phase: person.PhasePreHire, Waits: []plan.Wait{{
				Key: "account:cloud/s1/0/create", For: "the counterpart of the account in corp", Since: at, Until: at.Add(3 * time.Hour),
			}}},
		},
		"hostile": {
			state: state(func(s *State) {
				s.Facts.Accounts = []plan.Account{{Target: "entra", ID: "`]|x", State: plan.AccountEnabled}}
				s.Facts.Overrides.Holds = []plan.Hold{{Kind: plan.HoldHRError, By: plan.By{Actor: "<img src=x onerror=alert(1)> [free](https://evil.example) |", At: at}}}
				s.Facts.Parked = []plan.Parked{{
					Key: "a|b`c/s1/1/t", Code: "invalid", Since: at, Attempts: 1,
					Detail: "bad value\n| **Phase** | ![x](http://evil.example/x.png) <script>alert(1)</script> www.evil.example _~` \\",
				}}
			}),
			last: plan.Result{PolicyVersion: 4, Phase: person.PhaseActive, Next: at, NextWhat: "[click](javascript:alert(1))\n# Owned"},
		},
	}
}

func TestDetails(t *testing.T) {
	for name, tt := range detailsCases() {
		t.Run(name, func(t *testing.T) {
			Golden(t, "details/"+strings.ReplaceAll(name, " ", "-")+".md", details(tt.state, tt.last, tt.flights))
		})
	}
}

func TestDetailsOfHostileText(t *testing.T) {
	tt := detailsCases()["hostile"]
	text := details(tt.state, tt.last, tt.flights)
	for _, bad := range []string{"<img", "<script", "](http", "](java", "://", "www.evil", "\n#", "\n| **Phase**"} {
		if strings.Contains(strings.ReplaceAll(text, "\\]", ""), bad) {
			t.Errorf("details contain %q:\n%s", bad, text)
		}
	}
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		plain := strings.ReplaceAll(line, "\\|", "")
		if got := strings.Count(plain, "|"); i > 1 && got != 3 {
			t.Errorf("row %d has %d bars, want the 3 of two cells: %s", i, got, line)
		}
	}
}

func TestDetailsFit(t *testing.T) {
	state := NewState("main", "2001")
	for range 400 {
		state.Raised = append(state.Raised, plan.Attention{Code: "late", Key: strings.Repeat("k", 300), Text: strings.Repeat("ü", 300)})
	}
	text := details(state, plan.Result{}, nil)
	if len(text) > 20_000 || !strings.Contains(text, "more: `tenure people show` has them") {
		t.Errorf("details have %d bytes, want fewer than the server's 20000 and a word about the rest", len(text))
	}
	if strings.Contains(text, "\uFFFD") {
		t.Error("details are cut inside a letter")
	}
}
