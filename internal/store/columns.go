package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// micros is how an instant is stored: microseconds since 1970, NULL for none.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// storedInstant is an instant as it is read again.
func storedInstant(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return time.UnixMicro(t.UnixMicro()).UTC()
}

// instant reads what micros wrote.
type instant struct{ to *time.Time }

// Scan implements [sql.Scanner].
func (i instant) Scan(value any) error {
	var n sql.NullInt64
	if err := n.Scan(value); err != nil {
		return fmt.Errorf("scan instant: %w", err)
	}
	*i.to = time.Time{}
	if n.Valid {
		*i.to = time.UnixMicro(n.Int64).UTC()
	}
	return nil
}

// document reads a JSON column into what to points at.
type document struct{ to any }

// Scan implements [sql.Scanner].
func (d document) Scan(value any) error {
	var text sql.NullString
	if err := text.Scan(value); err != nil {
		return fmt.Errorf("scan document: %w", err)
	}
	if text.String == "" {
		return nil
	}
	return json.Unmarshal([]byte(text.String), d.to)
}

// raw reads a JSON column as bytes, nil where it is empty.
type raw struct{ to *[]byte }

// Scan implements [sql.Scanner].
func (r raw) Scan(value any) error {
	var text sql.NullString
	if err := text.Scan(value); err != nil {
		return fmt.Errorf("scan document: %w", err)
	}
	*r.to = nil
	if text.String != "" {
		*r.to = []byte(text.String)
	}
	return nil
}

// scanText reads a column of text.
func scanText(row scanner) (string, error) {
	var text string
	err := row.Scan(&text)
	return text, err
}

// encode makes the text of a JSON column.
func encode(value any) (string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("%w: encode document", ErrInvalid)
	}
	return string(text), nil
}

// clean makes text storable in both databases. The ledger must not refuse a
// row because a vendor sent rubbish.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// Fold is the form in which values are compared: compatibility composition and
// case folding, as directories compare names.
func Fold(value string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(clean(strings.TrimSpace(value)))))
}
