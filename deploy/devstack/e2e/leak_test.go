package e2e_test

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/proxy"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/proto"

	"tenure/deploy/devstack/leak"
	"tenure/deploy/devstack/sample"
	"tenure/deploy/devstack/stack"
	"tenure/internal/cli"
	"tenure/internal/config"
	"tenure/internal/httpapi"
	"tenure/internal/platform"
	"tenure/internal/sim/fault"
	"tenure/internal/sim/graph"
	"tenure/workflows/contract"
)

// The kinds of word that must not leak.
const (
	kindPass     = "pass"
	kindPassword = "generated password"
	kindGraph    = "access token of Graph"
	kindToken    = "token of the API"
	kindSecret   = "secret of the configuration"
	kindCodecKey = "key of the payload codec"
	kindName     = "name of a person"
	kindAddress  = "address of a person"
	kindUserName = "user name"
)

// witness sees what passes between Tenure and the tenant, where secrets are in
// the clear, and every line of the log.
type witness struct {
	mu    sync.Mutex
	words map[leak.Word]bool
	lines bytes.Buffer
}

// Write takes lines of the log.
func (w *witness) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lines.Write(line)
}

// handler hands every line to the witness, in both forms that there are.
func (w *witness) handler() slog.Handler {
	debug := &slog.HandlerOptions{Level: slog.LevelDebug}
	return slog.NewMultiHandler(slog.NewJSONHandler(w, debug), slog.NewTextHandler(w, debug))
}

func (w *witness) add(kind string, texts ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, text := range texts {
		w.words[leak.Word{Kind: kind, Text: text}] = true
	}
}

// addName adds a word of people's language; what is too short stands in too many
// other words.
func (w *witness) addName(kind, text string) {
	const least = 5
	w.mu.Lock()
	defer w.mu.Unlock()
	if len([]rune(text)) >= least {
		w.words[leak.Word{Kind: kind, Text: text, Name: true}] = true
	}
}

var (
	passwordField = regexp.MustCompile(`"password":\s*("(?:[^"\\]|\\.)*")`)
	passField     = regexp.MustCompile(`"temporaryAccessPass":\s*("(?:[^"\\]|\\.)*")`)
)

// exchange keeps what a request and its answer hold.
func (w *witness) exchange(ex graph.Exchange) {
	for kind, field := range map[string]*regexp.Regexp{kindPassword: passwordField, kindPass: passField} {
		for _, body := range [][]byte{ex.RequestBody, ex.ResponseBody} {
			for _, match := range field.FindAllSubmatch(body, -1) {
				var text string
				if json.Unmarshal(match[1], &text) == nil && text != "" {
					w.add(kind, text)
				}
			}
		}
	}
	if _, token, found := strings.Cut(ex.RequestHeader.Get("Authorization"), "Bearer "); found {
		// The signature alone opens as little as the claims, and both must not be found.
		w.add(kindGraph, token)
		w.add(kindGraph, strings.Split(token, ".")...)
	}
}

// all are the words of some kinds; without kinds those that nobody may see.
func (w *witness) all(names bool) []leak.Word {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []leak.Word
	for word := range w.words {
		if !word.Name || names {
			out = append(out, word)
		}
	}
	return out
}

