package csv

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"tenure/internal/hr"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// Limits on what is read, so that a wrong file cannot exhaust the machine.
const (
	// MaxFileBytes bounds a file.
	MaxFileBytes = 256 << 20
	// MaxRowBytes bounds one row; a quote that is never closed ends here.
	MaxRowBytes = 1 << 20
	// MaxColumns bounds the header.
	MaxColumns = 1000
	// MaxRows bounds what is remembered of a file: its keys, and what is wrong with
	// each row.
	MaxRows = 1_000_000
)

// ErrNoAsOf says that the date of truth of a file is not known.
var ErrNoAsOf = errors.New("no date of truth: declare asOf in the feed or state it with the import")

// Previous is what is kept of the file that was applied before; the zero
// Previous stands for none.
type Previous struct {
	// Keys are all keys present, rejected ones included.
	Keys []string
	AsOf time.Time
	// Hash is that of the content.
	Hash string
}

// Options are what Read needs beside the content.
type Options struct {
	Feed lifecycle.Feed
	// FileName is matched against the feed's pattern.
	FileName string
	// AsOf is the date of truth stated with the import; it goes before what the
	// feed declares.
	AsOf time.Time
	// KeySecret is the secret that the feed's KeyHMAC refers to.
	KeySecret []byte
	Previous  Previous
	// Now lets files from the future be held; the zero Now skips that check.
	Now time.Time
}

// minKeySecret is the shortest secret that hides keys of few digits.
const minKeySecret = 16

func (o Options) check() error {
	var problems []error
	if o.Feed.Key == "" {
		problems = append(problems, errors.New("no key column is declared"))
	}
	if o.Feed.KeyHMAC != "" && len(o.KeySecret) < minKeySecret {
		problems = append(problems, fmt.Errorf("the key secret has fewer than %d bytes", minKeySecret))
	}
	if o.Feed.Delimiter == '"' || o.Feed.Delimiter == '\n' || o.Feed.Delimiter == '\r' {
		problems = append(problems, fmt.Errorf("delimiter %q cannot be used", o.Feed.Delimiter))
	}
	return errors.Join(problems...)
}

// fileAsOf is the date of truth of the whole file, zero where a column says it.
func (o Options) fileAsOf() (time.Time, error) {
	rule := o.Feed.AsOf
	switch {
	case !o.AsOf.IsZero():
		return plausible(o.AsOf.UTC())
	case rule.Column != "":
		return time.Time{}, nil
	case rule.FileName == "":
		return time.Time{}, ErrNoAsOf
	}
	pattern, err := regexp.Compile(rule.FileName)
	if err != nil {
		return time.Time{}, fmt.Errorf("compile file name pattern: %w", err)
	}
	group := pattern.SubexpIndex("date")
	if group < 0 {
		return time.Time{}, fmt.Errorf("file name pattern %q has no group named date", rule.FileName)
	}
	match := pattern.FindStringSubmatch(o.FileName)
	if match == nil {
		return time.Time{}, fmt.Errorf("file name does not match %q: %w", rule.FileName, ErrNoAsOf)
	}
	return parseStamp(match[group], o.zone())
}

func (o Options) zone() *time.Location {
	if o.Feed.Zone == nil {
		return time.UTC
	}
	return o.Feed.Zone
}

// parseStamp reads what stands in file names: 20261122, 2026-11-22, and with a
// time of day behind T, _ or -.
func parseStamp(text string, zone *time.Location) (time.Time, error) {
	digits := strings.NewReplacer("-", "", "_", "", "T", "", ":", "", ".", "").Replace(text)
	for _, layout := range []string{"20060102", "200601021504", "20060102150405"} {
		if len(layout) != len(digits) {
			continue
		}
		if t, err := time.ParseInLocation(layout, digits, zone); err == nil {
			return plausible(t.UTC())
		}
	}
	return time.Time{}, fmt.Errorf("parse date of file name: %.64q is no date such as 20261122", text)
}

// parseCell reads a date of truth from a column: an instant, or a date in the
// feed's layout, which means its first moment in the feed's zone.
func parseCell(text string, layout hr.DateLayout, zone *time.Location) (time.Time, error) {
	if _, err := time.Parse(time.RFC3339, text); err == nil {
		t, err := person.ParseInstant(text)
		if err != nil {
			return time.Time{}, fmt.Errorf("date of truth: %w", err)
		}
		return t, nil
	}
	date, err := layout.Parse(text)
	if err != nil {
		return time.Time{}, fmt.Errorf("date of truth: %w", err)
	}
	return plausible(date.At(midnight, zone).UTC())
}

// plausible refuses a date of truth that nobody can mean; the zero time means none.
func plausible(t time.Time) (time.Time, error) {
	if err := person.CheckInstant(t); err != nil {
		return time.Time{}, fmt.Errorf("date of truth: %w", err)
	}
	return t, nil
}

// modeDelta is the mode of feeds whose files hold changes only.
const modeDelta = "delta"
