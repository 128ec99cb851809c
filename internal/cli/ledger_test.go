package cli_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tenure/internal/cli"
	"tenure/internal/config"
	"tenure/internal/store"
)

const journeyZoe = "journey/main/1001"

// fillStore makes the database of the scripts: three rows of one person.
func fillStore(path string) (*store.Store, error) {
	ctx := context.Background() //nolint:forbidigo // a script has no test whose context it could take
	db, err := store.Open(ctx, "sqlite:"+path)
	if err != nil {
		return nil, err
	}
	var rows []store.LedgerRow
	for _, key := range []string{"k1", "k2", "k3"} {
		rows = append(rows, store.LedgerRow{
			Journey: journeyZoe, At: day("2026-11-22 01:00"), Key: key, Kind: store.LedgerTask, Actor: "policy", Outcome: "done",
			Reason: "2 days before the start", Changes: []store.AttributeChange{{Attribute: "department", After: "Sales"}},
		})
	}
	return db, db.Append(ctx, rows...)
}

func evidenceOf(db *store.Store) ([]byte, error) {
	ctx := context.Background() //nolint:forbidigo // a script has no test whose context it could take
	head, err := db.Head(ctx, journeyZoe)
	if err != nil {
		return nil, err
	}
	evidence, err := db.Evidence(ctx, journeyZoe, &head)
	if err != nil {
		return nil, err
	}
	evidence.Exported = time.Time{}
	return json.Marshal(evidence)
}

// headsOfFile answers as the journeys do, from a file of the script: heads by
// journey, and no hash of those that keep silent.
func headsOfFile(_ context.Context, _ config.Config, _ *slog.Logger, journey string) (map[string]store.LedgerHead, []string, error) {
	content, err := os.ReadFile("journeys.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, errors.New("no journey answers: a worker must run")
	}
	if err != nil {
		return nil, nil, err
	}
	var all map[string]store.LedgerHead
	if err := json.Unmarshal(content, &all); err != nil {
		return nil, nil, err
	}
	heads, silent := map[string]store.LedgerHead{}, []string{}
	for name, head := range all {
		switch {
		case journey != "" && name != journey:
		case head.Seq == 0:
			silent = append(silent, name)
		default:
			heads[name] = head
		}
	}
	return heads, silent, nil
}

// rebuildOfScript says what it was asked for.
func rebuildOfScript(_ context.Context, c config.Config, _ *slog.Logger, order cli.RebuildOrder) (cli.Rebuilt, error) {
	if !order.Existing {
		return cli.Rebuilt{}, errors.New("rebuild store: the store is not empty: it holds 1 policy versions, 2 people and 2 chains of the ledger")
	}
	return cli.Rebuilt{
		Journeys: len(c.Store), Gaps: 2, Open: 3, Mails: 1, Taken: []string{}, Silent: []string{journeyZoe}, PolicyVersion: len(order.Policy.Content),
		Paused: []string{order.Actor}, Complete: order.LeaveOut,
	}, nil
}

// runSQL changes a database behind everybody's back: sql FILE STATEMENT.
func runSQL(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sql FILE STATEMENT")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer func() { _ = db.Close() }()
	ctx := context.Background() //nolint:forbidigo // a script has no test whose context it could take
	for statement := range strings.SplitSeq(args[1], ";") {
		result, err := db.ExecContext(ctx, statement)
		ts.Check(err)
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			ts.Fatalf("%s changed %d rows, error %v", statement, n, err)
		}
	}
}
