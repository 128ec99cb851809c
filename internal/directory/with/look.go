package with

import (
	"context"

	"tenure/internal/directory"
)

type lister struct {
	next   directory.AccountLister
	around Around
}

func (l lister) ListAccounts(ctx context.Context, visit func(directory.Account) error) error {
	return l.around(ctx, directory.VerbListAccounts, func(ctx context.Context) error {
		return l.next.ListAccounts(ctx, visit)
	})
}

type protections struct {
	next   directory.ProtectionReader
	around Around
}

func (p protections) Protection(ctx context.Context, id string) (directory.Protection, error) {
	return value(ctx, p.around, directory.VerbProtection, func(ctx context.Context) (directory.Protection, error) {
		return p.next.Protection(ctx, id)
	})
}

func (p protections) Ownerships(ctx context.Context, id string) ([]directory.Owned, error) {
	return value(ctx, p.around, directory.VerbOwnerships, func(ctx context.Context) ([]directory.Owned, error) {
		return p.next.Ownerships(ctx, id)
	})
}

func (p protections) MemberOf(ctx context.Context, id string) ([]directory.Group, error) {
	return value(ctx, p.around, directory.VerbMemberOf, func(ctx context.Context) ([]directory.Group, error) {
		return p.next.MemberOf(ctx, id)
	})
}

type inspector struct {
	next   directory.Inspector
	around Around
}

func (i inspector) Inspect(ctx context.Context, want directory.Wanted) ([]directory.Finding, error) {
	return value(ctx, i.around, directory.VerbInspect, func(ctx context.Context) ([]directory.Finding, error) {
		return i.next.Inspect(ctx, want)
	})
}
