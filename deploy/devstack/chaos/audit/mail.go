package audit

import (
	"maps"
	"slices"
	"strings"

	"tenure/internal/store"
)

// The words of the ledger for a mail whose fate nobody knows.
const (
	outcomeParked   = "parked"
	outcomeApplied  = "applied"
	deliveryUnknown = "delivery-unknown"
)

// mails compares what arrived, by template. A mail that may have arrived before
// may arrive again: who decides that is a human, or for a pass the policy, which
// sends a new one.
func (j *judge) mails(want Want, got Evidence) {
	arrived := map[string]int{} // by Message-ID
	for _, message := range got.Mails {
		arrived[message.MessageID]++
	}
	count, unknown := map[string]int{}, map[string]int{}
	for _, delivery := range got.Deliveries {
		n := arrived[delivery.MessageID]
		delete(arrived, delivery.MessageID)
		excused := n // nobody knows whether it arrived
		if delivery.State == store.DeliverySent {
			excused = min(max(n-1, 0), agreed(got.Ledger, delivery.Key))
		}
		j.Unknown += excused
		unknown[delivery.Template] += excused
		count[delivery.Template] += n
	}
	for _, id := range slices.Sorted(maps.Keys(arrived)) {
		j.doubled(arrived[id], "the mail %s was sent without a claim", id)
	}
	for _, template := range slices.Sorted(maps.Keys(joined(want.Mails, count))) {
		sure := count[template] - unknown[template]
		j.doubled(sure-want.Mails[template], "%d mails %s, want %d and %d of unknown delivery", count[template], template, want.Mails[template], unknown[template])
		if !waitsFor(got, template) {
			j.lost(want.Mails[template]-sure, "%d mails %s known as sent, want %d", sure, template, want.Mails[template])
		}
	}
}

// agreed counts how often a human agreed to send a mail again of which nobody
// knew whether it had arrived. That a task is parked again for the same reason is
// no row of its own.
func agreed(ledger []store.LedgerRow, delivery string) int {
	count, unknown := 0, false
	for _, row := range ledger {
		task, retried := strings.CutPrefix(row.Task, "retry ")
		switch {
		case task == "" || !strings.HasSuffix(delivery, "/"+task):
		case row.Outcome == outcomeParked && row.Reason == deliveryUnknown:
			unknown = true
		case unknown && retried && row.Kind == store.LedgerOverride && row.Outcome == outcomeApplied:
			count++
		}
	}
	return count
}

// waitsFor reports whether a mail of a template visibly waits.
func waitsFor(got Evidence, template string) bool {
	return slices.ContainsFunc(got.Deliveries, func(d store.Delivery) bool {
		if d.Template != template || d.State == store.DeliverySent {
			return false
		}
		for _, parked := range got.Person.Parked {
			if strings.Contains(d.Key, "/"+parked.Key) {
				return true
			}
		}
		return false
	})
}

func joined(a, b map[string]int) map[string]int {
	out := maps.Clone(a)
	if out == nil {
		out = map[string]int{}
	}
	maps.Copy(out, b)
	return out
}
