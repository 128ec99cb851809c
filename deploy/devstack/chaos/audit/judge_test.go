package audit_test

import (
	"errors"
	"testing"

	"tenure/deploy/devstack/chaos/audit"
	"tenure/internal/httpapi"
	"tenure/internal/sim/extension"
	"tenure/internal/sim/graph"
	"tenure/internal/sim/mail"
	"tenure/internal/store"
)

const (
	welcome = "sendWelcomeEmail"
	pass    = "generateTemporaryAccessPass"
	journey = "journey/hooks/7001"
	mailKey = "Welcome/s1/1/sendWelcomeEmail"
	passKey = "Prepare%20a%20new%20hire/s1/1/generateTemporaryAccessPass"
)

// wanted is a joiner with one of everything.
func wanted() audit.Want {
	return audit.Want{
		Account: audit.OneAccount, Enabled: true, Groups: []string{"g1", "g2"}, Licences: []string{"l1"}, Manager: "boss",
		Passes: 1, Mails: map[string]int{welcome: 1, pass: 1}, Calls: 1, Said: 1,
		Done:       map[string]int{"account:entra/create": 1, "Welcome/sendWelcomeEmail": 1},
		Attributes: map[string]string{"department": "Sales"},
	}
}

// seen is what there is when all went well.
func seen() audit.Evidence {
	return audit.Evidence{
		Live: []graph.UserState{{
			ID: "u1", Props: map[string]any{"accountEnabled": true, "department": "Sales"}, Manager: "boss",
			Groups: []string{"g1", "g2"}, Licences: []graph.LicenceState{{SkuID: "l1"}},
			Passes: []graph.PassState{{ID: "p1", Reason: "NotYetValid"}},
		}},
		Mails: []mail.Message{{MessageID: "<w>"}, {MessageID: "<p>"}},
		Calls: []extension.Call{{ID: "c1"}},
		Deliveries: []store.Delivery{
			{Key: journey + "/" + mailKey, MessageID: "<w>", Template: welcome, State: store.DeliverySent},
			{Key: journey + "/" + passKey + "/p1", MessageID: "<p>", Template: pass, State: store.DeliverySent},
		},
		Ledger: []store.LedgerRow{
			{Kind: store.LedgerEvent, Task: "event-1", Outcome: "applied"},
			{Kind: store.LedgerTask, Run: "account:entra", Task: "create", Outcome: "done"},
			{Kind: store.LedgerTask, Run: "Welcome", Task: "sendWelcomeEmail", Outcome: "done: to fallback"},
		},
		Person:  httpapi.PersonDetail{Source: httpapi.SourceJourney},
		SignIns: []bool{true, false},
	}
}

// parked lets the welcome mail wait for a human.
func parked(e *audit.Evidence) {
	e.Person.Parked = []httpapi.Parked{{Key: mailKey, Code: "delivery-unknown"}}
	e.Ledger = append(e.Ledger[:2:2], store.LedgerRow{Kind: store.LedgerPlan, Outcome: "parked", Reason: "delivery-unknown", Task: mailKey})
}

// again lets a human agree to one more welcome mail.
func again(e *audit.Evidence) {
	e.Ledger = append(e.Ledger,
		store.LedgerRow{Kind: store.LedgerPlan, Outcome: "parked", Reason: "delivery-unknown", Task: mailKey},
		store.LedgerRow{Kind: store.LedgerOverride, Outcome: "applied", Task: "retry " + mailKey})
}

