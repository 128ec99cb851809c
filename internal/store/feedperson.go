package store

import (
	"context"
	"fmt"
	"time"
)

// FeedPerson is the presence of a person in a feed, from which an import tells
// who is unchanged, missing or new.
type FeedPerson struct {
	Feed string
	Key  string
	// Hash is that of the last record's content.
	Hash string
	// AsOf is the instant the last statement speaks of.
	AsOf time.Time
	// LastImport is the last one in which the person was seen.
	LastImport string
	// AbsentSince is the AsOf of the first full file without the person; zero
	// for who is present.
	AbsentSince time.Time
	// AbsentCount counts the full files in a row without the person.
	AbsentCount int
}

const feedPersonColumns = `feed, person_key, hash, as_of, last_import, absent_since, absent_count`

// FeedPeople lists everybody a feed ever spoke of, by key.
func (s *Store) FeedPeople(ctx context.Context, feed string) ([]FeedPerson, error) {
	people, err := list(ctx, s.reader(), scanFeedPerson, `SELECT `+feedPersonColumns+` FROM feed_people
		WHERE feed = ? ORDER BY person_key`, feed)
	if err != nil {
		return nil, fmt.Errorf("list people of feed %s: %w", feed, err)
	}
	return people, nil
}

// FeedPerson reads one person's presence. ErrNotFound where the feed never spoke
// of the person.
func (s *Store) FeedPerson(ctx context.Context, feed, key string) (FeedPerson, error) {
	person, err := get(ctx, s.reader(), scanFeedPerson, `SELECT `+feedPersonColumns+` FROM feed_people
		WHERE feed = ? AND person_key = ?`, feed, key)
	if err != nil {
		return FeedPerson{}, fmt.Errorf("read person %s of feed %s: %w", key, feed, err)
	}
	return person, nil
}

// SentOfImport counts whom an import has been noted for: it grows while somebody
// sends it.
func (s *Store) SentOfImport(ctx context.Context, in FeedImport) (int, error) {
	n, err := get(ctx, s.reader(), scanCount, `SELECT COUNT(*) FROM feed_people WHERE feed = ? AND last_import = ?`, in.Feed, in.ID)
	if err != nil {
		return 0, fmt.Errorf("count people of import %s: %w", in.ID, err)
	}
	return n, nil
}

// UpdateFeedPeople writes the presence of people in one transaction. A statement
// that is older than the one known is left out. ErrInvalid where a key occurs
// twice.
func (s *Store) UpdateFeedPeople(ctx context.Context, feed string, changes []FeedPerson) error {
	rows, seen := make([][]any, len(changes)), make(map[string]bool, len(changes))
	for i, change := range changes {
		if seen[clean(change.Key)] {
			return fmt.Errorf("update people of feed %s: %w: a key occurs twice", feed, ErrInvalid)
		}
		seen[clean(change.Key)] = true
		rows[i] = []any{
			feed, clean(change.Key), change.Hash, micros(change.AsOf), change.LastImport, micros(change.AbsentSince),
			change.AbsentCount,
		}
	}
	err := s.inTx(ctx, func(tx session) error {
		return insertMany(ctx, tx, `INSERT INTO feed_people (`+feedPersonColumns+`) VALUES `,
			` ON CONFLICT (feed, person_key) DO UPDATE SET hash = excluded.hash, as_of = excluded.as_of,
				last_import = excluded.last_import, absent_since = excluded.absent_since, absent_count = excluded.absent_count
			WHERE COALESCE(excluded.as_of, 0) >= COALESCE(feed_people.as_of, 0)`, rows)
	})
	if err != nil {
		return fmt.Errorf("update people of feed %s: %w", feed, err)
	}
	return nil
}

func scanFeedPerson(row scanner) (FeedPerson, error) {
	var p FeedPerson
	err := row.Scan(&p.Feed, &p.Key, &p.Hash, instant{&p.AsOf}, &p.LastImport, instant{&p.AbsentSince}, &p.AbsentCount)
	return p, err
}
