package store

import (
	"context"
	"fmt"
	"time"
)

// The decisions about a finding.
const (
	// DecisionFix asked the journey to mend it.
	DecisionFix = "fix"
	// DecisionAdopt linked the account to a person.
	DecisionAdopt = "adopt"
	// DecisionIgnore hides it for a while.
	DecisionIgnore = "ignore"
)

// Finding is a difference between a target and what Tenure wants, as the newest
// comparison saw it, with what was decided about it.
type Finding struct {
	// ID is the same for the same difference in every comparison.
	ID     string
	Target string
	Kind   string
	// Realm and Key are the person's, or of whom an unowned account may be;
	// DisplayName is that of the people index, in lists.
	Realm, Key         string
	DisplayName        string
	ObjectID, UserName string
	// Names are the attributes that differ.
	Names []string
	// Reason and Waits are sentences without personal data.
	Reason, Waits string
	// Protection says whether an unowned account is protected: yes, no, or
	// unknown; "" where that was not asked.
	Protection string

	FirstSeen, LastSeen time.Time
	// ClosedAt is when a comparison found it no more; zero while it stands.
	ClosedAt time.Time
	Decided  FindingDecision
}

// FindingDecision is what a human decided about a finding.
type FindingDecision struct {
	// Decision is fix, adopt, ignore, or "".
	Decision string
	// Until is when an ignored finding shows again.
	Until         time.Time
	Actor, Reason string
	At            time.Time
}

// Hidden reports whether the finding is ignored at an instant.
func (f Finding) Hidden(at time.Time) bool {
	return f.Decided.Decision == DecisionIgnore && at.Before(f.Decided.Until)
}

// Comparison is the newest comparison of a target.
type Comparison struct {
	Target string
	At     time.Time
	// Accounts and People were compared; of Unanswered people no journey said
	// what it wants.
	Accounts, People, Unanswered int
	// Counts are the findings by kind.
	Counts map[string]int
}

const findingColumns = `id, target, kind, realm, person_key, object_id, user_name, names, reason, waits, protection,
	first_seen, last_seen, closed_at, decision, decision_until, actor, decision_reason, decided_at`