// TestNothingLeaks lives the whole sample organisation with failing calls,
// overrides, a gate and policy edits, and searches everything that was written
// for every secret there is, and for people where none may be.
func TestNothingLeaks(t *testing.T) {
	w := &witness{words: map[leak.Word]bool{}}
	key := filepath.Join(t.TempDir(), "key")
	secret := base64.StdEncoding.EncodeToString([]byte("a key of thirty-two bytes, known"))
	if err := os.WriteFile(key, []byte(secret), 0o600); err != nil {
		t.Fatalf("write key: %v", err)
	}
	w.add(kindCodecKey, secret, "a key of thirty-two bytes, known")
	tokens := w.tokens(t, map[string]string{actor: "admin", "vera": "viewer"})
	start := time.Now().UTC()
	text := hooked(t)
	b := begin(t, text, func(o *stack.Options) {
		o.Metrics = config.Metrics{Worker: freeAddr(t), Starter: freeAddr(t)}
		o.Day, o.Codec, o.Record, o.Tokens = start, "2026-11=file:"+key, w.exchange, tokens.entries
		o.Log = w.handler()
	})
	b.token = tokens.secrets[actor]
	w.configured(b)
	s := &scene{bench: b, witness: w, policy: text, viewer: tokens.secrets["vera"], answers: map[string][]byte{}, leastRuns: 50}
	s.organisation(start)
	s.overrides()
	s.edits()
	s.refusals()
	s.reads()
	s.people(start)
	s.wantWords()
	s.searchClear()
	s.searchStore()
	s.searchTemporal()
}

// tokenSet are tokens as an operator makes them.
type tokenSet struct {
	entries []config.Token
	secrets map[string]string
}

func (w *witness) tokens(t *testing.T, roles map[string]string) tokenSet {
	t.Helper()
	out := tokenSet{secrets: map[string]string{}}
	for name, role := range roles {
		var stdout bytes.Buffer
		args := []string{"token", "new", "--name", name, "--role", role, "-o", "json"}
		if code := cli.Run(t.Context(), args, cli.Environment{Stdout: &stdout, Stderr: io.Discard, Getenv: func(string) string { return "" }}); code != 0 {
			t.Fatalf("tenure token new ended with %d", code)
		}
		var made struct{ Name, Role, Token, SHA256, Expires string }
		if err := json.Unmarshal(stdout.Bytes(), &made); err != nil {
			t.Fatalf("read token: %v", err)
		}
		w.add(kindToken, made.Token)
		out.secrets[name] = made.Token
		out.entries = append(out.entries, config.Token{Name: name, Role: role, SHA256: made.SHA256, Expires: made.Expires})
	}
	return out
}

// configured adds the secrets of the environment, those with a prefix also
// without it and as the bytes that they stand for.
func (w *witness) configured(b *bench) {
	b.t.Helper()
	_, values := b.Settings()
	found := 0
	for name, value := range values {
		if !strings.HasSuffix(name, "_SECRET") {
			continue
		}
		found++
		w.add(kindSecret, value)
		if bare, is := strings.CutPrefix(value, "whsec_"); is {
			raw, err := base64.StdEncoding.DecodeString(bare)
			if err != nil {
				b.t.Fatalf("%s: %v", name, err)
			}
			w.add(kindSecret, bare, string(raw))
		}
	}
	const secrets = 3
	if found != secrets {
		b.t.Fatalf("the configuration has %d secrets, want %d: add the new kind here", found, secrets)
	}
}

// scene is the stack that is lived in, and what it said.
type scene struct {
	*bench
	*witness
	policy, viewer string
	// answers are bodies of the API and outputs of the command line, by what was
	// leastRuns is how many runs of workflows there must be to search.
	leastRuns int
	// asked.
	answers map[string][]byte
}

