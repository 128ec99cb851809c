package e2e_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"tenure/deploy/devstack/stack"
	"tenure/internal/plan"
	"tenure/internal/sim/extension"
	"tenure/internal/sim/fault"
	"tenure/workflows/contract"
)

// telling is the hooked policy whose HR system is told of accounts.
func telling(t *testing.T) string {
	t.Helper()
	const signature = `    signature: {scheme: standard-webhooks, secrets: ["env:TENURE_HRIS_SECRET"]}` + "\n"
	return hooked(t, replacing(signature, signature+`    writeBack:
      look: 12h
      mapping:
        contact.workEmail: {attribute: mail}
        ext.shownAs: {expression: '[displayName]'}
`))
}

// told are the calls about somebody that HR took, and what the last one said.
func (b *bench) told(key string) (calls []extension.Call, last map[string]string) {
	b.t.Helper()
	for _, call := range b.Badges().Calls() {
		var body struct {
			Data struct {
				Key        string            `json:"key"`
				Attributes map[string]string `json:"attributes"`
			} `json:"data"`
		}
		if call.Path != stack.HRPath {
			continue
		}
		if err := json.Unmarshal(call.Body, &body); err != nil {
			b.t.Fatal(err)
		}
		if body.Data.Key == key {
			calls, last = append(calls, call), body.Data.Attributes
		}
	}
	return calls, last
}

// mailbox gives an account a mail address, as Exchange does.
func (b *bench) mailbox(key, address string) {
	b.t.Helper()
	body := bytes.NewReader(encode(b.t, map[string]string{"mail": address}))
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodPatch, b.Graph().URL()+"/v1.0/users/"+b.account(key).ID, body)
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+b.Graph().Token("7e57c11e-0000-4000-8000-7e57c11e0001"))
	request.Header.Set("Content-Type", "application/json")
	response, err := b.Graph().Client().Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusNoContent {
		b.t.Fatalf("give %s a mailbox: %s", key, response.Status)
	}
}

// TestWriteBack: HR learns of a joiner's address once, of a rename, and of what
// others changed, whatever becomes of answers and processes in between.
func TestWriteBack(t *testing.T) {
	b := begin(t, telling(t))
	b.hireChief()
	t.Run("address", func(t *testing.T) { toldOfAddress(b.with(t)) })
	t.Run("lost", func(t *testing.T) { toldThoughAnswersAreLost(b.with(t)) })
	t.Run("refused", func(t *testing.T) { refusedByHR(b.with(t)) })
	t.Run("killed", func(t *testing.T) { toldThoughProcessesStop(b.with(t)) })
}

func toldOfAddress(b *bench) {
	h := joiner(b.t, "7601", "Sanna", "Iversen", -1)
	b.hire(h)
	b.eventually("HR knows the account", func() bool { calls, _ := b.told("7601"); return len(calls) == 1 })
	b.mailbox("7601", "sanna.iversen@contoso.example")
	if _, problem := b.override(hooks, "7601", contract.ReEvaluate, contract.Override{Target: "entra"}); problem != nil {
		b.t.Fatalf("look again: %+v", problem)
	}
	b.eventually("HR knows the address", func() bool {
		_, last := b.told("7601")
		return last["contact.workEmail"] == "sanna.iversen@contoso.example"
	})
	b.idle(hooks, "7601")
	h.Family = "Lund"
	b.say("7601-married", h)
	b.eventually("HR knows the name", func() bool { _, last := b.told("7601"); return last["ext.shownAs"] == "Sanna Lund" })
	b.idle(hooks, "7601")
	b.mailbox("7601", "sanna.lund@contoso.example")
	b.forward(hooks, "7601", b.person(hooks, "7601").Now.Add(oneDay))
	calls, last := b.told("7601")
	if len(calls) != 4 || last["contact.workEmail"] != "sanna.lund@contoso.example" {
		b.t.Errorf("HR was told %d times, lastly %v; want four times, lastly of the new address", len(calls), last)
	}
	ids := map[string]bool{}
	for _, call := range calls {
		ids[call.ID] = true
		if call.Repeats != 0 {
			b.t.Errorf("call %s came %d times more", call.ID, call.Repeats)
		}
	}
	if len(ids) != len(calls) {
		b.t.Errorf("%d calls under %d IDs: a receiver drops what it was to learn", len(calls), len(ids))
	}
	b.forward(hooks, "7601", b.person(hooks, "7601").Now.Add(2*oneDay))
	if again, _ := b.told("7601"); len(again) != len(calls) {
		b.t.Errorf("HR was told %d times though nothing changed", len(again)-len(calls))
	}
	for _, row := range b.ledger(hooks, "7601") {
		if strings.HasPrefix(row.Key, plan.WriteBackWorkflow) && strings.Contains(string(encode(b.t, row)), "@contoso.example") {
			b.t.Errorf("the ledger row of a write-back holds what HR was told: %+v", row)
		}
	}
}

func toldThoughAnswersAreLost(b *bench) {
	if err := b.Badges().Faults().Add(fault.Rule{About: "7602", Kind: fault.Lost, Times: 2}); err != nil {
		b.t.Fatal(err)
	}
	b.hire(joiner(b.t, "7602", "Mika", "Rautio", -1))
	b.eventually("HR answers", func() bool { calls, _ := b.told("7602"); return len(calls) == 1 && calls[0].Repeats == 2 })
	b.idle(hooks, "7602")
	if calls, last := b.told("7602"); len(calls) != 1 || last["ext.shownAs"] != "Mika Rautio" {
		b.t.Errorf("HR took %d messages, lastly %v; want the same one again and again", len(calls), last)
	}
}

func refusedByHR(b *bench) {
	if err := b.Badges().Faults().Add(fault.Rule{ID: "refusal", About: "7603", Kind: fault.Conflict, Times: fault.Forever}); err != nil {
		b.t.Fatal(err)
	}
	b.send("hire-7603", time.Now(), joiner(b.t, "7603", "Noor", "Haddad", -1))
	b.eventually("the line is parked, and the account is as it should be", func() bool {
		if !b.knows(hooks, "7603") {
			return false
		}
		live, _ := b.accounts("7603")
		return len(live) == 1 && enabled(live[0]) && len(b.person(hooks, "7603").Parked) == 1
	})
	b.Badges().Faults().Remove("refusal")
	if _, problem := b.override(hooks, "7603", contract.Retry, contract.Override{}); problem != nil {
		b.t.Fatalf("retry: %+v", problem)
	}
	b.eventually("HR knows", func() bool { calls, _ := b.told("7603"); return len(calls) == 1 })
}

// toldThoughProcessesStop ends the processes while HR takes its time to answer.
func toldThoughProcessesStop(b *bench) {
	if err := b.Badges().Faults().Add(fault.Rule{About: "7604", Kind: fault.Lost, DelayMillis: 2000}); err != nil {
		b.t.Fatal(err)
	}
	b.hire(joiner(b.t, "7604", "Ines", "Duarte", -1))
	b.eventually("HR has heard it", func() bool { calls, _ := b.told("7604"); return len(calls) == 1 })
	b.down()
	b.up()
	b.eventually("the line is done", func() bool {
		for _, row := range b.ledger(hooks, "7604") {
			if strings.HasPrefix(row.Key, plan.WriteBackWorkflow) && strings.HasPrefix(row.Outcome, "done") {
				return true
			}
		}
		return false
	})
	if calls, last := b.told("7604"); len(calls) != 1 || last["ext.shownAs"] != "Ines Duarte" {
		b.t.Errorf("HR took %d messages, lastly %v; want one", len(calls), last)
	}
}
