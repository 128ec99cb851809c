package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// chainFormat is the first field of every hash; a change of the encoding below
// is a new format.
const chainFormat = "tenure-ledger-1"

// sealedRow is a ledger row with what its hash is made of.
type sealedRow struct {
	LedgerRow
	digests    rowDigests
	digestText string
	values     rowValues
	valueText  string
}

// rowDigests stays when the values are erased: attribute names, and the digests
// of salted values.
type rowDigests struct {
	Reason  string         `json:"reason"`
	Changes []changeDigest `json:"changes,omitempty"`
}

type changeDigest struct {
	Attribute string `json:"attribute"`
	Before    string `json:"before,omitempty"`
	After     string `json:"after,omitempty"`
}

// rowValues is the erasable part.
type rowValues struct {
	Reason  saltedValue   `json:"reason"`
	Changes []changeValue `json:"changes,omitempty"`
}

type changeValue struct {
	Before saltedValue `json:"before,omitzero"`
	After  saltedValue `json:"after,omitzero"`
}

// saltedValue has a salt of its own, so that equal values do not show as equal
// digests, and a digest tells nothing once its salt is gone. Where there was no
// value there is nothing to hide: it has no salt, and its digest is empty.
type saltedValue struct {
	Salt  string `json:"salt"`
	Value string `json:"value"`
}

func salted(value string) saltedValue {
	if value == "" {
		return saltedValue{}
	}
	const saltBytes = 16
	var salt [saltBytes]byte
	// Read never fails: the program ends where the system has no randomness.
	_, _ = rand.Read(salt[:])
	return saltedValue{Salt: hex.EncodeToString(salt[:]), Value: clean(value)}
}

func (v saltedValue) digest() string {
	if v == (saltedValue{}) {
		return ""
	}
	return digest(v.Salt, v.Value)
}

// digest hashes fields, each with its length before it, so that no two lists of
// fields encode equally.
func digest(fields ...string) string {
	var text strings.Builder
	for _, field := range fields {
		text.WriteString(strconv.Itoa(len(field)) + ":" + field)
	}
	sum := sha256.Sum256([]byte(text.String()))
	return hex.EncodeToString(sum[:])
}

// seal brings a row into the form in which it is stored and hashes it behind the
// row whose hash is previous.
func seal(previous string, row LedgerRow) (sealedRow, error) {
	for _, text := range []*string{
		&row.Journey, &row.Key, &row.Run, &row.Task, &row.Actor, &row.Target, &row.ObjectID,
		&row.Outcome, &row.RequestID,
	} {
		*text = clean(*text)
	}
	sealed := sealedRow{LedgerRow: row, values: rowValues{Reason: salted(row.Reason)}}
	sealed.digests.Reason = sealed.values.Reason.digest()
	for _, change := range row.Changes {
		value := changeValue{Before: salted(change.Before), After: salted(change.After)}
		sealed.values.Changes = append(sealed.values.Changes, value)
		sealed.digests.Changes = append(sealed.digests.Changes, changeDigest{
			Attribute: clean(change.Attribute), Before: value.Before.digest(), After: value.After.digest(),
		})
	}
	var err error
	if sealed.digestText, err = encode(sealed.digests); err != nil {
		return sealedRow{}, err
	}
	if sealed.valueText, err = encode(sealed.values); err != nil {
		return sealedRow{}, err
	}
	sealed.Hash = sealed.computeHash(previous)
	return sealed, nil
}

func (r sealedRow) computeHash(previous string) string {
	fields := []string{
		chainFormat, previous, r.Journey, strconv.FormatInt(r.Seq, 10), hashedInstant(r.At), hashedInstant(r.Recorded),
		r.Key, string(r.Kind), r.Run, r.Task, r.Actor, r.Target, r.ObjectID, r.Outcome, r.RequestID,
		strconv.Itoa(r.PolicyVersion), r.digests.Reason,
	}
	for _, change := range r.digests.Changes {
		fields = append(fields, change.Attribute, change.Before, change.After)
	}
	return digest(fields...)
}

func hashedInstant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.UnixMicro(), 10)
}

// Verify is [Store.Check] for those who only want to know whether the chain is
// whole: a *ChainError names the first row that is not.
func (s *Store) Verify(ctx context.Context, journey string, witnesses ...LedgerHead) error {
	report, err := s.Check(ctx, journey, witnesses...)
	if err == nil && report.Broken != nil {
		err = report.Broken
	}
	return err
}

// Check reads the whole chain of a journey. Witnesses are heads that were seen
// before, kept where the database's owner cannot write: a chain that was
// shortened and sealed anew no longer agrees with them.
func (s *Store) Check(ctx context.Context, journey string, witnesses ...LedgerHead) (ChainReport, error) {
	const page = 500
	head, err := s.Head(ctx, journey)
	if err != nil {
		return ChainReport{}, err
	}
	walk := newChainWalk(journey, witnesses)
	for {
		rows, err := s.storedRows(ctx, s.reader(), journey, walk.report.Head.Seq+1, page)
		if err != nil {
			return ChainReport{}, fmt.Errorf("verify ledger of %s: %w", journey, err)
		}
		if !walk.all(rows) || len(rows) < page {
			return walk.end(head), nil
		}
	}
}

// broken says what is wrong with the row that should follow last, "" if nothing.
func (r sealedRow) broken(last LedgerHead) string {
	switch {
	case r.Seq != last.Seq+1:
		return wasMissing
	case r.computeHash(last.Hash) != r.Hash:
		return "altered, or not the row that followed the one before"
	case r.Erased:
		return ""
	case r.values.Reason.digest() != r.digests.Reason:
		return "its reason was altered"
	case len(r.values.Changes) != len(r.digests.Changes):
		return "its values were altered"
	}
	for i, change := range r.digests.Changes {
		value := r.values.Changes[i]
		if value.Before.digest() != change.Before || value.After.digest() != change.After {
			return "its values were altered"
		}
	}
	return ""
}

func (s *Store) storedRows(ctx context.Context, from session, journey string, first int64, limit int) ([]sealedRow, error) {
	query, args := `SELECT `+ledgerColumns+` WHERE r.journey = ? AND r.seq >= ? ORDER BY r.seq`, []any{journey, first}
	if limit > 0 {
		query, args = query+` LIMIT ?`, append(args, limit)
	}
	return list(ctx, from, scanSealedRow, query, args...)
}

func scanSealedRow(row scanner) (sealedRow, error) {
	var (
		r       sealedRow
		content sql.NullString
	)
	err := row.Scan(&r.Journey, &r.Seq, instant{&r.At}, instant{&r.Recorded}, &r.Key, &r.Kind, &r.Run, &r.Task, &r.Actor,
		&r.Target, &r.ObjectID, &r.Outcome, &r.RequestID, &r.PolicyVersion, &r.digestText, &r.Hash, &content)
	if err != nil {
		return sealedRow{}, err
	}
	// Text that is no longer JSON was altered; its digests show that.
	_ = json.Unmarshal([]byte(r.digestText), &r.digests)
	r.Erased = !content.Valid
	r.valueText = content.String
	if !r.Erased {
		_ = json.Unmarshal([]byte(content.String), &r.values)
	}
	r.Reason = r.values.Reason.Value
	for i, change := range r.digests.Changes {
		shown := AttributeChange{Attribute: change.Attribute}
		if i < len(r.values.Changes) {
			shown.Before, shown.After = r.values.Changes[i].Before.Value, r.values.Changes[i].After.Value
		}
		r.Changes = append(r.Changes, shown)
	}
	return r, nil
}