// organisation lives the sample, with calls that fail and repeat what they were
// asked.
func (s *scene) organisation(start time.Time) {
	t := s.t
	if err := s.Graph().SetFaults(
		fault.Rule{ID: "token", Method: http.MethodPost, Path: "/*/oauth2/v2.0/token", Kind: fault.Echo, Times: 2},
		fault.Rule{ID: "create", Method: http.MethodPost, Path: usersPath, Kind: fault.Echo, Times: 2},
		fault.Rule{ID: "pass", Method: http.MethodPost, Path: "/v1.0/users/*/authentication/temporaryAccessPassMethods", Kind: fault.Echo},
	); err != nil {
		t.Fatalf("set faults: %v", err)
	}
	if err := s.Badges().Faults().Set(fault.Rule{ID: "badge", Kind: fault.Echo, Times: 2}); err != nil {
		t.Fatalf("set faults: %v", err)
	}
	exports, err := sample.Exports(start)
	if err != nil {
		t.Fatalf("make exports: %v", err)
	}
	for i, export := range exports {
		s.importCSV("hr", export.Name, export.AsOf.Format(time.RFC3339), string(export.CSV))
		rows := bytes.Count(export.CSV, []byte("\n")) - 1
		s.eventually(fmt.Sprintf("everybody of file %d is planned", i+1), func() bool { return len(s.bench.people()) >= rows })
	}
	o := organisation{bench: s.bench, start: start, date: start.Format(time.DateOnly)}
	o.settle()
	s.retryParked()
	for name, story := range map[string]func(organisation){
		"joiners": organisation.joiners, "late": organisation.late, "managers": organisation.managers,
		"movers": organisation.movers, "leavers": organisation.leavers, "rehired": organisation.rehired, "rescinded": organisation.rescinded,
	} {
		t.Run(name, func(t *testing.T) { story(o.with(t)) })
	}
	for _, standing := range slices.Concat(s.Graph().Faults().Standing(), s.Badges().Faults().Standing()) {
		if standing.Hits == 0 {
			t.Errorf("the rule %+v hit nothing", standing.Rule)
		}
	}
}

// retryParked lets a human try again what failed for good.
func (s *scene) retryParked() {
	s.t.Helper()
	for _, person := range s.bench.people() {
		detail := s.person(person.Realm, person.Key)
		for _, parked := range detail.Parked {
			s.keep("parked "+parked.Key, []byte(parked.Code+" "+parked.Detail))
			if _, problem := s.override(person.Realm, person.Key, contract.Retry, contract.Override{Key: parked.Key}); problem != nil {
				s.t.Fatalf("retry %s: %+v", parked.Key, problem)
			}
		}
		s.idle(person.Realm, person.Key)
	}
}

// overrides steers somebody, with reasons that name people.
func (s *scene) overrides() {
	s.hireChief()
	s.hire(joiner(s.t, "7601", "Ottoline", "Zetterlund", -1))
	s.eventually("she works", func() bool { live, _ := s.accounts("7601"); return len(live) == 1 && enabled(live[0]) })
	s.idle(hooks, "7601")
	for _, name := range []string{"Ottoline", "Zetterlund", "Ottoline Zetterlund", "ottoline.zetterlund@contoso.example", "candidate7601@fabrikam.example"} {
		s.addName(kindName, name)
	}
	send := func(kind contract.Kind, o contract.Override) {
		s.t.Helper()
		o.Reason = "Ottoline Zetterlund asked for it"
		if _, problem := s.call(http.MethodPost, place(hooks, "7601")+"/overrides/"+string(kind), nil, encode(s.t, o), nil); problem != nil {
			s.keep("override "+string(kind), encode(s.t, problem))
		}
		s.idle(hooks, "7601")
	}
	send(contract.Hold, contract.Override{HoldKind: contract.HoldSecurity})
	send(contract.Release, contract.Override{HoldKind: contract.HoldSecurity})
	send(contract.RunNow, contract.Override{ID: "once", Workflow: "Sign out everywhere"})
	send(contract.SetDate, contract.Override{On: "lastDayOfWork", Date: day(s.t, today(), 20)})
	send(contract.Skip, contract.Override{Key: "no such line"})
	send(contract.Rescind, contract.Override{What: "termination"})
	send(contract.Renew, contract.Override{})
	send(contract.Terminate, contract.Override{})
	c := s.dial(true)
	for _, signal := range []any{"Ottoline Zetterlund in the clear", contract.Override{Actor: "Ottoline Zetterlund", Reason: "Ottoline Zetterlund"}} {
		// A signal in the clear is the sender's own: it goes to somebody else's journey, which is not searched.
		if err := c.SignalWorkflow(s.t.Context(), contract.JourneyID(hooks, "1003"), "", string(contract.Hold), signal); err != nil {
			s.t.Fatalf("signal: %v", err)
		}
	}
	s.idle(hooks, "1003")
}

