package memory

import (
	"context"
	"crypto/rand"
	"fmt"

	"tenure/internal/directory"
)

// passLength is the length of the passes that Entra ID issues by default.
const passLength = 8

// Passes lists the one pass an account can have.
func (d *Directory) Passes(ctx context.Context, id string) ([]directory.Pass, error) {
	var out []directory.Pass
	err := d.do(ctx, directory.VerbPasses, func() error {
		a, err := d.live(id)
		if err != nil {
			return err
		}
		if a.pass != nil {
			out = append(out, d.exportPass(*a.pass))
		}
		return nil
	})
	return out, err
}

// IssuePass replaces the pass of an account.
func (d *Directory) IssuePass(ctx context.Context, id string, in directory.PassRequest) (directory.Pass, directory.Secret, error) {
	var pass directory.Pass
	var secret directory.Secret
	err := d.do(ctx, directory.VerbIssuePass, func() error {
		a, err := d.live(id)
		if err != nil {
			return err
		}
		if in.Lifetime <= 0 {
			return fmt.Errorf("lifetime is missing: %w", directory.ErrInvalid)
		}
		start := in.Start
		if start.IsZero() {
			start = d.opts.Clock()
		}
		a.pass = &directory.Pass{ID: d.newID(), Start: start.UTC(), Lifetime: in.Lifetime, Once: in.Once}
		pass = d.exportPass(*a.pass)
		secret = directory.NewSecret(rand.Text()[:passLength])
		return nil
	})
	if err != nil {
		return directory.Pass{}, directory.Secret{}, err
	}
	return pass, secret, nil
}

// DeletePass removes a pass.
func (d *Directory) DeletePass(ctx context.Context, id, passID string) error {
	return d.do(ctx, directory.VerbDeletePass, func() error {
		a, err := d.live(id)
		if err != nil {
			return nil //nolint:nilerr // the pass went with the account
		}
		if a.pass != nil && a.pass.ID == passID {
			a.pass = nil
		}
		return nil
	})
}

// SignInFacts returns what SetSignInFacts was told.
func (d *Directory) SignInFacts(ctx context.Context, id string) (directory.SignInFacts, error) {
	var out directory.SignInFacts
	err := d.do(ctx, directory.VerbSignInFacts, func() error {
		a, err := d.live(id)
		if err != nil {
			return err
		}
		out = a.facts
		return nil
	})
	return out, err
}

func (d *Directory) exportPass(p directory.Pass) directory.Pass {
	now := d.opts.Clock()
	p.Usable = !now.Before(p.Start) && now.Before(p.Start.Add(p.Lifetime))
	return p
}
