package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// PolicyVersion is one version of the policy. The newest one is active.
type PolicyVersion struct {
	// Number counts from 1. In [Store.SavePolicy] it may be 0, or the number
	// the caller expects: then somebody else's version in between is
	// ErrConflict.
	Number int
	// Source is the document as it was applied.
	Source []byte
	// Hash identifies the source; SavePolicy fills it with SHA-256 where it is "".
	Hash      string
	Actor     string
	Reason    string
	AppliedAt time.Time
	// Activations holds the baseline of each lifecycle workflow by its name: the
	// instant at which its present form was activated.
	Activations map[string]time.Time
}

const policyColumns = `number, hash, source, actor, reason, applied_at, activations`

// SavePolicy stores and activates a version. Where the active version has the
// same hash it is returned and nothing is created.
func (s *Store) SavePolicy(ctx context.Context, version PolicyVersion) (saved PolicyVersion, created bool, err error) {
	if len(version.Source) == 0 {
		return PolicyVersion{}, false, fmt.Errorf("save policy: %w: the source is empty", ErrInvalid)
	}
	if version.Hash == "" {
		sum := sha256.Sum256(version.Source)
		version.Hash = hex.EncodeToString(sum[:])
	}
	activations, err := encode(version.Activations)
	if err != nil {
		return PolicyVersion{}, false, fmt.Errorf("save policy: %w", err)
	}
	err = s.inTx(ctx, func(tx session) error {
		saved, created, err = savePolicy(ctx, tx, version, activations)
		return err
	})
	if err != nil {
		return PolicyVersion{}, false, fmt.Errorf("save policy: %w", err)
	}
	return saved, created, nil
}

func savePolicy(ctx context.Context, tx session, version PolicyVersion, activations string) (PolicyVersion, bool, error) {
	number, err := get(ctx, tx, scanCount, `SELECT active FROM policy_head WHERE id = 1`+tx.dialect.forUpdate)
	if err != nil {
		return PolicyVersion{}, false, err
	}
	active, err := get(ctx, tx, scanPolicy, `SELECT `+policyColumns+` FROM policies WHERE number = ?`, number)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return PolicyVersion{}, false, err
	}
	if err == nil && active.Hash == version.Hash {
		return active, false, nil
	}
	if version.Number != 0 && version.Number != number+1 {
		return PolicyVersion{}, false, fmt.Errorf("%w: version %d is active", ErrConflict, number)
	}
	number++
	_, err = tx.exec(ctx, `INSERT INTO policies (`+policyColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?)`, number, version.Hash,
		version.Source, version.Actor, version.Reason, version.AppliedAt.UnixMicro(), activations)
	if err != nil {
		return PolicyVersion{}, false, err
	}
	if _, err = tx.exec(ctx, `UPDATE policy_head SET active = ? WHERE id = 1`, number); err != nil {
		return PolicyVersion{}, false, err
	}
	saved, err := get(ctx, tx, scanPolicy, `SELECT `+policyColumns+` FROM policies WHERE number = ?`, number)
	return saved, true, err
}

// ActivePolicy returns the active version. ErrNotFound before the first one.
func (s *Store) ActivePolicy(ctx context.Context) (PolicyVersion, error) {
	version, err := get(ctx, s.reader(), scanPolicy, `SELECT `+policyColumns+` FROM policies
		WHERE number = (SELECT active FROM policy_head WHERE id = 1)`)
	if err != nil {
		return PolicyVersion{}, fmt.Errorf("read active policy: %w", err)
	}
	return version, nil
}

// Policy returns one version. ErrNotFound where there is none of that number.
func (s *Store) Policy(ctx context.Context, number int) (PolicyVersion, error) {
	version, err := get(ctx, s.reader(), scanPolicy, `SELECT `+policyColumns+` FROM policies WHERE number = ?`, number)
	if err != nil {
		return PolicyVersion{}, fmt.Errorf("read policy %d: %w", number, err)
	}
	return version, nil
}

// Policies lists all versions, the newest first.
func (s *Store) Policies(ctx context.Context) ([]PolicyVersion, error) {
	versions, err := list(ctx, s.reader(), scanPolicy, `SELECT `+policyColumns+` FROM policies ORDER BY number DESC`)
	if err != nil {
		return nil, fmt.Errorf("list policies: %w", err)
	}
	return versions, nil
}

func scanPolicy(row scanner) (PolicyVersion, error) {
	var v PolicyVersion
	err := row.Scan(&v.Number, &v.Hash, &v.Source, &v.Actor, &v.Reason, instant{&v.AppliedAt}, document{&v.Activations})
	return v, err
}
