package cli

import (
	"context"
	"errors"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
	"tenure/workflows/contract"
)

func (a *app) targetCommand() *cobra.Command {
	return group("target", "Look at targets, and link accounts that exist already",
		`A target is a directory in which Tenure keeps accounts. Its mode says what is done
there: observe writes nothing, adopt links accounts that exist already, enforce
does everything.`,
		a.targetListCommand(), a.targetCheckCommand(), a.targetMatchCommand())
}

func (a *app) targetListCommand() *cobra.Command {
	return leaf("list", "List the targets with their modes", "List the targets of the active policy with their modes.",
		"  tenure target list\n  tenure target list -o json",
		func(c *cobra.Command, _ []string) error {
			return show(c.Context(), a, "/v1/targets", nil, func(targets []httpapi.TargetState) {
				if len(targets) == 0 {
					a.out.line("The active policy has no targets.")
					return
				}
				t := newTable("TARGET", "MODE", "PAUSED")
				for _, target := range targets {
					paused := none
					if target.Paused {
						paused = "yes"
					}
					t.add(target.Target, or(target.Mode, none), paused)
				}
				t.print(a.out, "")
			})
		})
}

// matchFlags are those of target match.
type matchFlags struct {
	decisionFlags
	accept          string
	acceptProposals bool
	kind, id        string
	all             bool
}

func (a *app) targetMatchCommand() *cobra.Command {
	var f matchFlags
	command := leaf("match NAME", "Compare people with the accounts of a target, and accept matches",
		`Compare the people HR speaks of with the accounts that are in a target.

  linked     the account is the person's already
  match      the only account with the employee number; adopt and enforce link it
  proposal   an account that may be the person's: you decide
  ambiguous  several accounts carry the employee number: you decide
  unmatched  somebody who was here before, and no account that fits
  unowned    an account, and nobody in HR that fits

The table shows what needs a look; --all shows everything. -o csv writes all rows
for a spreadsheet: write accept into the column decision and read the file back with
--accept. Only rows with accept are read. A file is taken whole or not at all, and
everything that is wrong with it is named with its line. Accepted accounts are linked
by their object ID, now or, in mode observe, once the mode lets it.`,
		`  tenure target match entra
  tenure target match entra -o csv > matches.csv
  tenure target match entra --accept matches.csv --reason 'checked with HR'
  tenure target match entra --accept-proposals --reason 'looked through them'
  tenure target match entra --kind unowned -o json`,
		func(c *cobra.Command, args []string) error { return a.targetMatch(c.Context(), args[0], f) })
	f.add(command)
	withSheet(command)
	flags := command.Flags()
	flags.StringVar(&f.accept, "accept", "", "take the decisions of this CSV `file`")
	flags.BoolVar(&f.acceptProposals, "accept-proposals", false, "accept every likely proposal that is the only one for its person and its account")
	flags.StringVar(&f.kind, "kind", "", "only rows of this `kind`: ambiguous, proposal, unmatched, unowned, match or linked")
	flags.BoolVar(&f.all, "all", false, "show matches and linked accounts too")
	flags.StringVar(&f.id, "id", "", "`name` of the decisions: the same ones sent twice count once")
	return command
}

func (a *app) targetMatch(ctx context.Context, target string, f matchFlags) error {
	switch {
	case f.accept != "" && f.acceptProposals:
		return usage("--accept and --accept-proposals are both given: want one of them")
	case f.accept != "":
		return a.acceptFile(ctx, target, f)
	case f.acceptProposals:
		return a.acceptProposals(ctx, target, f)
	}
	report, err := a.matches(ctx, target, f.kind)
	if err != nil {
		return err
	}
	switch a.output {
	case outputJSON:
		return a.json(report)
	case outputCSV:
		return a.sheet(matchSheet(report.Rows))
	default:
		a.printMatches(report, f)
	}
	return nil
}

func targetPath(target string) string { return "/v1/targets/" + url.PathEscape(target) }

// matchesPath is where the matches of a target are.
func matchesPath(target string) string { return targetPath(target) + "/matches" }

func (a *app) matches(ctx context.Context, target, kind string) (httpapi.MatchReport, error) {
	api, err := a.client()
	if err != nil {
		return httpapi.MatchReport{}, err
	}
	var query url.Values
	if kind != "" {
		query = url.Values{"kind": {kind}}
	}
	return get[httpapi.MatchReport](ctx, api, matchesPath(target), query)
}

func (a *app) printMatches(report httpapi.MatchReport, f matchFlags) {
	counts := map[httpapi.MatchKind]int{}
	t := newTable("KIND", "ID", "NAME", "ACCOUNT", "OBJECT ID", "BY", "CONFIDENCE", "REASON")
	for _, row := range report.Rows {
		counts[row.Kind]++
		quiet := row.Kind == httpapi.MatchCertain || row.Kind == httpapi.MatchLinked
		if quiet && !f.all && f.kind == "" {
			continue
		}
		id := none
		if row.Key != "" {
			id = showID(httpapi.PersonID{Realm: row.Realm, Key: row.Key})
		}
		account := row.UserName
		if row.Account != "" && row.Account != "enabled" {
			account = joined(" ", account, row.Account)
		}
		t.add(string(row.Kind), id, or(shorten(or(row.Name, row.AccountName), nameWidth), none), or(account, none), or(row.ObjectID, none),
			or(row.By, none), or(row.Confidence, none), row.Reason)
	}
	t.print(a.out, "")
	if len(t.rows) > 0 {
		a.out.line("")
	}
	parts := []string{}
	for _, kind := range httpapi.MatchKinds() {
		if counts[kind] > 0 {
			parts = append(parts, count(counts[kind], string(kind), string(kind)))
		}
	}
	a.out.line("%s, %s in %s, which is in mode %s: %s.", count(report.People, "person", "people"),
		count(report.Accounts, "account", "accounts"), report.Target, report.Mode, or(strings.Join(parts, ", "), "nothing to match"))
}

