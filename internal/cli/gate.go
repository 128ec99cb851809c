package cli

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
)

// gateError ends a command that the gate did not take, or not yet.
type gateError struct{ text string }

func (e *gateError) Error() string { return e.text }

const stateFrozen = "frozen"

func (a *app) gateCommand() *cobra.Command {
	return group("gate", "Decide about mass changes before they happen",
		`A target has a budget per kind of effect (limits in the policy). When more people are
due at once than it allows, nothing happens to any of them: a gate opens and all are
frozen, each with a reason, until a human decides. Who becomes due meanwhile joins.`,
		a.gateStatusCommand(), a.gateShowCommand(), a.gateApproveCommand(), a.gateRejectCommand())
}

func (a *app) gateStatusCommand() *cobra.Command {
	all := false
	command := leaf("status", "Show open gates and paused targets",
		`Show the gates at which somebody waits, and which targets are paused.`,
		`  tenure gate status
  tenure gate status --all`,
		func(c *cobra.Command, _ []string) error {
			api, err := a.client()
			if err != nil {
				return err
			}
			query := url.Values{}
			if !all {
				query.Set("open", "true")
			}
			gates, err := get[[]httpapi.Gate](c.Context(), api, "/v1/gates", query)
			if err != nil {
				return err
			}
			targets, err := get[[]httpapi.TargetState](c.Context(), api, "/v1/targets", nil)
			if err != nil {
				return err
			}
			if a.wantsJSON() {
				return a.json(struct {
					Gates   []httpapi.Gate        `json:"gates"`
					Targets []httpapi.TargetState `json:"targets"`
				}{gates, targets})
			}
			a.printGates(gates, all)
			a.printTargets(targets)
			return nil
		})
	command.Flags().BoolVar(&all, "all", false, "show decided gates too")
	return command
}

func (a *app) printGates(gates []httpapi.Gate, all bool) {
	if len(gates) == 0 {
		a.out.line("No gate is open: nobody waits.")
		if all {
			a.out.line("None has ever been.")
		}
		return
	}
	t := newTable("GATE", "STATE", "OPENED", "DUE AT ONCE", "ALLOWED", "FROZEN", "APPROVED", "REJECTED", "DONE", "GONE")
	for _, g := range gates {
		state := "decided"
		if g.Open {
			state = "open"
		}
		t.add(g.ID, state, showUTC(g.OpenedAt), number(g.Counted), number(g.Allowed), number(g.Frozen), number(g.Approved),
			number(g.Rejected), number(g.Passed), number(g.Closed))
	}
	t.print(a.out, "")
}

func (a *app) printTargets(targets []httpapi.TargetState) {
	for _, target := range targets {
		if target.Paused && target.Pause != nil {
			a.out.text("", fmt.Sprintf("Target %s is paused since %s by %s: %s; %s.", target.Target, showUTC(target.Pause.At),
				target.Pause.Actor, target.Pause.Reason, waitFor(target.Waiting)))
		}
	}
}

func waitFor(people int) string {
	if people == 1 {
		return "1 person waits for it"
	}
	return number(people) + " people wait for it"
}

func (a *app) gateShowCommand() *cobra.Command {
	return leaf("show GATE", "Show who waits at a gate, and why",
		`Show everybody at a gate, when their line was due, what HR stated when, and what was
decided by whom. The reasons tell a wrong file from a true wave of leavers.`,
		`  tenure gate show entra-disable-1`,
		func(c *cobra.Command, args []string) error {
			return show(c.Context(), a, gatePath(args[0]), nil, a.printGate)
		})
}

func gatePath(id string) string { return "/v1/gates/" + url.PathEscape(id) }

