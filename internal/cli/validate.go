package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"tenure/internal/catalog"
	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
)

func (a *app) policyValidateCommand() *cobra.Command {
	return leaf("validate FILE|DIR", "Check a policy, without a starter",
		`Check a policy file, or all *.yaml and *.yml files of a folder together. All problems
are listed at once with file:line and what to write instead; then it ends with 3.
Nothing is sent anywhere: use it in pull requests.`,
		`  tenure policy validate policy.yaml
  tenure policy validate policies/ -o json`,
		func(_ *cobra.Command, args []string) error {
			sources, err := policySources(args[0])
			if err != nil {
				return err
			}
			report := check(sources)
			if a.wantsJSON() {
				if err := a.json(report); err != nil {
					return err
				}
			} else {
				a.printReport(args[0], report)
			}
			if !report.Valid {
				return &findings{"the policy has problems"}
			}
			return nil
		})
}

// policySources reads a file, or the YAML files of a folder in the order of
// their names.
func policySources(name string) ([]lifecycle.Source, error) {
	names := []string{name}
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	if info.IsDir() {
		names = nil
		for _, pattern := range []string{"*.yaml", "*.yml"} {
			found, err := filepath.Glob(filepath.Join(name, pattern))
			if err != nil {
				return nil, fmt.Errorf("read policy: %w", err)
			}
			names = append(names, found...)
		}
		slices.Sort(names)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("read policy: the folder %s holds no *.yaml or *.yml file", name)
	}
	sources := make([]lifecycle.Source, 0, len(names))
	for _, name := range names {
		content, err := readWhole(name, lifecycle.MaxSourceSize)
		if err != nil {
			return nil, fmt.Errorf("read policy: %w", err)
		}
		sources = append(sources, lifecycle.Source{Name: name, Content: content})
	}
	return sources, nil
}

// check loads a policy as the processes do.
func check(sources []lifecycle.Source) httpapi.PolicyReport {
	report := httpapi.PolicyReport{Hash: lifecycle.Hash(sources...), Problems: []httpapi.PolicyProblem{}, Warnings: []httpapi.PolicyProblem{}}
	policy, err := catalog.Load(sources...)
	var problems lifecycle.Problems
	switch {
	case errors.As(err, &problems):
		report.Problems = shownProblems(problems)
	case err != nil:
		report.Problems = append(report.Problems, httpapi.PolicyProblem{Message: err.Error()})
	default:
		report.Valid, report.Warnings = true, shownProblems(policy.Warnings)
	}
	return report
}

func shownProblems(problems lifecycle.Problems) []httpapi.PolicyProblem {
	out := make([]httpapi.PolicyProblem, 0, len(problems))
	for _, p := range problems {
		out = append(out, httpapi.PolicyProblem{File: p.File, Line: p.Line, Column: p.Column, Message: p.Message})
	}
	return out
}

// printReport prints one problem a line, so that editors can jump to it.
func (a *app) printReport(name string, report httpapi.PolicyReport) {
	for _, p := range report.Problems {
		a.out.line("%s", placed(p.File, p.Line, p.Message))
	}
	for _, w := range report.Warnings {
		a.out.line("%s", placed(w.File, w.Line, "warning: "+w.Message))
	}
	if report.Valid {
		a.out.line("%s is valid, %s.", name, count(len(report.Warnings), "warning", "warnings"))
		return
	}
	a.out.line("%s has %s.", name, count(len(report.Problems), "problem", "problems"))
}
