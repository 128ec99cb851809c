package cli

import (
	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
)

func (a *app) policyCommand() *cobra.Command {
	return group("policy", "Check, activate and read the policy",
		`The policy says who gets which account, access and messages, and when. It is a YAML
file that an identity team keeps in Git; docs/policy.md explains every key.`,
		a.policyValidateCommand(), a.policyShowCommand(), a.policyApplyCommand(), a.policyListCommand(), a.policyDiffCommand(),
		a.policyRollbackCommand(), a.policyPendingCommand(), a.policyApproveCommand(), a.policySkipCommand())
}

func (a *app) policyShowCommand() *cobra.Command {
	return leaf("show [N]", "Print the active policy, or version N",
		`Print the active version of the policy, or version N, as it was applied, and on stderr
which one it is; -o json has both.`,
		`  tenure policy show > policy.yaml
  tenure policy show 3`,
		func(c *cobra.Command, args []string) error {
			number := ""
			if len(args) > 0 {
				number = args[0]
			}
			return a.showPolicy(c.Context(), number)
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