func (a *app) printGate(g httpapi.GateDetail) {
	a.out.text("", fmt.Sprintf("Gate %s: %s in %s was due at once for %s, %d allowed within %s.", g.ID, g.Kind, g.Target,
		count(g.Counted, "person", "people"), g.Allowed, showSpan(g.WindowSeconds)))
	if g.Approvals > 1 {
		a.out.line("%d different people must approve.", g.Approvals)
	}
	t := newTable("ID", "NAME", "DUE", "STATE", "REASON")
	for _, m := range g.Members {
		t.add(showID(m.PersonID), or(m.DisplayName, none), showUTC(m.Due), memberState(m), m.Reason)
	}
	t.print(a.out, "  ")
	for _, d := range g.Decisions {
		except := ""
		if len(d.Except) > 0 {
			except = " except " + showIDs(d.Except)
		}
		a.out.text("", fmt.Sprintf("%s %s %s%s: %s", showUTC(d.At), d.Actor, strings.Replace(d.Verdict, "approved", "approved "+number(d.People), 1), except, d.Reason))
	}
	if g.Frozen > 0 {
		next := newTable()
		next.add("if all of it is right", "tenure gate approve "+quoted(g.ID)+" --reason WHY")
		next.add("if some of it is wrong", "tenure gate approve "+quoted(g.ID)+" --except ID --reason WHY")
		next.add("if it is wrong", "tenure gate reject "+quoted(g.ID)+" --reason WHY, and correct HR")
		next.print(a.out, "")
	}
}

func memberState(m httpapi.GateMember) string {
	switch {
	case m.State == "passed":
		return "done"
	case m.State == "closed":
		return "gone"
	case m.State == stateFrozen && len(m.Approvers) > 0:
		return "frozen, approved by " + strings.Join(m.Approvers, ", ")
	default:
		return m.State
	}
}

func showIDs(ids []httpapi.PersonID) string {
	var out []string
	for _, id := range ids {
		out = append(out, showID(id))
	}
	return strings.Join(out, ", ")
}

// verdictFlags are those of the commands that decide about a gate.
type verdictFlags struct {
	decisionFlags
	except []string
	yes    bool
}

func (a *app) gateApproveCommand() *cobra.Command {
	var f verdictFlags
	command := leaf("approve GATE", "Let the people of a gate go on",
		`Let everybody who is frozen at a gate go on, but for the exceptions: those are
rejected. It first shows whom it is about and asks; --yes agrees beforehand. Who joins
the gate while you look stays frozen.

Nothing is done blindly after that: a line that has moved since, a person who is held
or a paused target is looked at again. Where the policy asks for more approvals than
one, others must run the same command; until then it ends with 4.`,
		`  tenure gate approve entra-disable-1 --reason 'the Lyon office is closed'
  tenure gate approve entra-disable-1 --except 1044 --except 1107 --reason 'all but two'`,
		func(c *cobra.Command, args []string) error { return a.decideGate(c, args[0], true, f) })
	f.add(command)
	command.Flags().StringArrayVar(&f.except, "except", nil, "`ID` of somebody to reject though the others are approved; may be repeated")
	command.Flags().BoolVar(&f.yes, "yes", false, "do not ask")
	return command
}

func (a *app) gateRejectCommand() *cobra.Command {
	var f verdictFlags
	command := leaf("reject GATE", "Stop the people of a gate",
		`Reject everybody who is frozen at a gate. Nothing happens to them until HR states
something else, or a human runs or skips the line of one person. It first shows whom it
is about and asks; --yes agrees beforehand.`,
		`  tenure gate reject entra-disable-1 --reason 'HR sent the wrong file'`,
		func(c *cobra.Command, args []string) error { return a.decideGate(c, args[0], false, f) })
	f.add(command)
	command.Flags().BoolVar(&f.yes, "yes", false, "do not ask")
	return command
}