// acceptFile sends the decisions of a file.
func (a *app) acceptFile(ctx context.Context, target string, f matchFlags) error {
	file, err := os.Open(f.accept)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	decisions, err := readMatches(f.accept, file)
	if err != nil {
		return err
	}
	return a.acceptMatches(ctx, target, f, decisions)
}

// acceptProposals sends what is likely and leaves no choice.
func (a *app) acceptProposals(ctx context.Context, target string, f matchFlags) error {
	report, err := a.matches(ctx, target, string(httpapi.MatchProposal))
	if err != nil {
		return err
	}
	people, accounts := map[httpapi.PersonID]int{}, map[string]int{}
	for _, row := range report.Rows {
		people[httpapi.PersonID{Realm: row.Realm, Key: row.Key}]++
		accounts[row.ObjectID]++
	}
	var decisions []httpapi.MatchDecision
	for _, row := range report.Rows {
		only := people[httpapi.PersonID{Realm: row.Realm, Key: row.Key}] == 1 && accounts[row.ObjectID] == 1
		if only && row.Confidence == httpapi.ConfidenceLikely {
			decisions = append(decisions, httpapi.MatchDecision{Realm: row.Realm, Key: row.Key, ObjectID: row.ObjectID, Decision: httpapi.MatchAccept})
		}
	}
	if left := len(report.Rows) - len(decisions); left > 0 {
		a.errs.line("%s left: possible only, or more than one for a person or an account.", count(left, "proposal is", "proposals are"))
	}
	return a.acceptMatches(ctx, target, f, decisions)
}

func (a *app) acceptMatches(ctx context.Context, target string, f matchFlags, decisions []httpapi.MatchDecision) error {
	decision, err := a.decision(f.decisionFlags)
	if err != nil {
		return err
	}
	if len(decisions) == 0 {
		a.out.line("Nothing is accepted, and nothing was sent.")
		return nil
	}
	api, err := a.client()
	if err != nil {
		return err
	}
	id := or(f.id, newOverrideID())
	done, err := post[httpapi.MatchAccepted](ctx, api, matchesPath(target), httpapi.MatchDecisions{
		Decision: decision, ID: id, Decisions: decisions,
	}, call{idempotency: id, within: acceptWithin})
	if problem, is := errors.AsType[*httpapi.Problem](err); is && f.accept != "" {
		for i := range problem.Errors {
			problem.Errors[i].File = f.accept
		}
	}
	if err != nil {
		return repeatable(err, id)
	}
	if a.wantsJSON() {
		return a.json(done)
	}
	a.out.text("", count(done.Accepted, "match is", "matches are")+" accepted: "+done.Note+".")
	return nil
}

// onlyTarget is the target that is meant where none is named.
func (a *app) onlyTarget(ctx context.Context, name string) (string, error) {
	if name != "" {
		return name, nil
	}
	api, err := a.client()
	if err != nil {
		return "", err
	}
	targets, err := get[[]httpapi.TargetState](ctx, api, "/v1/targets", nil)
	if err != nil {
		return "", err
	}
	if len(targets) != 1 {
		return "", usage("the policy has %s: add --target NAME", count(len(targets), "target", "targets"))
	}
	return targets[0].Target, nil
}

func (a *app) peopleAdoptCommand() *cobra.Command {
	var f matchFlags
	target := ""
	command := leaf("adopt ID ACCOUNT", "Say which account is a person's",
		`Link an account that exists already with a person, by its object ID. Tenure writes
the person's employee number on it and nothing else for that. The account stays
enabled or disabled as it is until you confirm otherwise. tenure target match shows
which accounts fit.`,
		`  tenure people adopt 1001 5f0c1a52-7f0b-4c57-9d55-1f3f6f6b0001 --reason 'HR confirmed'
  tenure people adopt 1001 5f0c1a52-7f0b-4c57-9d55-1f3f6f6b0001 --target entra --reason 'HR confirmed'`,
		func(c *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			name, err := a.onlyTarget(c.Context(), target)
			if err != nil {
				return err
			}
			return a.acceptMatches(c.Context(), name, f, []httpapi.MatchDecision{
				{Realm: id.Realm, Key: id.Key, ObjectID: args[1], Decision: httpapi.MatchAccept},
			})
		})
	f.add(command)
	command.Flags().StringVar(&target, "target", "", "the `name` of the target (default: the only one)")
	command.Flags().StringVar(&f.id, "id", "", "`name` of the decision: the same one sent twice counts once")
	return command
}

func (a *app) peopleUnlinkCommand() *cobra.Command {
	target := ""
	return a.verbCommand(verb{
		kind: contract.Unlink, use: "unlink ID", short: "Let go of a person's account without touching it",
		long: `Let go of the account that is linked with a person. The account stays as it is, and
Tenure does nothing for this person in the target until another one is linked with
tenure people adopt.`,
		examples: `  tenure people unlink 1001 --target entra --reason 'it is the account of her brother'`,
		flags: func(c *cobra.Command) {
			c.Flags().StringVar(&target, "target", "", "the `name` of the target (mandatory)")
		},
		fill: func(o *contract.Override) error {
			if target == "" {
				return usage("the target is missing: add --target NAME")
			}
			o.Target = target
			return nil
		},
	})
}
