package e2e_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/deploy/devstack/stack"
	"tenure/internal/sim/fault"
	"tenure/internal/sim/graph"
	"tenure/workflows/contract"
)

const usersPath = "/v1.0/users"

// TestFaults breaks the directory and the mail in the middle of joiners and
// looks at what came of it in the end.
func TestFaults(t *testing.T) {
	b := begin(t, hooked(t))
	b.hireChief()
	for i, tt := range []struct {
		name  string
		rules []fault.Rule
	}{
		{"the answer to a create is lost", []fault.Rule{{Method: http.MethodPost, Path: usersPath, Kind: fault.Lost}}},
		{"throttled with a time", []fault.Rule{{Method: http.MethodPost, Path: usersPath, Kind: fault.Throttled, RetryAfter: 2}}},
		{"throttled without a time", []fault.Rule{{Method: http.MethodGet, Path: usersPath, Kind: fault.ThrottledBare, Times: 2}}},
		{"a gateway's page", []fault.Rule{{Method: http.MethodPost, Path: usersPath, Kind: fault.GatewayPage}}},
		{"unavailable", []fault.Rule{{Method: http.MethodPost, Path: "/v1.0/groups/**", Kind: fault.Unavailable, Times: 2}}},
		{"the answer to a pass is lost", []fault.Rule{{Method: http.MethodPost, Path: "/v1.0/users/*/authentication/**", Kind: fault.Lost}}},
		{"everything fails once", []fault.Rule{{Kind: fault.Reset}, {Kind: fault.Conflict}, {Kind: fault.Lost, Skip: 4}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := b.with(t)
			if err := b.Graph().SetFaults(tt.rules...); err != nil {
				t.Fatalf("set faults: %v", err)
			}
			t.Cleanup(func() { _ = b.Graph().SetFaults() })
			b.late("72" + string(rune('0'+i/10)) + string(rune('0'+i%10)))
			for _, standing := range b.Graph().Faults().Standing() {
				if standing.Hits == 0 {
					t.Errorf("the rule %+v hit nothing", standing.Rule)
				}
			}
		})
	}
	t.Run("mail of unknown delivery", func(t *testing.T) { lostMail(b.with(t)) })
	t.Run("pass mail of unknown delivery", func(t *testing.T) { lostPassMail(b.with(t)) })
}

// late hires somebody for whom everything is due at once, and wants it right.
func (b *bench) late(key string) {
	b.t.Helper()
	b.hire(joiner(b.t, key, "Berthe", "Okonkwo-"+key, 5))
	b.eventually("the pass is mailed", func() bool { return b.mails(key)["Temporary access pass for Berthe Okonkwo-"+key] > 0 })
	b.idle(hooks, key)
	b.complete(key)
	if mails := b.mails("Okonkwo-" + key); len(mails) != 2 || mails["Temporary access pass for Berthe Okonkwo-"+key] != 1 {
		b.t.Errorf("mails = %v, want two, each once", mails)
	}
}

// complete wants one account with its manager, each group once and one valid pass.
func (b *bench) complete(key string) {
	b.t.Helper()
	account := b.account(key)
	b.has(account, []string{allStaff, sales}, []string{licenceE3})
	if len(account.Passes) != 1 || enabled(account) || account.Manager != b.account("1003").ID {
		b.t.Errorf("passes %+v, enabled %t, manager %q", account.Passes, enabled(account), account.Manager)
	}
	if timeline := b.timeline(hooks, key); timeline.Phase != "pre-hire" {
		b.t.Errorf("phase = %s", timeline.Phase)
	}
	done := map[string]int{}
	for _, row := range b.ledger(hooks, key) {
		if strings.HasPrefix(row.Outcome, "done") {
			done[row.Key]++
		}
	}
	for task, count := range done {
		if count != 1 {
			b.t.Errorf("the ledger has %s %d times", task, count)
		}
	}
}

// dropped drops the connection after the n-th mail is taken.
func (b *bench) dropped(skip int) {
	b.t.Helper()
	if err := b.Mail().Faults().Set(fault.Rule{Method: "SMTP", Path: "/data", Kind: fault.Lost, Skip: skip}); err != nil {
		b.t.Fatalf("set faults: %v", err)
	}
	b.t.Cleanup(func() { _ = b.Mail().Faults().Set() })
}

