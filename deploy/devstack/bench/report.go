package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"text/tabwriter"
)

// report is what bench.json holds: the figures of the embedded run at the top, those
// on PostgreSQL beside them.
type report struct {
	measured map[string]figures
	machine  machine
}

func newReport(measured map[string]figures) report {
	return report{measured: measured, machine: thisMachine()}
}

// MarshalJSON implements json.Marshaler.
func (r report) MarshalJSON() ([]byte, error) {
	out := map[string]any{"machine": r.machine}
	for name, figure := range r.measured[embedded] {
		out[name] = figure
	}
	if on, measured := r.measured[postgresql]; measured {
		out[postgresql] = on
	}
	return json.Marshal(out)
}

// goals are what was set out for; a figure is as good or better, or the row says so.
func goals() map[string]string {
	return map[string]string{
		"joiners_per_s_ratio_to_bare": ">= 0.8", "activities_per_joiner": "<= 5", "events_per_joiner": "<= 70",
		"event_to_account_idle_p50_s": "<= 0.5", "graph_budget_used": ">= 0.95", "graph_429_share": "< 0.01",
		"db_bytes_per_parked_journey": "<= 12000",
	}
}

// print writes a table.
func (r report) print(to io.Writer) error {
	names := map[string]bool{}
	databases := slices.Sorted(maps.Keys(r.measured))
	for _, database := range databases {
		for name := range r.measured[database] {
			names[name] = true
		}
	}
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	row := func(cells ...string) {
		for _, cell := range cells {
			_, _ = fmt.Fprint(table, cell, "\t")
		}
		_, _ = fmt.Fprintln(table)
	}
	row(append([]string{"figure"}, append(databases, "goal")...)...)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		cells := []string{name}
		for _, database := range databases {
			text := ""
			if figure, measured := r.measured[database][name]; measured {
				text = strconv.FormatFloat(figure, 'g', 4, 64)
			}
			cells = append(cells, text)
		}
		row(append(cells, goals()[name])...)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print figures: %w", err)
	}
	_, err := fmt.Fprintf(to, "on %d cores, %s, %s of memory, %s, %s\n", r.machine.Cores, r.machine.Model, r.machine.Memory, r.machine.System, r.machine.Go)
	return err
}
