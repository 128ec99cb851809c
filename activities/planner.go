package activities

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// PlanStore is what planning writes to, best effort.
type PlanStore interface {
	UpsertPerson(ctx context.Context, row store.PersonRow) (bool, error)
	AppendKnowing(ctx context.Context, journey string, witness store.LedgerHead, rows ...store.LedgerRow) error
	Head(ctx context.Context, journey string) (store.LedgerHead, error)
	// Erase and Marker are the erasure of a person and what it leaves behind.
	Erase(ctx context.Context, order store.Erasure) (store.Marker, error)
	Marker(ctx context.Context, journey string) (store.Marker, error)
	// Standing, Pauses and SettleDemand are the planner's side of gates and pauses.
	Standing(ctx context.Context, journey string) ([]store.GateMember, error)
	Pauses(ctx context.Context) ([]store.Pause, error)
	SettleDemand(ctx context.Context, settlement store.Settlement) error
}

// Planner holds the local activity that plans. It is safe for concurrent use.
type Planner struct {
	policies *Policies
	store    PlanStore
	callers  Callers
	log      *slog.Logger
}

// Callers is what the configuration says of who may steer. The answer is recorded
// with each plan, so that a journey decides alike when it is replayed.
type Callers struct {
	// Verified says that the API asks for credentials.
	Verified bool
	// Steer lets signals from the Temporal Web UI approve, set dates, rescind,
	// release and run what waits.
	Steer bool
}

// NewPlanner returns the activity.
func NewPlanner(policies *Policies, to PlanStore, callers Callers, log *slog.Logger) *Planner {
	return &Planner{policies: policies, store: to, callers: callers, log: log}
}

// BuildPlan computes what is due from the active policy version. It also writes
// the person's row of the index and the waiting notes to the ledger: while the
// store is away planning goes on and the notes are sent again.
func (p *Planner) BuildPlan(ctx context.Context, in PlanInput) (PlanOutput, error) {
	policy, err := p.policies.Active(ctx)
	if err != nil {
		return PlanOutput{}, temporal.NewApplicationError(err.Error(), CodePolicy)
	}
	input := policy.Input(in.Facts, in.Now)
	input.Verified = p.callers.Verified
	input.Brakes = p.brakes(ctx, in)
	result, budget := plan.BuildSettled(input)
	out := PlanOutput{Result: result, Steer: p.callers.Steer}
	if err := p.record(ctx, in, policy.Policy, budget, &out); err != nil {
		p.log.Warn("store is away", "journey", in.Journey, "error", err)
		out.Recorded = false
		if in.LedgerSeq == 0 {
			out.Due = nil // nobody can tell yet whether this person was erased
		}
	}
	return out, nil
}

func (p *Planner) record(ctx context.Context, in PlanInput, policy *lifecycle.Policy, budget []plan.BudgetLine, out *PlanOutput) error {
	if err := p.recall(ctx, in, out); err != nil {
		return err
	}
	if _, err := p.store.UpsertPerson(ctx, indexRow(in, out.Result, policy)); err != nil {
		return fmt.Errorf("write people index: %w", err)
	}
	if err := p.settleDemand(ctx, in, budget); err != nil {
		return err
	}
	out.Recorded = true
	rows := make([]store.LedgerRow, 0, len(in.Notes)+len(out.Settled))
	for _, note := range in.Notes {
		rows = append(rows, noteRow(in.Journey, note, out.PolicyVersion))
		out.NotesThrough = note.Number
	}
	for _, settled := range out.Settled {
		rows = append(rows, store.LedgerRow{
			Journey: in.Journey, At: in.Now, Key: settled.Key, Kind: store.LedgerPlan, Task: settled.Key,
			Actor: "policy", Reason: settled.Code, Outcome: string(settled.Outcome), PolicyVersion: out.PolicyVersion,
		})
	}
	if len(rows) == 0 {
		return nil
	}
	if err := p.store.AppendKnowing(ctx, in.Journey, store.LedgerHead{Seq: in.LedgerSeq, Hash: in.LedgerHash}, rows...); err != nil {
		return fmt.Errorf("write ledger: %w", err)
	}
	head, err := p.store.Head(ctx, in.Journey)
	if err != nil {
		return fmt.Errorf("read ledger head: %w", err)
	}
	out.LedgerSeq, out.LedgerHash = head.Seq, head.Hash
	return nil
}

