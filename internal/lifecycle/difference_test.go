package lifecycle_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/lifecycle"
)

const oldDocument = `version: 1
feeds:
  hr: {kind: csv, baseline: 2026-11-01, fields: {employeeId: ID}}
targets:
  entra:
    account:
      delete: {on: terminationDate, offset: 30d, minimum: 14d}
    match: [employeeId]
zones:
  - {when: 'a == "b"', zone: Asia/Tokyo}
workflows:
  - name: Farewell
    trigger: {on: lastDayOfWork}
    tasks:
      - sendEmailOnLastDay: {to: manager}
      - revokeAllRefreshTokens: {}
  - name: Welcome
    tasks: [sendWelcomeEmail: {to: person}]
notifications: {from: it@contoso.example}
`

func TestS15PolicyChangeInWords(t *testing.T) {
	t.Parallel()
	const newDocument = `# comments and the order of keys and workflows say nothing
version: 1
targets:
  entra:
    match: [employeeId, mail]
    mode: adopt
    account:
      delete: {minimum: 1d, offset: 7d, on: terminationDate}
  other: {domain: fabrikam.example}
feeds:
  hr: {kind: csv, baseline: 2020-01-01, fields: {employeeId: ID, ext.badge: Badge}}
workflows:
  - name: Hello
    tasks: [sendWelcomeEmail: {to: person}]
  - name: Farewell
    trigger: {on: lastDayOfWork, offset: -1d}
    tasks:
      - revokeAllRefreshTokens: {}
      - sendEmailOnLastDay: {to: manager}
      - removeUserFromAllGroups: {except: [a, b]}
zones:
  - {when: 'a == "b"', zone: Europe/Paris}
`
	want := []string{
		"feed hr: baseline: 2026-11-01 -> 2020-01-01",
		"feed hr: fields.ext.badge: added Badge",
		"notifications: removed {from: it@contoso.example}",
		"target entra: account.delete.minimum: 14d -> 1d",
		"target entra: account.delete.offset: 30d -> 7d",
		"target entra: match: [employeeId] -> [employeeId, mail]",
		"target entra: mode: added adopt",
		"target other: added",
		"workflow Farewell: tasks: added {removeUserFromAllGroups: {except: [a, b]}}",
		"workflow Farewell: tasks: {sendEmailOnLastDay: {to: manager}}, then {revokeAllRefreshTokens: {}} -> {revokeAllRefreshTokens: {}}, then {sendEmailOnLastDay: {to: manager}}",
		"workflow Farewell: trigger.offset: added -1d",
		"workflow Hello: added",
		"workflow Welcome: removed",
		`zones: removed {when: a == "b", zone: Asia/Tokyo}`,
		`zones: added {when: a == "b", zone: Europe/Paris}`,
	}
	if diff := cmp.Diff(want, words(t, oldDocument, newDocument)); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	if got := words(t, oldDocument, "# a comment\n"+oldDocument); len(got) != 0 {
		t.Errorf("a comment is a difference: %v", got)
	}
	if got := words(t, "", oldDocument); len(got) < 5 {
		t.Errorf("the first policy differs in %v, want all of it", got)
	}
}

// TestS15PolicyChangeOfASectionThatIsEmptied: what is gone is said, however it went.
func TestS15PolicyChangeOfASectionThatIsEmptied(t *testing.T) {
	t.Parallel()
	const zones = "zones:\n  - {when: 'a == \"b\"', zone: Asia/Tokyo}\n"
	for name, tt := range map[string]struct {
		before, after string
		want          []string
	}{
		"emptied":       {zones, "zones: []\n", []string{`zones: removed {when: a == "b", zone: Asia/Tokyo}`}},
		"filled":        {"zones: []\n", zones, []string{`zones: added {when: a == "b", zone: Asia/Tokyo}`}},
		"feeds emptied": {"feeds: {hr: {kind: csv}}\n", "feeds: {}\n", []string{"feed hr: removed"}},
		"of no form":    {"feeds: {hr: {kind: csv}}\n", "feeds: none\n", []string{"feeds: {hr: {kind: csv}} -> none"}},
		"empty, absent": {"zones: []\n", "version: 1\n", []string{"version: added 1"}},
	} {
		if diff := cmp.Diff(tt.want, words(t, tt.before, tt.after)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func words(t *testing.T, before, after string) []string {
	t.Helper()
	differences, err := lifecycle.Differences([]byte(before), []byte(after))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range differences {
		out = append(out, d.String())
	}
	return out
}
