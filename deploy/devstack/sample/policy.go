package sample

import (
	"bytes"
	"fmt"
	"regexp"
	"time"
)

// Policy makes the devstack's copy of the shipped policy: its baseline is three
// weeks before the sample's day, and the badge office is a simulator on this
// machine. Everything else is as shipped.
func Policy(shipped []byte, day time.Time, badgeOffice string) ([]byte, error) {
	out, err := replace(shipped, regexp.MustCompile(`(?m)^(\s*baseline: )\d{4}-\d{2}-\d{2}`), Baseline(day))
	if err != nil {
		return nil, fmt.Errorf("set baseline: %w", err)
	}
	out, err = replace(out, regexp.MustCompile(`(badge-office: \{url: )[^,]+`), badgeOffice)
	if err != nil {
		return nil, fmt.Errorf("set badge office: %w", err)
	}
	return out, nil
}

// Baseline is the baseline of the sample's feed.
func Baseline(day time.Time) string { return day.AddDate(0, 0, -baselineDays).Format(time.DateOnly) }

// replace puts the value behind what the pattern's group matches, once.
func replace(text []byte, pattern *regexp.Regexp, value string) ([]byte, error) {
	matches := pattern.FindAllSubmatchIndex(text, -1)
	if len(matches) != 1 {
		return nil, fmt.Errorf("the shipped policy has %d lines like it: want one", len(matches))
	}
	m := matches[0]
	return bytes.Join([][]byte{text[:m[3]], []byte(value), text[m[1]:]}, nil), nil
}
