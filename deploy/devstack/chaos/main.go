package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
	// People have zones, also where the machine has none installed.
	_ "time/tzdata"

	"tenure/deploy/devstack/chaos/crash"
	"tenure/deploy/devstack/chaos/event"
	"tenure/deploy/devstack/chaos/fault"
	"tenure/deploy/devstack/chaos/load"
	"tenure/deploy/devstack/chaos/process"
	"tenure/deploy/devstack/chaos/tally"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// section is one proof.
type section struct {
	name string
	run  func(context.Context, tally.Options) (tally.Tally, error)
	// least is what a short run must have tried, and full what a whole one.
	least, full tally.Tally
	// both says that a whole run takes every database, where none is named.
	both bool
}

func sections() []section {
	return []section{
		{name: "crash", run: crash.Run, least: tally.Tally{Points: 40}, full: tally.Tally{Points: 1000}, both: true},
		{name: "fault", run: fault.Run, least: tally.Tally{Faults: 12}, full: tally.Tally{Faults: 100}},
		{name: "event", run: event.Run, least: tally.Tally{Events: 500}, full: tally.Tally{Events: 10_000}},
		{name: "load", run: load.Run, least: tally.Tally{Events: 150}, full: tally.Tally{Events: 1000}},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the next one ends the process at once.
	context.AfterFunc(ctx, stop)
	if role := process.Assigned(); role != "" {
		if err := process.Play(ctx, role); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, err)
			os.Exit(exitFailed)
		}
		return
	}
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the process.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, chosen, err := parse(args, stdout, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		_, _ = fmt.Fprintln(stderr, "chaos:", err)
		return exitUsage
	}
	dir, err := os.MkdirTemp("", "tenure-chaos-")
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "chaos:", err)
		return exitFailed
	}
	opts.Dir = dir
	sum, failed := prove(ctx, opts, chosen)
	if failed || sum.Wrong() {
		opts.Out.Printf("what the processes wrote is kept in %s", dir)
	} else if err := os.RemoveAll(dir); err != nil {
		opts.Out.Printf("%v", err)
	}
	opts.Out.Printf("unknown deliveries, each shown to a human or replaced: %d", sum.Unknown)
	opts.Out.Printf("%s", sum)
	if failed || sum.Wrong() {
		return exitFailed
	}
	return exitOK
}

// prove runs the sections one after the other; one that fails does not keep the
// others from running.
func prove(ctx context.Context, opts tally.Options, chosen []section) (sum tally.Tally, failed bool) {
	opts.Out.Printf("seed %d", opts.Seed)
	for _, s := range chosen {
		for _, database := range s.databases(opts) {
			got, err := s.prove(ctx, opts, database)
			failed = failed || err != nil
			sum = sum.Add(got)
		}
	}
	return sum, failed
}

// databases are those that a section runs on.
func (s section) databases(opts tally.Options) []string {
	switch {
	case opts.Database != "":
		return []string{opts.Database}
	case s.both && !opts.Short:
		return []string{tally.SQLite, tally.Postgres}
	default:
		return []string{tally.SQLite}
	}
}

func (s section) prove(ctx context.Context, opts tally.Options, database string) (tally.Tally, error) {
	began := time.Now()
	opts.Database, opts.Dir = database, filepath.Join(opts.Dir, s.name+"-"+database)
	opts.Out.Printf("== %s on %s", s.name, database)
	got, err := s.run(ctx, opts)
	least := s.full
	if opts.Short {
		least = s.least
	}
	if err == nil {
		err = got.Short(least)
	}
	if err != nil {
		opts.Out.Printf("FAILED %s: %v", s.name, err)
	}
	opts.Out.Printf("%s: %s unknown=%d in %s", s.name, got, got.Unknown, time.Since(began).Round(time.Second))
	return got, err
}

// parse reads the flags; problems and help go to stderr.
func parse(args []string, stdout, stderr io.Writer) (tally.Options, []section, error) {
	opts := tally.Options{Out: tally.NewPrinter(stdout)}
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&opts.Short, "short", false, "run a part that covers every kind, in minutes")
	flags.BoolVar(&opts.Verbose, "v", false, "say what goes well too")
	flags.StringVar(&opts.Database, "database", "", "`database` of Temporal and of the store: sqlite or postgres (SQLite, and for the crashes of a whole run both)")
	flags.Uint64Var(&opts.Seed, "seed", uint64(time.Now().UnixNano()), "`number` that makes the random choices")
	only := flags.String("only", "", "`sections` to run, with commas between them")
	if err := flags.Parse(args); err != nil {
		return tally.Options{}, nil, err
	}
	switch {
	case flags.NArg() > 0:
		return tally.Options{}, nil, fmt.Errorf("unknown argument %q: there are only flags, see --help", flags.Arg(0))
	case !slices.Contains([]string{"", tally.SQLite, tally.Postgres}, opts.Database):
		return tally.Options{}, nil, fmt.Errorf("unknown database %q: want sqlite or postgres", opts.Database)
	}
	chosen, err := choose(*only)
	return opts, chosen, err
}

// choose picks sections by name; all where none is named.
func choose(only string) ([]section, error) {
	all := sections()
	if only == "" {
		return all, nil
	}
	var chosen []section
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(all, func(s section) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown section %q", name)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}