// edits applies a policy under which nobody is disabled unasked, trips the gate
// and passes it; pauses and resumes.
func (s *scene) edits() {
	name := filepath.Join(s.opts.Dir, "edited.yaml")
	edited := replacing("    mode: enforce\n", "    mode: enforce\n    limits: {disable: {count: 0}}\n")(s.policy)
	if err := os.WriteFile(name, []byte(edited), 0o600); err != nil {
		s.t.Fatalf("write policy: %v", err)
	}
	s.apply(name, "nobody unasked")
	h := joiner(s.t, "7602", "Theodora", "Quackenbush", -1)
	for _, name := range []string{"Theodora", "Quackenbush", "candidate7602@fabrikam.example"} {
		s.addName(kindName, name)
	}
	s.hire(h)
	s.eventually("she works", func() bool { live, _ := s.accounts("7602"); return len(live) == 1 && enabled(live[0]) })
	s.idle(hooks, "7602")
	s.say("7602-moves", hired{
		Key: h.Key, Given: h.Given, Family: h.Family, Start: h.Start, Last: day(s.t, today(), -1),
		Department: h.Department, Title: h.Title, Manager: h.Manager,
	})
	var gates []httpapi.Gate
	s.eventually("the gate is open", func() bool {
		s.must(http.MethodGet, "/v1/gates?open=true", nil, &gates)
		return len(gates) > 0
	})
	for _, gate := range gates {
		s.keep("gate show", []byte(s.ok("gate", "show", gate.ID)))
		s.ok("gate", "approve", gate.ID, "--reason", "looked at", "--yes")
	}
	s.eventually("she is out", func() bool { return !enabled(s.account("7602")) })
	s.ok("pause", "--target", "entra", "--reason", "a look")
	s.ok("resume", "--target", "entra", "--reason", "seen")
}

// refusals makes the API say no to calls that hold secrets.
func (s *scene) refusals() {
	bearer := func(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }
	_, values := s.Settings()
	client := values["TENURE_CLIENT_SECRET"]
	signed := signed(s.t, hrisSecret, "bad", time.Now(), []byte("{}"))
	signed.Set("Webhook-Signature", "v1,"+hrisSecret)
	for _, c := range []struct {
		method, path string
		header       http.Header
		body         string
	}{
		{"GET", "/v1/people", bearer(s.viewer + "x"), ""},
		{"GET", "/v1/people?access_token=" + s.viewer, bearer("x"), ""},
		{"POST", "/v1/policy?reason=r", bearer(s.viewer), "version: 1\n"},
		{"POST", "/v1/policy/validate?name=p.yaml", nil, strings.Replace(s.policy, "env:TENURE_CLIENT_SECRET", client, 1)},
		{"POST", "/v1/policy/validate?name=p.yaml", nil, strings.Replace(s.policy, "env:TENURE_BADGE_SECRET", values["TENURE_BADGE_SECRET"], 1)},
		{"POST", "/v1/policy?reason=r&expect=x", nil, strings.Replace(s.policy, "env:TENURE_CLIENT_SECRET", client, 1)},
		{"POST", "/v1/policy/validate", nil, "secret: [" + client},
		{"POST", "/v1/feeds/hris/events", signed, "{}"},
		{"POST", "/v1/codec/decode", nil, `{"payloads":["` + client + `"]}`},
		{"POST", place(hooks, "7601") + "/overrides/postpone", nil, `{"reason":"r","key":"k","to":"` + client + `"}`},
		{"POST", place(hooks, "7601") + "/overrides/hold", nil, `{"reason":"r","key":1,"to":"` + client},
		{"GET", "/metrics", nil, ""},
		{"GET", "/debug/vars", nil, ""},
	} {
		header := c.header
		if header == nil {
			header = http.Header{}
		}
		s.fetchAny(c.method, c.path, header, c.body)
	}
}

