package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// PersonRow is a person in the people index: what lists show and search finds.
// It is a copy of what the journey knows, never the truth.
type PersonRow struct {
	Realm   string
	Key     string
	Journey string

	DisplayName string
	Department  string
	JobTitle    string
	EmployeeID  string
	// SourceKey is the feed's own key of the person.
	SourceKey string
	Email     string

	Phase string
	Held  bool
	// Holds are the kinds of the holds in force.
	Holds []string
	// Attention lists the open questions as codes.
	Attention []string
	// NextDeadline is zero where nothing is due.
	NextDeadline time.Time
	NextWhat     string
	// Zone is the IANA name of the person's time zone.
	Zone     string
	Accounts []AccountRow

	PolicyVersion int
	// Revision counts the journey's states; an older one never overwrites a
	// newer one.
	Revision int64
	// At is journey time of the revision.
	At   time.Time
	Feed string
	// ManagerRef is the reference as HR states it, kind and value.
	ManagerRef string
	// Matches say how the person may be matched with an account, by target.
	Matches []MatchRow
}

// MatchRow is what matching a person with the accounts of a target needs.
type MatchRow struct {
	Target string `json:"target"`
	// Staff may have an account that Tenure did not make.
	Staff bool `json:"staff,omitempty"`
	// Outside is set where the person is not in the target's scope.
	Outside bool `json:"outside,omitempty"`
	// Names are the user names that the person would get, without numbers.
	Names []string `json:"names,omitempty"`
	// Ordered is the account that a human named and that is not linked yet.
	Ordered string `json:"ordered,omitempty"`
}

// AccountRow is a person's account in one target.
type AccountRow struct {
	Target   string `json:"target"`
	ID       string `json:"id"`
	UserName string `json:"userName"`
	// State is none, disabled, enabled, deleted, or unknown before the first look.
	State string `json:"state"`
	// Linked says how an account that was there before became the person's.
	Linked string `json:"linked,omitempty"`
	// Synced accounts are mastered in another directory; Protected says why no
	// feed takes the account's access, "" where one may.
	Synced    bool   `json:"synced,omitempty"`
	Protected string `json:"protected,omitempty"`
}

// PeopleFilter narrows a list of people; its zero value is everybody.
type PeopleFilter struct {
	Realm string
	// Search finds people whose name, key, numbers, mail address, department,
	// title or user names hold every word of it, whatever case or accents.
	Search string
	Phase  string
	// Attention and Held keep only those who have it.
	Attention bool
	Held      bool
	// Limit is the size of a page, 100 where it is 0.
	Limit int
	// Cursor is what the page before returned.
	Cursor string
}

// ReferenceKind says by which attribute one person refers to another.
type ReferenceKind string

// The kinds of reference.
const (
	ByEmployeeID ReferenceKind = "employeeId"
	BySourceKey  ReferenceKind = "sourceKey"
	ByEmail      ReferenceKind = "email"
	ByName       ReferenceKind = "name"
)

const personColumns = `realm, person_key, journey, display_name, department, job_title, employee_id, source_key, email,
	phase, held, attention, next_deadline, next_what, zone, accounts, policy_version, revision, at, feed, manager_ref, holds, matches`

