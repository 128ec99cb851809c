package workflows_test

import (
	"testing"

	"tenure/workflows/contract"
)

func TestS10_AbsentAttributeIsNoMatch(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01", "assignment.department.name", "-"))
		s.expect("2026-12-05T08:00:00Z", "enabled").expectGroups("all-staff").expectAttention("")
	})
}

func TestS10_LeavingTheScopeOfATargetDisablesNobody(t *testing.T) {
	scoped := replacing("    domain: contoso.example\n", "    domain: contoso.example\n    scope: 'employment.kind == \"employee\"'\n    outOfScope: ask\n")
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2027-01-05T08:00:00Z", "enabled")
		s.hr("2027-01-05T09:00:00Z", hired("2026-12-01", "employment.kind", "contingent"))
		s.expect("2027-02-05T09:00:00Z", "enabled").expectAttention("out-of-scope").expectGroups("all-staff engineering")
	}, scoped)
}

// TestS10_ALeftScopeIsAnswered: skipped, the account stays; approved, it is disabled.
func TestS10_ALeftScopeIsAnswered(t *testing.T) {
	scoped := replacing("    domain: contoso.example\n", "    domain: contoso.example\n    scope: 'employment.kind == \"employee\"'\n    outOfScope: ask\n")
	for answer, want := range map[contract.Kind]string{contract.Approve: "disabled", contract.Skip: "enabled"} {
		t.Run(string(answer), func(t *testing.T) {
			bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
				s.manager("1002", "Tobias")
				s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
				s.hr("2027-01-05T09:00:00Z", hired("2026-12-01", "employment.kind", "contingent"))
				s.expect("2027-01-05T10:00:00Z", "enabled").expectAttention("out-of-scope")
				s.say("2027-01-05T11:00:00Z", answer, contract.Override{Key: s.asks("out-of-scope")})
				s.expect("2027-01-05T12:00:00Z", want).expectAttention("")
				s.hr("2027-01-06T09:00:00Z", hired("2026-12-01"))
				s.expect("2027-01-06T10:00:00Z", "enabled").expectAttention("")
			}, scoped)
		})
	}
}

func TestS10_OutsideTheScopeNoAccountIsMade(t *testing.T) {
	scoped := replacing("    domain: contoso.example\n", "    domain: contoso.example\n    scope: 'employment.kind == \"employee\"'\n")
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01", "employment.kind", "contingent"))
		s.expect("2027-01-05T08:00:00Z", "none")
		s.hr("2027-01-06T08:00:00Z", hired("2026-12-01"))
		s.expect("2027-01-06T09:00:00Z", "enabled")
	}, scoped)
}

func TestChangedPolicyIsTakenUp(t *testing.T) {
	bothWays(t, "2026-11-05T08:00:00Z", func(s *scenario) {
		s.manager("1002", "Tobias")
		s.hr("2026-11-05T08:00:00Z", hired("2026-12-01"))
		s.expect("2026-11-10T08:00:00Z", "none")
		s.apply(replacing("enable:  {on: startDate, at: \"00:00\"}", "enable:  {on: startDate, at: \"05:00\"}"))
		s.say("2026-11-10T09:00:00Z", contract.ReEvaluate, contract.Override{})
		s.expect("2026-12-01T03:59:00Z", "disabled").expect("2026-12-01T04:01:00Z", "enabled")
		if s.state.PolicyVersion != 2 {
			s.t.Errorf("planned from version %d, want 2", s.state.PolicyVersion)
		}
	})
}
