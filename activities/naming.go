package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tenure/internal/directory"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// userNameAttribute is the account attribute that unique forms make.
const userNameAttribute = "userPrincipalName"

// enabledAttribute is how the ledger names whether an account can be used.
const enabledAttribute = "enabled"

// maxNumbered bounds the numbered candidates of a form such as given.family#.
const maxNumbered = 99

// maxNamePart keeps a user name inside the 64 characters of Entra's name part.
const maxNamePart = 60

// visibleWithin is how long a target may hide an account that it has made.
const visibleWithin = time.Hour

// createNamed creates the account under the first name that is free among our
// own reservations and in the target.
func (j *job) createNamed(ctx context.Context, task plan.Task, view person.Attributes, account directory.NewAccount) (directory.Account, error) {
	var live directory.Account
	err := j.withFreeName(ctx, task, view, func(name string) error {
		account.UserName = name
		var err error
		live, err = j.target.Writer.CreateAccount(ctx, account)
		return err
	})
	return live, err
}

// withFreeName reserves one name after the other and tries it. When the target
// says that a name is taken, its holder is read first: one that carries this
// person's employee number is ours, a lost answer.
func (j *job) withFreeName(ctx context.Context, task plan.Task, view person.Attributes, try func(name string) error) error {
	candidates, err := j.names(task, view)
	if err != nil {
		return err
	}
	candidates = slices.DeleteFunc(candidates, j.isOthers)
	for len(candidates) > 0 {
		name, err := j.deps.Store.ReserveFirst(ctx, j.rules.Name, userNameAttribute, candidates, j.Journey, j.Now)
		if errors.Is(err, store.ErrNoCandidate) {
			break
		}
		if err != nil {
			return fmt.Errorf("reserve name: %w", err)
		}
		if err := j.deps.Store.SetReservedName(ctx, j.effectKey(task), name); err != nil {
			return fmt.Errorf("keep reserved name: %w", err)
		}
		kept, err := j.isKept(ctx, name)
		if err != nil {
			return err
		}
		if kept {
			candidates = after(candidates, name)
			continue
		}
		err = try(name)
		var conflict *directory.ConflictError
		if !errors.As(err, &conflict) {
			if err == nil {
				return j.holdName(ctx, name)
			}
			return fmt.Errorf("create account: %w", err)
		}
		if !isSameName(conflict.Attribute, userNameAttribute) {
			return fmt.Errorf("create account: %w", err)
		}
		ours, err := j.holderIsOurs(ctx, task, view, name, conflict.Elsewhere)
		if err != nil {
			return err
		}
		if ours {
			return failForNow(CodeConflict, "the account was made by an attempt whose answer was lost: it is found by the next one")
		}
		candidates = after(candidates, name)
	}
	return fail(CodeNoName, fmt.Sprintf("every form of %s is taken in %s: add one in the policy", userNameAttribute, j.rules.Name))
}

// isKept reports whether a reserved name is somebody else's still, and gives the
// name up then. A name that the person had before is theirs.
func (j *job) isKept(ctx context.Context, name string) (bool, error) {
	claim, err := j.deps.Store.Claim(ctx, j.rules.Name, userNameAttribute, name)
	if err != nil {
		return false, fmt.Errorf("read claim of name: %w", err)
	}
	if claim.State != store.ClaimReserved {
		return false, nil
	}
	kept, err := j.isOfNeighbour(ctx, name)
	if err == nil && !kept {
		kept, err = j.isOfDeleted(ctx, name)
	}
	if err != nil || !kept {
		return false, err
	}
	if err := j.deps.Store.Release(ctx, j.rules.Name, userNameAttribute, name, j.Journey); err != nil {
		return false, fmt.Errorf("give up name: %w", err)
	}
	return true, nil
}

// isOfNeighbour reports whether an account in another domain of the forest has a
// name, or one of somebody else had it and it is not free yet: the forest has each
// name once.
func (j *job) isOfNeighbour(ctx context.Context, name string) (bool, error) {
	for _, neighbour := range j.policy.Neighbours(j.rules) {
		claim, err := j.deps.Store.Claim(ctx, neighbour.Name, userNameAttribute, name)
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return false, fmt.Errorf("read claim of name: %w", err)
		case claim.Owner != "" && (claim.Owner != j.Journey || claim.State == store.ClaimHeld):
			return true, nil
		}
	}
	return false, nil
}

// isOfDeleted reports whether a name is that of somebody else's account that can
// still be restored: it is free once the account is gone for good. A target that
// cannot tell says nothing.
func (j *job) isOfDeleted(ctx context.Context, name string) (bool, error) {
	if j.target.Remover == nil {
		return false, nil
	}
	deleted, err := j.target.Remover.DeletedByUserName(ctx, name)
	if errors.Is(err, directory.ErrInvalid) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for name among the deleted: %w", err)
	}
	number, _ := j.Record.Attributes.Get(employeeIDAttribute)
	return slices.ContainsFunc(deleted, func(account directory.Account) bool { return account.EmployeeID != number }), nil
}

// isOthers reports whether a name is that of an account which carries the
// person's number and is not theirs: it must never look like our own.
func (j *job) isOthers(name string) bool {
	return slices.ContainsFunc(j.others, func(other directory.Account) bool { return isSameName(other.UserName, name) })
}

