package activities

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tenure/internal/directory"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/reconcile"
	"tenure/internal/store"
)

const (
	// reconcilePage is how many people are read, compared and written at a time.
	reconcilePage = 500
	// reconcileAsks is how many journeys are asked at once.
	reconcileAsks = 8
	// mostUnanswered is after how many silences no more journeys are asked: the
	// workers are busy with people.
	mostUnanswered = 200
	// mostProtection bounds how many unowned accounts are looked up for roles in
	// one comparison.
	mostProtection = 200
)

// Whether an unowned account is protected.
const (
	ProtectionYes     = "yes"
	ProtectionNo      = "no"
	ProtectionUnknown = "unknown"
)

// ReconcilerDeps are what comparing a target works with. Every field is needed.
type ReconcilerDeps struct {
	Store    *store.Store
	Policies *Policies
	// Target gives the connector of a target of this policy.
	Target func(ctx context.Context, policy *lifecycle.Policy, name string) (directory.Target, error)
	// Facts asks a journey for everything it knows.
	Facts func(ctx context.Context, journey string) (plan.Facts, error)
	Log   *slog.Logger
}

// Reconciler holds the activity that compares. It is safe for concurrent use.
type Reconciler struct{ deps ReconcilerDeps }

// NewReconciler returns the activity.
func NewReconciler(deps ReconcilerDeps) *Reconciler { return &Reconciler{deps: deps} }

// ReconcileInput is the argument of the workflow and its activity.
type ReconcileInput struct {
	Target string `json:"target"`
	// Now is filled in by the workflow.
	Now time.Time `json:"now,omitzero"`
}

// ReconcileResult counts, and names nobody: it is in the history.
type ReconcileResult struct {
	Accounts int `json:"accounts"`
	People   int `json:"people"`
	// Unanswered people's journeys did not say what they want.
	Unanswered int `json:"unanswered,omitempty"`

	ActiveShouldBeDisabled int `json:"activeShouldBeDisabled,omitempty"`
	DisabledShouldBeActive int `json:"disabledShouldBeActive,omitempty"`
	Missing                int `json:"missing,omitempty"`
	Drifted                int `json:"drifted,omitempty"`
	Unowned                int `json:"unowned,omitempty"`
	// Closed findings of before were not found any more.
	Closed int `json:"closed,omitempty"`
}

// ReconcileTarget compares a target with what the journeys want and records what
// it finds. It writes nothing in the target and tells no journey. Already done
// is nothing: a repeated comparison replaces the one before.
func (r *Reconciler) ReconcileTarget(ctx context.Context, in ReconcileInput) (ReconcileResult, error) {
	stop := heartbeat(ctx)
	defer stop()
	c, err := r.open(ctx, in)
	if err == nil {
		err = c.run(ctx)
	}
	if err != nil {
		return ReconcileResult{}, temporalError(outcomeOf("", err))
	}
	r.deps.Log.InfoContext(ctx, "target compared", "target", in.Target, "accounts", c.result.Accounts, "people", c.result.People,
		"unanswered", c.result.Unanswered, "enabled_wrongly", c.result.ActiveShouldBeDisabled,
		"disabled_wrongly", c.result.DisabledShouldBeActive, "missing", c.result.Missing, "drifted", c.result.Drifted,
		"unowned", c.result.Unowned, "closed", c.result.Closed)
	return c.result, nil
}

// comparison is one run over a target.
type comparison struct {
	ReconcileInput
	deps     ReconcilerDeps
	policy   LoadedPolicy
	rules    lifecycle.Target
	target   directory.Target
	holding  *reconcile.Holding
	managers managers
	result   ReconcileResult

	mu sync.Mutex
	// silent counts journeys that did not answer.
	silent int
}

func (r *Reconciler) open(ctx context.Context, in ReconcileInput) (*comparison, error) {
	policy, err := r.deps.Policies.Active(ctx)
	if err != nil {
		return nil, failForNow(CodePolicy, err.Error())
	}
	rules, found := policy.Target(in.Target)
	if !found {
		return nil, fail(CodePolicy, fmt.Sprintf("the active policy has no target %q", in.Target))
	}
	target, err := r.deps.Target(ctx, policy.Policy, in.Target)
	if err != nil {
		return nil, fmt.Errorf("open target %s: %w", in.Target, err)
	}
	if target.Lister == nil {
		return nil, fail(CodeInvalid, fmt.Sprintf("target %s cannot list its accounts: it cannot be compared", in.Target))
	}
	c := &comparison{ReconcileInput: in, deps: r.deps, policy: policy, rules: rules, target: target, holding: reconcile.NewHolding()}
	c.managers = managers{
		store: r.deps.Store, target: rules.Name, neighbours: targetNames(policy.Neighbours(rules)), byNumber: c.accountByNumber, enabled: c.accountEnabled,
	}
	return c, nil
}

