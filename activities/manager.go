package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/with"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// managerWait is the safety deadline of a wait for a manager: the signal of the
// manager's own journey comes earlier, or was lost.
const managerWait = 6 * time.Hour

// managerReplicates is how soon a manager is looked for again whose account the
// forest does not know everywhere yet.
const managerReplicates = 15 * time.Minute

// maxChain bounds the walk up the management chain.
const maxChain = 100

// The codes of attention about managers.
const (
	attentionManagerSelf  = "manager-self"
	attentionManagerCycle = "manager-cycle"
)

// ManagerAttention are the codes of attention that hold until the manager is
// looked for again.
func ManagerAttention() []string { return []string{attentionManagerSelf, attentionManagerCycle} }

// managerReference is the reference that the mapping asks for; "" where the
// target maps none or the record has none.
func managerReference(rules lifecycle.Target, view person.Attributes) (kind, value string, mapped bool) {
	for _, mapping := range rules.Mapping {
		if mapping.Reference != "" {
			kind, _ = view.Get(managerKindAttribute)
			value, _ = view.Get(managerValueAttribute)
			return kind, value, true
		}
	}
	return "", "", false
}

// managerID resolves the manager's object ID. "" means: nobody, not yet, or not
// allowed; a wait is recorded where the manager may still come.
func (j *job) managerID(ctx context.Context, view person.Attributes) (string, error) {
	kind, value, mapped := managerReference(j.rules, view)
	j.account.WaitingFor, j.account.WaitingUntil = "", time.Time{}
	if !mapped || value == "" {
		return "", nil
	}
	if self, err := j.managesThemself(ctx, kind, value); self || err != nil {
		return "", err
	}
	id, err := j.managers().resolve(ctx, j.Realm, kind, value)
	if id != "" || err != nil {
		return id, err
	}
	err = j.deps.Store.AddWaiter(ctx, store.Waiter{
		Target: j.rules.Name, Ref: waiterRef(j.Realm, kind+":"+value), Journey: j.Journey, TaskKey: j.Batch.Tasks[0].Key, At: j.Now,
	})
	if err != nil {
		return "", fmt.Errorf("wait for manager: %w", err)
	}
	// The manager may have come between the look and the wait.
	if id, err = j.managers().resolve(ctx, j.Realm, kind, value); id != "" || err != nil {
		return id, err
	}
	j.account.WaitingFor, j.account.WaitingUntil = kind, j.Now.Add(managerWait)
	return "", nil
}

// managers finds the accounts of those to whom references point.
type managers struct {
	store  *store.Store
	target string
	// neighbours are the other domains of the target's forest, in the order of the
	// policy.
	neighbours []string
	// byNumber finds the only account in a target that carries an employee
	// number, "" where there is none.
	byNumber func(ctx context.Context, target, employeeID string) (string, error)
	// enabled reports whether an account lets its person in.
	enabled func(ctx context.Context, row store.PersonRow, target, id string) bool
}

func (j *job) managers() managers {
	return managers{
		store: j.deps.Store, target: j.rules.Name, neighbours: targetNames(j.policy.Neighbours(j.rules)),
		byNumber: j.accountByNumber, enabled: j.accountEnabled,
	}
}

func targetNames(targets []lifecycle.Target) []string {
	var out []string
	for _, target := range targets {
		out = append(out, target.Name)
	}
	return out
}

// reading is the connector of a target of the policy that the job only reads.
func (j *job) reading(ctx context.Context, name string) (directory.Target, error) {
	if name == j.rules.Name {
		return j.target, nil
	}
	target, err := j.deps.Target(ctx, j.policy.Policy, name)
	return with.ReadOnly(target), err
}

// accountByNumber looks in the person's own target and in the other domains. One
// of those that is away holds nobody up: who waits looks again.
func (j *job) accountByNumber(ctx context.Context, name, employeeID string) (string, error) {
	target, err := j.reading(ctx, name)
	var hits []directory.Account
	if err == nil {
		hits, err = target.AccountsByEmployeeID(ctx, employeeID)
	}
	if err != nil && name != j.rules.Name {
		j.deps.Log.WarnContext(ctx, "another domain of the forest cannot be asked for a manager", "target", name, "error", err)
		return "", nil
	}
	if err != nil || len(hits) != 1 {
		return "", err
	}
	return hits[0].ID, nil
}

// accountEnabled reads the account. Where that fails, what its person's journey
// said last counts.
func (j *job) accountEnabled(ctx context.Context, row store.PersonRow, name, id string) bool {
	target, err := j.reading(ctx, name)
	if err == nil {
		var live *directory.Account
		if live, err = accountIfAny(ctx, target, id); err == nil {
			return live != nil && live.Enabled
		}
	}
	j.deps.Log.WarnContext(ctx, "account of a manager cannot be read", "target", name, "error", err)
	return enabledInIndex(row, name, id)
}

