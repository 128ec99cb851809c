package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tenure/internal/directory"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// linkAccount makes an account that is there the person's: the one a human
// named, or the only one that carries the employee number. Nothing is written
// but the number, and that only on an account that a human named (S14). Already
// done is a link to that account.
func (j *job) linkAccount(ctx context.Context, task plan.Task) (string, error) {
	if task.ObjectID != "" {
		return "", j.linkNamed(ctx, task)
	}
	live, err := j.find(ctx)
	if err != nil {
		return "", err
	}
	if live == nil {
		if err := j.propose(ctx, j.view(task)); err != nil {
			return "", err
		}
		return "", fail(CodeUnmatched, "no account in "+j.rules.Name+" carries this person's employee number")
	}
	if j.account.ID == live.ID {
		return "", nil
	}
	return "", j.adoptAccount(ctx, task, *live, j.linkedHow())
}

// linkNamed takes the account that a human named.
func (j *job) linkNamed(ctx context.Context, task plan.Task) error {
	number, _ := j.Record.Attributes.Get(employeeIDAttribute)
	if number == "" {
		return fail(CodeNoEmployeeID, "the record has no employeeId, which accounts are found again by: map it in the feed")
	}
	live, err := accountIfAny(ctx, j.target, task.ObjectID)
	if err != nil {
		return err
	}
	if live == nil {
		return failForHuman(CodeNotFound, "there is no account with this object ID in "+j.rules.Name+": link another, or unlink")
	}
	if err := j.checkNumber(ctx, *live, number); err != nil {
		return err
	}
	if j.account.ID != "" && j.account.ID != live.ID {
		// One was made or found after the order was given: nobody lets go of it unseen.
		return failForHuman(CodeLinkDiffers, "another account in "+j.rules.Name+" became this person's meanwhile: unlink it first, then link again")
	}
	if err := j.adoptAccount(ctx, task, *live, plan.LinkedByHuman); err != nil {
		return err
	}
	if live.EmployeeID == number || live.Synced {
		return nil
	}
	if err := j.mayTouch(ctx); err != nil {
		return err
	}
	change := directory.Change{Set: map[string]string{directory.EmployeeIDAttribute: number}}
	if err := j.target.Writer.UpdateAccount(ctx, live.ID, change); err != nil {
		return fmt.Errorf("write employee number: %w", err)
	}
	j.changes = append(j.changes, store.AttributeChange{Attribute: employeeIDAttribute, Before: live.EmployeeID, After: number})
	j.account.Number = number
	return nil
}

// checkNumber refuses an account that carries the number of somebody else.
func (j *job) checkNumber(ctx context.Context, live directory.Account, number string) error {
	if live.EmployeeID == "" || live.EmployeeID == number {
		return nil
	}
	rows, err := j.deps.Store.FindPeople(ctx, j.Realm, store.ByEmployeeID, live.EmployeeID)
	if err != nil {
		return fmt.Errorf("find who has the number: %w", err)
	}
	if slices.ContainsFunc(rows, func(row store.PersonRow) bool { return row.Journey != j.Journey }) {
		return fail(CodeForeignAccount, "the account carries the employee number of another person")
	}
	return nil
}

// adoptAccount claims the account and remembers how it stands: its state is not
// ours to change for a reason of before.
func (j *job) adoptAccount(ctx context.Context, task plan.Task, live directory.Account, how string) error {
	before := j.account
	j.account = plan.Account{Target: before.Target, Operations: before.Operations, Written: before.Written}
	if err := j.link(ctx, live); err != nil {
		j.account = before
		return err
	}
	j.account.Stay, j.account.Linked, j.account.AdoptedAt = task.Stay, how, j.Now
	return j.keepName(ctx, live.UserName)
}

// keepName keeps the user name of an account that was linked from others. One
// that another journey is about to try stays with it: the target will refuse it.
func (j *job) keepName(ctx context.Context, name string) error {
	err := j.holdName(ctx, name)
	if _, taken := errors.AsType[*store.ClaimedError](err); taken {
		return nil
	}
	return err
}

// unlinkAccount lets go of the account without touching it.
func (j *job) unlinkAccount(ctx context.Context) (string, error) {
	if err := j.letGo(ctx); err != nil {
		return "", err
	}
	j.account = plan.Account{Target: j.rules.Name, State: plan.AccountNone, Operations: j.account.Operations, Unlinked: true}
	return "", nil
}

