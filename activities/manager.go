package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tenure/internal/directory"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// managerWait is the safety deadline of a wait for a manager: the signal of the
// manager's own journey comes earlier, or was lost.
const managerWait = 6 * time.Hour

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
		Target: j.rules.Name, Ref: waiterRef(j.Realm, kind, value), Journey: j.Journey, TaskKey: j.Batch.Tasks[0].Key, At: j.Now,
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
	// byNumber finds the only account in the target that carries an employee
	// number, "" where there is none.
	byNumber func(ctx context.Context, employeeID string) (string, error)
}

func (j *job) managers() managers {
	return managers{store: j.deps.Store, target: j.rules.Name, byNumber: func(ctx context.Context, employeeID string) (string, error) {
		hits, err := j.target.AccountsByEmployeeID(ctx, employeeID)
		if err != nil || len(hits) != 1 {
			return "", err
		}
		return hits[0].ID, nil
	}}
}

// resolve finds the account of the person a reference means.
func (m managers) resolve(ctx context.Context, realm, kind, value string) (string, error) {
	rows, err := m.store.FindPeople(ctx, realm, store.ReferenceKind(kind), value)
	if err != nil {
		return "", fmt.Errorf("find manager: %w", err)
	}
	if len(rows) > 1 {
		return "", nil // several people answer to it: nobody is guessed
	}
	if len(rows) == 1 {
		claims, err := m.store.Claims(ctx, rows[0].Journey)
		if err != nil {
			return "", fmt.Errorf("find manager's account: %w", err)
		}
		for _, claim := range claims {
			if claim.Target == m.target && claim.Attribute == store.ObjectIDAttribute && claim.State == store.ClaimHeld {
				return claim.Value, nil
			}
		}
	}
	if kind != employeeIDAttribute {
		return "", nil
	}
	// The manager may be existing staff that no journey has ever touched.
	id, err := m.byNumber(ctx, value)
	if err != nil {
		return "", fmt.Errorf("find manager by employee number: %w", err)
	}
	return id, nil
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
	if err := j.target.Writer.SetManager(ctx, j.live.ID, id); err != nil {
		return fmt.Errorf("set manager: %w", err)
	}
	j.changes = append(j.changes, store.AttributeChange{Attribute: "manager", Before: j.live.ManagerID, After: id})
	j.live.ManagerID = id
	return nil
}

// wakeWaiters tells the journeys that wait for this person. The wait is removed
// after the signal, so that a crash in between loses none.
func (j *job) wakeWaiters(ctx context.Context, view person.Attributes) error {
	for _, ref := range j.ownReferences(view) {
		waiters, err := j.deps.Store.TakeWaiters(ctx, j.rules.Name, ref)
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
	}
	return nil
}

// ownReferences are the ways in which others may refer to this person.
func (j *job) ownReferences(view person.Attributes) []string {
	refs := []string{waiterRef(j.Realm, "key", j.Key)}
	for kind, attribute := range map[string]string{
		"employeeId": employeeIDAttribute, "sourceKey": "sourceKey", "email": workEmailAttribute, "name": "person.displayName",
	} {
		if value, _ := view.Get(attribute); value != "" {
			refs = append(refs, waiterRef(j.Realm, kind, value))
		}
	}
	slices.Sort(refs)
	return refs
}

func waiterRef(realm, kind, value string) string { return realm + "/" + kind + ":" + value }

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