func noteRow(journey string, note Note, version int) store.LedgerRow {
	row := store.LedgerRow{
		Journey: journey, At: note.At, Key: note.Key, Kind: store.LedgerKind(note.Kind), Task: note.Task,
		Actor: note.Actor, Reason: note.Reason, Outcome: note.Outcome, PolicyVersion: version,
	}
	for _, name := range note.Names {
		row.Changes = append(row.Changes, store.AttributeChange{Attribute: name})
	}
	return row
}

// indexRow is what lists show of the person. An update that has just been
// planned is shown at once.
func indexRow(in PlanInput, result plan.Result, policy *lifecycle.Policy) store.PersonRow {
	facts := in.Facts
	if result.Memory != nil {
		facts.Memory = *result.Memory
	}
	scope := currentScope(facts, result.Zone, in.Now)
	view := scope.View
	get := func(name string) string {
		value, _ := view.Get(name)
		return value
	}
	row := store.PersonRow{
		Realm: facts.Realm, Key: facts.Key, Journey: in.Journey,
		DisplayName: displayName(view), Department: get("assignment.department.name"), JobTitle: get("assignment.jobTitle"),
		EmployeeID: get(employeeIDAttribute), SourceKey: get("sourceKey"), Email: get(workEmailAttribute),
		Phase: string(result.Phase), NextDeadline: result.Next, NextWhat: result.NextWhat,
		Zone: result.Zone, PolicyVersion: result.PolicyVersion, Revision: in.Revision, At: in.Now,
	}
	for _, kind := range facts.Overrides.HoldKinds() {
		row.Held, row.Holds = true, append(row.Holds, string(kind))
	}
	for _, attention := range append(slices.Clone(in.Attention), result.Attention...) {
		row.Attention = append(row.Attention, attention.Code)
	}
	slices.Sort(row.Attention)
	row.Attention = slices.Compact(row.Attention)
	for _, account := range facts.Accounts {
		row.Accounts = append(row.Accounts, store.AccountRow{
			Target: account.Target, ID: account.ID, UserName: account.UserName, State: account.State.String(), Linked: account.Linked,
			Synced: account.Synced, Protected: account.Protected,
		})
	}
	row.Matches = matchRows(facts, result.Matches, policy, scope)
	if kind, value := get(managerKindAttribute), get(managerValueAttribute); value != "" {
		row.ManagerRef = kind + ":" + value
	}
	var feeds []string
	for _, feed := range facts.Person.Feeds {
		feeds = append(feeds, feed.Feed)
	}
	row.Feed = strings.Join(feeds, ",")
	return row
}

// matchRows are what a report on accounts that are there needs of the person.
func matchRows(facts plan.Facts, matches []plan.Match, policy *lifecycle.Policy, scope plan.MappingScope) []store.MatchRow {
	var out []store.MatchRow
	for _, match := range matches {
		rules, found := policy.Target(match.Target)
		if !found {
			continue
		}
		row := store.MatchRow{Target: match.Target, Staff: match.Staff, Outside: match.Outside, Names: PlainNames(rules, scope)}
		for _, o := range facts.Overrides.Links {
			if o.Target == match.Target {
				row.Ordered = o.ObjectID
			}
		}
		out = append(out, row)
	}
	return out
}

// currentScope is the record as it stands for the newest stay, for mappings.
func currentScope(facts plan.Facts, zone string, now time.Time) plan.MappingScope {
	location, err := time.LoadLocation(zone)
	if err != nil {
		location = time.UTC // the plan has raised attention about it
	}
	var stay person.Stay
	if stays := facts.Memory.Stays; len(stays) > 0 {
		stay = stays[len(stays)-1]
	}
	view := person.View(facts.Person.Record, stay, person.DateOf(now.In(location)))
	return plan.MappingScope{View: view, Zone: location, Now: now}
}

// displayName is the one HR states, else given and family name.
func displayName(view person.Attributes) string {
	if name, _ := view.Get(displayNameAttribute); name != "" {
		return name
	}
	given, _ := view.Get("person.legalName.given")
	family, _ := view.Get("person.legalName.family")
	return strings.TrimSpace(given + " " + family)
}
