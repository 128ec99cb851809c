package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ClaimState says what a claim means.
type ClaimState string

// The states of a claim.
const (
	// ClaimReserved is about to be used.
	ClaimReserved ClaimState = "reserved"
	// ClaimHeld is in use by the owner's account.
	ClaimHeld ClaimState = "held"
	// ClaimQuarantined is no longer in use and must not be used yet.
	ClaimQuarantined ClaimState = "quarantined"
	// ClaimForeign was found in the target, on an object that is nobody's.
	ClaimForeign ClaimState = "foreign"
)

// ObjectIDAttribute is the attribute under which an account itself is claimed,
// so that two realms never share one.
const ObjectIDAttribute = "objectId"

// Claim says to whom a value of an attribute belongs in a target. It has no
// expiry: only the owner's journey gives it up.
type Claim struct {
	Target    string
	Attribute string
	// Value is stored and returned folded, see [Fold].
	Value string
	// Owner is a journey; "" for a foreign value.
	Owner string
	State ClaimState
	// Until is the earliest instant at which the owner may release a
	// quarantined value; zero for the others.
	Until time.Time
	// At is journey time of the last change.
	At time.Time
}

const claimColumns = `target, attribute, value, owner, state, until, claimed_at`

// Reserve takes a value for claim.Owner, or returns the claim that stands. Mine
// says that it is the owner's, in whatever state.
func (s *Store) Reserve(ctx context.Context, claim Claim) (current Claim, mine bool, err error) {
	claim.State, claim.Until = ClaimReserved, time.Time{}
	current, err = s.claim(ctx, claim)
	if err != nil {
		return Claim{}, false, fmt.Errorf("reserve %s on %s: %w", claim.Attribute, claim.Target, err)
	}
	return current, current.Owner == claim.Owner, nil
}

// ReserveFirst reserves the first candidate that is free, and returns it as it
// was given. A candidate the owner has already wins over earlier ones, so that a
// repeated call returns the same name. ErrNoCandidate where all are taken.
func (s *Store) ReserveFirst(ctx context.Context, target, attribute string, candidates []string, owner string, at time.Time) (string, error) {
	if name, err := s.ownCandidate(ctx, target, attribute, candidates, owner); err != nil || name != "" {
		return name, err
	}
	for _, candidate := range candidates {
		_, mine, err := s.Reserve(ctx, Claim{Target: target, Attribute: attribute, Value: candidate, Owner: owner, At: at})
		if err != nil {
			return "", err
		}
		if mine {
			return candidate, nil
		}
	}
	return "", fmt.Errorf("reserve %s on %s: %w", attribute, target, ErrNoCandidate)
}

func (s *Store) ownCandidate(ctx context.Context, target, attribute string, candidates []string, owner string) (string, error) {
	claims, err := s.Claims(ctx, owner)
	if err != nil {
		return "", err
	}
	owned := make(map[string]bool, len(claims))
	for _, claim := range claims {
		if claim.Target == target && claim.Attribute == attribute {
			owned[claim.Value] = true
		}
	}
	for _, candidate := range candidates {
		if owned[Fold(candidate)] {
			return candidate, nil
		}
	}
	return "", nil
}

// Hold records that the owner's account carries the value. It takes a value that
// is free, the owner's in any state, or marked foreign: whoever looked saw that
// the object which carries it is the owner's. *ClaimedError where it is
// another journey's.
func (s *Store) Hold(ctx context.Context, claim Claim) error {
	claim.State, claim.Until = ClaimHeld, time.Time{}
	return s.take(ctx, "hold", claim, `(claims.owner = excluded.owner OR claims.state = 'foreign')`)
}

// Quarantine keeps the owner's value from everybody, also after its account is
// gone, until the owner releases it. *ClaimedError where it is not the owner's.
func (s *Store) Quarantine(ctx context.Context, claim Claim) error {
	claim.State = ClaimQuarantined
	return s.take(ctx, "quarantine", claim, `claims.owner = excluded.owner`)
}

// MarkForeign records that an object which is not Tenure's carries the value: a
// free value, or one that claim.Owner has only reserved. It returns the claim as
// it stands then; another journey's is left as it is.
func (s *Store) MarkForeign(ctx context.Context, claim Claim) (Claim, error) {
	reserver := claim.Owner
	claim.Owner, claim.State, claim.Until = "", ClaimForeign, time.Time{}
	current, err := s.claim(ctx, claim)
	if err == nil && current.State == ClaimReserved && current.Owner == reserver {
		_, err = s.writes(ctx, `UPDATE claims SET owner = '', state = 'foreign', claimed_at = ?
			WHERE target = ? AND attribute = ? AND value = ? AND owner = ? AND state = 'reserved'`,
			micros(claim.At), claim.Target, claim.Attribute, Fold(claim.Value), reserver)
		if err == nil {
			current, err = s.claim(ctx, claim)
		}
	}
	if err != nil {
		return Claim{}, fmt.Errorf("mark %s on %s as foreign: %w", claim.Attribute, claim.Target, err)
	}
	return current, nil
}

