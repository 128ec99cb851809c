package reconcile

import (
	"slices"
	"strings"

	"tenure/internal/directory"
	"tenure/internal/person"
	"tenure/internal/plan"
)

// ManagerName is how a finding names the link to the manager.
const ManagerName = "manager"

// Person is what the people index says of somebody and a target.
type Person struct {
	Realm, Key string
	EmployeeID string
	Phase      person.Phase
	// ObjectID and State are those of the account that is linked, as the journey
	// knows it.
	ObjectID string
	State    plan.AccountState
}

// gone reports whether somebody is no longer here.
func (p Person) gone() bool {
	return p.Phase == person.PhaseLeft || p.Phase == person.PhaseDeleted || p.Phase == person.PhaseRescinded
}

// account is the one that is linked, else the only one that can be meant by the
// employee number.
func (p Person) account(h *Holding) (live directory.Account, linked, found bool) {
	if p.ObjectID != "" {
		live, found = h.Account(p.ObjectID)
		return live, true, found
	}
	id, found := h.ByNumber(p.EmployeeID)
	if !found || !h.CarriesNumber(p.EmployeeID) {
		return directory.Account{}, false, false
	}
	live, found = h.Account(id)
	return live, false, found
}

// NeedsFacts reports whether the journey must be asked what it wants: not for
// who is gone and has no account that lets them in.
func (p Person) NeedsFacts(h *Holding) bool {
	live, _, found := p.account(h)
	return !p.gone() || found && live.Enabled
}

// Wanted is what a journey wants of its account in the target.
type Wanted struct {
	plan.WantedAccount
	// ManagerID is the object ID of the manager, "" where it is not known or
	// must not be compared.
	ManagerID string
}

// Differences compares one person with what the target holds.
func (p Person) Differences(h *Holding, wanted Wanted) []Finding {
	if line := wanted.Line; line != nil && (line.State == plan.Due || line.State == plan.Running) {
		return nil // it is being done
	}
	base := Finding{Realm: p.Realm, Key: p.Key, ObjectID: p.ObjectID, Waits: waits(wanted.Line)}
	live, linked, found := p.account(h)
	if !found {
		return p.missing(h, wanted, base)
	}
	base.ObjectID, base.UserName = live.ID, live.UserName
	var out []Finding
	switch {
	case live.Enabled && !wanted.Enabled && wanted.Cut:
		f := base
		f.Kind, f.Reason = ActiveShouldBeDisabled, "the account is enabled; it should not be: "+wanted.Reason
		out = append(out, f)
	case !linked:
		return nil // it is told of as unowned
	case !live.Enabled && wanted.Enabled:
		f := base
		f.Kind, f.Reason = DisabledShouldBeActive, "the account is disabled; the person works"
		out = append(out, f)
	}
	if names := drift(live, wanted); linked && len(names) > 0 {
		f := base
		f.Kind, f.Names, f.Reason = Drifted, names, "it differs from what Tenure wrote last"
		out = append(out, f)
	}
	return out
}

func (p Person) missing(h *Holding, wanted Wanted, f Finding) []Finding {
	if !wanted.Exists {
		return nil
	}
	f.Kind = Missing
	switch {
	case p.ObjectID != "":
		f.Reason = "the account that was linked is not there"
	case h.CarriesNumber(p.EmployeeID):
		return nil // the account is told of as unowned
	default:
		f.Reason = "no account is linked, and none carries the employee number"
	}
	return []Finding{f}
}

// drift names what differs though Tenure wrote it last. What is mastered on
// premises is not Tenure's to write.
func drift(live directory.Account, wanted Wanted) []string {
	if !wanted.Exists || !wanted.Written || live.Synced {
		return nil
	}
	names := wanted.Attributes.Difference(live.Attributes).Names()
	if wanted.ManagerID != "" && !strings.EqualFold(wanted.ManagerID, live.ManagerID) {
		names = append(names, ManagerName)
		slices.Sort(names)
	}
	return names
}

// waits says what the journey waits with.
func waits(line *plan.Line) string {
	if line == nil {
		return ""
	}
	text := "the line " + string(line.Verb) + " " + word(line.State)
	if line.Code != "" {
		text += " (" + line.Code + ")"
	}
	return text
}

func word(state plan.LineState) string {
	switch state {
	case plan.ParkedState, plan.Held:
		return "is " + string(state)
	case plan.Waiting:
		return "waits"
	default:
		return string(state)
	}
}

// Unanswered is what can be said of somebody whose journey did not answer: what
// the people index tells is enough for the worst.
func (p Person) Unanswered(h *Holding) []Finding {
	f := Finding{Realm: p.Realm, Key: p.Key}
	live, _, found := p.account(h)
	if !found || !live.Enabled || !p.gone() {
		return nil
	}
	f.Kind, f.ObjectID, f.UserName = ActiveShouldBeDisabled, live.ID, live.UserName
	f.Reason = "the account is enabled; it should not be: the people index says " + string(p.Phase)
	return []Finding{f}
}
