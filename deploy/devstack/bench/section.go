package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"

	"tenure/internal/store/storetest"
)

// The databases.
const (
	embedded   = "embedded"
	postgresql = "postgresql"
)

// figures are what was measured, by the names that bench.json has.
type figures map[string]float64

// section measures something on a stack of its own and checks that what it
// measured is so.
type section struct {
	name    string
	measure func(ctx context.Context, s settings) (figures, error)
}

func sections() []section {
	return []section{
		{"standard", measureStandard},
		{"joiners", measureJoiners},
		{"latency", measureLatency},
		{"budget", measureBudget},
		{"parked", measureParked},
		{"database", measureDatabase},
	}
}

func sectionNames() []string {
	var names []string
	for _, s := range sections() {
		names = append(names, s.name)
	}
	return names
}

// child measures one section and prints its figures.
func child(ctx context.Context, s settings, stdout io.Writer) error {
	at := slices.IndexFunc(sections(), func(one section) bool { return one.name == s.section })
	if at < 0 {
		return fmt.Errorf("unknown section %q", s.section)
	}
	measured, err := sections()[at].measure(ctx, s)
	if err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(measured)
}

// parent runs the sections one after the other, each in a process of its own.
func parent(ctx context.Context, s settings, args []string, stderr io.Writer) (map[string]figures, error) {
	measured := map[string]figures{}
	var failed []error
	for _, database := range s.databases {
		measured[database] = figures{}
		for _, one := range sections() {
			if len(s.only) > 0 && !slices.Contains(s.only, one.name) {
				continue
			}
			began := time.Now()
			got, err := spawn(ctx, s, database, one.name, args, stderr)
			_, _ = fmt.Fprintf(stderr, "%s %s: %s\n", database, one.name, time.Since(began).Round(time.Second))
			if err != nil {
				failed = append(failed, fmt.Errorf("%s %s: %w", database, one.name, err))
				continue
			}
			maps.Copy(measured[database], got)
		}
	}
	return measured, errors.Join(failed...)
}

// durable are the settings of the PostgreSQL server: what is answered is on disk.
const durable = "-c fsync=on -c synchronous_commit=on -c shared_buffers=256MB"

func spawn(ctx context.Context, s settings, database, name string, args []string, stderr io.Writer) (figures, error) {
	more := []string{"-section", name}
	if database == postgresql {
		server, err := storetest.StartServer(durable)
		if err != nil {
			return nil, fmt.Errorf("start PostgreSQL: %w", err)
		}
		defer func() { _ = server.Close() }()
		more = append(more, "-parked", strconv.Itoa(s.parkedPostgres))
		for flag, base := range map[string]string{"-engine": "engine", "-store": "store", "": "engine_visibility"} {
			url, err := server.Create(ctx, base)
			if err != nil {
				return nil, err
			}
			if flag != "" {
				more = append(more, flag, url)
			}
		}
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	var out bytes.Buffer
	command := exec.CommandContext(ctx, self, append(slices.Clone(args), more...)...) //nolint:gosec // this program
	command.Stdout, command.Stderr = &out, stderr
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("measure: %w", err)
	}
	var measured figures
	if err := json.Unmarshal(out.Bytes(), &measured); err != nil {
		return nil, fmt.Errorf("read figures: %w", err)
	}
	return measured, nil
}
