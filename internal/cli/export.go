package cli

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

func (a *app) peopleExportCommand() *cobra.Command {
	var evidence bool
	var to string
	command := leaf("export ID", "Write one person's ledger so that it can be verified offline",
		`Write one person's ledger as JSON: every row with its hash, the values with their
salts, the head of the chain in the database, the head that the journey itself keeps,
and in words how to verify all of it. tenure ledger verify FILE does so without a
database and without a network.

The file holds personal data. With --to it is readable by nobody else.`,
		`  tenure people export 1001 --evidence --to 1001.json
  tenure ledger verify 1001.json`,
		func(c *cobra.Command, args []string) error {
			if !evidence {
				return usage("say what to export: --evidence is what there is")
			}
			return a.peopleExport(c, args[0], to)
		})
	command.Flags().BoolVar(&evidence, "evidence", false, "export the ledger")
	command.Flags().StringVar(&to, "to", "", "`file` to write instead of the standard output")
	return command
}

func (a *app) peopleExport(c *cobra.Command, text, to string) error {
	id, err := parseID(text)
	if err != nil {
		return err
	}
	api, err := a.client()
	if err != nil {
		return err
	}
	evidence, err := get[json.RawMessage](c.Context(), api, id.Path()+"/evidence", nil)
	if err != nil {
		return err
	}
	if to == "" {
		return a.json(evidence)
	}
	if err := os.WriteFile(to, append(evidence, '\n'), 0o600); err != nil {
		return fmt.Errorf("write evidence: %w", err)
	}
	a.out.line("Written to %s.", to)
	return nil
}
