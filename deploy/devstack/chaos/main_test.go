package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"tenure/deploy/devstack/chaos/tally"
)

// TestParse reads flags.
func TestParse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want string
	}{
		{args: []string{"-database", "oracle"}, want: "unknown database"},
		{args: []string{"-only", "crash,nothing"}, want: "unknown section"},
		{args: []string{"-nonsense"}, want: "not defined"},
		{args: []string{"crash"}, want: "there are only flags"},
	} {
		var out bytes.Buffer
		if code := run(t.Context(), tt.args, &out, &out); code != exitUsage || !strings.Contains(out.String(), tt.want) {
			t.Errorf("%v ends with %d: %s", tt.args, code, out.String())
		}
	}
}

// TestProve wants every section to be run, and too little to be a failure.
func TestProve(t *testing.T) {
	t.Parallel()
	ran := func(got tally.Tally, err error) func(context.Context, tally.Options) (tally.Tally, error) {
		return func(context.Context, tally.Options) (tally.Tally, error) { return got, err }
	}
	forty := tally.Tally{Points: 40}
	for _, tt := range []struct {
		name   string
		first  section
		failed bool
	}{
		{"enough", section{run: ran(forty, nil), least: forty}, false},
		{"too few", section{run: ran(tally.Tally{Points: 39}, nil), least: forty}, true},
		{"an error", section{run: ran(forty, errors.New("no ports left")), least: forty}, true},
	} {
		var out bytes.Buffer
		opts := tally.Options{Short: true, Out: tally.NewPrinter(&out), Dir: t.TempDir()}
		second := section{run: ran(tally.Tally{Faults: 2, Doubled: 1}, nil)}
		sum, failed := prove(t.Context(), opts, []section{tt.first, second})
		if failed != tt.failed || sum.Faults != 2 || !sum.Wrong() {
			t.Errorf("%s: failed %t, sum %s\n%s", tt.name, failed, sum, out.String())
		}
	}
}

// TestDatabases wants a whole run to take both where nobody names one.
func TestDatabases(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		both bool
		opts tally.Options
		want string
	}{
		{true, tally.Options{}, "sqlite postgres"},
		{false, tally.Options{}, "sqlite"},
		{true, tally.Options{Short: true}, "sqlite"},
		{true, tally.Options{Database: tally.Postgres}, "postgres"},
		{false, tally.Options{Database: tally.Postgres, Short: true}, "postgres"},
	} {
		if got := strings.Join(section{both: tt.both}.databases(tt.opts), " "); got != tt.want {
			t.Errorf("both %t, %+v: %s, want %s", tt.both, tt.opts, got, tt.want)
		}
	}
}
