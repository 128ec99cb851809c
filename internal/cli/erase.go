package cli

import (
	"github.com/spf13/cobra"

	"tenure/workflows/contract"
)

func (a *app) peopleEraseCommand() *cobra.Command {
	var f overrideFlags
	var yes bool
	command := leaf("erase ID", "Forget a person for good",
		`Forget a person for good: the journey ends, its histories are deleted from Temporal,
and the store keeps no value of the person. It needs the role admin, cannot be taken
back, and is refused under a legal hold, while a task is under way, and while an
account is there: let it be deleted, or let go of it with tenure people unlink.

The rows of the ledger stay without values and reasons and still verify; they keep the
journey's ID, object IDs and who acted. A user name that is kept from others stays kept
until its time. A marker stays: if HR states the person again, a new journey finds it,
says so in the ledger, and does nothing before a human releases its hold, unless HR
states a stay that begins after the erasure. So erase in HR first.

Backups, files of HR and logs are not reached. Write no names into the reason.`,
		`  tenure people erase 1001 --reason 'request 2026/118, retention is over'`,
		func(c *cobra.Command, args []string) error {
			override, err := a.override(f, nil)
			if err != nil {
				return err
			}
			if !yes {
				if err := a.confirm(c, "Forget "+args[0]+" for good?", "add --yes: it cannot be taken back"); err != nil {
					return err
				}
			}
			return a.sendOverride(c, contract.Erase, args[0], override)
		})
	f.add(command)
	command.Flags().StringVar(&f.id, "id", "", "`name` of this override: the same one sent twice counts once")
	command.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return command
}
