package entra

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"tenure/internal/directory"
)

// Licenses lists the licences that are in force, direct and by group.
func (d *Directory) Licenses(ctx context.Context, id string) ([]directory.License, error) {
	return d.licenses(ctx, directory.VerbLicenses, id)
}

func (d *Directory) licenses(ctx context.Context, verb directory.Verb, id string) ([]directory.License, error) {
	var out []directory.License
	err := d.call(ctx, verb, func(ctx context.Context) error {
		u, err := d.users().ByUserId(id).Get(ctx, &users.UserItemRequestBuilderGetRequestConfiguration{
			QueryParameters: &users.UserItemRequestBuilderGetQueryParameters{Select: []string{"id", "licenseAssignmentStates"}},
		})
		if err != nil {
			return err
		}
		if u == nil {
			return errNoAnswer
		}
		for _, s := range u.GetLicenseAssignmentStates() {
			switch deref(s.GetState()) {
			case "Active", "ActiveWithError":
				if sku := s.GetSkuId(); sku != nil {
					out = append(out, directory.License{SKU: sku.String(), ViaGroup: deref(s.GetAssignedByGroup())})
				}
			}
		}
		return nil
	})
	return out, err
}

// ChangeLicenses reads what is held directly and asks for the difference: Graph
// refuses the removal of what is not there.
func (d *Directory) ChangeLicenses(ctx context.Context, id string, add, remove []string) error {
	if len(add)+len(remove) == 0 {
		return nil
	}
	held, err := d.licenses(ctx, directory.VerbChangeLicenses, id)
	if err != nil {
		return err
	}
	direct := func(sku uuid.UUID) bool {
		return slices.ContainsFunc(held, func(l directory.License) bool { return l.ViaGroup == "" && l.SKU == sku.String() })
	}
	// assignLicense wants both arrays, empty ones too.
	body := users.NewItemAssignLicensePostRequestBody()
	adds, removes := []models.AssignedLicenseable{}, []uuid.UUID{}
	for _, text := range add {
		sku, err := parseSKU(text)
		if err != nil {
			return err
		}
		if !direct(sku) {
			license := models.NewAssignedLicense()
			license.SetSkuId(&sku)
			license.SetDisabledPlans([]uuid.UUID{})
			adds = append(adds, license)
		}
	}
	for _, text := range remove {
		sku, err := parseSKU(text)
		if err != nil {
			return err
		}
		if direct(sku) {
			removes = append(removes, sku)
		}
	}
	if len(adds)+len(removes) == 0 {
		return nil
	}
	body.SetAddLicenses(adds)
	body.SetRemoveLicenses(removes)
	return d.call(ctx, directory.VerbChangeLicenses, func(ctx context.Context) error {
		_, err := d.users().ByUserId(id).AssignLicense().Post(ctx, body, nil)
		return err
	})
}

func parseSKU(text string) (uuid.UUID, error) {
	sku, err := uuid.Parse(text)
	if err != nil {
		return uuid.UUID{}, fmt.Errorf("%s: licence %q is no GUID: %w", directory.VerbChangeLicenses, text, directory.ErrInvalid)
	}
	return sku, nil
}