// SaveFindings records what a comparison saw. What stood before keeps the day it
// was first seen. A decision is kept while the finding stands; what was ignored
// stays so where it returns, unless other attributes differ by then: that is
// another difference. An older comparison never overwrites a newer one.
func (s *Store) SaveFindings(ctx context.Context, findings []Finding) error {
	err := s.inTx(ctx, func(tx session) error {
		for _, finding := range findings {
			if err := saveFinding(ctx, tx, finding); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("save findings: %w", err)
	}
	return nil
}

func saveFinding(ctx context.Context, tx session, f Finding) error {
	names, err := encode(f.Names)
	if err != nil {
		return err
	}
	// What was decided is over where the difference is another one, or where it
	// was mended in between and has come back.
	const over = `(findings.names <> excluded.names OR findings.closed_at IS NOT NULL AND findings.decision <> 'ignore')`
	_, err = tx.exec(ctx, `INSERT INTO findings (id, target, kind, realm, person_key, object_id, user_name, names, reason, waits,
			protection, first_seen, last_seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET realm = excluded.realm, person_key = excluded.person_key, object_id = excluded.object_id,
			user_name = excluded.user_name, names = excluded.names, reason = excluded.reason, waits = excluded.waits,
			protection = excluded.protection, last_seen = excluded.last_seen, closed_at = NULL,
			first_seen = CASE WHEN findings.closed_at IS NULL THEN findings.first_seen ELSE excluded.first_seen END,
			decision = CASE WHEN `+over+` THEN '' ELSE findings.decision END,
			decision_until = CASE WHEN `+over+` THEN NULL ELSE findings.decision_until END,
			actor = CASE WHEN `+over+` THEN '' ELSE findings.actor END,
			decision_reason = CASE WHEN `+over+` THEN '' ELSE findings.decision_reason END,
			decided_at = CASE WHEN `+over+` THEN NULL ELSE findings.decided_at END
		WHERE excluded.last_seen >= findings.last_seen`,
		f.ID, f.Target, f.Kind, f.Realm, f.Key, clean(f.ObjectID), clean(f.UserName), names, clean(f.Reason), clean(f.Waits),
		f.Protection, f.LastSeen.UnixMicro(), f.LastSeen.UnixMicro())
	if err != nil {
		return fmt.Errorf("save finding %s: %w", f.ID, err)
	}
	return nil
}

// KeepFindings lets what stands of a person stand: a comparison could not look.
func (s *Store) KeepFindings(ctx context.Context, target, realm, key string, at time.Time) error {
	_, err := s.writes(ctx, `UPDATE findings SET last_seen = ?
		WHERE target = ? AND realm = ? AND person_key = ? AND closed_at IS NULL AND last_seen < ?`,
		at.UnixMicro(), target, realm, key, at.UnixMicro())
	if err != nil {
		return fmt.Errorf("keep findings on %s: %w", target, err)
	}
	return nil
}

// CloseFindings ends a comparison: what it did not see any more is closed, and
// the comparison is recorded as the newest one.
func (s *Store) CloseFindings(ctx context.Context, done Comparison) (closed int, err error) {
	counts, err := encode(done.Counts)
	if err != nil {
		return 0, fmt.Errorf("close findings: %w", err)
	}
	err = s.inTx(ctx, func(tx session) error {
		changed, err := tx.exec(ctx, `UPDATE findings SET closed_at = ? WHERE target = ? AND closed_at IS NULL AND last_seen < ?`,
			done.At.UnixMicro(), done.Target, done.At.UnixMicro())
		if err != nil {
			return err
		}
		closed = int(changed)
		_, err = tx.exec(ctx, `INSERT INTO comparisons (target, at, accounts, people, unanswered, counts) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (target) DO UPDATE SET at = excluded.at, accounts = excluded.accounts, people = excluded.people,
				unanswered = excluded.unanswered, counts = excluded.counts
			WHERE excluded.at >= comparisons.at`,
			done.Target, done.At.UnixMicro(), done.Accounts, done.People, done.Unanswered, counts)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("close findings on %s: %w", done.Target, err)
	}
	return closed, nil
}

// Comparison reads the newest comparison of a target. ErrNotFound before the
// first one.
func (s *Store) Comparison(ctx context.Context, target string) (Comparison, error) {
	done, err := get(ctx, s.reader(), func(row scanner) (Comparison, error) {
		var c Comparison
		err := row.Scan(&c.Target, instant{&c.At}, &c.Accounts, &c.People, &c.Unanswered, document{&c.Counts})
		return c, err
	}, `SELECT target, at, accounts, people, unanswered, counts FROM comparisons WHERE target = ?`, target)
	if err != nil {
		return Comparison{}, fmt.Errorf("read comparison of %s: %w", target, err)
	}
	return done, nil
}

// Findings lists what stands in a target, by kind and person.
func (s *Store) Findings(ctx context.Context, target string) ([]Finding, error) {
	findings, err := list(ctx, s.reader(), scanFinding, `SELECT `+findingColumns+`, COALESCE((SELECT display_name FROM people
			WHERE people.realm = findings.realm AND people.person_key = findings.person_key), '') FROM findings
		WHERE target = ? AND closed_at IS NULL ORDER BY kind, realm, person_key, object_id`, target)
	if err != nil {
		return nil, fmt.Errorf("list findings on %s: %w", target, err)
	}
	return findings, nil
}

// Finding reads one finding, closed or not. ErrNotFound where there is none.
func (s *Store) Finding(ctx context.Context, id string) (Finding, error) {
	finding, err := get(ctx, s.reader(), scanFinding, `SELECT `+findingColumns+`, '' FROM findings WHERE id = ?`, id)
	if err != nil {
		return Finding{}, fmt.Errorf("read finding: %w", err)
	}
	return finding, nil
}

// DecideFinding records a decision in place of the one before. ErrNotFound where
// the finding does not stand.
func (s *Store) DecideFinding(ctx context.Context, id string, d FindingDecision) error {
	changed, err := s.writes(ctx, `UPDATE findings SET decision = ?, decision_until = ?, actor = ?, decision_reason = ?, decided_at = ?
		WHERE id = ? AND closed_at IS NULL`, d.Decision, micros(d.Until), clean(d.Actor), clean(d.Reason), micros(d.At), id)
	if err == nil && changed == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("decide finding %s: %w", id, err)
	}
	return nil
}

// ClaimedObjects lists the accounts of a target that journeys hold, folded.
func (s *Store) ClaimedObjects(ctx context.Context, target string) ([]string, error) {
	ids, err := list(ctx, s.reader(), func(row scanner) (id string, err error) {
		err = row.Scan(&id)
		return id, err
	}, `SELECT value FROM claims WHERE target = ? AND attribute = ? AND state <> 'foreign' ORDER BY value`, target, ObjectIDAttribute)
	if err != nil {
		return nil, fmt.Errorf("list claimed accounts of %s: %w", target, err)
	}
	return ids, nil
}

func scanFinding(row scanner) (Finding, error) {
	var f Finding
	err := row.Scan(&f.ID, &f.Target, &f.Kind, &f.Realm, &f.Key, &f.ObjectID, &f.UserName, document{&f.Names}, &f.Reason, &f.Waits,
		&f.Protection, instant{&f.FirstSeen}, instant{&f.LastSeen}, instant{&f.ClosedAt}, &f.Decided.Decision, instant{&f.Decided.Until},
		&f.Decided.Actor, &f.Decided.Reason, instant{&f.Decided.At}, &f.DisplayName)
	return f, err
}
