package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
)

// changeFlags are those of the commands that make another policy active.
type changeFlags struct {
	decisionFlags
	people, yes bool
	expect      string
}

func (f *changeFlags) add(c *cobra.Command) {
	f.decisionFlags.add(c)
	c.Flags().BoolVar(&f.people, "people", false, "name everybody for whom a line changes, not the first 10 of each kind")
	c.Flags().BoolVar(&f.yes, "yes", false, "do not ask; needs --expect once a policy is active")
	c.Flags().StringVar(&f.expect, "expect", "", "`what` was printed before: refused where the policy or the active version is another one now")
}

const askedBefore = `It first shows what differs, and for whom a line becomes newly due, is added, moved or
dropped, and asks. Without a terminal there is nobody to ask: then it changes nothing,
and prints what to say with --yes --expect once somebody has looked.

Lifecycle workflows that are new or changed count from now on: what would have been due
before is not done. Account lines that a change makes due at once ask again for each
person (attention policy-change) before they run.`

func (a *app) policyApplyCommand() *cobra.Command {
	var f changeFlags
	command := leaf("apply FILE", "Activate a policy and plan every journey again",
		`Activate a policy. Every journey is planned again.

`+askedBefore+`

Try tenure policy validate FILE first. A policy with problems is refused whole, they
are listed with file:line, and the command ends with 3.`,
		`  tenure policy apply policy.yaml --reason 'sales gets its own licence'
  tenure policy apply policy.yaml --reason 'from CI' --yes --expect 3-0123456789ab`,
		func(c *cobra.Command, args []string) error {
			content, err := readPolicy(args[0])
			if err != nil {
				return err
			}
			name := filepath.Base(args[0])
			return a.changePolicy(c, f, httpapi.PolicyChoice{Name: name, Source: string(content)}, call{
				method: http.MethodPost, path: "/v1/policy", body: bytes.NewReader(content), contentType: "application/yaml", query: url.Values{"name": {name}},
			})
		})
	f.add(command)
	return command
}

func (a *app) policyRollbackCommand() *cobra.Command {
	var f changeFlags
	command := leaf("rollback N", "Make an earlier version the active one again",
		`Apply the document of version N as the next version. It is a change like any other.

`+askedBefore,
		`  tenure policy rollback 3 --reason 'the new delete line was a mistake'`,
		func(c *cobra.Command, args []string) error {
			number, err := strconv.Atoi(args[0])
			if err != nil || number < 1 {
				return usage("%q is no number of a version: tenure policy list shows them", args[0])
			}
			return a.changePolicy(c, f, httpapi.PolicyChoice{Version: number}, call{
				method: http.MethodPost, path: "/v1/policies/" + strconv.Itoa(number) + "/rollback", query: url.Values{},
			})
		})
	f.add(command)
	return command
}

// changePolicy shows what another policy changes, asks, and makes it active.
func (a *app) changePolicy(c *cobra.Command, f changeFlags, to httpapi.PolicyChoice, apply call) error {
	decision, err := a.decision(f.decisionFlags)
	if err != nil {
		return err
	}
	apply.query.Set("actor", decision.Actor)
	apply.query.Set("reason", decision.Reason)
	expect := f.expect
	if !f.yes || expect == "" {
		preview, err := a.preview(c.Context(), httpapi.PolicyPreviewRequest{To: to, People: !f.yes})
		if err != nil {
			return a.policyProblem(c, err)
		}
		if preview.Base > 0 && !preview.Same {
			if err := a.agree(c, f, preview); err != nil {
				return err
			}
		}
		expect = preview.Expect
	}
	apply.query.Set("expect", expect)
	return a.sendPolicy(c, apply)
}

// agree shows a preview and asks.
func (a *app) agree(c *cobra.Command, f changeFlags, preview httpapi.PolicyPreview) error {
	if f.yes {
		return usage("--yes needs --expect: run it without --yes first, it says what changes and what to expect")
	}
	if f.expect != "" && f.expect != preview.Expect {
		return fmt.Errorf("expected %s, and it is %s now: look at it again", f.expect, preview.Expect)
	}
	a.onErrs(func() { a.printPreview(preview, true, f.people) })
	return a.confirm(c, "Make it the active policy?", "when this is what you want, run it again with --yes --expect "+preview.Expect)
}

// onErrs prints to stderr what would go to stdout: questions are no result.
func (a *app) onErrs(do func()) {
	out := a.out
	a.out = a.errs
	defer func() { a.out = out }()
	do()
}

func (a *app) sendPolicy(c *cobra.Command, apply call) error {
	api, err := a.client()
	if err != nil {
		return err
	}
	apply.within = longWithin
	var applied httpapi.PolicyApplied
	if _, err = api.do(c.Context(), apply, &applied); err != nil {
		return a.policyProblem(c, err)
	}
	if a.wantsJSON() {
		return a.json(applied)
	}
	a.printApplied(applied)
	return nil
}

// policyProblem lists what is wrong in a policy.
func (a *app) policyProblem(c *cobra.Command, err error) error {
	var problem *httpapi.Problem
	if errors.As(err, &problem) && problem.Kind() == httpapi.KindUnprocessable && len(problem.Errors) > 0 {
		a.printProblem(c.CommandPath(), problem)
		return &findings{"the policy has problems"}
	}
	return err
}

func (a *app) printApplied(applied httpapi.PolicyApplied) {
	v := applied.Version
	if applied.Created {
		a.out.line("Version %d is active.", v.Number)
	} else {
		a.out.line("Version %d was active already.", v.Number)
	}
	a.printActivated(applied.Activated)
	for _, warning := range applied.Warnings {
		a.out.text("  warning: ", placed(warning.File, warning.Line, warning.Message))
	}
	if applied.Note != "" {
		a.out.text("Note: ", applied.Note)
	}
}

// showPolicy prints one version, the active one for "".
func (a *app) showPolicy(ctx context.Context, number string) error {
	path := "/v1/policy"
	if number != "" {
		if n, err := strconv.Atoi(number); err != nil || n < 1 {
			return usage("%q is no number of a version: tenure policy list shows them", number)
		}
		path = "/v1/policies/" + number
	}
	return show(ctx, a, path, nil, func(version httpapi.PolicyVersion) {
		a.errs.line("Version %d, applied %s by %s: %s", version.Number, showUTC(version.AppliedAt), version.Actor, version.Reason)
		a.out.document(version.Source)
	})
}