func enabledInIndex(row store.PersonRow, target, id string) bool {
	return slices.ContainsFunc(row.Accounts, func(account store.AccountRow) bool {
		return account.Target == target && strings.EqualFold(account.ID, id) && account.State == plan.AccountEnabled.String()
	})
}

// resolve finds the account of the person a reference means, in the target
// itself or in another domain of its forest.
func (m managers) resolve(ctx context.Context, realm, kind, value string) (string, error) {
	rows, err := m.store.FindPeople(ctx, realm, store.ReferenceKind(kind), value)
	if err != nil {
		return "", fmt.Errorf("find manager: %w", err)
	}
	if len(rows) > 1 {
		return "", nil // several people answer to it: nobody is guessed
	}
	if len(rows) == 1 {
		linked, err := m.linked(ctx, rows[0])
		if linked != "" || err != nil {
			return linked, err
		}
	}
	if kind != employeeIDAttribute {
		return "", nil
	}
	// The manager may be existing staff that no journey has ever touched.
	for _, target := range append([]string{m.target}, m.neighbours...) {
		id, err := m.byNumber(ctx, target, value)
		if err != nil {
			return "", fmt.Errorf("find manager by employee number: %w", err)
		}
		if id != "" {
			return id, nil
		}
	}
	return "", nil
}

// linked is the account of a person that others are linked to. Of several in a
// forest it is the first that lets the person in, the one in the target itself
// before others; where none does, the one that came last.
func (m managers) linked(ctx context.Context, row store.PersonRow) (string, error) {
	claims, err := m.store.Claims(ctx, row.Journey)
	if err != nil {
		return "", fmt.Errorf("find manager's account: %w", err)
	}
	var found []store.Claim
	for _, target := range append([]string{m.target}, m.neighbours...) {
		found = append(found, objectsIn(claims, target)...)
	}
	if len(found) == 0 {
		return "", nil
	}
	last := found[0]
	for _, claim := range found {
		if len(found) > 1 && m.enabled(ctx, row, claim.Target, claim.Value) {
			return claim.Value, nil
		}
		if claim.At.After(last.At) {
			last = claim
		}
	}
	return last.Value, nil
}

// objectsIn are the accounts in a target that the owner of the claims has.
func objectsIn(claims []store.Claim, target string) []store.Claim {
	return slices.DeleteFunc(slices.Clone(claims), func(claim store.Claim) bool {
		return claim.Target != target || claim.Attribute != store.ObjectIDAttribute || claim.State != store.ClaimHeld
	})
}

// selfAt finds a journey's person in the management chain that begins with a
// reference, and how far up.
func (m managers) selfAt(ctx context.Context, realm, journey, kind, value string) (depth int, found bool, err error) {
	for depth = range maxChain {
		rows, err := m.store.FindPeople(ctx, realm, store.ReferenceKind(kind), value)
		if err != nil {
			return 0, false, fmt.Errorf("walk management chain: %w", err)
		}
		if len(rows) != 1 {
			return 0, false, nil
		}
		if rows[0].Journey == journey {
			return depth, true, nil
		}
		var more bool
		if kind, value, more = strings.Cut(rows[0].ManagerRef, ":"); !more || value == "" {
			return 0, false, nil
		}
	}
	return 0, false, nil
}

// managesThemself reports whether the person stands in their own management
// chain; no link is written then and somebody is told.
func (j *job) managesThemself(ctx context.Context, kind, value string) (bool, error) {
	depth, found, err := j.managers().selfAt(ctx, j.Realm, j.Journey, kind, value)
	if found {
		j.raiseManager(depth)
	}
	return found, err
}

func (j *job) raiseManager(depth int) {
	attention := plan.Attention{Code: attentionManagerSelf, Text: "HR names this person as their own manager: no manager is set until HR corrects it"}
	if depth > 0 {
		attention = plan.Attention{Code: attentionManagerCycle, Text: "this person stands in their own management chain: no manager is set until HR corrects it"}
	}
	j.attention = append(j.attention, attention)
}

// writeManager links the manager where it differs, and unlinks where HR states
// that there is none. A manager who cannot be resolved leaves the link alone.
func (j *job) writeManager(ctx context.Context, view person.Attributes) error {
	_, value, isMapped := managerReference(j.rules, view)
	if !isMapped {
		return nil
	}
	_, stated := view.Get(managerValueAttribute)
	id, err := j.managerID(ctx, view)
	if err != nil {
		return err
	}
	if j.live.Synced {
		if id != "" && id != j.live.ManagerID {
			j.mastered = append(j.mastered, "manager")
		}
		return nil
	}
	unlink := stated && value == "" && j.live.ManagerID != ""
	if !unlink && (id == "" || id == j.live.ManagerID) {
		return nil
	}
	if err := j.mayTouch(ctx); err != nil {
		return err
	}
	if waits, err := j.setManager(ctx, view, id); waits || err != nil {
		return err
	}
	j.changes = append(j.changes, store.AttributeChange{Attribute: "manager", Before: j.live.ManagerID, After: id})
	j.live.ManagerID = id
	return nil
}