// UpsertPerson writes a row unless a newer revision is there already, which
// applied tells.
func (s *Store) UpsertPerson(ctx context.Context, row PersonRow) (applied bool, err error) {
	attention, err := encode(row.Attention)
	if err != nil {
		return false, err
	}
	accounts, err := encode(row.Accounts)
	if err != nil {
		return false, err
	}
	holds, err := encode(row.Holds)
	if err != nil {
		return false, err
	}
	matches, err := encode(row.Matches)
	if err != nil {
		return false, err
	}
	changed, err := s.writes(ctx, `INSERT INTO people (`+personColumns+`, asks, folded_name, folded_email, searched)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (realm, person_key) DO UPDATE SET journey = excluded.journey, display_name = excluded.display_name,
			department = excluded.department, job_title = excluded.job_title, employee_id = excluded.employee_id,
			source_key = excluded.source_key, email = excluded.email, phase = excluded.phase, held = excluded.held,
			attention = excluded.attention, next_deadline = excluded.next_deadline, next_what = excluded.next_what,
			zone = excluded.zone, accounts = excluded.accounts, policy_version = excluded.policy_version,
			revision = excluded.revision, at = excluded.at, feed = excluded.feed, manager_ref = excluded.manager_ref, holds = excluded.holds, matches = excluded.matches,
			asks = excluded.asks, folded_name = excluded.folded_name, folded_email = excluded.folded_email,
			searched = excluded.searched
		WHERE excluded.revision >= people.revision`,
		row.Realm, row.Key, row.Journey, clean(row.DisplayName), clean(row.Department), clean(row.JobTitle),
		clean(row.EmployeeID), clean(row.SourceKey), clean(row.Email), row.Phase, row.Held, attention,
		micros(row.NextDeadline), clean(row.NextWhat), row.Zone, accounts, row.PolicyVersion, row.Revision, micros(row.At),
		row.Feed, clean(row.ManagerRef), holds, matches, len(row.Attention), Fold(row.DisplayName), Fold(row.Email), searched(row))
	if err != nil {
		return false, fmt.Errorf("write person %s/%s: %w", row.Realm, row.Key, err)
	}
	return changed == 1, nil
}

// Person reads one row. ErrNotFound where the index has none.
func (s *Store) Person(ctx context.Context, realm, key string) (PersonRow, error) {
	row, err := get(ctx, s.reader(), scanPerson, `SELECT `+personColumns+` FROM people
		WHERE realm = ? AND person_key = ?`, realm, key)
	if err != nil {
		return PersonRow{}, fmt.Errorf("read person %s/%s: %w", realm, key, err)
	}
	return row, nil
}

// People lists a page of people by realm and key, and the cursor of the next
// page, "" on the last one.
func (s *Store) People(ctx context.Context, filter PeopleFilter) (rows []PersonRow, nextCursor string, err error) {
	const defaultLimit = 100
	if filter.Limit <= 0 {
		filter.Limit = defaultLimit
	}
	conditions, args := filter.conditions()
	if filter.Cursor != "" {
		after, err := decodeCursor(filter.Cursor)
		if err != nil {
			return nil, "", err
		}
		conditions = append(conditions, `(realm > ? OR (realm = ? AND person_key > ?))`)
		args = append(args, after[0], after[0], after[1])
	}
	query := `SELECT ` + personColumns + ` FROM people`
	if len(conditions) > 0 {
		query += ` WHERE ` + strings.Join(conditions, ` AND `)
	}
	// One more than asked for tells whether there is a next page.
	rows, err = list(ctx, s.reader(), scanPerson, query+` ORDER BY realm, person_key LIMIT ?`, append(args, filter.Limit+1)...)
	if err != nil {
		return nil, "", fmt.Errorf("list people: %w", err)
	}
	if len(rows) <= filter.Limit {
		return rows, "", nil
	}
	rows = rows[:filter.Limit]
	last := rows[len(rows)-1]
	nextCursor, err = encodeCursor(last.Realm, last.Key)
	return rows, nextCursor, err
}

// CountAttention is how many people need attention, by its code.
func (s *Store) CountAttention(ctx context.Context) (map[string]int, error) {
	type alike struct {
		codes  []string
		people int
	}
	rows, err := list(ctx, s.reader(), func(row scanner) (a alike, err error) {
		var encoded string
		if err := row.Scan(&encoded, &a.people); err != nil {
			return a, err
		}
		return a, json.Unmarshal([]byte(encoded), &a.codes)
	}, `SELECT attention, COUNT(*) FROM people WHERE asks > 0 GROUP BY attention`)
	if err != nil {
		return nil, fmt.Errorf("count attention: %w", err)
	}
	counted := map[string]int{}
	for _, row := range rows {
		slices.Sort(row.codes)
		for _, code := range slices.Compact(row.codes) {
			counted[code] += row.people
		}
	}
	return counted, nil
}

// CountPeople is how many people there are.
func (s *Store) CountPeople(ctx context.Context) (int, error) {
	count, err := get(ctx, s.reader(), scanCount, `SELECT COUNT(*) FROM people`)
	if err != nil {
		return 0, fmt.Errorf("count people: %w", err)
	}
	return count, nil
}

