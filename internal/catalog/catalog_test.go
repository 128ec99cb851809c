package catalog_test

import (
	"strings"
	"testing"

	"tenure/internal/catalog"
	"tenure/internal/lifecycle"
)

// TestAccountExpires: a date of the record ends an account by itself, and a text does
// not.
func TestAccountExpires(t *testing.T) {
	t.Parallel()
	const policy = `version: 1
feeds:
  hr: {kind: webhook, realm: main, baseline: 2026-11-01, zone: Europe/Berlin, signature: {scheme: standard-webhooks, secrets: ["env:S"]}}
targets:
  corp:
    kind: ad
    credential: {kind: bind, user: env:U, secret: env:P}
    domain: contoso.example
    account: {create: {on: startDate}, enable: {on: startDate}, disable: {on: lastDayOfWork}}
    mapping:
      userPrincipalName: {unique: [given.family#], apply: create}
      displayName: {attribute: person.displayName}
      accountExpires: {attribute: SOURCE, clear: true}
`
	for source, want := range map[string]string{
		"employment.contractEndDate": "", "assignment.jobTitle": "accountExpires takes a date; the type of assignment.jobTitle is text",
	} {
		text := strings.Replace(policy, "SOURCE", source, 1)
		p, err := catalog.Load(lifecycle.Source{Name: "policy.yaml", Content: []byte(text)})
		switch {
		case want == "" && (err != nil || p.Targets[0].Mapping[2].Kind != "date-time"):
			t.Errorf("%s: %v", source, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", source, err, want)
		}
	}
}
