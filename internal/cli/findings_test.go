package cli_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tenure/internal/httpapi"
)

func knownTarget(name string) error {
	if !slices.Contains([]string{"entra", "fabrikam", "quiet"}, name) {
		return httpapi.NewProblem(httpapi.KindNotFound, nil, "the active policy has no target %q", name)
	}
	return nil
}

func (*organisation) CompareTarget(_ context.Context, target string, _ httpapi.Decision) (httpapi.Comparison, error) {
	return httpapi.Comparison{Target: target, At: day("2026-11-22 02:00"), Counts: map[string]int{}}, knownTarget(target)
}

// Findings of entra has one of each sort; quiet has none, fabrikam was never compared.
func (*organisation) Findings(_ context.Context, target string, all bool) (httpapi.Findings, error) {
	out := httpapi.Findings{Target: target, Mode: "enforce"}
	if err := knownTarget(target); err != nil || target == "fabrikam" {
		return out, err
	}
	out.Comparison = &httpapi.Comparison{Target: target, At: day("2026-11-22 02:00"), Accounts: 3, People: 2, Unanswered: 1, Counts: map[string]int{}}
	if target == "quiet" {
		return out, nil
	}
	out.Findings = []httpapi.Finding{
		{
			ID: "f1", Kind: "active-should-be-disabled", Person: &httpapi.PersonID{Realm: "subsidiary", Key: "A/7"}, DisplayName: hostile,
			UserName: "mallory@contoso.example", Reason: "the account is enabled; it should not be: last day", Since: day("2026-11-20 09:00"),
		},
		{
			ID: "f2", Kind: "drifted", Person: &httpapi.PersonID{Realm: "main", Key: "1001"}, DisplayName: "Zoë Łukasiewicz",
			UserName: "zoe.lukasiewicz@contoso.example", Attributes: []string{"jobTitle", "manager"}, Since: day("2026-11-21 09:00"),
			Reason: "it differs from what Tenure wrote last", Waits: "the line update is parked (denied)",
		},
		{
			ID: "f3", Kind: "unowned", UserName: "=1+1@contoso.example", ObjectID: "o-3", Protection: "yes",
			Reason: "no journey claims it", Since: day("2026-11-22 02:00"),
		},
	}
	if !all {
		out.Hidden = 1
		return out, nil
	}
	out.Findings = append(out.Findings, httpapi.Finding{
		ID: "f4", Kind: "unowned", ObjectID: "o-4", Reason: "no journey claims it", Since: day("2026-11-19 02:00"),
		Decided: &httpapi.FindingDecided{
			Decision: "ignore", Until: at("2026-12-24 00:00"), Actor: "olga", Reason: "on a project", At: day("2026-11-20 09:00"),
		},
	})
	return out, nil
}

// DecideFindings says what it was asked to do.
func (*organisation) DecideFindings(_ context.Context, _ string, choices []httpapi.FindingChoice, d httpapi.Decision) ([]httpapi.FindingOutcome, error) {
	var out []httpapi.FindingOutcome
	for _, choice := range choices {
		outcome := httpapi.FindingOutcome{ID: choice.ID, Done: choice.ID != "f-refused", Text: "there is no such finding"}
		if outcome.Done {
			outcome.Text = fmt.Sprintf("%s by %s: %s", choice.Decision, strings.TrimPrefix(d.Actor, "unverified: "), d.Reason)
		}
		if choice.Until != nil {
			outcome.Text += " until " + choice.Until.Format(time.RFC3339)
		}
		if choice.Person != nil {
			outcome.Text += " for " + strings.TrimPrefix(choice.Person.Realm+"/"+choice.Person.Key, "main/")
		}
		out = append(out, outcome)
	}
	return out, nil
}
