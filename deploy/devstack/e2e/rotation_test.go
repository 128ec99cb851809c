package e2e_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.temporal.io/sdk/client"

	"tenure/deploy/devstack/stack"
	"tenure/internal/httpapi"
	"tenure/workflows/contract"
)

// codecKey writes a key made of one byte and returns its entry in the configuration.
func codecKey(t *testing.T, id string, of byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), id)
	if err := os.WriteFile(path, []byte(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{of}, 32))), 0o600); err != nil {
		t.Fatalf("write key: %v", err)
	}
	return id + "=file:" + path
}

// withKeys starts everything anew with other keys.
func (b *bench) withKeys(entries ...string) {
	b.t.Helper()
	b.down()
	b.opts.Codec = strings.Join(entries, ",")
	b.up()
}

// keys wants the doctor to say something of the codec's keys, in time.
func (b *bench) keys(state httpapi.CheckState, text string) {
	b.t.Helper()
	var last httpapi.Check
	b.eventually("the doctor finds the keys "+string(state)+": "+text, func() bool {
		failing, others := b.doctor()
		var found bool
		if last, found = others["codec keys"]; !found {
			last = failing["codec keys"]
		}
		if last.State != state {
			b.t.Logf("keys: %s: %s", last.State, last.Detail)
		}
		return last.State == state && strings.Contains(last.Detail, text)
	})
}

// TestCodecKeysRotate changes the key as the page on operations says, with one person
// prepared and one to come. The doctor says when the old one may go, and what stands
// still where it went too early; afterwards everything goes on without it.
func TestCodecKeysRotate(t *testing.T) {
	older, newer := codecKey(t, "2026-11", 'a'), codecKey(t, "2027-05", 'b')
	b := begin(t, hooked(t), func(o *stack.Options) { o.Codec = older })
	b.hireChief()
	here, comes := joiner(t, "7511", "Ottavia", "Lindqvist-7511", 5), joiner(t, "7512", "Casimir", "Abara-7512", 40)
	b.hire(here)
	b.hire(comes)
	b.eventually("the pass is mailed", func() bool { return len(b.mails("Lindqvist-7511")) == 2 })
	b.idle(hooks, "7511")
	before, mails := b.account("7511"), b.mails("Lindqvist-7511")
	b.keys(httpapi.CheckOK, "all of 3 open workflows need 2026-11 only")

	b.withKeys(older, newer)
	here.Title = "Senior Account Manager"
	b.say("7511-title", here)
	b.keys(httpapi.CheckOK, "need 2026-11 only")

	b.withKeys(newer, older)
	here.Title = "Lead Account Manager"
	b.say("7511-lead", here)
	b.keys(httpapi.CheckWarning, "older ones are needed: 2026-11 by 3")

	b.withKeys(newer)
	b.keys(httpapi.CheckFailed, "2026-11 by 3, such as "+contract.JourneyID(hooks, "1003"))
	b.send("7512-while-away", b.personOfIndex("7512").Now, comes)

	b.withKeys(newer, older)
	b.idle(hooks, "7512")
	b.ok("journey", "renew", "--all", "--reason", "key 2027-05")
	b.keys(httpapi.CheckOK, "not needed by what is open: 2026-11")

	b.withKeys(newer)
	b.keys(httpapi.CheckOK, "need 2027-05 only")
	for _, key := range []string{"1003", "7511", "7512"} {
		b.idle(hooks, key)
		b.timeline(hooks, key)
		b.ledger(hooks, key)
	}
	b.webUIDecodes(contract.JourneyID(hooks, "7511"), "Lindqvist")
	b.compares()
	b.forward(hooks, "7511", berlin(t, here.Start, "00:01"))
	after := b.account("7511")
	if !enabled(after) || after.ID != before.ID || len(after.Passes) != 1 || after.Props["jobTitle"] != here.Title {
		t.Errorf("on the first day: enabled %t, id %s, passes %+v, title %v", enabled(after), after.ID, after.Passes, after.Props["jobTitle"])
	}
	for subject, count := range b.mails("Lindqvist-7511") {
		if count != 1 && mails[subject] > 0 {
			t.Errorf("mailed %d times: %s", count, subject)
		}
	}
	b.forward(hooks, "7512", berlin(t, comes.Start, "00:01"))
	b.has(b.account("7512"), []string{allStaff, sales}, []string{licenceE3})
	if n := len(b.witnessed("7511")); n != 0 {
		t.Errorf("the ledger states %d gaps", n)
	}
}

// personOfIndex is what the index knows of somebody whose journey does not answer.
func (b *bench) personOfIndex(key string) httpapi.PersonDetail {
	b.t.Helper()
	detail := b.person(hooks, key)
	if detail.Source == httpapi.SourceJourney {
		b.t.Errorf("the journey of %s answers without its key", key)
	}
	return detail
}

// compares lets the schedule of the nightly comparison run, whose input was written
// with the key of the time.
func (b *bench) compares() {
	b.t.Helper()
	schedule := b.dial(false).ScheduleClient().GetHandle(b.t.Context(), contract.ReconcileID("entra"))
	if err := schedule.Trigger(b.t.Context(), client.ScheduleTriggerOptions{}); err != nil {
		b.t.Fatalf("trigger schedule: %v", err)
	}
	b.eventually("the schedule compares", func() bool { return b.standing(false).Comparison != nil })
}
