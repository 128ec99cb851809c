package reconcile

import (
	"slices"
	"strings"

	"tenure/internal/directory"
)

// Holding is what a target holds, and which of it is claimed.
type Holding struct {
	accounts map[string]directory.Account
	// numbers are the accounts, by folded ID, that carry an employee number.
	numbers map[string][]string
	claimed map[string]bool
	people  map[string][]Person
}

// NewHolding is what an empty target holds.
func NewHolding() *Holding {
	return &Holding{
		accounts: map[string]directory.Account{}, numbers: map[string][]string{}, claimed: map[string]bool{}, people: map[string][]Person{},
	}
}

// Add takes in one account of the target; one that is told twice counts once.
func (h *Holding) Add(account directory.Account) {
	id := fold(account.ID)
	if _, known := h.accounts[id]; known {
		return
	}
	h.accounts[id] = account
	if account.EmployeeID != "" {
		h.numbers[account.EmployeeID] = append(h.numbers[account.EmployeeID], id)
	}
}

// Claim says that a journey has an account, whether it is there or not.
func (h *Holding) Claim(objectID string) {
	if objectID != "" {
		h.claimed[fold(objectID)] = true
	}
}

// Know takes in a person: their link is a claim, and without one an account with
// their employee number may be theirs.
func (h *Holding) Know(p Person) {
	h.Claim(p.ObjectID)
	if p.ObjectID == "" && p.EmployeeID != "" {
		h.people[p.EmployeeID] = append(h.people[p.EmployeeID], p)
	}
}

// Account finds an account by its ID.
func (h *Holding) Account(objectID string) (directory.Account, bool) {
	account, found := h.accounts[fold(objectID)]
	return account, found
}

// Size counts the accounts.
func (h *Holding) Size() int { return len(h.accounts) }

// CarriesNumber reports whether an account that nobody claims carries an
// employee number.
func (h *Holding) CarriesNumber(employeeID string) bool {
	return slices.ContainsFunc(h.numbers[employeeID], func(id string) bool { return !h.claimed[id] })
}

// ByNumber is the only account that carries an employee number.
func (h *Holding) ByNumber(employeeID string) (objectID string, found bool) {
	if ids := h.numbers[employeeID]; len(ids) == 1 {
		return h.accounts[ids[0]].ID, true
	}
	return "", false
}

// Unowned lists the accounts that nobody claims, in the order of findings. It is
// asked once everybody is known.
func (h *Holding) Unowned() []Finding {
	var out []Finding
	for id, account := range h.accounts {
		if h.claimed[id] {
			continue
		}
		f := Finding{Kind: Unowned, ObjectID: account.ID, UserName: account.UserName, Reason: "no journey claims it"}
		people := h.people[account.EmployeeID]
		switch {
		case account.EmployeeID == "":
			f.Reason += ", and it carries no employee number"
		case len(people) == 1 && len(h.numbers[account.EmployeeID]) == 1:
			f.Realm, f.Key = people[0].Realm, people[0].Key
			f.Reason += "; it carries the employee number of a person without an account"
		case len(people) > 0:
			f.Reason += "; its employee number fits more than one account or person"
		default:
			f.Reason += "; its employee number is that of nobody without an account"
		}
		if !account.Enabled {
			f.Reason += "; it is disabled"
		}
		out = append(out, f)
	}
	slices.SortFunc(out, Compare)
	return out
}

func fold(objectID string) string { return strings.ToLower(objectID) }
