package workflows

import (
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"tenure/internal/plan"
	"tenure/workflows/contract"
)

// View is the answer of the query facts.
type View struct {
	Facts         plan.Facts       `json:"facts"`
	Raised        []plan.Attention `json:"raised,omitempty"`
	PolicyVersion int              `json:"policy"`
	Last          plan.Result      `json:"last"`
	// LedgerSeq and LedgerHash are the head of the person's chain as the journey
	// last saw it: what a check of the ledger compares.
	LedgerSeq  int64  `json:"ledgerSeq,omitempty"`
	LedgerHash string `json:"ledgerHash,omitempty"`
	Revision   int64  `json:"revision,omitempty"`
}

func (j *journey) view() View {
	facts := j.state.Facts
	facts.Running = j.running()
	return View{
		Facts: facts, Raised: j.state.Raised, PolicyVersion: j.state.PolicyVersion, Last: j.last,
		LedgerSeq: j.state.LedgerSeq, LedgerHash: j.state.LedgerHash, Revision: j.state.Revision,
	}
}

// shown is what the server was last told, so that only changes are events.
type shown struct {
	phase, attention, holds string
	next                    time.Time
}

// shownBefore is what the run before told the server, or nothing.
func shownBefore(ctx workflow.Context) shown {
	known := workflow.GetTypedSearchAttributes(ctx)
	var out shown
	out.phase, _ = known.GetKeyword(temporal.NewSearchAttributeKeyKeyword(contract.AttributePhase))
	out.attention, _ = known.GetKeyword(temporal.NewSearchAttributeKeyKeyword(contract.AttributeAttention))
	holds, _ := known.GetKeywordList(temporal.NewSearchAttributeKeyKeywordList(contract.AttributeHolds))
	out.holds = strings.Join(holds, ", ")
	next, _ := known.GetTime(temporal.NewSearchAttributeKeyTime(contract.AttributeNextDeadline))
	out.next = next.UTC()
	return out
}

// tells reports whether the server should hear of it. Of a deadline alone it hears
// once nothing is in flight: what is in flight moves it.
func (now shown) tells(before shown, inFlight bool) bool {
	if inFlight {
		now.next = before.next
	}
	return now != before
}

// show writes the live description and the search attributes.
func (j *journey) show(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, details(j.state, j.last, j.flights))
	now := shown{
		phase:     string(j.last.Phase),
		attention: attentionWord(j.state.attention(j.last.Attention)),
		holds:     kindWords(j.state.Facts.Overrides.HoldKinds()),
		next:      j.last.Next.UTC().Truncate(time.Second),
	}
	if !now.tells(j.shown, len(j.flights) > 0) {
		return
	}
	j.shown = now
	updates := []temporal.SearchAttributeUpdate{
		temporal.NewSearchAttributeKeyKeyword(contract.AttributePhase).ValueSet(now.phase),
		temporal.NewSearchAttributeKeyKeyword(contract.AttributeAttention).ValueSet(now.attention),
		temporal.NewSearchAttributeKeyKeyword(contract.AttributeRealm).ValueSet(j.state.Facts.Realm),
		temporal.NewSearchAttributeKeyBool(contract.AttributeHeld).ValueSet(now.holds != ""),
	}
	kinds := temporal.NewSearchAttributeKeyKeywordList(contract.AttributeHolds)
	if now.holds == "" {
		updates = append(updates, kinds.ValueUnset())
	} else {
		updates = append(updates, kinds.ValueSet(strings.Split(now.holds, ", ")))
	}
	deadline := temporal.NewSearchAttributeKeyTime(contract.AttributeNextDeadline)
	if j.last.Next.IsZero() {
		updates = append(updates, deadline.ValueUnset())
	} else {
		updates = append(updates, deadline.ValueSet(now.next))
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, updates...); err != nil {
		workflow.GetLogger(ctx).Error("upsert search attributes", "error", err)
	}
}

// attentionWord is the search attribute's value: the first code, or none.
func attentionWord(attention []plan.Attention) string {
	if len(attention) == 0 {
		return "none"
	}
	codes := make([]string, 0, len(attention))
	for _, a := range attention {
		codes = append(codes, a.Code)
	}
	slices.Sort(codes)
	return strings.Join(slices.Compact(codes), " ")
}
