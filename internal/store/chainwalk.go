package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ChainReport is what a check of one chain found.
type ChainReport struct {
	Journey string `json:"journey"`
	// Rows counts those that are there and sound.
	Rows int64 `json:"rows"`
	// Head is the last sound row.
	Head LedgerHead `json:"head"`
	// Gaps are losses that the chain itself states.
	Gaps []Gap `json:"gaps,omitempty"`
	// Erased counts rows whose values a recorded erasure took.
	Erased int64 `json:"erased,omitempty"`
	// Broken is the first row that is missing, altered or cut off.
	Broken *ChainError `json:"broken,omitempty"`
}

// Gap is a stated loss: the store was lost, or replaced by an older one, and the
// chain goes on behind the last head that the journey had kept.
type Gap struct {
	// Row is the sequence of the row that states it.
	Row int64 `json:"row"`
	// From and To are the first and last row that are known to be lost. From is
	// above To where none is, and later ones nobody had witnessed may be.
	From int64     `json:"from"`
	To   int64     `json:"to"`
	At   time.Time `json:"at"`
}

// Reasons of a [ChainError] that several places give.
const wasMissing = "missing"

// gapPrefix begins the Task of a gap row; the sequence and the hash that the row
// follows come behind it, so that the hash of the row covers them.
const gapPrefix = "after "

func gapTask(behind LedgerHead) string {
	return gapPrefix + strconv.FormatInt(behind.Seq, 10) + " " + behind.Hash
}

// behind is the head that a gap row says it follows.
func (r sealedRow) behind() (LedgerHead, bool) {
	text, found := strings.CutPrefix(r.Task, gapPrefix)
	number, hash, cut := strings.Cut(text, " ")
	seq, err := strconv.ParseInt(number, 10, 64)
	return LedgerHead{Seq: seq, Hash: hash}, r.Kind == LedgerGap && found && cut && err == nil
}

// chainWalk follows a chain from its first row to its last.
type chainWalk struct {
	witnesses []LedgerHead
	report    ChainReport
	// bare is the first row without values that no erasure has explained yet, and
	// bareRows how many there are.
	bare, bareRows int64
}

func newChainWalk(journey string, witnesses []LedgerHead) *chainWalk {
	return &chainWalk{witnesses: witnesses, report: ChainReport{Journey: journey}}
}

// all takes rows in, and reports false at the first that is not sound.
func (w *chainWalk) all(rows []sealedRow) bool {
	for _, row := range rows {
		if !w.step(row) {
			return false
		}
	}
	return true
}

func (w *chainWalk) step(row sealedRow) bool {
	last := w.report.Head
	if behind, is := row.behind(); is && (behind.Seq > last.Seq || behind == last) {
		if w.contradicts(behind) {
			return w.fail(row.Seq, "it states a gap behind a row that is not the one that was witnessed")
		}
		w.report.Gaps = append(w.report.Gaps, Gap{Row: row.Seq, From: last.Seq + 1, To: behind.Seq, At: row.Recorded})
		last = behind
	}
	if reason := row.broken(last); reason != "" {
		return w.fail(last.Seq+1, reason)
	}
	head := LedgerHead{Seq: row.Seq, Hash: row.Hash}
	if w.contradicts(head) {
		return w.fail(row.Seq, "it is not the row that was witnessed")
	}
	w.report.Head = head
	w.report.Rows++
	switch {
	case row.Erased:
		if w.bareRows == 0 {
			w.bare = row.Seq
		}
		w.bareRows++
	case row.Kind == LedgerErasure:
		w.report.Erased, w.bareRows = w.report.Erased+w.bareRows, 0
	}
	return true
}

func (w *chainWalk) fail(seq int64, reason string) bool {
	w.report.Broken = &ChainError{Journey: w.report.Journey, Seq: seq, Reason: reason}
	return false
}

func (w *chainWalk) contradicts(row LedgerHead) bool {
	for _, witness := range w.witnesses {
		if witness.Seq == row.Seq && witness.Hash != row.Hash {
			return true
		}
	}
	return false
}

// end looks for a tail that was cut off. Rows may have been appended since the
// head was read.
func (w *chainWalk) end(head LedgerHead) ChainReport {
	last := w.report.Head
	switch {
	case w.report.Broken != nil:
		return w.report
	case w.bareRows > 0:
		w.fail(w.bare, "its values are missing, and no erasure is recorded behind it")
		return w.report
	case last.Seq < head.Seq || last.Seq == head.Seq && last.Hash != head.Hash:
		w.fail(last.Seq+1, wasMissing+": the head has seen it")
		return w.report
	}
	for _, witness := range w.witnesses {
		if witness.Seq > last.Seq {
			w.fail(last.Seq+1, fmt.Sprintf("%s: row %d was witnessed", wasMissing, witness.Seq))
			return w.report
		}
	}
	return w.report
}
