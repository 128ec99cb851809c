package memory

import (
	"maps"
	"slices"

	"tenure/internal/directory"
)

// Fault is what goes wrong with one call of a verb.
type Fault struct {
	// Before is returned and nothing is done.
	Before error
	// LoseAnswer does what was asked and then returns ErrUnavailable.
	LoseAnswer bool
}

// Inject queues faults for the next calls of a verb, one each. A zero Fault
// lets its call through.
func (d *Directory) Inject(verb directory.Verb, faults ...Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults[verb] = append(d.faults[verb], faults...)
}

func (d *Directory) nextFault(verb directory.Verb) Fault {
	queue := d.faults[verb]
	if len(queue) == 0 {
		return Fault{}
	}
	d.faults[verb] = queue[1:]
	return queue[0]
}

// Calls tells how often a verb was called, failed calls included.
func (d *Directory) Calls(verb directory.Verb) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls[verb]
}

// AddGroup makes or replaces a group.
func (d *Directory) AddGroup(g directory.Group) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.groups[g.ID] = g
}

// AddLicense makes a licence with so many seats.
func (d *Directory) AddLicense(sku string, seats int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seats[sku] = seats
}

// LicenseGroup lets the members of a group inherit a licence.
func (d *Directory) LicenseGroup(groupID, sku string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.viaGroup[groupID] = append(d.viaGroup[groupID], sku)
}

// AddAccount puts an account there that was made by somebody else. It gets an
// ID where it has none, which is returned.
func (d *Directory) AddAccount(a directory.Account) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a.ID == "" {
		a.ID = d.newID()
	}
	a.Attributes = maps.Clone(a.Attributes)
	if a.Attributes == nil {
		a.Attributes = map[string]string{}
	}
	d.accounts[a.ID] = &account{Account: a, groups: map[string]bool{}, licenses: map[string]bool{}}
	return a.ID
}

// SetSignInFacts says what SignInFacts will tell of an account.
func (d *Directory) SetSignInFacts(id string, facts directory.SignInFacts) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a, ok := d.accounts[id]; ok {
		a.facts = facts
	}
}

// AddGuest puts an account there that is no person's of the organisation.
func (d *Directory) AddGuest(a directory.Account) string {
	id := d.AddAccount(a)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.accounts[id].guest = true
	return id
}

// Guard makes the directory refuse every write to an account, as systems do that
// mark their administrators.
func (d *Directory) Guard(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a, ok := d.accounts[id]; ok {
		a.guarded = true
	}
}

// SetRoles says which directory roles an account holds, directly or through a
// group, active or eligible.
func (d *Directory) SetRoles(id string, roles ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a, ok := d.accounts[id]; ok {
		a.roles = slices.Compact(slices.Sorted(slices.Values(roles)))
	}
}

// Own makes an account the owner of an object, which may be a group.
func (d *Directory) Own(id string, owned directory.Owned) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a, ok := d.accounts[id]; ok {
		a.owned = append(a.owned, owned)
	}
}

// Nest makes a group a member of another.
func (d *Directory) Nest(inner, outer string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.within[inner] = append(d.within[inner], outer)
}

// SetFindings says what Inspect will find.
func (d *Directory) SetFindings(findings ...directory.Finding) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.findings = slices.Clone(findings)
}

// Wanted is what the last Inspect was asked for.
func (d *Directory) Wanted() directory.Wanted {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.wanted
}

// Accounts returns every account, the deleted ones included, ordered by ID.
func (d *Directory) Accounts() []directory.Account {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []directory.Account
	for _, id := range slices.Sorted(maps.Keys(d.accounts)) {
		out = append(out, d.export(d.accounts[id]))
	}
	return out
}

// Revocations tells how often the sessions of an account were revoked.
func (d *Directory) Revocations(id string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a, ok := d.accounts[id]; ok {
		return a.revoked
	}
	return 0
}

// Passwords tells how many passwords an account has had.
func (d *Directory) Passwords(id string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a, ok := d.accounts[id]; ok {
		return a.passwords
	}
	return 0
}

// Join makes an account a member of a group of any kind, as the system itself
// does for a dynamic or synced one.
func (d *Directory) Join(id, groupID string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a, ok := d.accounts[id]; ok {
		a.groups[groupID] = true
	}
}

// Edit changes an account as somebody else does, in the target or in the
// directory that it comes from.
func (d *Directory) Edit(id string, edit func(*directory.Account)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a, ok := d.accounts[id]; ok {
		a.Attributes = maps.Clone(a.Attributes)
		edit(&a.Account)
	}
}
