package entra

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	msdirectory "github.com/microsoftgraph/msgraph-sdk-go/directory"
	"github.com/microsoftgraph/msgraph-sdk-go/models"

	"tenure/internal/directory"
)

// DeleteAccount moves the account to the deleted items.
func (d *Directory) DeleteAccount(ctx context.Context, id string) error {
	err := d.call(ctx, directory.VerbDeleteAccount, func(ctx context.Context) error {
		return d.users().ByUserId(id).Delete(ctx, nil)
	})
	if !isNotFound(err) {
		return err
	}
	_, err = d.account(ctx, directory.VerbDeleteAccount, id)
	switch {
	case isNotFound(err):
		return nil
	case err == nil:
		return stillThere(directory.VerbDeleteAccount)
	}
	return err
}

// DeletedAccounts returns the restorable accounts with this employee number.
func (d *Directory) DeletedAccounts(ctx context.Context, employeeID string) ([]directory.Account, error) {
	if employeeID == "" {
		return nil, fmt.Errorf("%s: %w", directory.VerbDeletedAccounts, directory.ErrNoEmployeeID)
	}
	list, err := d.deletedUsers(ctx, query{filter: equals(directory.EmployeeIDAttribute, employeeID)})
	out := d.exportAll(list, employeeID)
	for i := range out {
		out[i].UserName = formerName(out[i])
	}
	return out, err
}

// DeletedByUserName returns the restorable accounts that had this user name. The
// name has the object ID before it now, so that only Graph's lagging index finds
// it.
func (d *Directory) DeletedByUserName(ctx context.Context, userName string) ([]directory.Account, error) {
	filter := "endsWith(" + directory.UserNameAttribute + ",'" + escaped(userName) + "')"
	list, err := d.deletedUsers(ctx, query{filter: &filter, indexed: true})
	var out []directory.Account
	for _, u := range list {
		account := d.export(u)
		if account.UserName = formerName(account); strings.EqualFold(account.UserName, userName) {
			out = append(out, account)
		}
	}
	return out, err
}

// query is what is asked of a collection; an indexed one needs Graph's advanced
// queries.
type query struct {
	filter  *string
	indexed bool
}

func (d *Directory) deletedUsers(ctx context.Context, q query) ([]models.Userable, error) {
	var list []models.Userable
	err := d.call(ctx, directory.VerbDeletedAccounts, func(ctx context.Context) error {
		var err error
		list, err = collect(ctx, func(ctx context.Context, link string) (page[models.Userable], error) {
			return d.deletedPage(ctx, link, q)
		})
		return err
	})
	return list, err
}

// deletedPage asks for the cast under its full name. The SDK writes it
// graph.user, an alias that Microsoft's description of Graph does not have.
func (d *Directory) deletedPage(ctx context.Context, link string, q query) (page[models.Userable], error) {
	builder := d.deleted().GraphUser()
	headers := abstractions.NewRequestHeaders()
	if q.indexed {
		headers.Add("ConsistencyLevel", "eventual")
	}
	if link != "" {
		return builder.WithUrl(link).Get(ctx, &msdirectory.DeletedItemsGraphUserRequestBuilderGetRequestConfiguration{Headers: headers})
	}
	asked := &msdirectory.DeletedItemsGraphUserRequestBuilderGetQueryParameters{
		Filter: q.filter, Select: append(d.selected(), "deletedDateTime"),
	}
	if q.indexed {
		asked.Count = &q.indexed
	}
	info, err := builder.ToGetRequestInformation(ctx, &msdirectory.DeletedItemsGraphUserRequestBuilderGetRequestConfiguration{
		Headers: headers, QueryParameters: asked,
	})
	if err != nil {
		return nil, err
	}
	info.UrlTemplate = strings.Replace(info.UrlTemplate, "/graph.user", "/microsoft.graph.user", 1)
	answer, err := d.adapter.Send(ctx, info, models.CreateUserCollectionResponseFromDiscriminatorValue, errorMappings())
	if err != nil {
		return nil, err
	}
	list, ok := answer.(models.UserCollectionResponseable)
	if !ok {
		return nil, errNoAnswer
	}
	return list, nil
}

// formerName is the user name before Graph freed it for others, which it does
// by putting the object ID before it.
func formerName(a directory.Account) string {
	return strings.TrimPrefix(a.UserName, strings.ReplaceAll(a.ID, "-", ""))
}

// RestoreAccount brings a deleted account back.
func (d *Directory) RestoreAccount(ctx context.Context, id, userName string) (directory.Account, error) {
	if userName != "" {
		if err := d.checkDomain(userName); err != nil {
			return directory.Account{}, fmt.Errorf("%s: %w", directory.VerbRestoreAccount, err)
		}
	}
	var answer directory.Account
	err := d.call(ctx, directory.VerbRestoreAccount, func(ctx context.Context) error {
		restored, err := d.restore(ctx, id, userName)
		if err != nil {
			return err
		}
		answer = d.export(restored)
		return nil
	})
	if err != nil && !isNotFound(err) {
		return directory.Account{}, err
	}
	// The answer holds the default properties only. An account that is not among
	// the deleted may be live already; one that was restored may not have been
	// replicated, and the answer is then all that is known.
	live, readErr := d.account(ctx, directory.VerbRestoreAccount, id)
	if readErr == nil {
		return live, nil
	}
	if err == nil && isNotFound(readErr) {
		return answer, nil
	}
	return directory.Account{}, readErr
}

// restore posts the action with a body that the SDK's builder does not know.
func (d *Directory) restore(ctx context.Context, id, userName string) (models.Userable, error) {
	info, err := d.deleted().ByDirectoryObjectId(id).Restore().ToPostRequestInformation(ctx, nil)
	if err != nil {
		return nil, err
	}
	if userName != "" {
		if err := setJSON(info, map[string]any{"newUserPrincipalName": userName}); err != nil {
			return nil, err
		}
	}
	object, err := d.adapter.Send(ctx, info, models.CreateUserFromDiscriminatorValue, errorMappings())
	if err != nil {
		return nil, err
	}
	user, ok := object.(models.Userable)
	if !ok {
		return nil, errNoAnswer
	}
	return user, nil
}

// setJSON gives a request a body.
func setJSON(info *abstractions.RequestInformation, body map[string]any) error {
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	info.SetStreamContentAndContentType(content, jsonContent)
	return nil
}
