package entra

import (
	"context"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"tenure/internal/directory"
)

// immutableID is the anchor of an account that a synchronisation made.
const immutableID = "onPremisesImmutableId"

// AccountsByAnchor asks Graph's index, which lags and links no managers, and reads
// what that names from the directory itself.
func (d *Directory) AccountsByAnchor(ctx context.Context, anchor string) ([]directory.Account, error) {
	if anchor == "" {
		return nil, nil
	}
	var list []models.Userable
	err := d.call(ctx, directory.VerbAccountsByAnchor, func(ctx context.Context) error {
		var err error
		list, err = collect(ctx, func(ctx context.Context, link string) (page[models.Userable], error) {
			return d.indexedPage(ctx, link, equals(immutableID, anchor))
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	var out []directory.Account
	for _, u := range list {
		a, err := d.account(ctx, directory.VerbAccountsByAnchor, deref(u.GetId()))
		switch {
		case isNotFound(err): // the index had not heard of the delete
		case err != nil:
			return nil, err
		case a.Anchor == anchor:
			out = append(out, a)
		}
	}
	return out, nil
}

func (d *Directory) indexedPage(ctx context.Context, link string, filter *string) (page[models.Userable], error) {
	headers := abstractions.NewRequestHeaders()
	headers.Add("ConsistencyLevel", "eventual")
	if link != "" {
		return d.users().WithUrl(link).Get(ctx, &users.UsersRequestBuilderGetRequestConfiguration{Headers: headers})
	}
	count := true
	return d.users().Get(ctx, &users.UsersRequestBuilderGetRequestConfiguration{
		Headers: headers,
		QueryParameters: &users.UsersRequestBuilderGetQueryParameters{
			Filter: filter, Select: []string{"id"}, Count: &count,
		},
	})
}
