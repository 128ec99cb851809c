package e2e_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/encoding/protojson"

	"tenure/deploy/devstack/stack"
	"tenure/internal/platform"
	"tenure/internal/sim/fault"
	"tenure/workflows"
	"tenure/workflows/contract"
)

var record = flag.Bool("record", false, "record the histories of workflows/testdata/replay/next anew")

// fixtures is the folder of the replay corpus.
const fixtures = "../../../workflows/testdata/replay"

// story brings a journey to a point at which it waits, each to another one.
type story struct {
	name string
	live func(b *bench, h hired)
}

// TestRecordFixtures records the histories that a changed workflow must still
// be able to replay, each journey waiting at another point.
func TestRecordFixtures(t *testing.T) {
	if !*record {
		t.Log("the fixtures stay as they are: -record records them anew")
		return
	}
	// Nobody stands in for a missing manager here, so that this is a wait too.
	b := begin(t, hooked(t, replacing("  fallback: it-desk@contoso.example   # gets what has no valid recipient\n", "")))
	b.hireChief()
	made := map[string][]byte{}
	for i, s := range stories() {
		h := joiner(t, fmt.Sprintf("80%02d", i+1), "Perpetua", "Vandermolen", 60)
		s.live(b, h)
		runs := b.histories(b.dial(true), hooks, h.Key)
		slices.Reverse(runs)
		for run, history := range runs {
			name := fmt.Sprintf("%02d-%s-run%d.json.gz", i+1, s.name, run+1)
			made[filepath.Join("next", name)] = scrubbed(t, history)
		}
	}
	for name, text := range made {
		if strings.Contains(name, "-prepared-run1") {
			made[filepath.Join("broken", "another-activity.json.gz")] = bytes.ReplaceAll(text, []byte(`"ChangeAccount"`), []byte(`"RenameAccount"`))
		}
	}
	sealedLife(t, made)
	// What is in the folder of broken histories beside this one is made by hand.
	emptied(t, "next", sealedFolder)
	for _, folder := range []string{"next", "broken", sealedFolder} {
		if err := os.MkdirAll(filepath.Join(fixtures, folder), 0o750); err != nil {
			t.Fatalf("make folder: %v", err)
		}
	}
	for name, text := range made {
		wantReplay(t, name, text)
		if err := os.WriteFile(filepath.Join(fixtures, name), zipped(t, text), 0o600); err != nil {
			t.Fatalf("write fixture: %v", err)
		}
	}
	t.Logf("recorded %d histories", len(made))
}

// emptied takes the histories out of folders.
func emptied(t *testing.T, folders ...string) {
	t.Helper()
	for _, folder := range folders {
		old, err := filepath.Glob(filepath.Join(fixtures, folder, "*.json.gz"))
		if err != nil {
			t.Fatalf("list fixtures: %v", err)
		}
		for _, file := range old {
			if err := os.Remove(file); err != nil {
				t.Fatalf("empty folder: %v", err)
			}
		}
	}
}

