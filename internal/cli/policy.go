package cli

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
)

func (a *app) policyCommand() *cobra.Command {
	return group("policy", "Check, activate and read the policy",
		`The policy says who gets which account, access and messages, and when. It is a YAML
file that an identity team keeps in Git; docs/policy.md explains every key.`,
		a.policyValidateCommand(), a.policyShowCommand(), a.policyApplyCommand(), a.policyListCommand())
}

func (a *app) policyShowCommand() *cobra.Command {
	return leaf("show", "Print the active policy",
		`Print the active version of the policy as it was applied, and on stderr which one it
is; -o json has both.`,
		`  tenure policy show > policy.yaml`,
		func(c *cobra.Command, _ []string) error {
			return show(c.Context(), a, "/v1/policy", nil, func(version httpapi.PolicyVersion) {
				a.errs.line("Version %d, applied %s by %s: %s", version.Number, showUTC(version.AppliedAt), version.Actor, version.Reason)
				a.out.document(version.Source)
			})
		})
}

func (a *app) policyListCommand() *cobra.Command {
	return leaf("list", "List all versions of the policy",
		`List all versions of the policy, the newest first, with who applied them and why.`,
		`  tenure policy list`,
		func(c *cobra.Command, _ []string) error {
			return show(c.Context(), a, "/v1/policies", nil, a.printPolicies)
		})
}

func (a *app) printPolicies(versions []httpapi.PolicyVersion) {
	if len(versions) == 0 {
		a.out.line("No policy yet: tenure policy apply FILE --reason WHY activates the first.")
		return
	}
	t := newTable("VERSION", "STATE", "APPLIED", "BY", "HASH", "REASON")
	for _, v := range versions {
		state := none
		if v.Active {
			state = "active"
		}
		t.add(number(v.Number), state, showUTC(v.AppliedAt), v.Actor, v.Hash[:min(hashShown, len(v.Hash))], v.Reason)
	}
	t.print(a.out, "")
}

// hashShown is how much of a hash tells two versions apart.
const hashShown = 12

func (a *app) policyApplyCommand() *cobra.Command {
	var f decisionFlags
	command := leaf("apply FILE", "Activate a policy and plan every journey again",
		`Activate a policy. Lifecycle workflows that are new or changed count from now on:
what would have been due before is not done. Every journey is planned again.

Try tenure policy validate FILE first. A policy with problems is refused whole, they
are listed with file:line, and the command ends with 3.`,
		`  tenure policy apply policy.yaml --reason 'sales gets its own licence'`,
		func(c *cobra.Command, args []string) error { return a.policyApply(c.Context(), args[0], f) })
	f.add(command)
	return command
}

func (a *app) policyApply(ctx context.Context, name string, f decisionFlags) error {
	decision, err := a.decision(f)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return &remedied{cause: err, remedy: "name one policy file: a version of the policy is one document"}
	}
	api, err := a.client()
	if err != nil {
		return err
	}
	var applied httpapi.PolicyApplied
	_, err = api.do(ctx, call{
		method: http.MethodPost, path: "/v1/policy", body: bytes.NewReader(content), contentType: "application/yaml", within: longWithin,
		query: url.Values{"actor": {decision.Actor}, "reason": {decision.Reason}, "name": {filepath.Base(name)}},
	}, &applied)
	var problem *httpapi.Problem
	if errors.As(err, &problem) && problem.Kind() == httpapi.KindUnprocessable && len(problem.Errors) > 0 {
		a.printProblem("tenure policy apply", problem)
		return &findings{"the policy has problems"}
	}
	if err != nil {
		return err
	}
	if a.wantsJSON() {
		return a.json(applied)
	}
	a.printApplied(applied)
	return nil
}

func (a *app) printApplied(applied httpapi.PolicyApplied) {
	v := applied.Version
	if applied.Created {
		a.out.line("Version %d is active.", v.Number)
	} else {
		a.out.line("Version %d was active already.", v.Number)
	}
	for _, name := range applied.Activated {
		a.out.line("  counts from now on: %s", name)
	}
	for _, warning := range applied.Warnings {
		a.out.text("  warning: ", placed(warning.File, warning.Line, warning.Message))
	}
	if applied.Note != "" {
		a.out.text("Note: ", applied.Note)
	}
}
