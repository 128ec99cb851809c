package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Rebuild is one rebuilding of the store from the journeys.
type Rebuild struct {
	Number int
	Begun  time.Time
	// Ended is zero while it is not complete: nobody works until then.
	Ended    time.Time
	Actor    string
	Reason   string
	Journeys int
	Gaps     int
}

const rebuildColumns = `number, begun, ended, actor, reason, journeys, gaps`

// Contents counts what a store holds, by what operators call it.
type Contents struct {
	Policies, People, Chains, Imports int
}

// Empty reports whether nobody has ever worked with the store.
func (c Contents) Empty() bool { return c == Contents{} }

// Contents counts what the store holds.
func (s *Store) Contents(ctx context.Context) (Contents, error) {
	out := Contents{}
	for _, one := range []struct {
		table string
		into  *int
	}{{"policies", &out.Policies}, {"people", &out.People}, {"ledger_heads", &out.Chains}, {"imports", &out.Imports}} {
		n, err := get(ctx, s.reader(), scanCount, `SELECT COUNT(*) FROM `+one.table)
		if err != nil {
			return Contents{}, fmt.Errorf("count %s: %w", one.table, err)
		}
		*one.into = n
	}
	return out, nil
}

// BeginRebuild records that the store is being rebuilt, or goes on with a rebuild
// that did not end.
func (s *Store) BeginRebuild(ctx context.Context, actor, reason string) (Rebuild, error) {
	var out Rebuild
	err := s.inTx(ctx, func(tx session) error {
		var err error
		out, err = newestRebuild(ctx, tx)
		if err == nil && out.Ended.IsZero() || err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		out = Rebuild{Number: out.Number + 1, Begun: s.now().UTC().Truncate(time.Microsecond), Actor: clean(actor), Reason: clean(reason)}
		_, err = tx.exec(ctx, `INSERT INTO rebuilds (`+rebuildColumns+`) VALUES (?, ?, NULL, ?, ?, 0, 0)`,
			out.Number, out.Begun.UnixMicro(), out.Actor, out.Reason)
		return err
	})
	if err != nil {
		return Rebuild{}, fmt.Errorf("begin rebuild: %w", err)
	}
	return out, nil
}

// EndRebuild records that a rebuild is complete.
func (s *Store) EndRebuild(ctx context.Context, done Rebuild) error {
	_, err := s.writes(ctx, `UPDATE rebuilds SET ended = ?, journeys = ?, gaps = ? WHERE number = ?`,
		s.now().UnixMicro(), done.Journeys, done.Gaps, done.Number)
	if err != nil {
		return fmt.Errorf("end rebuild: %w", err)
	}
	return nil
}

// NewestRebuild is the last rebuild. ErrNotFound where there was none.
func (s *Store) NewestRebuild(ctx context.Context) (Rebuild, error) {
	out, err := newestRebuild(ctx, s.reader())
	if err != nil {
		return Rebuild{}, fmt.Errorf("read newest rebuild: %w", err)
	}
	return out, nil
}

func newestRebuild(ctx context.Context, from session) (Rebuild, error) {
	return get(ctx, from, scanRebuild, `SELECT `+rebuildColumns+` FROM rebuilds ORDER BY number DESC LIMIT 1`)
}

func scanRebuild(row scanner) (Rebuild, error) {
	var r Rebuild
	err := row.Scan(&r.Number, instant{&r.Begun}, instant{&r.Ended}, &r.Actor, &r.Reason, &r.Journeys, &r.Gaps)
	return r, err
}

// RestorePolicies makes a version, and all before it, of one document, so that
// the numbers that the journeys know mean something. It changes nothing where a
// version is active.
func (s *Store) RestorePolicies(ctx context.Context, version PolicyVersion) error {
	if len(version.Source) == 0 || version.Hash == "" || version.Number < 1 {
		return fmt.Errorf("restore policy: %w: number, hash and source are needed", ErrInvalid)
	}
	err := s.inTx(ctx, func(tx session) error {
		active, err := get(ctx, tx, scanCount, `SELECT active FROM policy_head WHERE id = 1`+tx.dialect.forUpdate)
		if err != nil || active != 0 {
			return err
		}
		for number := 1; number <= version.Number; number++ {
			_, err := tx.exec(ctx, `INSERT INTO policies (`+policyColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?)`, number, version.Hash,
				version.Source, clean(version.Actor), clean(version.Reason), version.AppliedAt.UnixMicro(), "{}")
			if err != nil {
				return err
			}
		}
		_, err = tx.exec(ctx, `UPDATE policy_head SET active = ? WHERE id = 1`, version.Number)
		return err
	})
	if err != nil {
		return fmt.Errorf("restore policy: %w", err)
	}
	return nil
}
