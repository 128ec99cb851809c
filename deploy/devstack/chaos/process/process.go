package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// Spec says what a process is started with. It is started again with the same.
type Spec struct {
	Role Role
	// Dir keeps what the process writes to its standard error, and the state of
	// an engine.
	Dir string
	// Addr is where a starter or an engine listens.
	Addr string
	// Postgres is the URL of an engine's database; without one it is in Dir.
	Postgres string
	// Config and Environment are those of the stack, Temporal is the server's
	// address and Gate the socket of a worker's gate.
	Config, Temporal, Gate string
	Environment            map[string]string
}

// Process is a part that runs and can be killed. It is safe for concurrent use.
type Process struct {
	spec Spec

	mu      sync.Mutex
	command *exec.Cmd
	stdin   io.Closer
	ended   chan struct{}
	kills   int
}

// Start starts a process and returns once it answers.
func Start(ctx context.Context, spec Spec) (*Process, error) {
	p := &Process{spec: spec}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p, p.start(ctx)
}

// Kill kills the process at once, as kill -9 does, and waits until it is gone.
// What runs while nothing runs may be said by then.
func (p *Process) Kill(ctx context.Context, then func()) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kills++
	if err := p.end(); err != nil {
		return err
	}
	if then != nil {
		then()
	}
	return p.start(ctx)
}

// Kills counts how often it was killed.
func (p *Process) Kills() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kills
}

// Close ends the process for good.
func (p *Process) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.end()
}

func (p *Process) end() error {
	if p.command == nil {
		return nil
	}
	if err := p.command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill %s: %w", p.spec.Role, err)
	}
	<-p.ended
	_ = p.stdin.Close()
	p.command = nil
	return nil
}

// start runs the program again in its role. Not CommandContext: a process ends
// by a kill that is counted, or by [Process.Close].
func (p *Process) start(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("start %s: %w", p.spec.Role, err)
	}
	log, err := os.OpenFile(filepath.Join(p.spec.Dir, string(p.spec.Role)+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("start %s: %w", p.spec.Role, err)
	}
	defer func() { _ = log.Close() }()
	command := exec.Command(self) //nolint:gosec,noctx // ourselves; see above
	command.Env, command.Stderr = p.environment(), log
	if p.stdin, err = command.StdinPipe(); err != nil {
		return fmt.Errorf("start %s: %w", p.spec.Role, err)
	}
	said, err := command.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start %s: %w", p.spec.Role, err)
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.spec.Role, err)
	}
	p.command, p.ended = command, make(chan struct{})
	ready := make(chan bool, 1)
	go func(ended chan struct{}) {
		scan := bufio.NewScanner(said)
		ready <- scan.Scan() && scan.Text() == readyLine
		_, _ = io.Copy(io.Discard, said)
		_ = command.Wait()
		close(ended)
	}(p.ended)
	select {
	case is := <-ready:
		if is {
			return nil
		}
		return errors.Join(fmt.Errorf("the %s ended before it was ready: see %s", p.spec.Role, log.Name()), p.end())
	case <-ctx.Done():
		return errors.Join(ctx.Err(), p.end())
	}
}

func (p *Process) environment() []string {
	// Who is held in the middle of workflow code does not yield: the SDK must not
	// take that for a deadlock.
	own := map[string]string{
		envRole: string(p.spec.Role), envDir: p.spec.Dir, envAddr: p.spec.Addr, envConfig: p.spec.Config,
		envPostgres: p.spec.Postgres, envTemporal: p.spec.Temporal, envGate: p.spec.Gate, "TEMPORAL_DEBUG": "1",
	}
	env := os.Environ()
	for _, values := range []map[string]string{p.spec.Environment, own} {
		for name, value := range values {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// FreeAddr is a loopback address that nobody listens on.
func FreeAddr(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	addr := listener.Addr().String()
	return addr, listener.Close()
}
