package main

import (
	"context"
	"encoding/json"
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
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) //nolint:forbidigo // main has no caller
	context.AfterFunc(ctx, stop)
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings are what the command line says.
type settings struct {
	databases, only []string
	out             string
	// section is set in a child: it measures and prints figures.
	section string
	// engine and store are the URLs of a child's databases, "" for SQLite.
	engine, store string

	joiners, idle, load, budget, parked, parkedPostgres int
	profile                                             string
	// wake is when all who are parked have a line.
	wake time.Time
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	databases := flags.String("database", "embedded,postgresql", "which `databases`, comma separated")
	only := flags.String("only", "", "which `sections`, comma separated: "+strings.Join(sectionNames(), ", ")+" (all)")
	flags.StringVar(&s.out, "out", "bin/bench.json", "where the figures go, as a `file` of JSON")
	flags.IntVar(&s.joiners, "joiners", 200, "joiners of each of the two rounds that are compared with bare workflows")
	flags.IntVar(&s.idle, "idle", 50, "joiners that come one by one")
	flags.IntVar(&s.load, "load", 150, "joiners that come at half of what the machine can do")
	flags.IntVar(&s.budget, "budget", 60, "seconds for which a write budget is used")
	flags.IntVar(&s.parked, "parked", 10_000, "people hired for later whose journeys sleep, and then wake in the same minute")
	flags.IntVar(&s.parkedPostgres, "parked-postgresql", 1000, "the same on PostgreSQL")
	flags.StringVar(&s.section, "section", "", "measure one section in this process (used by the command itself)")
	flags.StringVar(&s.engine, "engine", "", "with -section: PostgreSQL `URL` of Temporal's database")
	flags.StringVar(&s.store, "store", "", "with -section: PostgreSQL `URL` of the store")
	flags.StringVar(&s.profile, "profile", "", "a `folder` for CPU profiles of joiners and of bare workflows, each alone")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	s.databases, s.only = split(*databases), split(*only)
	for _, name := range s.only {
		if !slices.Contains(sectionNames(), name) {
			return s, fmt.Errorf("unknown section %q: want %s", name, strings.Join(sectionNames(), ", "))
		}
	}
	for _, name := range s.databases {
		if name != embedded && name != postgresql {
			return s, fmt.Errorf("unknown database %q: want %s or %s", name, embedded, postgresql)
		}
	}
	return s, nil
}

func split(list string) []string {
	return slices.DeleteFunc(strings.Split(list, ","), func(s string) bool { return s == "" })
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if s.section != "" {
		return child(ctx, s, stdout)
	}
	measured, failed := parent(ctx, s, args, stderr)
	report := newReport(measured)
	if err := report.print(stdout); err != nil {
		return errors.Join(failed, err)
	}
	return errors.Join(failed, save(s.out, report))
}

// save writes the figures for scripts.
func save(path string, report report) error {
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return fmt.Errorf("encode figures: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("write figures: %w", err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write figures: %w", err)
	}
	return nil
}