func stories() []story {
	in := func(days int, h hired) hired {
		h.Start = time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly)
		return h
	}
	works := func(b *bench, h hired) hired {
		b.t.Helper()
		h = in(-1, h)
		b.hire(h)
		b.eventually(h.Key+" works", func() bool { live, _ := b.accounts(h.Key); return len(live) == 1 && enabled(live[0]) })
		b.idle(hooks, h.Key)
		return h
	}
	left := func(b *bench, h hired) {
		b.t.Helper()
		h = works(b, h)
		h.Last = time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)
		b.say("left-"+h.Key, h)
		b.eventually(h.Key+" has left", func() bool { return !enabled(b.account(h.Key)) })
		b.idle(hooks, h.Key)
	}
	return []story{
		{name: "sleeping", live: func(b *bench, h hired) { b.hire(h) }},
		{name: "prepared", live: func(b *bench, h hired) {
			b.hire(in(5, h))
			b.eventually("the pass is there", func() bool { live, _ := b.accounts(h.Key); return len(live) == 1 && len(live[0].Passes) == 1 })
			b.idle(hooks, h.Key)
		}},
		{name: "no-recipient", live: func(b *bench, h hired) {
			h.Manager = "4711"
			b.hire(in(5, h))
			b.eventually("it waits for a recipient", func() bool { return len(b.person(hooks, h.Key).Parked) > 0 })
		}},
		{name: "held", live: func(b *bench, h hired) {
			b.hire(h)
			b.steer(h.Key, contract.Hold, contract.Override{})
			b.forward(hooks, h.Key, b.person(hooks, h.Key).Now.Add(50*oneDay))
		}},
		{name: "settling", live: func(b *bench, h hired) {
			h = works(b, h)
			h.Department, h.Title = "Engineering", "Engineer"
			b.say("moved-"+h.Key, h)
		}},
		{name: "moved", live: func(b *bench, h hired) {
			h = works(b, h)
			h.Department, h.Title = "Engineering", "Engineer"
			b.say("moved-"+h.Key, h)
			b.forward(hooks, h.Key, b.person(hooks, h.Key).Now.Add(time.Hour))
		}},
		{name: "left", live: left},
		{name: "deleted", live: func(b *bench, h hired) {
			left(b, h)
			b.forward(hooks, h.Key, b.person(hooks, h.Key).Now.Add(29*oneDay))
			b.forward(hooks, h.Key, b.person(hooks, h.Key).Now.Add(3*oneDay))
		}},
		{name: "renewed", live: func(b *bench, h hired) {
			b.hire(h)
			for range 2 {
				runs := len(b.histories(b.dial(true), hooks, h.Key))
				b.steer(h.Key, contract.Renew, contract.Override{})
				b.eventually("there is a new run", func() bool { return len(b.histories(b.dial(true), hooks, h.Key)) > runs })
			}
			b.idle(hooks, h.Key)
		}},
		{name: "terminated", live: func(b *bench, h hired) {
			works(b, h)
			b.steer(h.Key, contract.Terminate, contract.Override{})
			b.eventually("access is cut", func() bool { return !enabled(b.account(h.Key)) })
			b.idle(hooks, h.Key)
		}},
		{name: "on-demand", live: func(b *bench, h hired) {
			works(b, h)
			b.steer(h.Key, contract.RunNow, contract.Override{ID: "out-" + h.Key, Workflow: "Sign out everywhere"})
			b.eventually("sessions are revoked", func() bool { return b.account(h.Key).Revocations == 1 })
			b.idle(hooks, h.Key)
		}},
		{name: "asks", live: func(b *bench, h hired) {
			b.hire(in(-16, h))
			b.eventually("it asks", func() bool { return len(b.person(hooks, h.Key).Attention) > 0 })
			b.idle(hooks, h.Key)
		}},
		{name: "signals", live: func(b *bench, h hired) {
			b.hire(h)
			c := b.dial(false)
			for _, o := range []any{"no override", contract.Override{Actor: "ui", Reason: "for a test"}} {
				if err := c.SignalWorkflow(b.t.Context(), contract.JourneyID(hooks, h.Key), "", string(contract.Hold), o); err != nil {
					b.t.Fatalf("signal: %v", err)
				}
			}
			b.eventually("it is held", func() bool { return b.person(hooks, h.Key).Held })
		}},
		{name: "delivery-unknown", live: func(b *bench, h hired) {
			b.dropped(0)
			b.hire(in(5, h))
			b.eventually("the mail is parked", func() bool { return len(b.person(hooks, h.Key).Parked) > 0 })
		}},
		{name: "unavailable", live: func(b *bench, h hired) {
			rule := fault.Rule{Method: http.MethodPost, Path: usersPath, Kind: fault.Unavailable, Times: 5}
			if err := b.Graph().SetFaults(rule); err != nil {
				b.t.Fatalf("set faults: %v", err)
			}
			b.hire(in(5, h))
			b.eventually("the account is parked", func() bool { return len(b.person(hooks, h.Key).Parked) > 0 })
		}},
	}
}

