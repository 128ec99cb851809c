package cli

import (
	"github.com/spf13/cobra"

	"tenure/workflows/contract"
)

const verbPostpone = string(contract.Postpone)

func (a *app) journeyCommand() *cobra.Command {
	return group("journey", "Steer a person's journey by hand",
		`Change a person's plan. Every command needs a reason, is answered once it is in
force, and stands on the person's timeline with who did it and why.

ID is [realm/]key. KEY is a task, or a run (all but the last part of a task's
key), as tenure people timeline ID --keys shows it; put it in quotes.`,
		a.runNowCommand(), a.retryCommand(), a.skipCommand(), a.postponeCommand(), a.holdCommand(), a.releaseCommand(),
		a.setDateCommand(), a.terminateCommand(), a.rescindCommand(), a.approveCommand(), a.reEvaluateCommand(),
		a.renewCommand(), a.fastForwardCommand())
}

func (a *app) runNowCommand() *cobra.Command {
	var workflow string
	return a.verbCommand(verb{
		kind: contract.RunNow, use: "run-now ID [KEY]", short: "Do a task or a run now, out of turn",
		long: `Do a task or a run of the plan now instead of at its time, or start a lifecycle
workflow that runs on demand (--workflow). It is no approval: a workflow that waits for
others goes on waiting. It needs an approver where it answers a question, passes a gate,
issues a pass by its own key, or cuts access or deletes before its time.`,
		examples: `  tenure journey run-now 1001 'Prepare a new hire/s1/1' --reason 'laptop is handed out today'
  tenure journey run-now 1001 --workflow 'New badge' --reason 'badge lost'`,
		flags: func(c *cobra.Command) {
			c.Flags().StringVar(&workflow, "workflow", "", "`name` of an on-demand lifecycle workflow to start")
		},
		fill: func(o *contract.Override) error {
			o.Workflow = workflow
			if (o.Key == "") == (workflow == "") {
				return usage("give a KEY of the timeline, or --workflow NAME: one of them")
			}
			return nil
		},
	})
}

func (a *app) retryCommand() *cobra.Command {
	return a.verbCommand(verb{
		kind: contract.Retry, use: "retry ID [KEY]", short: "Try a parked task again now",
		long: `Try a parked task again now instead of at its next time. Without a KEY everything
that is parked is tried. What was done already is not done twice.`,
		examples: `  tenure journey retry 1001 --reason 'mail server is back'`,
	})
}

func (a *app) skipCommand() *cobra.Command {
	return a.verbCommand(verb{
		kind: contract.Skip, use: "skip ID KEY", short: "Do not do a task or a run",
		long:     `Do not do a task, or a whole run; the run goes on behind it. It also answers no to a task that asks.`,
		examples: `  tenure journey skip 1001 'Prepare a new hire/s1/1/sendOnboardingReminderEmail' --reason 'told in person'`,
	})
}

func (a *app) postponeCommand() *cobra.Command {
	var to string
	return a.verbCommand(verb{
		kind: contract.Postpone, use: "postpone ID KEY", short: "Move a task or a run to another time",
		long: `Move a task, or a whole run, to another time, later or earlier. The time states its
zone: an hour alone would be another one for each reader.`,
		examples: `  tenure journey postpone 1001 'Prepare a new hire/s1/1' --to 2026-12-01T09:00:00Z --reason 'office is closed'
  tenure journey postpone 1001 'Prepare a new hire/s1/1' --to '2026-12-01 09:00 Europe/Berlin' --reason 'office is closed'`,
		flags: func(c *cobra.Command) {
			c.Flags().StringVar(&to, "to", "", "the `time`, with its zone (mandatory)")
		},
		fill: func(o *contract.Override) (err error) {
			if to == "" {
				return usage("the time is missing: add --to, such as --to 2026-12-01T09:00:00Z")
			}
			o.To, err = parseInstant(to)
			return err
		},
	})
}

func (a *app) holdCommand() *cobra.Command {
	var kind string
	return a.verbCommand(verb{
		kind: contract.Hold, use: "hold ID", short: "Keep tasks of a person from being done",
		long: `Keep tasks of a person from being done until tenure journey release. The kind says
which: hr-error keeps every planned task, and a disable that falls due raises
attention; security disables the account now and keeps it disabled, with no pass
and nothing given back; legal keeps the account, its groups and licences, while
access still ends. Several kinds may be in force at once; terminate is never held.`,
		examples: `  tenure journey hold 1001 --reason 'HR entered the wrong person, ticket 4711'
  tenure journey hold 1001 --kind security --reason 'laptop stolen'
  tenure journey hold 1001 --kind legal --reason 'litigation 2026/17'`,
		flags: func(c *cobra.Command) {
			c.Flags().StringVar(&kind, "kind", contract.HoldHRError, "the `kind`: legal, security or hr-error")
		},
		fill: func(o *contract.Override) error {
			o.HoldKind = kind
			return nil
		},
	})
}