// setManager writes the link. A manager of another domain whom the forest does not
// know yet is waited for: all else goes on.
func (j *job) setManager(ctx context.Context, view person.Attributes, id string) (waits bool, err error) {
	err = j.target.Writer.SetManager(ctx, j.live.ID, id)
	switch {
	case err == nil:
		return false, nil
	case errors.Is(err, directory.ErrNotFound) && j.rules.Forest != "" && id != "":
		j.account.WaitingFor, _, _ = managerReference(j.rules, view)
		j.account.WaitingUntil = j.Now.Add(managerReplicates)
		return true, nil
	default:
		return false, fmt.Errorf("set manager: %w", err)
	}
}

// wakeWaiters tells the journeys that wait for this person, in the target or in
// another domain of its forest.
func (j *job) wakeWaiters(ctx context.Context, view person.Attributes) error {
	m := j.managers()
	for _, ref := range j.ownReferences(view) {
		for _, target := range append([]string{m.target}, m.neighbours...) {
			if err := j.wake(ctx, target, waiterRef(j.Realm, ref)); err != nil {
				return err
			}
		}
	}
	return nil
}

// wake ends a wait after the signal, so that a crash in between loses none.
func (j *job) wake(ctx context.Context, target, ref string) error {
	waiters, err := j.deps.Store.TakeWaiters(ctx, target, ref)
	if err != nil {
		return fmt.Errorf("find who waits: %w", err)
	}
	for _, waiter := range waiters {
		if err := j.deps.Wake(ctx, waiter.Journey); err != nil {
			return fmt.Errorf("wake %s: %w", waiter.Journey, err)
		}
		if err := j.deps.Store.RemoveWaiter(ctx, waiter); err != nil {
			return fmt.Errorf("end wait: %w", err)
		}
	}
	return nil
}

// tellReports asks those whom the person manages to look at their accounts again,
// where the person has accounts in several domains of a forest: it may be another
// one now that they are linked to.
func (j *job) tellReports(ctx context.Context, task plan.Task) error {
	m := j.managers()
	if len(m.neighbours) == 0 {
		return nil
	}
	claims, err := m.store.Claims(ctx, j.Journey)
	if err != nil {
		return fmt.Errorf("list claims: %w", err)
	}
	forest := append([]string{m.target}, m.neighbours...)
	domains := 0
	for _, target := range forest {
		domains += min(1, len(objectsIn(claims, target)))
	}
	if domains < 2 {
		return nil
	}
	reports, err := m.store.Reports(ctx, j.Realm, j.ownReferences(j.view(task)))
	if err != nil {
		return err
	}
	for _, row := range reports {
		for _, account := range row.Accounts {
			// One that is disabled is looked at before it is enabled.
			works := isHere(row) && account.State == plan.AccountEnabled.String()
			if !works || !slices.Contains(forest, account.Target) {
				continue
			}
			if err := j.deps.LookAgain(ctx, row.Journey, account.Target, j.effectKey(task)+"/"+account.Target); err != nil {
				return fmt.Errorf("ask %s to look again: %w", row.Journey, err)
			}
		}
	}
	return nil
}

// tellingReports is a task after which the person may have another account that
// counts.
func (j *job) tellingReports(ctx context.Context, task plan.Task, do func(context.Context, plan.Task) (string, error)) (string, error) {
	code, err := do(ctx, task)
	if err != nil {
		return code, err
	}
	return code, j.tellReports(ctx, task)
}

// isHere reports whether somebody has not left: the accounts of others are left
// alone.
func isHere(row store.PersonRow) bool {
	switch person.Phase(row.Phase) {
	case person.PhaseLeft, person.PhaseDeleted, person.PhaseRescinded:
		return false
	default:
		return true
	}
}

// ownReferences are the ways in which others may refer to this person.
func (j *job) ownReferences(view person.Attributes) []string {
	refs := []string{"key:" + j.Key}
	for kind, attribute := range map[string]string{
		"employeeId": employeeIDAttribute, "sourceKey": "sourceKey", "email": workEmailAttribute, "name": "person.displayName",
	} {
		if value, _ := view.Get(attribute); value != "" {
			refs = append(refs, kind+":"+value)
		}
	}
	slices.Sort(refs)
	return refs
}

func waiterRef(realm, ref string) string { return realm + "/" + ref }

// accountIfAny reads one account where it may be gone.
func accountIfAny(ctx context.Context, target directory.Target, id string) (*directory.Account, error) {
	live, err := target.Account(ctx, id)
	if errors.Is(err, directory.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read account: %w", err)
	}
	return &live, nil
}