// decideGate shows what a decision is about, asks, and sends it for those alone
// who were shown.
func (a *app) decideGate(c *cobra.Command, id string, approve bool, f verdictFlags) error {
	decision, err := a.decision(f.decisionFlags)
	if err != nil {
		return err
	}
	verdict := httpapi.GateVerdict{Decision: decision}
	for _, text := range f.except {
		person, err := parseID(text)
		if err != nil {
			return err
		}
		verdict.Except = append(verdict.Except, person)
	}
	api, err := a.client()
	if err != nil {
		return err
	}
	gate, err := get[httpapi.GateDetail](c.Context(), api, gatePath(id), nil)
	if err != nil {
		return err
	}
	word := "reject"
	if approve {
		word = "approve"
	}
	if !gate.Open {
		return &gateError{fmt.Sprintf("gate %s is decided: tenure gate show %s says by whom", gate.ID, quoted(gate.ID))}
	}
	verdict.Through = a.showEffect(gate, approve, verdict.Except)
	if !f.yes {
		if err := a.confirm(c, "Is that what you want?", "when this is what you want, run it again with --yes"); err != nil {
			return err
		}
	}
	outcome, err := post[httpapi.GateOutcome](c.Context(), api, gatePath(id)+"/"+word, verdict, call{})
	if err != nil {
		return err
	}
	if a.wantsJSON() {
		err = a.json(outcome)
	} else {
		a.out.text("", fmt.Sprintf("Gate %s: %d approved, %d rejected; %s.", outcome.Gate.ID, outcome.Approved, outcome.Rejected, outcome.Text))
	}
	if err == nil && outcome.Missing > 0 {
		return &gateError{"nobody goes on yet"}
	}
	return err
}

// showEffect says on stderr whom a decision is about, and returns the number of
// the last of them.
func (a *app) showEffect(gate httpapi.GateDetail, approve bool, except []httpapi.PersonID) int {
	through, goesOn := 0, 0
	t := newTable()
	for _, m := range gate.Members {
		if m.State != stateFrozen {
			continue
		}
		through = max(through, m.Number)
		effect := "stays"
		if approve && !slices.Contains(except, m.PersonID) {
			effect, goesOn = gate.Kind, goesOn+1
		}
		t.add(effect, showID(m.PersonID), or(m.DisplayName, none), m.Reason)
	}
	a.onErrs(func() {
		t.print(a.out, "  ")
		a.out.line("%s in %s: %s, %d of them go on.", gate.Kind, gate.Target, count(gate.Frozen, "person waits", "people wait"), goesOn)
	})
	return through
}

// targetFlags name the target of a pause.
type targetFlags struct {
	decisionFlags
	target string
}

func (a *app) pauseCommand() *cobra.Command {
	return a.brakeCommand("pause", "Stop everything in a target",
		`Stop every effect in a target at its next call: nothing is created, changed, disabled
or deleted there, and terminations wait too. Planning goes on, mail and extensions go
on. What waits is listed with attention "paused"; tenure resume lets it go on.`,
		`  tenure pause --target entra --reason 'the wrong file was released'`)
}

func (a *app) resumeCommand() *cobra.Command {
	return a.brakeCommand("resume", "Let a paused target go on",
		`Let a paused target go on. Who waits is woken; what is due is planned anew, and asks
the gates like everything else.`,
		`  tenure resume --target entra --reason 'HR has sent the right file'`)
}

func (a *app) brakeCommand(word, short, long, example string) *cobra.Command {
	var f targetFlags
	command := leaf(word, short, long, example, func(c *cobra.Command, _ []string) error {
		decision, err := a.decision(f.decisionFlags)
		if err != nil {
			return err
		}
		if f.target == "" {
			return usage("the target is missing: add --target NAME")
		}
		api, err := a.client()
		if err != nil {
			return err
		}
		state, err := post[httpapi.TargetState](c.Context(), api, targetPath(f.target)+"/"+word, decision, call{})
		if err != nil {
			return err
		}
		if a.wantsJSON() {
			return a.json(state)
		}
		now := "goes on"
		if state.Paused {
			now = "is paused"
		}
		a.out.text("", fmt.Sprintf("Target %s %s: %s; %s.", state.Target, now, state.Text, waitFor(state.Waiting)))
		return nil
	})
	f.add(command)
	command.Flags().StringVar(&f.target, "target", "", "`name` of a target of the policy (mandatory)")
	return command
}