func (a *app) releaseCommand() *cobra.Command {
	var kind string
	return a.verbCommand(verb{
		kind: contract.Release, use: "release ID", short: "Take a hold back",
		long: `Take a hold of a person back. What fell due meanwhile is done now, or asks. Where
holds of several kinds are in force, --kind says which.`,
		examples: `  tenure journey release 1001 --reason 'HR has corrected it'
  tenure journey release 1001 --kind legal --reason 'case closed'`,
		flags: func(c *cobra.Command) {
			c.Flags().StringVar(&kind, "kind", "", "the `kind` to release: legal, security or hr-error (default: the only one in force)")
		},
		fill: func(o *contract.Override) error {
			o.HoldKind = kind
			return nil
		},
	})
}

func (a *app) setDateCommand() *cobra.Command {
	var start, end string
	return a.verbCommand(verb{
		kind: contract.SetDate, use: "set-date ID", short: "Set the first or last day of work by hand",
		long: `Set the first day (--start) or the last day of work (--end) until HR states the same
date. Another date of HR raises attention; one that cuts access earlier always wins.`,
		examples: `  tenure journey set-date 1001 --end 2026-12-31 --reason 'agreed by phone, HR enters it on Monday'`,
		flags: func(c *cobra.Command) {
			c.Flags().StringVar(&start, "start", "", "the first `day` of work, YYYY-MM-DD")
			c.Flags().StringVar(&end, "end", "", "the last `day` of work, YYYY-MM-DD")
		},
		fill: func(o *contract.Override) error {
			o.On, o.Date = "startDate", start
			if end != "" {
				o.On, o.Date = "lastDayOfWork", end
			}
			if (start == "") == (end == "") {
				return usage("give --start DATE or --end DATE: one of them")
			}
			return nil
		},
	})
}

func (a *app) terminateCommand() *cobra.Command {
	return a.verbCommand(verb{
		kind: contract.Terminate, use: "terminate ID", short: "Cut all access of a person now",
		long: `Cut all access of a person now: accounts are disabled, passes deleted, sessions
ended. No statement of HR, no rehire and no policy lifts it: only
tenure journey rescind ID --termination does.`,
		examples: `  tenure journey terminate 1001 --reason 'dismissed today, confirmed by HR'`,
	})
}

func (a *app) rescindCommand() *cobra.Command {
	var hire, termination bool
	return a.verbCommand(verb{
		kind: contract.Rescind, use: "rescind ID", short: "Take back a hire or a termination",
		long: `Take back a hire (--hire) that will not happen, or a termination (--termination)
stated by HR or by hand. What was done is undone where that is possible.`,
		examples: `  tenure journey rescind 1001 --hire --reason 'withdrew before the first day'
  tenure journey rescind 1001 --termination --reason 'was entered for the wrong person'`,
		flags: func(c *cobra.Command) {
			c.Flags().BoolVar(&hire, "hire", false, "the hire is taken back")
			c.Flags().BoolVar(&termination, "termination", false, "the termination is taken back")
		},
		fill: func(o *contract.Override) error {
			o.What = "hire"
			if termination {
				o.What = "termination"
			}
			if hire == termination {
				return usage("give --hire or --termination: one of them")
			}
			return nil
		},
	})
}

func (a *app) approveCommand() *cobra.Command {
	return a.verbCommand(verb{
		kind: contract.Approve, use: "approve ID [KEY]", short: "Answer yes to a task that asks",
		long: `Answer yes to a task that asks; tenure people show ID lists the questions. Without a
KEY everything that asks is approved. tenure journey skip answers no.`,
		examples: `  tenure journey approve 1001 'account:entra/s1/1/delete' --reason 'checked with the manager'`,
	})
}

func (a *app) reEvaluateCommand() *cobra.Command {
	return a.verbCommand(verb{
		kind: contract.ReEvaluate, use: "re-evaluate ID", short: "Plan again from the active policy",
		long:     `Plan a person's journey again from the active policy version. tenure policy apply does this for everybody.`,
		examples: `  tenure journey re-evaluate 1001 --reason 'after the restore of the store'`,
	})
}
