package entra

import (
	"context"
	"strings"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"tenure/internal/directory"
)

const (
	userType      = "userType"
	userTypeGuest = "Guest"
	// largestPage is the most that Graph answers at once.
	largestPage = 999
)

// ListAccounts reads the users page by page, each page with a deadline of its
// own, and leaves the guests out: a filter on the type would miss the users
// that are too old to have one.
func (d *Directory) ListAccounts(ctx context.Context, visit func(directory.Account) error) error {
	var way trail
	link, more := "", true
	for more {
		var list page[models.Userable]
		next := ""
		err := d.call(ctx, directory.VerbListAccounts, func(ctx context.Context) error {
			var err error
			if list, err = d.accountPage(ctx, link); err != nil {
				return err
			}
			next, more, err = way.follow(list.GetOdataNextLink())
			return err
		})
		if err != nil {
			return err
		}
		for _, u := range list.GetValue() {
			if strings.EqualFold(deref(u.GetUserType()), userTypeGuest) {
				continue
			}
			if err := visit(d.export(u)); err != nil {
				return err
			}
		}
		link = next
	}
	return nil
}

func (d *Directory) accountPage(ctx context.Context, link string) (page[models.Userable], error) {
	builder := d.users()
	var asked *users.UsersRequestBuilderGetRequestConfiguration
	if link != "" {
		builder = builder.WithUrl(link)
	} else {
		top := int32(largestPage)
		asked = &users.UsersRequestBuilderGetRequestConfiguration{
			QueryParameters: &users.UsersRequestBuilderGetQueryParameters{
				Select: append(d.selected(), userType), Expand: expandManager(), Top: &top,
			},
		}
	}
	answer, err := builder.Get(ctx, asked)
	if err != nil {
		return nil, err
	}
	if answer == nil {
		return nil, errNoAnswer
	}
	return answer, nil
}