// Release gives a value up. A value that is free is a success; *ClaimedError
// where it is not the owner's. The owner "" takes a foreign mark away, once the
// target was seen without the value.
func (s *Store) Release(ctx context.Context, target, attribute, value, owner string) error {
	const match = `target = ? AND attribute = ? AND value = ?`
	changed, err := s.writes(ctx, `DELETE FROM claims WHERE `+match+` AND owner = ?`, target, attribute, Fold(value), owner)
	if err != nil {
		return fmt.Errorf("release %s on %s: %w", attribute, target, err)
	}
	if changed == 1 {
		// Who takes it next may have it before it is looked at again.
		return nil
	}
	current, err := s.Claim(ctx, target, attribute, value)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("release %s on %s: %w", attribute, target, err)
	case current.Owner == owner:
		// Taken anew by the same owner in between.
		return nil
	default:
		return &ClaimedError{Current: current}
	}
}

// Claim reads who has a value. ErrNotFound where it is free.
func (s *Store) Claim(ctx context.Context, target, attribute, value string) (Claim, error) {
	claim, err := get(ctx, s.reader(), scanClaim, `SELECT `+claimColumns+` FROM claims
		WHERE target = ? AND attribute = ? AND value = ?`, target, attribute, Fold(value))
	if err != nil {
		return Claim{}, fmt.Errorf("read claim of %s on %s: %w", attribute, target, err)
	}
	return claim, nil
}

// Claims lists what an owner has.
func (s *Store) Claims(ctx context.Context, owner string) ([]Claim, error) {
	claims, err := list(ctx, s.reader(), scanClaim, `SELECT `+claimColumns+` FROM claims
		WHERE owner = ? ORDER BY target, attribute, value`, owner)
	if err != nil {
		return nil, fmt.Errorf("list claims of %s: %w", owner, err)
	}
	return claims, nil
}

// ClaimsOn lists who has the values of one attribute of a target.
func (s *Store) ClaimsOn(ctx context.Context, target, attribute string) ([]Claim, error) {
	claims, err := list(ctx, s.reader(), scanClaim, `SELECT `+claimColumns+` FROM claims
		WHERE target = ? AND attribute = ? ORDER BY value`, target, attribute)
	if err != nil {
		return nil, fmt.Errorf("list claims of %s on %s: %w", attribute, target, err)
	}
	return claims, nil
}

// claim inserts, or returns the claim that stands. A claim may be released
// between the two statements: then it is tried again.
func (s *Store) claim(ctx context.Context, claim Claim) (Claim, error) {
	if err := claim.check(); err != nil {
		return Claim{}, err
	}
	for {
		changed, err := s.writes(ctx, insertClaim+` DO NOTHING`, claim.values()...)
		if err != nil {
			return Claim{}, err
		}
		if changed == 1 {
			return claim.stored(), nil
		}
		current, err := s.Claim(ctx, claim.Target, claim.Attribute, claim.Value)
		if !errors.Is(err, ErrNotFound) {
			return current, err
		}
	}
}

const insertClaim = `INSERT INTO claims (` + claimColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (target, attribute, value)`

func (c Claim) check() error {
	if c.Target == "" || c.Attribute == "" || Fold(c.Value) == "" || (c.Owner == "") != (c.State == ClaimForeign) {
		return fmt.Errorf("%w: target, attribute, value and owner are needed", ErrInvalid)
	}
	return nil
}

func (c Claim) values() []any {
	return []any{c.Target, c.Attribute, Fold(c.Value), c.Owner, string(c.State), micros(c.Until), micros(c.At)}
}

// stored is the claim as it is read again.
func (c Claim) stored() Claim {
	c.Value, c.Until, c.At = Fold(c.Value), storedInstant(c.Until), storedInstant(c.At)
	return c
}

// take puts a claim into the owner's name and the state given, where it is free
// or the condition allows it. What stands so already is not written again: every
// task on an account holds it.
func (s *Store) take(ctx context.Context, verb string, claim Claim, condition string) error {
	failed := func(err error) error {
		return fmt.Errorf("%s %s on %s: %w", verb, claim.Attribute, claim.Target, err)
	}
	if err := claim.check(); err != nil {
		return failed(err)
	}
	for {
		current, err := s.Claim(ctx, claim.Target, claim.Attribute, claim.Value)
		free := errors.Is(err, ErrNotFound)
		switch {
		case err != nil && !free:
			return failed(err)
		case !free && current.isSo(claim):
			return nil
		}
		changed, err := s.writes(ctx, insertClaim+` DO UPDATE SET owner = excluded.owner, state = excluded.state,
			until = excluded.until, claimed_at = excluded.claimed_at WHERE `+condition, claim.values()...)
		switch {
		case err != nil:
			return failed(err)
		case changed == 1:
			return nil
		case !free && current.Owner != claim.Owner:
			return &ClaimedError{Current: current}
		}
		// It was taken or given up between the two statements.
	}
}

// isSo reports whether another claim would say nothing new.
func (c Claim) isSo(other Claim) bool {
	return c.Owner == other.Owner && c.State == other.State && c.Until.Equal(storedInstant(other.Until))
}

func scanClaim(row scanner) (Claim, error) {
	var c Claim
	err := row.Scan(&c.Target, &c.Attribute, &c.Value, &c.Owner, &c.State, instant{&c.Until}, instant{&c.At})
	return c, err
}
