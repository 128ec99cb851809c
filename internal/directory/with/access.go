package with

import (
	"context"

	"tenure/internal/directory"
)

type groups struct {
	next   directory.GroupWriter
	around Around
}

func (g groups) Group(ctx context.Context, groupID string) (directory.Group, error) {
	return value(ctx, g.around, directory.VerbGroup, func(ctx context.Context) (directory.Group, error) {
		return g.next.Group(ctx, groupID)
	})
}

func (g groups) Memberships(ctx context.Context, id string) ([]directory.Group, error) {
	return value(ctx, g.around, directory.VerbMemberships, func(ctx context.Context) ([]directory.Group, error) {
		return g.next.Memberships(ctx, id)
	})
}

func (g groups) AddToGroup(ctx context.Context, id, groupID string) error {
	return g.around(ctx, directory.VerbAddToGroup, func(ctx context.Context) error {
		return g.next.AddToGroup(ctx, id, groupID)
	})
}

func (g groups) RemoveFromGroup(ctx context.Context, id, groupID string) error {
	return g.around(ctx, directory.VerbRemoveFromGroup, func(ctx context.Context) error {
		return g.next.RemoveFromGroup(ctx, id, groupID)
	})
}

type licenses struct {
	next   directory.LicenseWriter
	around Around
}

func (l licenses) Licenses(ctx context.Context, id string) ([]directory.License, error) {
	return value(ctx, l.around, directory.VerbLicenses, func(ctx context.Context) ([]directory.License, error) {
		return l.next.Licenses(ctx, id)
	})
}

func (l licenses) ChangeLicenses(ctx context.Context, id string, add, remove []string) error {
	return l.around(ctx, directory.VerbChangeLicenses, func(ctx context.Context) error {
		return l.next.ChangeLicenses(ctx, id, add, remove)
	})
}

type sessions struct {
	next   directory.SessionRevoker
	around Around
}

func (s sessions) RevokeSessions(ctx context.Context, id string) error {
	return s.around(ctx, directory.VerbRevokeSessions, func(ctx context.Context) error {
		return s.next.RevokeSessions(ctx, id)
	})
}

type passwords struct {
	next   directory.PasswordReplacer
	around Around
}

func (p passwords) ReplacePassword(ctx context.Context, id string) error {
	return p.around(ctx, directory.VerbReplacePassword, func(ctx context.Context) error {
		return p.next.ReplacePassword(ctx, id)
	})
}

type passes struct {
	next   directory.AccessPassIssuer
	around Around
}

func (p passes) Passes(ctx context.Context, id string) ([]directory.Pass, error) {
	return value(ctx, p.around, directory.VerbPasses, func(ctx context.Context) ([]directory.Pass, error) {
		return p.next.Passes(ctx, id)
	})
}

func (p passes) IssuePass(ctx context.Context, id string, in directory.PassRequest) (directory.Pass, directory.Secret, error) {
	var secret directory.Secret
	pass, err := value(ctx, p.around, directory.VerbIssuePass, func(ctx context.Context) (directory.Pass, error) {
		var pass directory.Pass
		var err error
		pass, secret, err = p.next.IssuePass(ctx, id, in)
		return pass, err
	})
	return pass, secret, err
}

func (p passes) DeletePass(ctx context.Context, id, passID string) error {
	return p.around(ctx, directory.VerbDeletePass, func(ctx context.Context) error {
		return p.next.DeletePass(ctx, id, passID)
	})
}

func (p passes) SignInFacts(ctx context.Context, id string) (directory.SignInFacts, error) {
	return value(ctx, p.around, directory.VerbSignInFacts, func(ctx context.Context) (directory.SignInFacts, error) {
		return p.next.SignInFacts(ctx, id)
	})
}
