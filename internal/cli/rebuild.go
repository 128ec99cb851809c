package cli

import (
	"context"
	"log/slog"
	"path/filepath"

	"github.com/spf13/cobra"

	"tenure/internal/config"
	"tenure/internal/lifecycle"
)

// Rebuilder fills a store with what the running journeys know.
type Rebuilder func(ctx context.Context, c config.Config, log *slog.Logger, order RebuildOrder) (Rebuilt, error)

// RebuildOrder is what the command line says of a rebuild.
type RebuildOrder struct {
	Policy             lifecycle.Source
	Actor, Reason      string
	Existing, LeaveOut bool
}

// Rebuilt is what a rebuild did.
type Rebuilt struct {
	Journeys int `json:"journeys"`
	// Gaps counts the chains whose loss the ledger states.
	Gaps int `json:"gaps"`
	// Open counts tasks whose call may have been made, Mails the mails among them.
	Open  int `json:"open"`
	Mails int `json:"mails"`
	// Taken are claims that another journey has, Silent journeys without an answer.
	Taken         []string `json:"taken"`
	Silent        []string `json:"silent"`
	PolicyVersion int      `json:"policyVersion"`
	Paused        []string `json:"paused"`
	// Complete is set where workers and starters may run again.
	Complete bool `json:"complete"`
}

func (a *app) storeCommand() *cobra.Command {
	return group("store", "Rebuild the store from the journeys", `Rebuild the store after it was lost or restored from a backup.`, a.storeRebuildCommand())
}

type rebuildFlags struct {
	decisionFlags
	config, policy     string
	existing, leaveOut bool
}

func (a *app) storeRebuildCommand() *cobra.Command {
	var f rebuildFlags
	command := leaf("rebuild", "Build the store again from the running journeys",
		`Build the store again from the running journeys, after it was lost, or with --existing
complete an older backup. It asks every journey over Temporal what it knows. Stop all
workers and starters first; none starts before the rebuild is complete. It may be
interrupted and run again.

From the journeys come the people index, the claims of accounts and of the user names
in use, who is in which feed, what is planned, and the head of each ledger chain, behind
which a row of the kind gap states the loss. A task that was under way looks before it
writes; a mail that was under way waits for a human as delivery-unknown.

Not in the journeys, and lost without a backup: the rows of the ledger, the chain of
operations, the versions of the policy (name the active one with --policy; it stands for
all of them), when lifecycle workflows were activated, decisions at gates, what budgets
had counted, pauses, imports and what was rejected, decisions about findings, markers of
erasure, user names that were only reserved or that a person had before, and what a
leave under way had taken so far.

So every target is paused: look first, then tenure resume --target NAME.`,
		`  tenure store rebuild --config tenure.yaml --policy policy.yaml --reason 'disk failed, no backup'
  tenure store rebuild --config tenure.yaml --existing --policy policy.yaml --reason 'backup of last night'`,
		func(c *cobra.Command, _ []string) error { return a.storeRebuild(c, f) })
	configFlag(command, &f.config)
	f.add(command)
	flags := command.Flags()
	flags.StringVar(&f.policy, "policy", "", "`file` with the policy that was active; not needed where the store has it")
	flags.BoolVar(&f.existing, "existing", false, "complete a store that is not empty: an older backup")
	flags.BoolVar(&f.leaveOut, "leave-out", false, "end though some journeys did not answer: their names are free for others then")
	return command
}

func (a *app) storeRebuild(c *cobra.Command, f rebuildFlags) error {
	if f.reason == "" {
		return usage("the reason is missing: add --reason 'why'")
	}
	order := RebuildOrder{Actor: or(f.actor, a.env.User), Reason: f.reason, Existing: f.existing, LeaveOut: f.leaveOut}
	if order.Actor == "" {
		return usage("the machine does not say who you are: add --actor NAME")
	}
	loaded, err := loadConfig(f.config)
	if err != nil {
		return err
	}
	if f.policy != "" {
		content, err := readWhole(f.policy, lifecycle.MaxSourceSize)
		if err != nil {
			return &remedied{cause: err, remedy: "name the policy that was active: the file that was applied last"}
		}
		order.Policy = lifecycle.Source{Name: filepath.Base(f.policy), Content: content}
	}
	done, err := a.env.Rebuild(c.Context(), loaded, a.log("rebuild"), order)
	if err != nil {
		return &remedied{cause: err, remedy: "correct it and run the command again: it goes on. A store that is not empty needs --existing, one without the policy --policy FILE"}
	}
	if a.wantsJSON() {
		err = a.json(done)
	} else {
		a.printRebuilt(done)
	}
	if err == nil && (!done.Complete || len(done.Taken) > 0) {
		return &findings{"the rebuild has findings"}
	}
	return err
}

func (a *app) printRebuilt(done Rebuilt) {
	a.out.line("%s, policy version %d.", count(done.Journeys, "journey", "journeys"), done.PolicyVersion)
	if done.Gaps > 0 {
		a.out.line("%s of the ledger with a gap: rows were lost.", count(done.Gaps, "chain", "chains"))
	}
	if done.Open > 0 {
		a.out.line("%s under way: each looks before it writes. %s of unknown delivery wait for a human.",
			count(done.Open, "task was", "tasks were"), count(done.Mails, "mail", "mails"))
	}
	for _, claim := range done.Taken {
		a.out.line("TAKEN   %s belongs to another journey", claim)
	}
	for _, journey := range done.Silent {
		a.out.line("SILENT  %s did not answer", journey)
	}
	a.out.line("Lost without a backup: ledger rows, earlier policy versions, gate decisions, budgets, pauses, imports,")
	a.out.line("decisions about findings, markers of erasure. tenure store rebuild --help says it all.")
	for _, target := range done.Paused {
		a.out.line("Paused: look first, then tenure resume --target %s --reason 'why'", target)
	}
	if done.Complete {
		a.out.line("Complete: start workers and starters.")
		return
	}
	a.out.line("Not complete: see why those are silent and run it again, or leave them out with --leave-out.")
}