// letGo gives up what is claimed for the account in the target; names that are
// kept from others after a delete stay so.
func (j *job) letGo(ctx context.Context) error {
	claims, err := j.deps.Store.Claims(ctx, j.Journey)
	if err != nil {
		return fmt.Errorf("list claims: %w", err)
	}
	for _, claim := range claims {
		if claim.Target != j.rules.Name || claim.State == store.ClaimQuarantined {
			continue
		}
		if err := j.deps.Store.Release(ctx, claim.Target, claim.Attribute, claim.Value, j.Journey); err != nil {
			return fmt.Errorf("release claim: %w", err)
		}
	}
	return nil
}

// findByNumber looks for the account by employee number. Ours are those that
// this journey claimed before it asked for them: a lost answer. Another one is
// taken only for people who were here before Tenure, or where accounts come by
// synchronisation; of several none is (S14).
func (j *job) findByNumber(ctx context.Context) (*directory.Account, error) {
	number, _ := j.Record.Attributes.Get(employeeIDAttribute)
	if number == "" {
		return nil, nil
	}
	hits, err := j.target.AccountsByEmployeeID(ctx, number)
	if err != nil {
		return nil, fmt.Errorf("find account by employee number: %w", err)
	}
	if len(hits) == 0 {
		return nil, nil
	}
	ours, err := j.ours(ctx, hits)
	if err != nil {
		return nil, err
	}
	if len(ours) == 1 {
		return &ours[0], nil
	}
	j.others = hits
	if hits = j.notRefused(hits); len(hits) == 0 {
		return nil, nil
	}
	if len(hits) == 1 {
		if err := j.checkFree(ctx, hits[0]); err != nil {
			return nil, err
		}
	}
	switch {
	case len(hits) > 1:
		return nil, fail(CodeAmbiguous, fmt.Sprintf("%d accounts in %s carry this employee number: link one of them, or leave the number on one", len(hits), j.rules.Name))
	case !j.staff && !j.isCounterpart(hits[0]), j.account.ID != "":
		return nil, fail(CodeProposed, "account "+hits[0].ID+" carries this employee number, and Tenure did not make it: a number may have been given to somebody new")
	case !namesAgree(j.Record.Attributes, hits[0]):
		return nil, fail(CodeProposed, "account "+hits[0].ID+" carries this employee number, but the name of somebody else")
	default:
		return &hits[0], nil
	}
}

// isCounterpart reports whether the account is the one that the person waits for:
// where accounts come by synchronisation none is ours to make (S17).
func (j *job) isCounterpart(hit directory.Account) bool {
	return j.rules.SyncedFrom != "" && hit.Synced
}

// checkFree refuses an account that another journey has.
func (j *job) checkFree(ctx context.Context, live directory.Account) error {
	claim, err := j.deps.Store.Claim(ctx, j.rules.Name, store.ObjectIDAttribute, live.ID)
	switch {
	case err == nil && claim.Owner != j.Journey:
		return fail(CodeForeignAccount, "the account belongs to another journey: two records share an employee number")
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return fmt.Errorf("read claim: %w", err)
	default:
		return nil
	}
}

// ours are the accounts that this journey has claimed, by object or by the name
// that it reserved before a create.
func (j *job) ours(ctx context.Context, hits []directory.Account) ([]directory.Account, error) {
	claims, err := j.deps.Store.Claims(ctx, j.Journey)
	if err != nil {
		return nil, fmt.Errorf("list claims: %w", err)
	}
	var out []directory.Account
	for _, hit := range hits {
		if slices.ContainsFunc(claims, func(claim store.Claim) bool {
			return claim.Target == j.rules.Name &&
				(claim.Attribute == store.ObjectIDAttribute && claim.Value == store.Fold(hit.ID) ||
					claim.Attribute == userNameAttribute && claim.Value == store.Fold(hit.UserName))
		}) {
			out = append(out, hit)
		}
	}
	return out, nil
}

