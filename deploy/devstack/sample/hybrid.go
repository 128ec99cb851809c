package sample

import (
	"bytes"
	_ "embed" // for what the domain adds
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// The domain of the people of the Pacific.
const (
	Corp        = "corp"    // the target's name
	Pacific     = "pacific" // the target of what comes from it
	CorpDomain  = "corp." + Domain
	CorpBase    = "DC=corp,DC=contoso,DC=example"
	CorpPeople  = "OU=People," + CorpBase
	CorpLeavers = "OU=Leavers," + CorpBase
)

//go:embed hybrid.yaml
var hybrid string

// ofAccounts are the tasks that work on an account of one target.
var ofAccounts = regexp.MustCompile(`(?m)^(\s+- (?:addUserToGroups|removeUserFromGroups|removeUserFromAllGroups|assignLicensesToUser|` +
	`removeAllLicenseAssignments|revokeAllRefreshTokens|generateTemporaryAccessPass): \{)(\}|)`)

// Hybrid adds a domain of Active Directory to the day's copy of the policy, where
// the people of the Pacific have their accounts, and what the tenant gives them
// once they are synchronised. The group is that of the domain. For everybody else
// the policy stays what it was.
func Hybrid(policy []byte, group string) ([]byte, error) {
	targets, workflows, found := strings.Cut(strings.ReplaceAll(hybrid, "GROUP", group), "\nworkflows:\n")
	_, targets, begun := strings.Cut(targets, "\ntargets:\n")
	if !found || !begun {
		return nil, errors.New("read hybrid.yaml: it lacks targets or workflows")
	}
	const tasks = 12
	if n := len(ofAccounts.FindAll(policy, -1)); n != tasks {
		return nil, fmt.Errorf("the shipped policy has %d tasks of accounts: want %d", n, tasks)
	}
	out := ofAccounts.ReplaceAllFunc(policy, func(task []byte) []byte {
		if open, empty := bytes.CutSuffix(task, []byte("}")); empty {
			return append(bytes.Clone(open), "target: entra}"...)
		}
		return append(bytes.Clone(task), "target: entra, "...)
	})
	for _, at := range []struct{ before, text string }{
		{"    account:\n      create:  {on: startDate", "    scope: '!(assignment.location.country in [\"KI\", \"AS\"])'   # those are in the domain below\n"},
		{"\nworkflows:\n", "\n" + targets},
		{"\nextensions:\n", "\n" + workflows},
	} {
		if bytes.Count(out, []byte(at.before)) != 1 {
			return nil, fmt.Errorf("the shipped policy has not one place like %q", at.before)
		}
		out = bytes.Replace(out, []byte(at.before), []byte(at.text+at.before), 1)
	}
	return out, nil
}
