package entra

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"tenure/internal/directory"
	"tenure/internal/directory/entra/schema"
)

// maxNickname is the longest mail nickname.
const maxNickname = 64

// CreateAccount makes a new account with its manager in one request. The
// account gets a random password that nobody is ever told: people come in with
// a temporary access pass.
func (d *Directory) CreateAccount(ctx context.Context, in directory.NewAccount) (directory.Account, error) {
	p, err := d.newUser(in)
	if err != nil {
		return directory.Account{}, fmt.Errorf("%s: %w", directory.VerbCreateAccount, err)
	}
	var id string
	err = d.call(ctx, directory.VerbCreateAccount, func(ctx context.Context) error {
		made, err := d.users().Post(ctx, p.user, nil)
		if err != nil {
			return err
		}
		if made == nil || deref(made.GetId()) == "" {
			return errNoAnswer
		}
		id = *made.GetId()
		return nil
	})
	if in.ManagerID != "" && refusedFor(err, reasonReference) {
		// Graph says no more where the manager is unknown or not replicated yet.
		return directory.Account{}, fmt.Errorf("%s: manager: %w", directory.VerbCreateAccount, directory.ErrNotFound)
	}
	if err != nil {
		return directory.Account{}, err
	}
	// Graph's answer holds the default properties only, and a read may miss the
	// new object for a while: what was asked for is what was made.
	out := d.export(p.user)
	out.ID, out.ManagerID = id, in.ManagerID
	return out, nil
}

func (d *Directory) newUser(in directory.NewAccount) (*patch, error) {
	p := newPatch()
	want := maps.Clone(in.Attributes)
	if want == nil {
		want = map[string]string{}
	}
	want[directory.UserNameAttribute] = in.UserName
	if in.EmployeeID != "" {
		want[directory.EmployeeIDAttribute] = in.EmployeeID
	}
	if want[schema.MailNickname] == "" {
		want[schema.MailNickname] = nickname(in.UserName)
	}
	if want[schema.DisplayName] == "" {
		return nil, fmt.Errorf("attribute %s is required: %w", schema.DisplayName, directory.ErrInvalid)
	}
	if err := d.checkDomain(in.UserName); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if want[name] == "" {
			continue // without a value is how it starts
		}
		if err := p.set(name, want[name]); err != nil {
			return nil, err
		}
	}
	enabled, force, password := in.Enabled, true, newPassword()
	profile := models.NewPasswordProfile()
	profile.SetForceChangePasswordNextSignIn(&force)
	profile.SetPassword(&password)
	p.user.SetAccountEnabled(&enabled)
	p.user.SetPasswordProfile(profile)
	if in.ManagerID != "" {
		p.user.SetAdditionalData(map[string]any{"manager@odata.bind": d.reference("users", in.ManagerID)})
	}
	return p, nil
}

// UpdateAccount writes a change in one request, after a look at the other half
// where it holds one half of employeeOrgData.
func (d *Directory) UpdateAccount(ctx context.Context, id string, change directory.Change) error {
	if change.IsEmpty() {
		return nil
	}
	change, err := d.withSiblings(ctx, id, change)
	if err != nil {
		return err
	}
	p, err := d.changed(change)
	if err != nil {
		return fmt.Errorf("%s: %w", directory.VerbUpdateAccount, err)
	}
	return d.call(ctx, directory.VerbUpdateAccount, func(ctx context.Context) error {
		_, err := d.users().ByUserId(id).Patch(ctx, p.user, nil)
		return err
	})
}

// withSiblings adds the present value of the other half where a change holds
// one half of employeeOrgData: nothing says whether Graph merges that property
// or replaces it.
func (d *Directory) withSiblings(ctx context.Context, id string, change directory.Change) (directory.Change, error) {
	touched := func(name string) bool {
		_, set := change.Set[name]
		return set || slices.Contains(change.Clear, name)
	}
	missing := ""
	switch division, center := touched(schema.Division), touched(schema.CostCenter); {
	case division && !center:
		missing = schema.CostCenter
	case center && !division:
		missing = schema.Division
	default:
		return change, nil
	}
	var value string
	err := d.call(ctx, directory.VerbUpdateAccount, func(ctx context.Context) error {
		u, err := d.users().ByUserId(id).Get(ctx, &users.UserItemRequestBuilderGetRequestConfiguration{
			QueryParameters: &users.UserItemRequestBuilderGetQueryParameters{Select: []string{"id", schema.EmployeeOrgData}},
		})
		if err != nil {
			return err
		}
		if u == nil {
			return errNoAnswer
		}
		value = readText(u, missing)
		return nil
	})
	if err != nil || value == "" {
		return change, err
	}
	change.Set = maps.Clone(change.Set)
	if change.Set == nil {
		change.Set = map[string]string{}
	}
	change.Set[missing] = value
	return change, nil
}

func (d *Directory) changed(change directory.Change) (*patch, error) {
	p := newPatch()
	for _, name := range slices.Sorted(maps.Keys(change.Set)) {
		if name == directory.UserNameAttribute {
			if err := d.checkDomain(change.Set[name]); err != nil {
				return nil, err
			}
		}
		if err := p.set(name, change.Set[name]); err != nil {
			return nil, err
		}
	}
	for _, name := range change.Clear {
		if err := p.clear(name); err != nil {
			return nil, err
		}
	}
	p.user.SetAccountEnabled(change.Enabled)
	return p, nil
}

// SetManager links or unlinks the manager.
func (d *Directory) SetManager(ctx context.Context, id, managerID string) error {
	ref := d.users().ByUserId(id).Manager().Ref()
	if managerID != "" {
		body := models.NewReferenceUpdate()
		address := d.reference("users", managerID)
		body.SetOdataId(&address)
		return d.call(ctx, directory.VerbSetManager, func(ctx context.Context) error {
			return ref.Put(ctx, body, nil)
		})
	}
	err := d.call(ctx, directory.VerbSetManager, func(ctx context.Context) error {
		return ref.Delete(ctx, nil)
	})
	if isNotFound(err) {
		// Graph answers the same for no manager and for no account, and for what a
		// part of it has not heard of.
		var live directory.Account
		live, err = d.account(ctx, directory.VerbSetManager, id)
		if err == nil && live.ManagerID != "" {
			return stillThere(directory.VerbSetManager)
		}
	}
	return err
}

// reference is the address of an object in a body.
func (d *Directory) reference(kind, id string) string {
	return d.cfg.BaseURL + "/" + kind + "/" + id
}

func (d *Directory) checkDomain(userName string) error {
	_, domain, found := strings.Cut(userName, "@")
	if !found || domain == "" {
		return fmt.Errorf("user name has no domain: %w", directory.ErrInvalid)
	}
	if d.cfg.Domain != "" && !strings.EqualFold(domain, d.cfg.Domain) {
		return fmt.Errorf("user name is not in the target's domain %q: %w", d.cfg.Domain, directory.ErrInvalid)
	}
	return nil
}

// nickname derives the required mail nickname from the user name: its local
// part without what Graph refuses there.
func nickname(userName string) string {
	local, _, _ := strings.Cut(userName, "@")
	out := strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' || strings.ContainsRune(`@()\[]";:<>,`, r) {
			return -1
		}
		return r
	}, local)
	return out[:min(len(out), maxNickname)]
}

// newPassword has 130 random bits and a sign of each class that a tenant's
// password rule may ask for.
func newPassword() string { return "Aa1-" + rand.Text() }