const (
	sealedFolder = "sealed"
	// sealedKey is the key of the fixtures, known to everybody.
	sealedKey = "fixtures=file:" + fixtures + "/" + sealedFolder + "/key"
)

// sealedLife records one life, from hire to leave, as workers with keys leave
// it.
func sealedLife(t *testing.T, made map[string][]byte) {
	t.Helper()
	b := begin(t, hooked(t), func(o *stack.Options) { o.Codec = sealedKey })
	b.hireChief()
	h := joiner(t, "8101", "Perpetua", "Vandermolen", -1)
	b.hire(h)
	b.eventually(h.Key+" works", func() bool { live, _ := b.accounts(h.Key); return len(live) == 1 && enabled(live[0]) })
	b.idle(hooks, h.Key)
	h.Department, h.Title = "Engineering", "Engineer"
	b.say("moved-"+h.Key, h)
	b.forward(hooks, h.Key, b.person(hooks, h.Key).Now.Add(time.Hour))
	b.steer(h.Key, contract.Hold, contract.Override{})
	b.steer(h.Key, contract.Release, contract.Override{})
	h.Last = time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)
	b.say("left-"+h.Key, h)
	b.eventually(h.Key+" has left", func() bool { return !enabled(b.account(h.Key)) })
	b.idle(hooks, h.Key)
	runs := b.histories(b.dial(true), hooks, h.Key)
	slices.Reverse(runs)
	for run, history := range runs {
		made[filepath.Join(sealedFolder, fmt.Sprintf("life-run%d.json.gz", run+1))] = scrubbed(t, history)
	}
}

// scrubbed is a history as JSON without the names of machines and processes.
func scrubbed(t *testing.T, history *historypb.History) []byte {
	t.Helper()
	text, err := protojson.Marshal(history)
	if err != nil {
		t.Fatalf("encode history: %v", err)
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatalf("decode history: %v", err)
	}
	scrub(tree)
	if text, err = json.MarshalIndent(tree, "", " "); err != nil {
		t.Fatalf("encode history: %v", err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatalf("read host name: %v", err)
	}
	for _, private := range []string{"@" + host, host + ":", os.TempDir() + "/"} {
		if bytes.Contains(text, []byte(private)) {
			t.Errorf("a history names the machine: %s", private)
		}
	}
	return text
}

func scrub(tree any) {
	switch node := tree.(type) {
	case map[string]any:
		if node["kind"] == "TASK_QUEUE_KIND_STICKY" {
			node["name"] = "sticky"
		}
		for name, child := range node {
			switch name {
			case "identity":
				node[name] = "worker"
			case "binaryChecksum", "buildId":
				node[name] = "build"
			default:
				scrub(child)
			}
		}
	case []any:
		for _, child := range node {
			scrub(child)
		}
	}
}

// wantReplay checks a fixture before it is kept: all but the broken one replay.
func wantReplay(t *testing.T, name string, text []byte) {
	t.Helper()
	history, err := client.HistoryFromJSON(bytes.NewReader(text), client.HistoryJSONOptions{})
	if err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	spec := platform.CodecNone
	if strings.HasPrefix(name, sealedFolder) {
		spec = sealedKey
	}
	codec, err := platform.ParseCodec(spec)
	if err != nil {
		t.Fatalf("codec: %v", err)
	}
	options, err := platform.ReplayerOptions(codec, workflows.State{})
	if err != nil {
		t.Fatalf("replayer options: %v", err)
	}
	replayer, err := sdkworker.NewWorkflowReplayerWithOptions(options)
	if err != nil {
		t.Fatalf("make replayer: %v", err)
	}
	workflows.Register(replayer)
	err = replayer.ReplayWorkflowHistory(nil, history)
	if broken := strings.HasPrefix(name, "broken"); (err != nil) != broken {
		t.Errorf("replay of %s = %v", name, err)
	}
}

func zipped(t *testing.T, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		t.Fatalf("compress: %v", err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatalf("compress: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatalf("compress: %v", err)
	}
	return out.Bytes()
}