// accountByNumber knows the accounts of the target alone: a manager in another
// domain whom no journey has touched is not compared.
func (c *comparison) accountByNumber(_ context.Context, target, number string) (string, error) {
	if target != c.rules.Name {
		return "", nil
	}
	id, _ := c.holding.ByNumber(number)
	return id, nil
}

// accountEnabled is what the target was seen to hold, or what the people index
// says of another domain.
func (c *comparison) accountEnabled(_ context.Context, row store.PersonRow, target, id string) bool {
	if target != c.rules.Name {
		return enabledInIndex(row, target, id)
	}
	live, found := c.holding.Account(id)
	return found && live.Enabled
}

func (c *comparison) run(ctx context.Context) error {
	if err := c.list(ctx); err != nil {
		return err
	}
	if err := c.pages(ctx, c.know); err != nil {
		return err
	}
	if err := c.pages(ctx, c.compare); err != nil {
		return err
	}
	if err := c.unowned(ctx); err != nil {
		return err
	}
	closed, err := c.deps.Store.CloseFindings(ctx, store.Comparison{
		Target: c.rules.Name, At: c.Now, Accounts: c.result.Accounts, People: c.result.People, Unanswered: c.result.Unanswered,
		Counts: c.result.counts(),
	})
	c.result.Closed = closed
	return err
}

// list takes in everything that the target holds, and who has it.
func (c *comparison) list(ctx context.Context) error {
	err := c.target.Lister.ListAccounts(ctx, func(account directory.Account) error {
		c.holding.Add(account)
		return nil
	})
	if err != nil {
		return fmt.Errorf("list accounts of %s: %w", c.rules.Name, err)
	}
	c.result.Accounts = c.holding.Size()
	claimed, err := c.deps.Store.ClaimedObjects(ctx, c.rules.Name)
	if err != nil {
		return err
	}
	for _, id := range claimed {
		c.holding.Claim(id)
	}
	return nil
}

