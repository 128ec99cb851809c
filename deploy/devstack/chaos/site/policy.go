package site

import (
	"fmt"
	"strings"
	"time"

	"tenure/deploy/devstack/sample"
	"tenure/deploy/policy"
)

// Policy is the shipped policy with a webhook feed, everything of a hire due
// within a week of the start, changes that settle at once, and budgets that no
// crowd exceeds.
func Policy(now time.Time) ([]byte, error) {
	shipped, err := sample.Policy(policy.First(), now, "env:TENURE_BADGE_URL")
	if err != nil {
		return nil, err
	}
	text := string(shipped)
	for _, edit := range edits(now) {
		if strings.Count(text, edit.old) != 1 {
			return nil, fmt.Errorf("the shipped policy has not one place like %q", edit.old)
		}
		text = strings.Replace(text, edit.old, edit.with, 1)
	}
	return []byte(text), nil
}

type edit struct{ old, with string }

func edits(now time.Time) []edit {
	return []edit{
		{"\nzones:", `
  hris:
    kind: webhook
    realm: ` + Realm + `
    baseline: ` + sample.Baseline(now) + `
    zone: Etc/UTC
    signature: {scheme: standard-webhooks, secrets: ["env:TENURE_HRIS_SECRET"]}

zones:`},
		{`enable:  {on: startDate, at: "00:00"}`, `enable:  {on: startDate, offset: -10d, at: "00:00"}`},
		{"\n    groups:  ", `
    limits:
      create: {count: unlimited}
      enable: {count: unlimited}
      pass: {count: unlimited}
      disable: {count: unlimited}
      remove-all: {count: unlimited}
      delete: {count: unlimited}
    groups:  `},
		{`trigger: {on: startDate, at: "08:00"}`, `trigger: {on: startDate, offset: -6d, at: "08:00"}`},
		{"trigger: {change: [assignment.department.name, assignment.jobTitle]}", "trigger: {change: [assignment.department.name, assignment.jobTitle], settle: 0m}"},
	}
}

// Realm is where the people of the chaos program live, and Feed states them.
const (
	Realm = "hooks"
	Feed  = "hris"
)