// lostMail: a mail whose fate is unknown waits for a human, and goes again under
// the same Message-ID.
func lostMail(b *bench) {
	b.dropped(0)
	b.send("hire-7301", time.Now(), joiner(b.t, "7301", "Ottilie", "Marchetti", 5))
	b.eventually("the mail is parked", func() bool {
		return b.knows(hooks, "7301") && len(b.person(hooks, "7301").Parked) == 1
	})
	parked := b.person(hooks, "7301").Parked[0]
	if parked.Code != "delivery-unknown" || parked.Retry != nil {
		b.t.Fatalf("parked = %+v, want delivery-unknown until a human decides", parked)
	}
	first := b.messages("Ottilie")
	if len(first) != 1 {
		b.t.Fatalf("%d mails before the retry, want the one that was taken", len(first))
	}
	b.steer("7301", contract.Retry, contract.Override{Key: parked.Key})
	b.eventually("the mail went again", func() bool { return len(b.person(hooks, "7301").Parked) == 0 })
	b.eventually("the pass is mailed", func() bool { return len(b.messages("Ottilie")) == 3 })
	all := b.messages("Ottilie")
	if all[1].MessageID != first[0].MessageID || all[1].Subject != first[0].Subject {
		b.t.Errorf("the second has Message-ID %s, the first %s", all[1].MessageID, first[0].MessageID)
	}
	b.idle(hooks, "7301")
	b.complete("7301")
}

// lostPassMail: a pass whose mail may be lost is replaced.
func lostPassMail(b *bench) {
	b.dropped(1)
	b.send("hire-7302", time.Now(), joiner(b.t, "7302", "Isaura", "Lindholm", 5))
	const subject = "Temporary access pass for Isaura Lindholm"
	b.eventually("a second pass is mailed, or a human is asked", func() bool {
		if !b.knows(hooks, "7302") {
			return false
		}
		return b.mails("Isaura")[subject] == 2 || len(b.person(hooks, "7302").Parked) > 0
	})
	if parked := b.person(hooks, "7302").Parked; len(parked) > 0 {
		b.t.Logf("parked: %+v", parked)
		b.steer("7302", contract.Retry, contract.Override{Key: parked[0].Key})
		b.eventually("a second pass is mailed", func() bool { return b.mails("Isaura")[subject] == 2 })
	}
	b.idle(hooks, "7302")
	b.complete("7302")
	start := day(b.t, today(), 5)
	b.forward(hooks, "7302", berlin(b.t, start, "08:30"))
	name, _ := b.account("7302").Props["userPrincipalName"].(string)
	var secrets []string
	for _, m := range b.messages("Isaura") {
		if _, rest, found := strings.Cut(m.Text, "Temporary access pass: "); found {
			secrets = append(secrets, strings.Fields(rest)[0])
		}
	}
	slices.Reverse(secrets)
	for i, secret := range secrets {
		if err := b.Graph().SignIn(name, secret); (err == nil) != (i == 0) {
			b.t.Errorf("pass %d from the end: %v, want only the last to work", i, err)
		}
	}
}

// TestLag: the tenant needs its time to agree with itself, and an answer is
// lost meanwhile: still one account.
func TestLag(t *testing.T) {
	b := begin(t, hooked(t), func(o *stack.Options) {
		o.Lag = graph.Lag{Reads: 2, Window: 2 * time.Second, Index: 4 * time.Second, Lists: true}
	})
	b.hireChief()
	if err := b.Graph().SetFaults(fault.Rule{Method: http.MethodPost, Path: usersPath, Kind: fault.Lost, Skip: 1}); err != nil {
		t.Fatalf("set faults: %v", err)
	}
	b.late("7401")
	key := "7402"
	b.send("hire-7402", time.Now(), joiner(t, key, "Berthe", "Okonkwo-"+key, 5))
	b.eventually("the second is complete, or asks", func() bool {
		if !b.knows(hooks, key) {
			return false
		}
		d := b.person(hooks, key)
		return b.mails(key)["Temporary access pass for Berthe Okonkwo-"+key] > 0 || len(d.Parked) > 0
	})
	parked := b.person(hooks, key).Parked
	if live, _ := b.accounts(key); len(live) != 1 {
		t.Fatalf("%d accounts after a lost answer, parked %+v", len(live), parked)
	}
	if len(parked) > 0 {
		t.Logf("parked: %+v", parked)
		b.forward(hooks, key, b.person(hooks, key).Now.Add(time.Hour))
	}
	b.eventually("the second is complete", func() bool { return len(b.account(key).Passes) == 1 })
	b.idle(hooks, key)
	b.complete(key)
}