// pages goes through the people index.
func (c *comparison) pages(ctx context.Context, each func(ctx context.Context, page []store.PersonRow) error) error {
	for cursor := ""; ; {
		rows, next, err := c.deps.Store.People(ctx, store.PeopleFilter{Limit: reconcilePage, Cursor: cursor})
		if err != nil {
			return err
		}
		if err := each(ctx, rows); err != nil {
			return err
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

func (c *comparison) know(_ context.Context, page []store.PersonRow) error {
	for _, row := range page {
		c.holding.Know(c.personOf(row))
	}
	return nil
}

func (c *comparison) personOf(row store.PersonRow) reconcile.Person {
	p := reconcile.Person{Realm: row.Realm, Key: row.Key, EmployeeID: row.EmployeeID, Phase: person.Phase(row.Phase)}
	for _, account := range row.Accounts {
		if account.Target == c.rules.Name {
			p.ObjectID, p.State = account.ID, plan.AccountState(account.State)
		}
	}
	return p
}

// compare compares a page of people, some at once, and records what it finds.
func (c *comparison) compare(ctx context.Context, page []store.PersonRow) error {
	c.result.People += len(page)
	found := make([][]reconcile.Finding, len(page))
	kept := make([]bool, len(page))
	errs := make([]error, len(page))
	var all sync.WaitGroup
	free := make(chan struct{}, reconcileAsks)
	for i, row := range page {
		if !c.personOf(row).NeedsFacts(c.holding) {
			continue
		}
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			found[i], kept[i], errs[i] = c.person(ctx, row)
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	var findings []reconcile.Finding
	for i, row := range page {
		if kept[i] {
			c.result.Unanswered++
			if err := c.deps.Store.KeepFindings(ctx, c.rules.Name, row.Realm, row.Key, c.Now); err != nil {
				return err
			}
		}
		findings = append(findings, found[i]...)
	}
	return c.save(ctx, findings, nil)
}

// person compares one person; unanswered is set where the journey did not say
// what it wants.
func (c *comparison) person(ctx context.Context, row store.PersonRow) (findings []reconcile.Finding, unanswered bool, err error) {
	who := c.personOf(row)
	facts, ok := c.facts(ctx, row.Journey)
	if !ok {
		return who.Unanswered(c.holding), true, ctx.Err()
	}
	now := c.Now
	if row.At.After(now) {
		now = row.At // a clock that was moved
	}
	account, _ := plan.AccountWanted(plan.Input{
		Policy: c.policy.Policy, Version: c.policy.Stored.Number, Activations: c.policy.Stored.Activations, Facts: facts, Now: now,
	}, c.rules.Name)
	wanted := reconcile.Wanted{WantedAccount: account}
	if wanted.ManagerID, err = c.manager(ctx, row, account); err != nil {
		return nil, false, err
	}
	return who.Differences(c.holding, wanted), false, nil
}

// facts asks a journey, unless too many were silent already.
func (c *comparison) facts(ctx context.Context, journey string) (plan.Facts, bool) {
	c.mu.Lock()
	enough := c.silent >= mostUnanswered
	c.mu.Unlock()
	if enough || ctx.Err() != nil {
		return plan.Facts{}, false
	}
	facts, err := c.deps.Facts(ctx, journey)
	if err == nil {
		return facts, true
	}
	c.mu.Lock()
	c.silent++
	c.mu.Unlock()
	c.deps.Log.WarnContext(ctx, "journey did not say what it wants", "journey", journey, "error", err)
	return plan.Facts{}, false
}

// manager is whom the account should be linked to; "" where nobody is known, or
// no link is written because people would manage themselves.
func (c *comparison) manager(ctx context.Context, row store.PersonRow, wanted plan.WantedAccount) (string, error) {
	if !wanted.Written || !wanted.Exists {
		return "", nil
	}
	kind, value, mapped := managerReference(c.rules, wanted.View)
	if !mapped || value == "" {
		return "", nil
	}
	if _, found, err := c.managers.selfAt(ctx, row.Realm, row.Journey, kind, value); found || err != nil {
		return "", err
	}
	return c.managers.resolve(ctx, row.Realm, kind, value)
}

// unowned records the accounts that nobody claims, and which are protected.
func (c *comparison) unowned(ctx context.Context) error {
	findings := c.holding.Unowned()
	protection := make(map[string]string, len(findings))
	for i, f := range findings {
		protection[f.ObjectID] = ProtectionUnknown
		if i < mostProtection {
			protection[f.ObjectID] = c.protection(ctx, f.ObjectID)
		}
	}
	return c.save(ctx, findings, protection)
}

func (c *comparison) protection(ctx context.Context, objectID string) string {
	if c.target.Protections == nil {
		return ProtectionUnknown
	}
	protection, err := c.target.Protections.Protection(ctx, objectID)
	switch {
	case err != nil:
		c.deps.Log.WarnContext(ctx, "protection of an account could not be read", "target", c.rules.Name, "object", objectID, "error", err)
		return ProtectionUnknown
	case protection.Any():
		return ProtectionYes
	default:
		return ProtectionNo
	}
}

func (c *comparison) save(ctx context.Context, findings []reconcile.Finding, protection map[string]string) error {
	rows := make([]store.Finding, 0, len(findings))
	for _, f := range findings {
		c.result.count(f.Kind)
		rows = append(rows, store.Finding{
			ID: f.ID(c.rules.Name), Target: c.rules.Name, Kind: string(f.Kind), Realm: f.Realm, Key: f.Key, ObjectID: f.ObjectID,
			UserName: f.UserName, Names: f.Names, Reason: f.Reason, Waits: f.Waits, Protection: protection[f.ObjectID], LastSeen: c.Now,
		})
	}
	return c.deps.Store.SaveFindings(ctx, rows)
}

func (r *ReconcileResult) count(kind reconcile.Kind) {
	switch kind {
	case reconcile.ActiveShouldBeDisabled:
		r.ActiveShouldBeDisabled++
	case reconcile.DisabledShouldBeActive:
		r.DisabledShouldBeActive++
	case reconcile.Missing:
		r.Missing++
	case reconcile.Drifted:
		r.Drifted++
	case reconcile.Unowned:
		r.Unowned++
	}
}

func (r *ReconcileResult) counts() map[string]int {
	return map[string]int{
		string(reconcile.ActiveShouldBeDisabled): r.ActiveShouldBeDisabled, string(reconcile.DisabledShouldBeActive): r.DisabledShouldBeActive,
		string(reconcile.Missing): r.Missing, string(reconcile.Drifted): r.Drifted, string(reconcile.Unowned): r.Unowned,
	}
}
