package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// evidenceFormat is the form of an exported ledger.
const evidenceFormat = "tenure-evidence-1"

// Evidence is the ledger of one person with everything that is needed to check it
// without the database and without Tenure.
type Evidence struct {
	Format   string    `json:"format"`
	Journey  string    `json:"journey"`
	Exported time.Time `json:"exported"`
	// HowToVerify says how, in words.
	HowToVerify []string `json:"howToVerify"`
	// Head is the end of the chain as the database keeps it, Witness as the
	// journey itself had kept it, nil where it did not answer.
	Head    LedgerHead    `json:"head"`
	Witness *LedgerHead   `json:"witness,omitempty"`
	Rows    []EvidenceRow `json:"rows"`
}

// EvidenceRow is one row as it is stored: what the hash covers, and the values
// with their salts, nil where they were erased.
type EvidenceRow struct {
	Seq           int64      `json:"seq"`
	At            time.Time  `json:"at,omitzero"`
	Recorded      time.Time  `json:"recorded"`
	Key           string     `json:"key,omitempty"`
	Kind          LedgerKind `json:"kind"`
	Run           string     `json:"run,omitempty"`
	Task          string     `json:"task,omitempty"`
	Actor         string     `json:"actor,omitempty"`
	Target        string     `json:"target,omitempty"`
	ObjectID      string     `json:"objectId,omitempty"`
	Outcome       string     `json:"outcome,omitempty"`
	RequestID     string     `json:"requestId,omitempty"`
	PolicyVersion int        `json:"policyVersion"`
	Digests       rowDigests `json:"digests"`
	Values        *rowValues `json:"values,omitempty"`
	Hash          string     `json:"hash"`
}

// howToVerify is the check in words, for whoever writes it anew.
func howToVerify() []string {
	return []string{
		"Run: tenure ledger verify FILE. It needs neither a database nor a network. By hand, for each row in order:",
		"A digest of fields is SHA-256, in hex, over each field as its length in bytes, a colon and the field itself, one behind the other.",
		"hash = digest of: \"" + chainFormat + "\", the hash of the row before (empty for row 1), the journey, seq, at, recorded " +
			"(both as microseconds since 1970, empty where there is none), key, kind, run, task, actor, target, objectId, outcome, requestId, " +
			"policyVersion, digests.reason, and for each change its attribute, before and after of digests.",
		"Each digest of a value is the digest of: its salt, its value; where there was no value there is neither salt nor digest. " +
			"Where values are missing, a later row of the kind erasure must say so.",
		"seq counts from 1 without a hole. A row of the kind gap states a loss: its task names the sequence and the hash that it follows.",
		"The last row is head; a row with the sequence of witness has its hash. Compare head with one that you kept from before.",
	}
}

// Evidence reads the ledger of a journey as it is stored. ErrNotFound where there
// is none.
func (s *Store) Evidence(ctx context.Context, journey string, witness *LedgerHead) (Evidence, error) {
	head, err := s.Head(ctx, journey)
	if err != nil {
		return Evidence{}, err
	}
	rows, err := s.storedRows(ctx, s.reader(), journey, 1, 0)
	if err != nil {
		return Evidence{}, fmt.Errorf("read ledger of %s: %w", journey, err)
	}
	if len(rows) == 0 && head.Seq == 0 && witness == nil {
		return Evidence{}, fmt.Errorf("read ledger of %s: %w", journey, ErrNotFound)
	}
	if last := len(rows) - 1; last >= 0 && rows[last].Seq > head.Seq {
		head = LedgerHead{Seq: rows[last].Seq, Hash: rows[last].Hash} // appended in between
	}
	out := Evidence{
		Format: evidenceFormat, Journey: journey, Exported: s.now().UTC().Truncate(time.Microsecond), HowToVerify: howToVerify(),
		Head: head, Witness: witness, Rows: make([]EvidenceRow, len(rows)),
	}
	for i, row := range rows {
		out.Rows[i] = evidenceOf(row)
	}
	return out, nil
}

func evidenceOf(row sealedRow) EvidenceRow {
	out := EvidenceRow{
		Seq: row.Seq, At: row.At, Recorded: row.Recorded, Key: row.Key, Kind: row.Kind, Run: row.Run, Task: row.Task, Actor: row.Actor,
		Target: row.Target, ObjectID: row.ObjectID, Outcome: row.Outcome, RequestID: row.RequestID, PolicyVersion: row.PolicyVersion,
		Digests: row.digests, Hash: row.Hash,
	}
	if !row.Erased {
		values := row.values
		out.Values = &values
	}
	return out
}

// Check checks an exported ledger. Witnesses are heads that were kept from before.
func (e Evidence) Check(witnesses ...LedgerHead) (ChainReport, error) {
	if e.Format != evidenceFormat || e.Journey == "" {
		return ChainReport{}, fmt.Errorf("check evidence: %w", errors.Join(ErrInvalid, fmt.Errorf("its format is %q, want %q", e.Format, evidenceFormat)))
	}
	if e.Witness != nil {
		witnesses = append(witnesses, *e.Witness)
	}
	walk := newChainWalk(e.Journey, witnesses)
	for _, row := range e.Rows {
		if !walk.step(row.sealed(e.Journey)) {
			break
		}
	}
	return walk.end(e.Head), nil
}

func (r EvidenceRow) sealed(journey string) sealedRow {
	out := sealedRow{
		LedgerRow: LedgerRow{
			Journey: journey, Seq: r.Seq, At: r.At, Recorded: r.Recorded, Key: r.Key, Kind: r.Kind, Run: r.Run, Task: r.Task, Actor: r.Actor,
			Target: r.Target, ObjectID: r.ObjectID, Outcome: r.Outcome, RequestID: r.RequestID, PolicyVersion: r.PolicyVersion,
			Hash: r.Hash, Erased: r.Values == nil,
		},
		digests: r.Digests,
	}
	if r.Values != nil {
		out.values = *r.Values
	}
	return out
}

// Chains lists every journey of which the ledger has anything, the chain of
// operations among them.
func (s *Store) Chains(ctx context.Context) ([]string, error) {
	chains, err := list(ctx, s.reader(), scanText, `SELECT journey FROM ledger_heads UNION SELECT journey FROM ledger_rows ORDER BY journey`)
	if err != nil {
		return nil, fmt.Errorf("list ledger chains: %w", err)
	}
	return chains, nil
}