// FindPeople returns everybody in the realm to whom a reference may point: the
// caller decides what none or several mean. Mail addresses and names are
// compared folded.
func (s *Store) FindPeople(ctx context.Context, realm string, kind ReferenceKind, value string) ([]PersonRow, error) {
	var condition string
	switch kind {
	case ByEmployeeID:
		condition = `employee_id = ?`
	case BySourceKey:
		condition = `source_key = ?`
	case ByEmail:
		condition, value = `folded_email = ?`, Fold(value)
	case ByName:
		condition, value = `folded_name = ?`, Fold(value)
	default:
		return nil, fmt.Errorf("find people: %w: unknown kind of reference %q", ErrInvalid, kind)
	}
	if value == "" {
		return nil, nil
	}
	rows, err := list(ctx, s.reader(), scanPerson, `SELECT `+personColumns+` FROM people
		WHERE realm = ? AND `+condition+` ORDER BY person_key`, realm, clean(value))
	if err != nil {
		return nil, fmt.Errorf("find people by %s: %w", kind, err)
	}
	return rows, nil
}

// Reports lists the people in the realm whose manager HR names by one of the
// references, each of the form `<kind>:<value>`.
func (s *Store) Reports(ctx context.Context, realm string, refs []string) ([]PersonRow, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	args := []any{realm}
	for _, ref := range refs {
		args = append(args, clean(ref))
	}
	rows, err := list(ctx, s.reader(), scanPerson, `SELECT `+personColumns+` FROM people
		WHERE realm = ? AND manager_ref IN (?`+strings.Repeat(`, ?`, len(refs)-1)+`) ORDER BY person_key`, args...)
	if err != nil {
		return nil, fmt.Errorf("list reports: %w", err)
	}
	return rows, nil
}

func (f PeopleFilter) conditions() (conditions []string, args []any) {
	if f.Realm != "" {
		conditions, args = append(conditions, `realm = ?`), append(args, f.Realm)
	}
	if f.Phase != "" {
		conditions, args = append(conditions, `phase = ?`), append(args, f.Phase)
	}
	if f.Attention {
		conditions = append(conditions, `asks > 0`)
	}
	if f.Held {
		conditions = append(conditions, `held`)
	}
	escape := strings.NewReplacer(`!`, `!!`, `%`, `!%`, `_`, `!_`)
	for word := range strings.FieldsSeq(plain(f.Search)) {
		conditions = append(conditions, `searched LIKE ? ESCAPE '!'`)
		args = append(args, "%"+escape.Replace(word)+"%")
	}
	return conditions, args
}

// searched is the text that a search looks into.
func searched(row PersonRow) string {
	parts := []string{
		row.DisplayName, row.Key, row.EmployeeID, row.SourceKey, row.Email, row.Department, row.JobTitle,
	}
	for _, account := range row.Accounts {
		parts = append(parts, account.UserName)
	}
	return plain(strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "\n"))
}

// plain folds text and takes the accents off, so that "muller" finds Müller.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(Fold(text)))
}

func encodeCursor(realm, key string) (string, error) {
	text, err := encode([2]string{realm, key})
	return base64.RawURLEncoding.EncodeToString([]byte(text)), err
}

func decodeCursor(cursor string) (after [2]string, err error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(text, &after)
	}
	if err != nil {
		return after, fmt.Errorf("list people: %w: the cursor is not one of ours", ErrInvalid)
	}
	return after, nil
}

func scanPerson(row scanner) (PersonRow, error) {
	var p PersonRow
	err := row.Scan(&p.Realm, &p.Key, &p.Journey, &p.DisplayName, &p.Department, &p.JobTitle, &p.EmployeeID, &p.SourceKey,
		&p.Email, &p.Phase, &p.Held, document{&p.Attention}, instant{&p.NextDeadline}, &p.NextWhat, &p.Zone,
		document{&p.Accounts}, &p.PolicyVersion, &p.Revision, instant{&p.At}, &p.Feed, &p.ManagerRef,
		document{&p.Holds}, document{&p.Matches})
	return p, err
}
