package entra

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	msdirectory "github.com/microsoftgraph/msgraph-sdk-go/directory"
	"github.com/microsoftgraph/msgraph-sdk-go/groups"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"tenure/internal/directory"
	"tenure/internal/directory/entra/schema"
)

// restoreWindow is how long Entra ID keeps a deleted user.
const restoreWindow = 30 * 24 * time.Hour

// Directory is one Entra tenant. It is safe for concurrent use.
type Directory struct {
	cfg        Config
	properties []directory.Attribute // the ones read into Attributes
	adapter    abstractions.RequestAdapter
}

var _ interface {
	directory.Directory
	directory.AnchorFinder
	directory.AccountWriter
	directory.AccountRemover
	directory.GroupWriter
	directory.LicenseWriter
	directory.SessionRevoker
	directory.AccessPassIssuer
	directory.AccountLister
	directory.ProtectionReader
	directory.Inspector
} = (*Directory)(nil)

// New connects to a tenant. Nothing is asked of it before the first call.
func New(cfg Config) (*Directory, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, fmt.Errorf("configure entra target %q: %w", cfg.Name, err)
	}
	adapter, err := newAdapter(cfg)
	if err != nil {
		return nil, fmt.Errorf("configure entra target %q: %w", cfg.Name, err)
	}
	return &Directory{cfg: cfg, properties: mapped(cfg.Attributes), adapter: adapter}, nil
}

// users, groups and deleted make the builder of one request: the SDK writes the
// base URL into a builder's own map whenever it sends.
func (d *Directory) users() *users.UsersRequestBuilder {
	return users.NewUsersRequestBuilderInternal(d.path(), d.adapter)
}

func (d *Directory) groups() *groups.GroupsRequestBuilder {
	return groups.NewGroupsRequestBuilderInternal(d.path(), d.adapter)
}

func (d *Directory) deleted() *msdirectory.DeletedItemsRequestBuilder {
	return msdirectory.NewDeletedItemsRequestBuilderInternal(d.path(), d.adapter)
}

func (d *Directory) path() map[string]string { return map[string]string{"baseurl": d.cfg.BaseURL} }

// Name is the target's name in the policy.
func (d *Directory) Name() string { return d.cfg.Name }

// Capabilities says that everything is possible.
func (d *Directory) Capabilities() directory.Capabilities {
	return directory.Capabilities{
		SyncedWritable: schema.SyncedWritable(),
		Groups:         true, Licenses: true, Sessions: true, AccessPasses: true, RestoreWindow: restoreWindow,
	}
}

// Account reads one live account.
func (d *Directory) Account(ctx context.Context, id string) (directory.Account, error) {
	return d.account(ctx, directory.VerbAccount, id)
}

// AccountByUserName returns the live account that holds a user name, by the
// address of the user itself and not by an index.
func (d *Directory) AccountByUserName(ctx context.Context, userName string) (directory.Account, error) {
	return d.account(ctx, directory.VerbAccountByUserName, userName)
}

func (d *Directory) account(ctx context.Context, verb directory.Verb, idOrName string) (directory.Account, error) {
	if idOrName == "" {
		return directory.Account{}, fmt.Errorf("%s: key is empty: %w", verb, directory.ErrNotFound)
	}
	var out directory.Account
	err := d.call(ctx, verb, func(ctx context.Context) error {
		u, err := d.users().ByUserId(idOrName).Get(ctx, &users.UserItemRequestBuilderGetRequestConfiguration{
			QueryParameters: &users.UserItemRequestBuilderGetQueryParameters{Select: d.selected(), Expand: expandManager()},
		})
		if err != nil {
			return err
		}
		if u == nil {
			return errNoAnswer
		}
		out = d.export(u)
		return nil
	})
	return out, err
}

// AccountsByEmployeeID returns the live accounts with this employee number. The
// filter is one that Graph answers without its lagging index.
func (d *Directory) AccountsByEmployeeID(ctx context.Context, employeeID string) ([]directory.Account, error) {
	if employeeID == "" {
		return nil, fmt.Errorf("%s: %w", directory.VerbAccountsByEmployeeID, directory.ErrNoEmployeeID)
	}
	var list []models.Userable
	err := d.call(ctx, directory.VerbAccountsByEmployeeID, func(ctx context.Context) error {
		var err error
		list, err = collect(ctx, func(ctx context.Context, link string) (page[models.Userable], error) {
			if link != "" {
				return d.users().WithUrl(link).Get(ctx, nil)
			}
			return d.users().Get(ctx, &users.UsersRequestBuilderGetRequestConfiguration{
				QueryParameters: &users.UsersRequestBuilderGetQueryParameters{
					Filter: equals(directory.EmployeeIDAttribute, employeeID), Select: d.selected(), Expand: expandManager(),
				},
			})
		})
		return err
	})
	return d.exportAll(list, employeeID), err
}

// call makes one request with its deadline and translates its error.
func (d *Directory) call(ctx context.Context, verb directory.Verb, request func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	limited, cancel := context.WithTimeout(ctx, d.cfg.RequestTimeout)
	defer cancel()
	return translate(ctx, verb, request(limited))
}

// selected is what every read of an account asks for.
func (d *Directory) selected() []string {
	names := []string{
		"id", directory.UserNameAttribute, directory.EmployeeIDAttribute, schema.AccountEnabled, "onPremisesSyncEnabled", immutableID,
	}
	seen := map[string]bool{}
	for _, a := range d.properties {
		top, _, _ := strings.Cut(a.Name, ".")
		if !seen[top] {
			seen[top] = true
			names = append(names, top)
		}
	}
	return names
}

func expandManager() []string { return []string{"manager($select=id)"} }

// equals is a filter on one property.
func equals(property, value string) *string {
	filter := property + " eq '" + escaped(value) + "'"
	return &filter
}

// escaped is a text for a filter.
func escaped(value string) string { return strings.ReplaceAll(value, "'", "''") }

// exportAll keeps the accounts that carry the number, should a filter ever
// answer more.
func (d *Directory) exportAll(list []models.Userable, employeeID string) []directory.Account {
	var out []directory.Account
	for _, u := range list {
		if strings.EqualFold(deref(u.GetEmployeeId()), employeeID) {
			out = append(out, d.export(u))
		}
	}
	return out
}

func (d *Directory) export(u models.Userable) directory.Account {
	out := directory.Account{
		ID: deref(u.GetId()), UserName: deref(u.GetUserPrincipalName()), EmployeeID: deref(u.GetEmployeeId()),
		Enabled: isTrue(u.GetAccountEnabled()), Synced: isTrue(u.GetOnPremisesSyncEnabled()),
		Anchor:     deref(u.GetOnPremisesImmutableId()),
		Attributes: map[string]string{},
	}
	if manager := u.GetManager(); manager != nil {
		out.ManagerID = deref(manager.GetId())
	}
	if at := u.GetDeletedDateTime(); at != nil {
		out.DeletedAt = at.UTC()
	}
	for _, a := range d.properties {
		if value := readText(u, a.Name); value != "" {
			out.Attributes[a.Name] = value
		}
	}
	return out
}

func isTrue(b *bool) bool { return b != nil && *b }

// isNotFound tells whether the object is not there.
func isNotFound(err error) bool { return errors.Is(err, directory.ErrNotFound) }