// holderIsOurs reads who has a name, and marks it as foreign where it is not us.
// One that may be the person's is a question first. Who has it in another domain
// is nobody of this target.
func (j *job) holderIsOurs(ctx context.Context, task plan.Task, view person.Attributes, name string, elsewhere bool) (bool, error) {
	if elsewhere {
		return false, j.markForeign(ctx, name)
	}
	holder, err := j.target.AccountByUserName(ctx, name)
	if err != nil && !errors.Is(err, directory.ErrNotFound) {
		return false, fmt.Errorf("read holder of name: %w", err)
	}
	employeeID, _ := j.Record.Attributes.Get(employeeIDAttribute)
	if err == nil && holder.EmployeeID == employeeID {
		return true, nil
	}
	if err != nil && j.retried && j.Now.Sub(j.opened) < visibleWithin {
		// An earlier attempt may have made it, and the target does not show it yet.
		return false, failForNow(CodeConflict, "the user name is taken by an account that cannot be read yet: it is looked for again")
	}
	if err == nil && !j.mayMakeNew(task) && slices.Contains(j.rules.Propose, lifecycle.ProposeUserName) {
		if err := j.proposal(ctx, holder, view); err != nil {
			return false, err
		}
	}
	return false, j.markForeign(ctx, name)
}

func (j *job) markForeign(ctx context.Context, name string) error {
	_, err := j.deps.Store.MarkForeign(ctx, store.Claim{
		Target: j.rules.Name, Attribute: userNameAttribute, Value: name, Owner: j.Journey, State: store.ClaimForeign, At: j.Now,
	})
	if err != nil {
		return fmt.Errorf("mark name as taken: %w", err)
	}
	return nil
}

func (j *job) holdName(ctx context.Context, name string) error {
	err := j.deps.Store.Hold(ctx, store.Claim{
		Target: j.rules.Name, Attribute: userNameAttribute, Value: name, Owner: j.Journey, State: store.ClaimHeld, At: j.Now,
	})
	if err != nil {
		return fmt.Errorf("hold name: %w", err)
	}
	return nil
}

// names are the candidates of the target's name forms, or of the expression that
// makes the name, in order.
func (j *job) names(task plan.Task, view person.Attributes) ([]string, error) {
	for _, mapping := range j.rules.Mapping {
		if !mapping.Expression.IsZero() && mapping.IsName() {
			return j.proposed(task, view, mapping)
		}
		if mapping.To != userNameAttribute || len(mapping.Unique) == 0 {
			continue
		}
		var out []string
		for _, form := range mapping.Unique {
			out = append(out, expand(form, view, j.rules.Domain)...)
		}
		if len(out) == 0 {
			return nil, fail(CodeNoName, "the record has no name that a user name can be made of: given and family name are empty")
		}
		return out, nil
	}
	return nil, fail(CodePolicy, fmt.Sprintf("target %q maps no unique %s", j.rules.Name, userNameAttribute))
}

// proposed are the names that an expression proposes.
func (j *job) proposed(task plan.Task, view person.Attributes, rule lifecycle.Mapping) ([]string, error) {
	scope := j.mappingScope(view)
	scope.Creating, scope.Random = true, sameRandom(j.effectKey(task))
	out, err := plan.NamesProposed(rule, &j.rules, scope)
	if err != nil {
		return nil, fail(CodeMapping, rule.To+": "+err.Error())
	}
	return out, nil
}

// PlainNames are the candidates of a user name without a number: those that the person would
// have got from whoever made an account before.
func PlainNames(rules lifecycle.Target, scope plan.MappingScope) []string {
	var out []string
	for _, mapping := range rules.Mapping {
		if !mapping.Expression.IsRandom() {
			mapping.Numbered = false
			proposed, _ := plan.NamesProposed(mapping, &rules, scope) // one that fails proposes nothing
			out = append(out, proposed...)
		}
		for _, form := range mapping.Unique {
			if !strings.HasSuffix(string(form), "#") {
				out = append(out, expand(form, scope.View, rules.Domain)...)
			}
		}
	}
	return out
}

// expand makes the candidates of one form: "given" and "family" are whole
// names, "g" and "f" initials, a trailing # counts from 2.
func expand(form lifecycle.NameForm, view person.Attributes, domain string) []string {
	text, numbered := strings.CutSuffix(string(form), "#")
	var parts []string
	for part := range strings.SplitSeq(text, ".") {
		if value := namePart(part, view); value != "" {
			parts = append(parts, value)
		}
	}
	if len(parts) == 0 {
		return nil
	}
	base := strings.Trim(clipName(strings.Join(parts, ".")), ".")
	if !numbered {
		return []string{base + "@" + domain}
	}
	out := make([]string, 0, maxNumbered)
	for n := 2; n < maxNumbered+2; n++ {
		out = append(out, base+strconv.Itoa(n)+"@"+domain)
	}
	return out
}

func namePart(part string, view person.Attributes) string {
	attribute := map[string]string{
		"given": "person.legalName.given", "g": "person.legalName.given",
		"middle": "person.legalName.middle", "m": "person.legalName.middle",
		"family": "person.legalName.family", "f": "person.legalName.family",
	}[part]
	value, _ := view.Get(attribute)
	folded := person.FoldName(value)
	if len(part) == 1 && folded != "" {
		return folded[:1]
	}
	return folded
}

func clipName(name string) string {
	if len(name) > maxNamePart {
		return name[:maxNamePart]
	}
	return name
}

// after is what follows the candidate.
func after(candidates []string, name string) []string {
	for i, candidate := range candidates {
		if isSameName(candidate, name) {
			return candidates[i+1:]
		}
	}
	return nil
}