func TestJudge(t *testing.T) {
	t.Parallel()
	account := func(change func(*graph.UserState)) func(*audit.Evidence) {
		return func(e *audit.Evidence) { change(&e.Live[0]) }
	}
	for name, tt := range map[string]struct {
		want   func(*audit.Want)
		change func(*audit.Evidence)
		// lost, doubled and unknown are what must be counted.
		lost, doubled, unknown int
	}{
		"all is well":          {change: func(*audit.Evidence) {}},
		"no account":           {change: func(e *audit.Evidence) { e.Live = nil }, lost: 1},
		"two accounts":         {change: func(e *audit.Evidence) { e.Live = append(e.Live, e.Live[0]) }, doubled: 1},
		"one was deleted":      {change: func(e *audit.Evidence) { e.Deleted = e.Live }, doubled: 1},
		"not deleted":          {want: func(w *audit.Want) { w.Account = audit.DeletedAccount }, change: func(*audit.Evidence) {}, lost: 1, doubled: 1},
		"disabled":             {change: account(func(u *graph.UserState) { u.Props["accountEnabled"] = false }), lost: 1},
		"no manager":           {change: account(func(u *graph.UserState) { u.Manager = "" }), lost: 1},
		"an old attribute":     {change: account(func(u *graph.UserState) { u.Props["department"] = "Law" }), lost: 1},
		"no group":             {change: account(func(u *graph.UserState) { u.Groups = nil }), lost: 2},
		"a group too many":     {change: account(func(u *graph.UserState) { u.Groups = append(u.Groups, "g3") }), lost: 1},
		"a group twice":        {change: account(func(u *graph.UserState) { u.Groups = append(u.Groups, "g1") }), doubled: 1},
		"no licence":           {change: account(func(u *graph.UserState) { u.Licences = nil }), lost: 1},
		"no pass":              {change: account(func(u *graph.UserState) { u.Passes = nil }), lost: 1},
		"an expired pass":      {change: account(func(u *graph.UserState) { u.Passes[0].Reason = "Expired" }), lost: 1},
		"two passes":           {change: account(func(u *graph.UserState) { u.Passes = append(u.Passes, u.Passes[0]) }), doubled: 1},
		"a mail is missing":    {change: func(e *audit.Evidence) { e.Mails = e.Mails[:1] }, lost: 1},
		"a mail came twice":    {change: func(e *audit.Evidence) { e.Mails = append(e.Mails, e.Mails[0]) }, doubled: 1},
		"a mail of nobody":     {change: func(e *audit.Evidence) { e.Mails = append(e.Mails, mail.Message{MessageID: "<x>"}) }, doubled: 1},
		"never claimed":        {change: func(e *audit.Evidence) { e.Mails, e.Deliveries = e.Mails[1:], e.Deliveries[1:] }, lost: 1},
		"no call":              {change: func(e *audit.Evidence) { e.Calls = nil }, lost: 1},
		"another call":         {change: func(e *audit.Evidence) { e.Calls = append(e.Calls, extension.Call{ID: "c2"}) }, doubled: 1},
		"a call repeated":      {change: func(e *audit.Evidence) { e.Calls[0].Repeats = 2 }, unknown: 2},
		"no row of the create": {change: func(e *audit.Evidence) { e.Ledger = append(e.Ledger[:1:1], e.Ledger[2]) }, lost: 1},
		"a row twice":          {change: func(e *audit.Evidence) { e.Ledger = append(e.Ledger, e.Ledger[2]) }, doubled: 1},
		"HR was not heard":     {change: func(e *audit.Evidence) { e.Ledger = e.Ledger[1:] }, lost: 1},
		"a broken chain":       {change: func(e *audit.Evidence) { e.Chain = errors.New("row 2 was changed") }, lost: 1},
		"no journey":           {change: func(e *audit.Evidence) { e.Person.Source = httpapi.SourceIndex }, lost: 1},
		"the pass is void":     {change: func(e *audit.Evidence) { e.SignIns = []bool{false} }, lost: 1},
		"an old pass works":    {change: func(e *audit.Evidence) { e.SignIns = []bool{true, true} }, doubled: 1},
		"a mail of unknown delivery waits": {change: func(e *audit.Evidence) {
			e.Deliveries[0].State = store.DeliveryClaimed
			parked(e)
		}, unknown: 1},
		"one that never went waits": {change: func(e *audit.Evidence) {
			e.Mails, e.Deliveries[0].State = e.Mails[1:], store.DeliveryClaimed
			parked(e)
		}},
		"one that went again": {change: func(e *audit.Evidence) {
			again(e)
			e.Mails = append(e.Mails, e.Mails[0])
		}, unknown: 1},
		"one that went again unasked": {change: func(e *audit.Evidence) {
			again(e)
			e.Ledger = e.Ledger[:len(e.Ledger)-1]
			e.Mails = append(e.Mails, e.Mails[0])
		}, doubled: 1},
		"one that went twice again": {change: func(e *audit.Evidence) {
			again(e)
			e.Mails = append(e.Mails, e.Mails[0], e.Mails[0])
		}, unknown: 1, doubled: 1},
		"claimed and nobody was asked": {change: func(e *audit.Evidence) {
			e.Mails, e.Deliveries[0].State = e.Mails[1:], store.DeliveryClaimed
		}, lost: 1},
		"a pass was mailed, replaced and mailed": {change: func(e *audit.Evidence) {
			e.Mails = append(e.Mails, mail.Message{MessageID: "<p0>"})
			e.Deliveries = append(e.Deliveries, store.Delivery{Key: journey + "/" + passKey + "/p0", MessageID: "<p0>", Template: pass, State: store.DeliveryClaimed})
		}, unknown: 1},
		"a pass was mailed for sure and mailed again": {change: func(e *audit.Evidence) {
			e.Mails = append(e.Mails, mail.Message{MessageID: "<p0>"})
			e.Deliveries = append(e.Deliveries, store.Delivery{Key: journey + "/" + passKey + "/p0", MessageID: "<p0>", Template: pass, State: store.DeliverySent})
		}, doubled: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, got := wanted(), seen()
			if tt.want != nil {
				tt.want(&want)
			}
			tt.change(&got)
			v := audit.Judge(want, got)
			if v.Lost != tt.lost || v.Doubled != tt.doubled || v.Unknown != tt.unknown {
				t.Errorf("verdict = %s, want lost=%d doubled=%d unknown=%d", v, tt.lost, tt.doubled, tt.unknown)
			}
			if v.Clean() != (tt.lost+tt.doubled == 0) || (len(v.Findings) > 0) == v.Clean() {
				t.Errorf("clean = %t with findings %q", v.Clean(), v.Findings)
			}
		})
	}
}
