package e2e_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.temporal.io/api/serviceerror"

	"tenure/internal/httpapi"
	"tenure/workflows/contract"
)

// TestErasureForgetsAPerson lives a whole employment, erases the person as an operator
// does, and looks everywhere: nothing tells who it was, the ledger still verifies
// against the heads of before, and what HR says afterwards does nothing by itself.
func TestErasureForgetsAPerson(t *testing.T) {
	b := begin(t, hooked(t))
	b.hireChief()
	h := joiner(t, "7611", "Philippa", "Rasmusdottir", 3)
	b.hire(h)
	b.forward(hooks, h.Key, berlin(t, h.Start, "00:01"))
	b.refusesErasure(h.Key)
	h.Last = day(t, h.Start, 20)
	b.say("7611-leaves", h)
	b.forward(hooks, h.Key, berlin(t, day(t, h.Last, 31), "00:01"))
	if live, _ := b.accounts(h.Key); len(live) != 0 || b.key(h.Key, "delete") == "" {
		t.Fatalf("%d accounts, want none, deleted by its line", len(live))
	}
	words := []string{"Philippa", "Rasmusdottir", "candidate7611"}
	if found := b.rowsWith(words); len(found) == 0 {
		t.Fatal("nothing is kept of somebody who was here: the search sees nothing")
	}
	witness := b.verifies()

	b.ok("people", "erase", hooks+"/"+h.Key, "--reason", "request 118", "--yes")
	if found := b.rowsWith(words); len(found) != 0 {
		t.Errorf("the store still tells who it was:\n%s", strings.Join(found, "\n"))
	}
	b.verifies("--witness", witness)
	b.unknown(h.Key, words)
	rows := b.ledger(hooks, h.Key)
	if last := rows[len(rows)-1]; last.Kind != "erasure" || !strings.HasSuffix(last.Actor, actor) || last.Reason != "request 118" {
		t.Errorf("the last row is %+v, want that of the erasure", last)
	}

	requests := created(b)
	b.send("7611-again", b.person(hooks, "1003").Now, h)
	b.eventually("the new journey finds the marker", func() bool { return b.knows(hooks, h.Key) && b.person(hooks, h.Key).Held })
	b.idle(hooks, h.Key)
	if live, _ := b.accounts(h.Key); len(live) != 0 || created(b) != requests {
		t.Errorf("%d accounts, %d asked for since: want nothing done before a human agrees", len(live), created(b)-requests)
	}
	b.verifies("--witness", witness)
}

// refusesErasure: as long as an account is there.
func (b *bench) refusesErasure(key string) {
	b.t.Helper()
	if _, code := b.tenure("people", "erase", hooks+"/"+key, "--reason", "too early", "--yes"); code == 0 {
		b.t.Fatal("erased in spite of the account")
	}
	if rows := b.ledger(hooks, key); rows[len(rows)-1].Kind == "erasure" {
		b.t.Error("the ledger says erased")
	}
}

// verifies runs tenure ledger verify over everything and keeps what it says.
func (b *bench) verifies(more ...string) (witness string) {
	b.t.Helper()
	file, values := b.Settings()
	for name, value := range values {
		b.t.Setenv(name, value)
	}
	out, code := b.tenure(append([]string{"ledger", "verify", "--config", file, "--without-journeys", "-o", "json"}, more...)...)
	var found struct{ Broken, Gaps, Rows int }
	if err := json.Unmarshal([]byte(out), &found); err != nil || code != 0 || found.Broken+found.Gaps != 0 || found.Rows == 0 {
		b.t.Fatalf("tenure ledger verify ended with %d: %s %v", code, out, err)
	}
	witness = filepath.Join(b.t.TempDir(), "heads.json")
	if err := os.WriteFile(witness, []byte(out), 0o600); err != nil {
		b.t.Fatalf("keep the heads: %v", err)
	}
	return witness
}

// rowsWith are the rows of the store that hold one of the words. A user name that is kept
// from others may stay, if it is nobody's.
func (b *bench) rowsWith(words []string) []string {
	b.t.Helper()
	db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(b.StoreURL(), "sqlite:")+"?_pragma=query_only(1)&_pragma=busy_timeout(15000)")
	if err != nil {
		b.t.Fatalf("open store: %v", err)
	}
	defer func() { _ = db.Close() }()
	var out []string
	for _, table := range rowsOf(b.t, db, "SELECT name FROM sqlite_master WHERE type = 'table'") {
		table = strings.TrimSpace(table)
		for _, row := range rowsOf(b.t, db, `SELECT * FROM "`+table+`"`) {
			for _, word := range words {
				nobodys := table == "claims" && strings.Contains(row, "\nerased\n")
				if !nobodys && strings.Contains(strings.ToLower(row), strings.ToLower(word)) {
					out = append(out, table+": "+strings.ReplaceAll(row, "\n", " "))
				}
			}
		}
	}
	return out
}

// unknown: neither the API, nor a search, nor Temporal knows the person.
func (b *bench) unknown(key string, words []string) {
	b.t.Helper()
	for _, word := range append(words, key) {
		var found []httpapi.Person
		b.must(http.MethodGet, "/v1/people?search="+word, nil, &found)
		if len(found) != 0 {
			b.t.Errorf("a search for %q finds %+v", word, found)
		}
	}
	c := b.dial(true)
	b.eventually("Temporal has forgotten the journey", func() bool {
		_, err := c.DescribeWorkflowExecution(b.t.Context(), contract.JourneyID(hooks, key), "")
		var gone *serviceerror.NotFound
		return errors.As(err, &gone)
	})
	if response, problem := b.call(http.MethodGet, place(hooks, key), nil, nil, nil); problem == nil || response.StatusCode != http.StatusNotFound {
		b.t.Errorf("the API answers %s of somebody who was erased", response.Status)
	}
}
