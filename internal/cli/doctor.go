package cli

import (
	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
)

func (a *app) doctorCommand() *cobra.Command {
	return leaf("doctor", "Check everything Tenure needs",
		`Ask the starter to check everything Tenure needs: Temporal, a worker, the keys of the
codec that what is open needs, the store, the policy, the feeds and the targets. A target is inspected for what the policy wants of
it: permissions, the domain, groups, licences left, the rules for passes, and whether
somebody else provisions the same people. Each check that is not ok says what to do;
where one fails, the command ends with 3. What could not be looked at, and what the
policy acknowledges by name, does not fail.`,
		`  tenure doctor
  tenure doctor --api http://127.0.0.1:8080 -o json`,
		func(c *cobra.Command, _ []string) error {
			api, err := a.client()
			if err != nil {
				return err
			}
			checks, err := get[[]httpapi.Check](c.Context(), api, "/v1/doctor", nil)
			if err != nil {
				return err
			}
			failing := failed(checks)
			if a.wantsJSON() {
				if err := a.json(checks); err != nil {
					return err
				}
			} else {
				a.printChecks(checks, failing)
			}
			if failing > 0 {
				return &findings{"checks failed"}
			}
			return nil
		})
}

// failed counts the checks that fail.
func failed(checks []httpapi.Check) int {
	n := 0
	for _, check := range checks {
		if !check.OK {
			n++
		}
	}
	return n
}

func (a *app) printChecks(checks []httpapi.Check, failing int) {
	t := newTable()
	unseen := 0
	for _, check := range checks {
		state := string(check.State)
		switch {
		case !check.OK:
			state = "FAILS"
		case check.State == httpapi.CheckUnknown:
			unseen++
		}
		t.add(state, check.Name, check.Detail)
		if check.Remedy != "" {
			t.add("", "", "what to do: "+check.Remedy)
		}
	}
	t.print(a.out, "")
	a.out.line("")
	if unseen > 0 {
		a.out.line("%d of %s could not be made.", unseen, count(len(checks), "check", "checks"))
	}
	if failing > 0 {
		a.out.line("%d of %s failed.", failing, count(len(checks), "check", "checks"))
		return
	}
	a.out.line("All is well, %s.", count(len(checks), "check", "checks"))
}
