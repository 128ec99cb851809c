package starter

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/activities"
	"tenure/internal/access"
	"tenure/internal/config"
	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/internal/store/storetest"
	"tenure/workflows/contract"
)

// tokensFor are tokens of these names and roles, and the configuration with
// their digests.
func tokensFor(roles map[string]string) (secrets map[string]string, api config.API) {
	secrets = map[string]string{}
	for name, role := range roles {
		secrets[name] = access.NewToken()
		api.Tokens = append(api.Tokens, config.Token{Name: name, Role: role, SHA256: access.Digest(secrets[name]), Expires: "2099-12-31"})
	}
	return secrets, api
}

// serving starts a whole starter over the service's parts and returns where it
// listens.
func (b *bench) serving(o Options) string {
	b.t.Helper()
	ctx, stop := context.WithCancel(b.t.Context())
	o.References = config.Fixed(map[string]string{"HOOK_SECRET": hookSecret})
	ready, ended := make(chan string, 1), make(chan error, 1)
	o.Ready = func(addr string) { ready <- addr }
	go func() { ended <- serve(ctx, o, newService(o, b.db, b.engine)) }()
	b.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			b.t.Errorf("serve() = %v", err)
		}
	})
	select {
	case addr := <-ready:
		return addr
	case err := <-ended:
		ended <- nil
		b.t.Fatalf("serve() = %v", err)
		return ""
	}
}

