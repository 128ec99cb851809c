package cli

import (
	"bytes"
	"log/slog"

	"github.com/spf13/cobra"

	"tenure/internal/config"
)

// processHelp is what both processes have in common.
const processHelp = `
The connection to Temporal is Temporal's own configuration (TEMPORAL_ADDRESS,
TEMPORAL_NAMESPACE, TEMPORAL_TLS_..., or its configuration file), so that every
tool reads the same. tenure config check shows what is in effect. The log is JSON
on stderr. The first interrupt lets the work in hand end; the second ends at once.`

func (a *app) workerCommand() *cobra.Command {
	return a.processCommand("worker", "Run the Temporal worker",
		`Run the Temporal worker: it plans journeys and performs their tasks in the targets.
Run several for throughput and to survive the loss of a machine.
`+processHelp, a.env.Worker)
}

func (a *app) starterCommand() *cobra.Command {
	return a.processCommand("starter", "Run the starter: HR facts in, operators' API",
		`Run the starter: it takes in webhooks and files of HR, hands them to the journeys,
and serves the API that these commands speak to.
`+processHelp, a.env.Starter)
}

func (a *app) processCommand(name, short, long string, process Process) *cobra.Command {
	var file string
	command := leaf(name, short, long, "  tenure "+name+" --config tenure.yaml",
		func(c *cobra.Command, _ []string) error {
			loaded, err := loadConfig(file)
			if err != nil {
				return err
			}
			return process(c.Context(), loaded, a.log(name))
		})
	configFlag(command, &file)
	return command
}

// loadConfig reads the configuration of the processes.
func loadConfig(name string) (config.Config, error) {
	content, err := readConfig(name)
	if err != nil {
		return config.Config{}, err
	}
	return config.Load(name, bytes.NewReader(content))
}

// log is what a command that speaks to Temporal itself writes beside its output.
func (a *app) log(process string) *slog.Logger {
	return slog.New(slog.NewJSONHandler(plainLog{a.env.Stderr}, nil)).With("process", process)
}
