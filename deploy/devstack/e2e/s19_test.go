package e2e_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"tenure/deploy/devstack/stack"
	"tenure/internal/access"
	"tenure/internal/config"
	"tenure/internal/httpapi"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// TestS19_AStarterWithTokens goes through roles, two approvers, signals and the
// ledger on the real server.
func TestS19_AStarterWithTokens(t *testing.T) {
	secrets := map[string]string{}
	var tokens []config.Token
	for name, role := range map[string]string{"vera": "viewer", "olga": "operator", "ada": "approver", "ben": "approver", "root": "admin"} {
		secrets[name] = access.NewToken()
		tokens = append(tokens, config.Token{Name: name, Role: role, SHA256: access.Digest(secrets[name]), Expires: "2099-12-31"})
	}
	b := begin(t, hooked(t, replacing("trigger: {demand: {roles: [operator]}}", "trigger: {demand: {roles: [operator], approvals: 2}}")),
		func(o *stack.Options) { o.Sample, o.Tokens = false, tokens })
	b.token = secrets["vera"]
	b.hireChief()
	b.hire(joiner(t, "7901", "Ottilie", "Vantongeren", -1))
	b.eventually("she works", func() bool { live, _ := b.accounts("7901"); return len(live) == 1 && enabled(live[0]) })
	as := func(name string, status int, kind contract.Kind, o contract.Override) {
		t.Helper()
		b.token = secrets[name]
		defer func() { b.token = secrets["vera"] }()
		o.Reason = "for a test"
		response, problem := b.call(http.MethodPost, place(hooks, "7901")+"/overrides/"+string(kind), nil, encode(t, o), nil)
		if response.StatusCode != status {
			t.Errorf("%s by %s = %d %+v, want %d", kind, name, response.StatusCode, problem, status)
		}
	}
	as("nobody", http.StatusUnauthorized, contract.Hold, contract.Override{})
	as("vera", http.StatusForbidden, contract.Hold, contract.Override{})
	as("olga", http.StatusForbidden, contract.Terminate, contract.Override{})
	as("olga", http.StatusForbidden, contract.Hold, contract.Override{Actor: "ada"})
	as("olga", http.StatusOK, contract.Hold, contract.Override{HoldKind: contract.HoldLegal})
	as("ada", http.StatusForbidden, contract.Release, contract.Override{})
	as("root", http.StatusOK, contract.Release, contract.Override{})
	if d := b.person(hooks, "7901"); d.Held {
		t.Errorf("still held: %+v", d.Overrides)
	}
	twoApprovers(b, as)
	signalsDoNotSteer(b)
	recorded(b, secrets)
}

// twoApprovers starts what two others must agree to.
func twoApprovers(b *bench, as func(string, int, contract.Kind, contract.Override)) {
	const asks = "approval"
	waits := func() bool { return slices.Contains(b.person(hooks, "7901").Attention, asks) }
	as("olga", http.StatusOK, contract.RunNow, contract.Override{ID: "once", Workflow: "Sign out everywhere"})
	b.eventually("it asks", waits)
	run := ""
	for _, question := range b.person(hooks, "7901").Questions {
		if question.Code == asks {
			run = question.Key
		}
	}
	as("ada", http.StatusOK, contract.Approve, contract.Override{Key: run})
	as("ada", http.StatusOK, contract.Approve, contract.Override{Key: run})
	b.idle(hooks, "7901")
	if !waits() {
		b.t.Error("the same approver twice was enough")
	}
	as("ben", http.StatusOK, contract.Approve, contract.Override{Key: run})
	b.eventually("it runs", func() bool { return !waits() })
}

// signalsDoNotSteer: what decides is refused, terminate disables.
func signalsDoNotSteer(b *bench) {
	c := b.dial(false)
	signal := func(kind contract.Kind, o contract.Override) {
		b.t.Helper()
		o.Actor, o.Reason = "ada", "for a test"
		if err := c.SignalWorkflow(b.t.Context(), contract.JourneyID(hooks, "7901"), "", string(kind), o); err != nil {
			b.t.Fatalf("signal %s: %v", kind, err)
		}
	}
	signal(contract.SetDate, contract.Override{On: "lastDayOfWork", Date: today()})
	b.eventually("it is refused", func() bool { return slices.Contains(b.person(hooks, "7901").Attention, "signal-refused") })
	signal(contract.Terminate, contract.Override{})
	b.eventually("terminated by signal", func() bool { return !enabled(b.account("7901")) })
	b.eventually("the timeline tells it", func() bool {
		said := b.overridden("7901")
		return strings.Contains(said, "set-date refused by unverified: ada") && strings.Contains(said, "terminate applied by unverified: ada")
	})
	b.has(b.account("7901"), []string{allStaff, sales}, []string{licenceE3})
}

// recorded reads the chain of operations.
func recorded(b *bench, secrets map[string]string) {
	db, err := store.Open(b.t.Context(), b.StoreURL())
	if err != nil {
		b.t.Fatalf("open store: %v", err)
	}
	defer func() { _ = db.Close() }()
	if err := db.Verify(b.t.Context(), store.Operations); err != nil {
		b.t.Errorf("the chain of operations does not verify: %v", err)
	}
	rows, err := db.Ledger(b.t.Context(), store.Operations, 1, 0)
	if err != nil {
		b.t.Fatalf("read ledger: %v", err)
	}
	const to = "POST /v1/people/{realm}/{key}/overrides/"
	journey := contract.JourneyID(hooks, "7901")
	for _, want := range []string{
		"refused unverified: somebody unauthorized " + to + "hold", "refused vera forbidden " + to + "hold",
		"refused olga forbidden " + to + "terminate", "call olga done " + to + "hold", "refused ada forbidden " + to + "release",
		"call root done " + to + "release", "call ben done " + to + "approve", "read vera done GET /v1/people/{realm}/{key}",
	} {
		if !slices.ContainsFunc(rows, func(r store.LedgerRow) bool {
			return r.Run == journey && want == strings.Join([]string{string(r.Kind), r.Actor, r.Outcome, r.Task}, " ")
		}) {
			b.t.Errorf("the chain has no row %q", want)
		}
	}
	var identity httpapi.Identity
	b.token = secrets["root"]
	if b.must(http.MethodGet, "/v1/whoami", nil, &identity); identity != (httpapi.Identity{Name: "root", Role: "admin", Verified: true}) {
		b.t.Errorf("whoami = %+v", identity)
	}
}