// ask calls a starter with a token.
func ask(t *testing.T, client *http.Client, method, url, token, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(r)
	if err != nil {
		t.Fatalf("%s %s = %v", method, url, err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// TestS19CallsAreKeptInTheChainOfOperations goes through a starter with tokens
// and reads the ledger.
func TestS19CallsAreKeptInTheChainOfOperations(t *testing.T) {
	t.Parallel()
	b := withHire(t)
	o := options(nil)
	var secrets map[string]string
	secrets, o.Config.API = tokensFor(map[string]string{"vera": "viewer", "olga": "operator"})
	base := "http://" + b.serving(o)
	const person = "/v1/people/main/E-1"
	for _, c := range []struct {
		method, path, token, body string
		want                      int
	}{
		{"GET", person, secrets["vera"], "", http.StatusOK},
		{"POST", person + "/overrides/hold", secrets["vera"], `{"reason":"because of ada"}`, http.StatusForbidden},
		{"POST", person + "/overrides/hold", secrets["olga"], `{"reason":"because of ada"}`, http.StatusOK},
		{"POST", person + "/overrides/hold", secrets["olga"], `{"reason":"r","actor":"vera"}`, http.StatusForbidden},
		{"POST", person + "/overrides/hold", "", `{"reason":"r"}`, http.StatusUnauthorized},
		{"POST", "/v1/policy?reason=r", secrets["olga"], "version: 1\n", http.StatusForbidden},
	} {
		if code, text := ask(t, http.DefaultClient, c.method, base+c.path, c.token, c.body); code != c.want {
			t.Errorf("%s %s = %d %s, want %d", c.method, c.path, code, text, c.want)
		}
	}
	rows, err := b.db.Ledger(t.Context(), store.Operations, 1, 0)
	if err != nil {
		t.Fatalf("Ledger() = %v", err)
	}
	const journey, hold = "journey/main/E-1", "POST /v1/people/{realm}/{key}/overrides/hold"
	want := [][]string{
		{"read", "vera", "viewer", "GET /v1/people/{realm}/{key}", journey, "done"},
		{"refused", "vera", "viewer", hold, journey, "forbidden"},
		{"call", "olga", "operator", hold, journey, "done"},
		{"refused", "olga", "operator", hold, journey, "forbidden"},
		{"refused", "unverified: somebody", "none", hold, journey, "unauthorized"},
		{"refused", "olga", "operator", "POST /v1/policy", "", "forbidden"},
	}
	if len(rows) != len(want) {
		t.Fatalf("the chain has %d rows, want %d: %+v", len(rows), len(want), rows)
	}
	for i, row := range rows {
		got := []string{string(row.Kind), row.Actor, row.Changes[0].After, row.Task, row.Run, row.Outcome}
		for k := range got {
			if got[k] != want[i][k] {
				t.Errorf("row %d = %q, want %q", i+1, got, want[i])
				break
			}
		}
		if row.RequestID == "" || row.Reason != "" {
			t.Errorf("row %d has the request %q and the reason %q, want an ID and no reason", i+1, row.RequestID, row.Reason)
		}
	}
	if err := b.db.Verify(t.Context(), store.Operations); err != nil {
		t.Errorf("Verify() = %v", err)
	}
	for name, secret := range secrets {
		if strings.Contains(b.out.String(), secret) {
			t.Errorf("the log shows the token of %s", name)
		}
	}
}

func TestS19NoOtherAddressThanLoopbackWithoutCredentials(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	o := options(map[string]string{"HOOK_SECRET": hookSecret})
	o.Listener = listener
	err = serve(t.Context(), o, newService(o, b.db, b.engine))
	if err == nil || !strings.Contains(err.Error(), "loopback only") {
		t.Errorf("serve() on all interfaces = %v, want a refusal", err)
	}
}

// TestS19TLS serves with a certificate by reference.
func TestS19TLS(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	certificate, key := selfSigned(t)
	o := options(nil)
	o.Config.API.TLS = config.TLS{Certificate: "env:CERTIFICATE", Key: "env:KEY"}
	for name, values := range map[string]map[string]string{
		"no key": {"CERTIFICATE": string(certificate)}, "a key that is none": {"CERTIFICATE": string(certificate), "KEY": "x"},
	} {
		values["HOOK_SECRET"] = hookSecret
		o.References = config.Fixed(values)
		if err := serve(t.Context(), o, newService(o, b.db, b.engine)); err == nil || !strings.Contains(err.Error(), "api.tls") {
			t.Errorf("%s: serve() = %v, want a refusal that names api.tls", name, err)
		}
	}
	o.References = config.Fixed(map[string]string{"CERTIFICATE": string(certificate), "KEY": string(key), "HOOK_SECRET": hookSecret})
	listener, err := listen(t.Context(), o)
	if err != nil {
		t.Fatalf("listen() = %v", err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.NotFoundHandler()}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(certificate)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	if code, _ := ask(t, client, "GET", "https://"+listener.Addr().String(), "", ""); code != http.StatusNotFound {
		t.Errorf("an https call = %d, want the handler's answer", code)
	}
}

func selfSigned(t *testing.T) (certificate, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "tenure.contoso.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret})
}

func TestS19TheDoctorLooksAtCredentials(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	detail := func() string {
		var found checks
		b.checkCredentials(t.Context(), &found)
		var out []string
		for _, check := range found {
			out = append(out, check.Name+": "+check.Detail)
		}
		return strings.Join(out, "\n")
	}
	if got := detail(); !strings.Contains(got, "loopback only") {
		t.Errorf("without credentials: %s", got)
	}
	b.credentials = newCredentials(config.API{
		Tokens: []config.Token{
			{Name: "old", Role: "viewer", SHA256: access.Digest("a"), Expires: "2026-11-01"},
			{Name: "soon", Role: "viewer", SHA256: access.Digest("b"), Expires: "2026-11-30"},
		},
		OIDC: config.OIDC{Issuer: "http://127.0.0.1:1", Audience: "tenure", RoleClaim: "roles", Roles: map[string]string{"a": "viewer"}},
	}, b.now)
	if got := detail(); !strings.Contains(got, "expired: old") || !strings.Contains(got, "token issuer: the issuer does not answer") {
		t.Errorf("with an expired token and an issuer that is away: %s", got)
	}
	b.credentials = newCredentials(config.API{Tokens: []config.Token{{Name: "soon", Role: "viewer", SHA256: access.Digest("b"), Expires: "2026-11-30"}}}, b.now)
	if got := detail(); !strings.Contains(got, "soon expire: soon on 2026-12-01") {
		t.Errorf("with a token that soon expires: %s", got)
	}
}

// TestS19RolesThatOnlyTheJourneyOrThePolicyKnows: who may release the one hold
// in force, and who may start a workflow on demand.
func TestS19RolesThatOnlyTheJourneyOrThePolicyKnows(t *testing.T) {
	t.Parallel()
	b := openBench(t, storetest.New(t), newTemporalFake())
	b.apply(strings.Replace(policyText(t), "demand: {roles: [operator]}", "demand: {roles: [admin, approver]}", 1))
	b.importFile(hires("E-1"), "2026-11-22T08:00:00Z")
	overrides := &b.temporal.journey(t, "journey/main/E-1").facts.Overrides
	as := func(role access.Role) context.Context {
		return access.With(t.Context(), access.Caller{Name: "kim", Role: role, Verified: true})
	}
	start := contract.Override{ID: "k", Actor: "kim", Reason: "r", Workflow: "Sign out everywhere"}
	release := contract.Override{ID: "k", Actor: "kim", Reason: "r"}
	for hold, least := range map[plan.HoldKind]access.Role{
		plan.HoldLegal: access.Admin, plan.HoldSecurity: access.Approver, plan.HoldHRError: access.Operator,
	} {
		overrides.Holds = []plan.Hold{{Kind: hold, By: plan.By{ID: "h"}}}
		for _, role := range access.Roles() {
			_, err := b.Override(as(role), hire, contract.Release, release)
			if allowed := role.Allows(least); allowed != (err == nil) {
				t.Errorf("release of the only hold, %s, by %s = %v, want allowed: %t", hold, role, err, allowed)
			} else if !allowed {
				wantProblem(t, err, httpapi.KindForbidden, "role "+least.String())
			}
		}
	}
	overrides.Holds = nil
	for _, role := range access.Roles() {
		_, err := b.Override(as(role), hire, contract.RunNow, start)
		if allowed := role.Allows(access.Approver); allowed != (err == nil) {
			t.Errorf("a workflow of approvers started by %s = %v, want allowed: %t", role, err, allowed)
		}
	}
}

// TestS19WhoMayRunIsNotWhoMayAnswer: run-now and retry decide where they answer
// a question, pass a gate, or go past a check that asks for a human.
func TestS19WhoMayRunIsNotWhoMayAnswer(t *testing.T) {
	t.Parallel()
	const run, key = "Welcome/s1/1", "Welcome/s1/1/task"
	mail, pass := plan.Verb(lifecycle.SendWelcomeEmail), plan.Verb(lifecycle.GenerateTemporaryAccessPass)
	for name, tt := range map[string]struct {
		kind contract.Kind
		key  string
		line plan.Line
		want access.Role
	}{
		"a mail before its time":      {contract.RunNow, key, plan.Line{Verb: mail, State: plan.Future}, access.Operator},
		"its run":                     {contract.RunNow, run, plan.Line{Verb: mail, State: plan.Future}, access.Operator},
		"a mail again":                {contract.Retry, key, plan.Line{Verb: mail, State: plan.ParkedState, Code: activities.CodeDeliveryUnknown}, access.Operator},
		"what asks":                   {contract.RunNow, key, plan.Line{Verb: mail, State: plan.Asks, Code: plan.AttentionLate}, access.Approver},
		"a run in which a line asks":  {contract.RunNow, run, plan.Line{Verb: mail, State: plan.Asks}, access.Approver},
		"to skip what asks":           {contract.Skip, key, plan.Line{Verb: mail, State: plan.Asks}, access.Operator},
		"to look at a question again": {contract.Retry, key, plan.Line{Verb: plan.Create, State: plan.Asks, Code: plan.AttentionUnmatched}, access.Operator},
		"an account before its time":  {contract.RunNow, key, plan.Line{Verb: plan.Create, State: plan.Future}, access.Operator},
		"a cut before its time":       {contract.RunNow, key, plan.Line{Verb: plan.Cut, State: plan.Future}, access.Approver},
		"a cut again":                 {contract.Retry, key, plan.Line{Verb: plan.Cut, State: plan.ParkedState}, access.Operator},
		"a delete before its time":    {contract.RunNow, key, plan.Line{Verb: plan.Delete, State: plan.Future}, access.Approver},
		"a delete again":              {contract.Retry, key, plan.Line{Verb: plan.Delete, State: plan.ParkedState}, access.Approver},
		"everything that is parked":   {contract.Retry, "", plan.Line{Verb: plan.Delete, State: plan.ParkedState}, access.Operator},
		"what a gate keeps":           {contract.RunNow, key, plan.Line{Verb: mail, State: plan.ParkedState, Code: plan.AttentionGated}, access.Approver},
		"what a gate rejected":        {contract.RunNow, key, plan.Line{Verb: mail, State: plan.ParkedState, Code: plan.AttentionGateRejected}, access.Approver},
		"to look at a gate again":     {contract.Retry, key, plan.Line{Verb: mail, State: plan.ParkedState, Code: plan.AttentionGated}, access.Operator},
		"a pass, whatever checks say": {contract.RunNow, key, plan.Line{Verb: pass, State: plan.Future}, access.Approver},
		"a pass with its run":         {contract.RunNow, run, plan.Line{Verb: pass, State: plan.Future}, access.Operator},
		"a pass that was refused":     {contract.Retry, run, plan.Line{Verb: pass, State: plan.ParkedState, Code: activities.CodePassRefused}, access.Approver},
		"more than is remembered":     {contract.Retry, key, plan.Line{Verb: mail, State: plan.ParkedState, Code: activities.CodeTooMany}, access.Approver},
		"another number":              {contract.Retry, key, plan.Line{Verb: plan.Update, State: plan.ParkedState, Code: activities.CodeLinkDiffers}, access.Approver},
	} {
		tt.line.Key = key
		c := chronicle{lines: []plan.Line{tt.line, {Key: "Other/s1/1/task", Verb: plan.Delete, State: plan.Asks}}}
		if tt.line.State == plan.ParkedState {
			c.view.Facts.Parked = []plan.Parked{{Key: key, Code: tt.line.Code}}
		}
		if got := c.lineRole(tt.kind, tt.key); got != tt.want {
			t.Errorf("%s asks for %s, want %s", name, got, tt.want)
		}
	}
}

// TestS19AnOperatorCutsNobodyByRunNow goes through the service.
func TestS19AnOperatorCutsNobodyByRunNow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.importFile(header+"E-1,Ada,Example,A,2026-12-07,2027-03-31,Sales\n", "2026-11-22T08:00:00Z")
	line, err := b.Timeline(t.Context(), hire)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(line.Entries, func(e httpapi.Entry) bool { return strings.HasSuffix(e.Key, "/disable") })
	if at < 0 {
		t.Fatalf("no disable in %+v", line.Entries)
	}
	cut := contract.Override{ID: "k", Actor: "kim", Reason: "r", Key: line.Entries[at].Key}
	for _, role := range access.Roles() {
		ctx := access.With(t.Context(), access.Caller{Name: "kim", Role: role, Verified: true})
		_, err := b.Override(ctx, hire, contract.RunNow, cut)
		if allowed := role.Allows(access.Approver); allowed != (err == nil) {
			t.Errorf("a cut before its time by %s = %v, want allowed: %t", role, err, allowed)
		}
	}
}