// fetchAny keeps whatever is answered, but for what the sender put into the path.
func (s *scene) fetchAny(method, path string, header http.Header, body string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+s.Addresses().API+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatalf("make request: %v", err)
	}
	request.Header = header
	if header.Get("Authorization") == "" {
		header.Set("Authorization", "Bearer "+s.token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	var answered bytes.Buffer
	_ = response.Header.Write(&answered)
	s.keep(fmt.Sprintf("answer %d to %s %.25s", len(s.answers), method, path), append(answered.Bytes(), content...))
}

func (s *scene) keep(what string, content []byte) {
	s.answers[what] = append(s.answers[what], content...)
}

// reads has the command line show everything that it can.
func (s *scene) reads() {
	for _, args := range [][]string{
		{"people", "list"},
		{"people", "show", "2001"},
		{"people", "timeline", "2001", "--keys"},
		{"people", "explain", "hooks/7601"},
		{"people", "timeline", "hooks/7601"},
		{"feed", "status"},
		{"gate", "status", "--all"},
		{"policy", "show"},
		{"policy", "list"},
		{"doctor"},
		{"whoami"},
		{"people", "show", "nobody"},
		{"config", "check", "--config", filepath.Join(s.opts.Dir, "tenure.yaml")},
		{"people", "reconcile", "report", "entra"},
	} {
		out, _ := s.tenure(args...)
		s.keep("tenure "+strings.Join(args, " "), []byte(out))
	}
}

// people adds everybody's names and addresses.
func (s *scene) people(start time.Time) {
	s.t.Helper()
	exports, err := sample.Exports(start)
	if err != nil {
		s.t.Fatalf("make exports: %v", err)
	}
	for _, export := range exports {
		rows, err := csv.NewReader(bytes.NewReader(export.CSV)).ReadAll()
		if err != nil {
			s.t.Fatalf("read export: %v", err)
		}
		const given, family, private, work = 3, 4, 5, 6
		for _, row := range rows[1:] {
			s.addName(kindName, row[given])
			s.addName(kindName, row[family])
			s.addName(kindName, row[given]+" "+row[family])
			s.addName(kindAddress, row[private])
			s.addName(kindAddress, row[work])
		}
	}
	state := s.Graph().State()
	for _, user := range slices.Concat(state.Users, state.Deleted) {
		for _, property := range []string{"userPrincipalName", "mail", "mailNickname", "displayName"} {
			text, _ := user.Props[property].(string)
			s.addName(kindUserName, text)
			local, _, _ := strings.Cut(text, "@")
			s.addName(kindUserName, local)
		}
	}
}

// wantWords: a search for nothing finds nothing.
func (s *scene) wantWords() {
	s.t.Helper()
	counts := map[string]int{}
	for _, word := range s.all(true) {
		counts[word.Kind]++
	}
	s.t.Logf("searching for %v", counts)
	for kind, least := range map[string]int{
		kindPass: 6, kindPassword: 10, kindGraph: 4, kindToken: 2, kindSecret: 7, kindCodecKey: 2, kindName: 50, kindAddress: 20, kindUserName: 30,
	} {
		if counts[kind] < least {
			s.t.Errorf("%d words are a %s, want at least %d", counts[kind], kind, least)
		}
	}
}

// search is over when nothing was found.
func (s *scene) search(what string, names bool, places func(look func(place string, content []byte))) {
	s.t.Helper()
	s.t.Run(what, func(t *testing.T) {
		searcher, err := leak.New(s.all(names))
		if err != nil {
			t.Fatalf("make searcher: %v", err)
		}
		count, size := 0, 0
		places(func(place string, content []byte) {
			count, size = count+1, size+len(content)
			searcher.Search(place, content)
		})
		t.Logf("searched %d bytes in %d places", size, count)
		if size == 0 {
			t.Error("there was nothing to search")
		}
		for _, found := range searcher.Found() {
			t.Error(found)
		}
	})
}

// logs are every line that was logged, and the files of those that were kept.
func (s *scene) logs(look func(string, []byte)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, line := range bytes.SplitAfter(s.lines.Bytes(), []byte("\n")) {
		look(fmt.Sprintf("line %d: %.160s", i+1, bytes.TrimSpace(line)), line)
	}
	for _, name := range []string{"tenure.log", "temporal.log"} {
		content, err := os.ReadFile(filepath.Join(s.opts.Dir, name))
		if err != nil {
			s.t.Errorf("read log: %v", err)
		}
		look(name, content)
	}
}

// searchClear looks at what is written in the clear.
func (s *scene) searchClear() {
	s.search("the log", true, s.logs)
	s.search("answers and outputs", false, func(look func(string, []byte)) {
		for what, content := range s.answers {
			look(what, content)
		}
	})
	s.search("metrics", true, func(look func(string, []byte)) {
		look("the worker's", scrape(s.t, s.opts.Metrics.Worker, "tenure_tasks_total", "tenure_target_calls_total", "temporal_activity_execution_latency"))
		look("the starter's", scrape(s.t, s.opts.Metrics.Starter, "tenure_api_requests_total", "tenure_attention_people", "temporal_request"))
	})
	s.search("subjects of mails", false, func(look func(string, []byte)) {
		for _, m := range s.Mail().Messages() {
			look("mail", []byte(m.Subject+"\n"+m.MessageID))
		}
	})
	s.search("files of the configuration", false, func(look func(string, []byte)) {
		for _, name := range []string{"tenure.yaml", "given.yaml", "edited.yaml"} {
			content, err := os.ReadFile(filepath.Join(s.opts.Dir, name))
			if err != nil {
				s.t.Errorf("read: %v", err)
			}
			look(name, content)
		}
	})
}

// searchStore reads every row of every table there is, the ledger among them.
func (s *scene) searchStore() {
	s.search("the store", false, func(look func(string, []byte)) {
		db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(s.StoreURL(), "sqlite:")+"?_pragma=query_only(1)&_pragma=busy_timeout(15000)")
		if err != nil {
			s.t.Fatalf("open store: %v", err)
		}
		defer func() { _ = db.Close() }()
		tables := rowsOf(s.t, db, "SELECT name FROM sqlite_master WHERE type = 'table'")
		const least = 20
		if len(tables) < least {
			s.t.Errorf("the store has %d tables, want at least %d", len(tables), least)
		}
		for _, table := range tables {
			for i, row := range rowsOf(s.t, db, `SELECT * FROM "`+strings.TrimSpace(table)+`"`) {
				look(fmt.Sprintf("table %s, row %d", strings.TrimSpace(table), i+1), []byte(row))
			}
		}
	})
}

