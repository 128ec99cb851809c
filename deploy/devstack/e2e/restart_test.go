package e2e_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"tenure/deploy/devstack/stack"
	"tenure/internal/sim/fault"
	"tenure/workflows/contract"
)

// TestRestartContinues stops everything while timers run and goes on on the same
// folder.
func TestRestartContinues(t *testing.T) {
	b := begin(t, hooked(t))
	b.hireChief()
	b.hire(joiner(t, "7601", "Ismene", "Falkenrath", 12))
	b.hire(joiner(t, "7602", "Lorcan", "Ybarra", 40))
	b.forward(hooks, "7602", berlin(t, day(t, today(), 26), "06:01"))
	before := b.person(hooks, "7602").Now
	const soon = 3 * time.Second
	key := b.key("7601", "addUserToGroups")
	due := time.Now().Add(soon)
	b.steer("7601", contract.Postpone, contract.Override{Key: key, To: due})
	b.idle(hooks, "7601")
	b.down()
	b.up()
	b.eventually("the timer that ran while all was down has fired", func() bool { return len(b.account("7601").Groups) > 0 })
	if time.Now().Before(due) {
		t.Error("it fired before its time")
	}
	if now := b.person(hooks, "7602").Now; now.Before(before) {
		t.Errorf("the person's clock went back from %s to %s", before, now)
	}
	b.account("7602")
	b.forward(hooks, "7602", berlin(t, day(t, today(), 40), "00:01"))
	if !enabled(b.account("7602")) {
		t.Error("not enabled on the first day after a restart")
	}
	b.has(b.account("7602"), []string{allStaff, sales}, []string{licenceE3})
}

// TestKilledWorker kills the worker's process in the middle of activities.
func TestKilledWorker(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "tenure")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/tenure")
	build.Dir = "../../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build tenure: %v\n%s", err, out)
	}
	b := begin(t, hooked(t), func(o *stack.Options) { o.Worker = false })
	b.send("chief", time.Now(), chief())
	b.send("hire", time.Now(), joiner(t, "7701", "Berthe", "Okonkwo-7701", 5))
	const long = 20_000
	member := fault.Rule{Method: http.MethodPost, Path: "/v1.0/groups/*/members/$ref", Kind: fault.Slow, DelayMillis: long, Skip: 1}
	create := fault.Rule{Method: http.MethodPost, Path: usersPath, Kind: fault.Slow, DelayMillis: long}
	data := fault.Rule{Method: "SMTP", Path: "/data", Kind: fault.Slow, DelayMillis: long, Skip: 1}
	for _, tt := range []struct {
		name     string
		schedule *fault.Schedule
		rule     fault.Rule
	}{
		{"making the account", b.Graph().Faults(), create},
		{"between two groups", b.Graph().Faults(), member},
		{"mailing the pass", b.Mail().Faults(), data},
	} {
		if err := tt.schedule.Set(tt.rule); err != nil {
			t.Fatalf("set faults: %v", err)
		}
		process := b.worker(binary)
		b.eventually("the worker is at "+tt.name, func() bool { return tt.schedule.Standing()[0].Hits > 0 })
		if err := process.Process.Kill(); err != nil {
			t.Fatalf("kill worker: %v", err)
		}
		_ = process.Wait()
	}
	process := b.worker(binary)
	b.eventually("the pass is mailed", func() bool { return b.mails("Okonkwo-7701")["Temporary access pass for Berthe Okonkwo-7701"] > 0 })
	b.idle(hooks, "7701")
	b.complete("7701")
	if mails := b.mails("Okonkwo-7701"); mails["Berthe Okonkwo-7701 joins your team soon"] != 1 {
		t.Errorf("mails = %v", mails)
	}
	if err := process.Process.Signal(os.Interrupt); err != nil {
		t.Errorf("interrupt worker: %v", err)
	}
	if err := process.Wait(); err != nil {
		t.Errorf("an interrupted worker ended with %v", err)
	}
}

// worker starts a worker in a process of its own, as an operator would.
func (b *bench) worker(binary string) *exec.Cmd {
	b.t.Helper()
	file, values := b.Settings()
	process := exec.CommandContext(b.t.Context(), binary, "worker", "--config", file)
	process.Env = os.Environ()
	for name, value := range values {
		process.Env = append(process.Env, name+"="+value)
	}
	if err := process.Start(); err != nil {
		b.t.Fatalf("start worker: %v", err)
	}
	return process
}