// propose fails where a secondary key leads to an account that may be the
// person's: the user name that they would get, or HR's mail address (S14). The
// policy says which is looked for first.
func (j *job) propose(ctx context.Context, view person.Attributes) error {
	for _, key := range j.rules.Propose {
		var err error
		switch key {
		case lifecycle.ProposeMail:
			err = j.proposeByMail(ctx, view)
		case lifecycle.ProposeUserName:
			err = j.proposeNamed(ctx, view, PlainNames(j.rules, j.mappingScope(view))...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// proposeByMail is propose by HR's mail address alone: a create tries the user
// names itself. An account of that address and name is a question even where it
// is somebody's: the same person may stand in HR twice.
func (j *job) proposeByMail(ctx context.Context, view person.Attributes) error {
	address, _ := view.Get(workEmailAttribute)
	if address == "" || !slices.Contains(j.rules.Propose, lifecycle.ProposeMail) {
		return nil
	}
	holder, err := j.target.AccountByUserName(ctx, address)
	switch {
	case errors.Is(err, directory.ErrNotFound), errors.Is(err, directory.ErrInvalid):
		return nil
	case err != nil:
		return fmt.Errorf("look for mail address: %w", err)
	}
	number, _ := view.Get(employeeIDAttribute)
	if holder.EmployeeID == number || !namesAgree(view, holder) {
		return nil
	}
	if err := j.proposal(ctx, holder, view); err != nil {
		return err
	}
	return fail(CodeProposed, "account "+holder.ID+" has this person's mail address and name, but another employee number: HR's number is wrong, or the person stands in HR twice")
}

func (j *job) proposeNamed(ctx context.Context, view person.Attributes, names ...string) error {
	for _, name := range names {
		holder, err := j.target.AccountByUserName(ctx, name)
		if errors.Is(err, directory.ErrNotFound) || errors.Is(err, directory.ErrInvalid) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look for user name: %w", err)
		}
		if err := j.proposal(ctx, holder, view); err != nil {
			return err
		}
	}
	return nil
}

// proposal fails where an account may be the person's: it carries no number,
// belongs to nobody else and does not bear another name.
func (j *job) proposal(ctx context.Context, holder directory.Account, view person.Attributes) error {
	if holder.EmployeeID != "" || !namesAgree(view, holder) {
		return nil
	}
	claim, err := j.deps.Store.Claim(ctx, j.rules.Name, store.ObjectIDAttribute, holder.ID)
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && claim.Owner == j.Journey:
		return fail(CodeProposed, "account "+holder.ID+" has the user name of this person and no employee number")
	case err != nil:
		return fmt.Errorf("read claim: %w", err)
	default:
		return nil
	}
}

// refuse remembers what a human answered: the account that was proposed is not the
// person's. Where none is made at once, as where accounts come from elsewhere, it is
// met again.
func (j *job) refuse(asked error) {
	if own, is := errors.AsType[*taskError](asked); !is || own.code != CodeProposed {
		return
	}
	for _, other := range j.others {
		if !slices.Contains(j.account.Refused, other.ID) {
			j.account.Refused = append(slices.Clone(j.account.Refused), other.ID)
		}
	}
}

// notRefused are the accounts that a human did not refuse.
func (j *job) notRefused(hits []directory.Account) []directory.Account {
	return slices.DeleteFunc(slices.Clone(hits), func(a directory.Account) bool { return slices.Contains(j.account.Refused, a.ID) })
}

// asksMatch reports whether a look ended with a question about accounts.
func asksMatch(err error) bool {
	own, is := errors.AsType[*taskError](err)
	return is && plan.AsksWhenParked(own.code)
}

// checkLink refuses to take anything from an account whose number is not the
// person's: link and employee number must agree (S14). A human who has seen the
// question may insist.
func (j *job) checkLink(task plan.Task, numbers ...string) error {
	number, _ := j.Record.Attributes.Get(employeeIDAttribute)
	numbers = append(numbers, number)
	surely := j.account.Linked == plan.LinkedByHuman || j.account.Linked == plan.LinkedByAnchor
	stampless := j.live.Synced && j.live.EmployeeID == "" && surely
	if stampless || j.answered(task) || j.live.EmployeeID != "" && slices.Contains(numbers, j.live.EmployeeID) {
		return nil
	}
	return failForHuman(CodeLinkDiffers, "the linked account carries another employee number than HR states: look at the account, then retry to do it all the same, or skip")
}

// namesAgree reports whether an account may bear the person's name.
func namesAgree(attributes person.Attributes, live directory.Account) bool {
	var own []string
	for _, name := range []string{
		person.GivenNameAttribute, person.FamilyNameAttribute, person.DisplayNameAttribute,
		"person.preferredName.given", "person.preferredName.family",
	} {
		value, _ := attributes.Get(name)
		own = append(own, value)
	}
	return person.NamesAgree(person.NameWords(own...), person.NameWords(live.Attributes[lifecycle.ProposeDisplayName]))
}