// rowsOf are rows with their values one per line.
func rowsOf(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	var out []string
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		var text strings.Builder
		for _, value := range values {
			if raw, is := value.([]byte); is {
				value = string(raw)
			}
			_, _ = fmt.Fprintln(&text, value)
		}
		out = append(out, text.String())
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

// searchTemporal reads every run of every workflow: as it is stored, where
// nothing may be read, and decoded, where people may be and secrets may not.
func (s *scene) searchTemporal() {
	raw, opened := map[string][]byte{}, map[string][]byte{}
	c := s.dial(true)
	codec, err := platform.ParseCodec(s.opts.Codec)
	if err != nil {
		s.t.Fatalf("codec: %v", err)
	}
	for _, run := range s.runs(c) {
		place := run.GetExecution().GetWorkflowId() + " " + run.GetExecution().GetRunId()
		raw[place+", listed"] = s.marshal(run)
		described, err := c.DescribeWorkflowExecution(s.t.Context(), run.GetExecution().GetWorkflowId(), run.GetExecution().GetRunId())
		if err != nil {
			s.t.Fatalf("describe %s: %v", place, err)
		}
		raw[place+", described"] = s.marshal(described)
		events := c.GetWorkflowHistory(s.t.Context(), run.GetExecution().GetWorkflowId(), run.GetExecution().GetRunId(), false, 1)
		for events.HasNext() {
			event, err := events.Next()
			if err != nil {
				s.t.Fatalf("read history of %s: %v", place, err)
			}
			at := fmt.Sprintf("%s, event %d (%s)", place, event.GetEventId(), event.GetEventType())
			if !strings.HasPrefix(place, contract.JourneyID(hooks, "1003")+" ") { // it got signals in the clear
				raw[at] = s.marshal(event)
			}
			opened[at] = s.decoded(codec, event)
		}
	}
	each := func(of map[string][]byte) func(func(string, []byte)) {
		return func(look func(string, []byte)) {
			for place, content := range of {
				look(place, content)
			}
		}
	}
	s.search("histories as they are stored", true, each(raw))
	s.search("histories decoded", false, each(opened))
	s.searchSchedules(c)
}

// runs are all runs of all workflows, closed ones too.
func (s *scene) runs(c client.Client) []*workflowpb.WorkflowExecutionInfo {
	s.t.Helper()
	var out []*workflowpb.WorkflowExecutionInfo
	for token := []byte(nil); ; {
		page, err := c.ListWorkflow(s.t.Context(), &workflowservice.ListWorkflowExecutionsRequest{NextPageToken: token})
		if err != nil {
			s.t.Fatalf("list workflows: %v", err)
		}
		out = append(out, page.GetExecutions()...)
		if token = page.GetNextPageToken(); len(token) == 0 {
			break
		}
	}
	if len(out) < s.leastRuns {
		s.t.Errorf("there are %d runs, want at least %d", len(out), s.leastRuns)
	}
	return out
}

func (s *scene) marshal(m proto.Message) []byte {
	s.t.Helper()
	content, err := proto.Marshal(m)
	if err != nil {
		s.t.Fatalf("encode: %v", err)
	}
	return content
}

// decoded is every payload of a message as the worker reads it.
func (s *scene) decoded(codec *platform.Codec, m proto.Message) []byte {
	s.t.Helper()
	var out []byte
	err := proxy.VisitPayloads(s.t.Context(), proto.Clone(m), proxy.VisitPayloadsOptions{
		SkipSearchAttributes: true,
		Visitor: func(_ *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
			for _, p := range payloads {
				plain := []*commonpb.Payload{p}
				if len(p.GetMetadata()[platform.MetadataKeyID]) > 0 {
					for _, one := range codec.PayloadCodecs() {
						var err error
						if plain, err = one.Decode(plain); err != nil {
							return nil, err
						}
					}
				}
				out = append(append(out, plain[0].GetData()...), '\n')
			}
			return payloads, nil
		},
	})
	if err != nil {
		s.t.Fatalf("decode: %v", err)
	}
	return out
}

// searchSchedules looks at the schedules, and at the database as a whole: there
// what is long enough not to stand in noise by chance.
func (s *scene) searchSchedules(c client.Client) {
	s.search("schedules", true, func(look func(string, []byte)) {
		page, err := c.WorkflowService().ListSchedules(s.t.Context(), &workflowservice.ListSchedulesRequest{Namespace: "default"})
		if err != nil {
			s.t.Fatalf("list schedules: %v", err)
		}
		for _, schedule := range page.GetSchedules() {
			look("schedule", s.marshal(schedule))
			described, err := c.WorkflowService().DescribeSchedule(s.t.Context(),
				&workflowservice.DescribeScheduleRequest{Namespace: "default", ScheduleId: schedule.GetScheduleId()})
			if err != nil {
				s.t.Fatalf("describe schedule: %v", err)
			}
			look("schedule "+schedule.GetScheduleId(), s.marshal(described))
		}
	})
}
