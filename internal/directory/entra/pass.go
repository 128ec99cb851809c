package entra

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"tenure/internal/directory"
)

// RevokeSessions ends every session of the account.
func (d *Directory) RevokeSessions(ctx context.Context, id string) error {
	return d.call(ctx, directory.VerbRevokeSessions, func(ctx context.Context) error {
		_, err := d.users().ByUserId(id).RevokeSignInSessions().PostAsRevokeSignInSessionsPostResponse(ctx, nil)
		return err
	})
}

// Passes lists the one pass an account can have.
func (d *Directory) Passes(ctx context.Context, id string) ([]directory.Pass, error) {
	var out []directory.Pass
	err := d.call(ctx, directory.VerbPasses, func(ctx context.Context) error {
		list, err := collect(ctx, func(ctx context.Context, link string) (page[models.TemporaryAccessPassAuthenticationMethodable], error) {
			builder := d.users().ByUserId(id).Authentication().TemporaryAccessPassMethods()
			if link != "" {
				return builder.WithUrl(link).Get(ctx, nil)
			}
			return builder.Get(ctx, nil)
		})
		for _, p := range list {
			out = append(out, exportPass(p))
		}
		return err
	})
	return out, err
}

// IssuePass replaces the pass of an account.
func (d *Directory) IssuePass(ctx context.Context, id string, in directory.PassRequest) (directory.Pass, directory.Secret, error) {
	if in.Lifetime < time.Minute || in.Lifetime%time.Minute != 0 || in.Lifetime > maxPassLifetime {
		return directory.Pass{}, directory.Secret{}, fmt.Errorf("%s: lifetime is no whole number of minutes up to %s: %w",
			directory.VerbIssuePass, maxPassLifetime, directory.ErrInvalid)
	}
	minutes := int32(in.Lifetime / time.Minute)
	body := models.NewTemporaryAccessPassAuthenticationMethod()
	body.SetLifetimeInMinutes(&minutes)
	body.SetIsUsableOnce(&in.Once)
	if !in.Start.IsZero() {
		start := in.Start.UTC()
		body.SetStartDateTime(&start)
	}
	var pass directory.Pass
	var secret directory.Secret
	err := d.call(ctx, directory.VerbIssuePass, func(ctx context.Context) error {
		made, err := d.users().ByUserId(id).Authentication().TemporaryAccessPassMethods().Post(ctx, body, nil)
		if err != nil {
			return err
		}
		if made == nil || deref(made.GetTemporaryAccessPass()) == "" {
			return errNoAnswer
		}
		pass, secret = exportPass(made), directory.NewSecret(*made.GetTemporaryAccessPass())
		return nil
	})
	return pass, secret, err
}

// maxPassLifetime is the longest that any tenant's policy can allow.
const maxPassLifetime = 43200 * time.Minute

// DeletePass removes a pass.
func (d *Directory) DeletePass(ctx context.Context, id, passID string) error {
	err := d.call(ctx, directory.VerbDeletePass, func(ctx context.Context) error {
		return d.users().ByUserId(id).Authentication().TemporaryAccessPassMethods().
			ByTemporaryAccessPassAuthenticationMethodId(passID).Delete(ctx, nil)
	})
	if !isNotFound(err) {
		return err
	}
	left, err := d.Passes(ctx, id)
	if isNotFound(err) {
		return nil // the account is gone, and its passes with it
	}
	if err == nil && slices.ContainsFunc(left, func(p directory.Pass) bool { return p.ID == passID }) {
		return stillThere(directory.VerbDeletePass)
	}
	return err
}

// SignInFacts asks for the sign-ins, the methods and the roles of an account. A
// fact that the credential may not read is an error, never an absence.
func (d *Directory) SignInFacts(ctx context.Context, id string) (directory.SignInFacts, error) {
	var out directory.SignInFacts
	for _, read := range []func(context.Context, string, *directory.SignInFacts) error{d.readSignIn, d.readMethods} {
		err := d.call(ctx, directory.VerbSignInFacts, func(ctx context.Context) error { return read(ctx, id, &out) })
		if err != nil {
			return directory.SignInFacts{}, err
		}
	}
	objects, err := d.memberOf(ctx, directory.VerbSignInFacts, id)
	if err != nil {
		return directory.SignInFacts{}, err
	}
	out.HasRole = slices.ContainsFunc(objects, bringsRole)
	return out, nil
}

// readSignIn decodes the answer itself: Graph writes "" for a missing instant,
// at which the SDK's parser gives up.
func (d *Directory) readSignIn(ctx context.Context, id string, out *directory.SignInFacts) error {
	info, err := d.users().ByUserId(id).ToGetRequestInformation(ctx, &users.UserItemRequestBuilderGetRequestConfiguration{
		QueryParameters: &users.UserItemRequestBuilderGetQueryParameters{Select: []string{"id", "signInActivity"}},
	})
	if err != nil {
		return err
	}
	content, err := d.adapter.SendPrimitive(ctx, info, "[]byte", errorMappings())
	if err != nil {
		return err
	}
	body, _ := content.([]byte)
	var user struct {
		Activity map[string]any `json:"signInActivity"`
	}
	if json.Unmarshal(body, &user) != nil {
		return errNoAnswer
	}
	for name, value := range user.Activity {
		text, _ := value.(string)
		if strings.HasSuffix(name, "DateTime") && text != "" && !strings.HasPrefix(text, "0001-") {
			out.SignedIn = true
		}
	}
	return nil
}

func (d *Directory) readMethods(ctx context.Context, id string, out *directory.SignInFacts) error {
	list, err := collect(ctx, func(ctx context.Context, link string) (page[models.AuthenticationMethodable], error) {
		builder := d.users().ByUserId(id).Authentication().Methods()
		if link != "" {
			return builder.WithUrl(link).Get(ctx, nil)
		}
		return builder.Get(ctx, nil)
	})
	for _, method := range list {
		switch deref(method.GetOdataType()) {
		case "#microsoft.graph.passwordAuthenticationMethod", "#microsoft.graph.temporaryAccessPassAuthenticationMethod":
		default:
			out.OtherMethods++
		}
	}
	return err
}

// bringsRole tells a directory role, and a group that may hold one.
func bringsRole(object models.DirectoryObjectable) bool {
	switch o := object.(type) {
	case models.DirectoryRoleable:
		return true
	case models.Groupable:
		return isTrue(o.GetIsAssignableToRole())
	}
	return false
}

func exportPass(p models.TemporaryAccessPassAuthenticationMethodable) directory.Pass {
	out := directory.Pass{ID: deref(p.GetId()), Once: isTrue(p.GetIsUsableOnce()), Usable: isTrue(p.GetIsUsable())}
	if start := p.GetStartDateTime(); start != nil {
		out.Start = start.UTC()
	}
	if minutes := p.GetLifetimeInMinutes(); minutes != nil {
		out.Lifetime = time.Duration(*minutes) * time.Minute
	}
	return out
}
