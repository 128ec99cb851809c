package adtest

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"tenure/deploy/samba"
)

// The shared controller belongs to the process.
var shared = sync.OnceValues(start)

var errNotInstalled = errors.New("samba, its Python module, openssl or socat is not installed: run make deps-test")

// Controller is a running domain controller. Its recycle bin is on: Samba 4.17
// keeps what a deleted user had, and cannot restore the user.
type Controller struct {
	// Address and PlainAddress are HOST:PORT for LDAPS and for StartTLS.
	Address, PlainAddress string
	// CA is the certificate authority, in PEM.
	CA []byte
	// BaseDN is the domain and Domain its DNS name.
	BaseDN, Domain string
	// BindName and Password are the administrator's.
	BindName, Password string

	folder  string
	environ []string
	// life is the standard input of the script, which ends with this process.
	life    io.Closer
	command *exec.Cmd
}

// Samba is the controller that all tests of this binary share.
func Samba(tb testing.TB) *Controller {
	tb.Helper()
	return started(tb, shared)
}

// Start starts a controller of the test's own.
func Start(tb testing.TB) *Controller {
	tb.Helper()
	c := started(tb, start)
	tb.Cleanup(func() {
		if err := c.close(); err != nil {
			tb.Errorf("stop samba: %v", err)
		}
	})
	return c
}

func started(tb testing.TB, start func() (*Controller, error)) *Controller {
	tb.Helper()
	c, err := start()
	if errors.Is(err, errNotInstalled) && os.Getenv("CI") == "" {
		tb.Skipf("SKIPPED ON SAMBA: %v", err)
	}
	if err != nil {
		tb.Fatalf("start samba: %v", err)
	}
	return c
}

func start() (*Controller, error) {
	if err := installed(); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "tenure-ad-")
	if err != nil {
		return nil, err
	}
	// The script fills the folder and removes it.
	c := &Controller{folder: folder, Password: "Adm1n-" + random()}
	place, err := freePlace()
	if err != nil {
		return nil, err
	}
	c.environ = append(os.Environ(), "SAMBA_AD_RECYCLEBIN=1", "SAMBA_AD_DIR="+c.folder, "SAMBA_AD_ADMIN_PASSWORD="+c.Password)
	c.environ = append(c.environ, place...)
	if err := c.run(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return c, nil
}

// run starts the script and waits until it says that the controller is ready.
func (c *Controller) run() error {
	// Not CommandContext: the controller outlives the test that happens to be first.
	c.command = exec.Command("bash", "-c", samba.Script, "samba-ad.sh", "run") //nolint:gosec,noctx // our own script; see above
	c.command.Env = c.environ
	c.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	life, err := c.command.StdinPipe()
	if err != nil {
		return err
	}
	c.life = life
	said, err := c.command.StdoutPipe()
	if err != nil {
		return err
	}
	var complaints strings.Builder
	c.command.Stderr = &complaints
	if err := c.command.Start(); err != nil {
		return err
	}
	facts := map[string]string{}
	for scan := bufio.NewScanner(said); scan.Scan(); {
		if scan.Text() == "ready" {
			return c.learn(facts)
		}
		name, value, _ := strings.Cut(scan.Text(), "=")
		facts[name] = value
	}
	return errors.Join(errors.New("samba-ad.sh did not get ready"), c.command.Wait(), errors.New(complaints.String()))
}

func (c *Controller) learn(facts map[string]string) error {
	for name, where := range map[string]*string{"AD_URL": &c.Address, "AD_PLAIN_URL": &c.PlainAddress} {
		u, err := url.Parse(facts[name])
		if err != nil {
			return err
		}
		*where = u.Host
	}
	c.BaseDN, c.BindName = facts["AD_BASE_DN"], facts["AD_BIND_DN"]
	_, c.Domain, _ = strings.Cut(c.BindName, "@")
	ca, err := os.ReadFile(facts["AD_CA"])
	c.CA = ca
	return err
}

func (c *Controller) close() error {
	return errors.Join(c.life.Close(), c.command.Wait())
}

// Pause stops the controller in its tracks, as a machine that hangs. Resume
// lets it go on.
func (c *Controller) Pause(tb testing.TB) { tb.Helper(); c.signal(tb, syscall.SIGSTOP) }

// Resume ends a Pause.
func (c *Controller) Resume(tb testing.TB) { tb.Helper(); c.signal(tb, syscall.SIGCONT) }

// Kill ends the controller at once, without a chance to tidy up.
func (c *Controller) Kill(tb testing.TB) { tb.Helper(); c.signal(tb, syscall.SIGKILL) }

func (c *Controller) signal(tb testing.TB, signal syscall.Signal) {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join(c.folder, "samba.pid"))
	if err != nil {
		tb.Fatalf("find samba's process: %v", err)
	}
	group, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		tb.Fatalf("find samba's process: %v", err)
	}
	// The script made it the leader of a group of its own.
	if err := syscall.Kill(-group, signal); err != nil {
		tb.Fatalf("signal samba: %v", err)
	}
}

// Restart starts the controller again after Kill, with the data it had.
func (c *Controller) Restart(tb testing.TB) {
	tb.Helper()
	if out, err := c.call(tb.Context(), "down", "--keep"); err != nil {
		tb.Fatalf("tidy up after samba: %v\n%s", err, out)
	}
	if out, err := c.call(tb.Context(), "up"); err != nil {
		tb.Fatalf("start samba again: %v\n%s", err, out)
	}
}

func (c *Controller) call(ctx context.Context, arguments ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, "bash", append([]string{"-c", samba.Script, "samba-ad.sh"}, arguments...)...) //nolint:gosec // our own script
	command.Env = c.environ
	// The controller that is started holds no pipe of ours.
	log, err := os.Create(filepath.Join(c.folder, "log", "call.log"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	command.Stdout, command.Stderr = log, log
	if err := command.Run(); err != nil {
		out, _ := os.ReadFile(log.Name())
		return out, err
	}
	return nil, nil
}

// Tool runs a line of samba-tool on the controller's own database, as its
// administrator does.
func (c *Controller) Tool(tb testing.TB, line string) {
	tb.Helper()
	command := exec.CommandContext(tb.Context(), "bash", "-c", //nolint:gosec // lines that a test checks
		line+` -H "$1/private/sam.ldb" -s "$1/etc/smb.conf"`, "bash", c.folder)
	if out, err := command.CombinedOutput(); err != nil {
		tb.Fatalf("%s: %v\n%s", line, err, out)
	}
}

// installed looks for what deploy/deps-test.sh installs.
func installed() error {
	for _, binary := range []string{"/usr/sbin/samba", "/usr/bin/python3"} {
		if _, err := os.Stat(binary); err != nil {
			return errNotInstalled
		}
	}
	binaries := []string{"bash", "openssl"}
	if os.Geteuid() != 0 {
		binaries = append(binaries, "socat", "unshare")
	}
	for _, binary := range binaries {
		if _, err := exec.LookPath(binary); err != nil {
			return errNotInstalled
		}
	}
	return nil
}

// freePlace finds an address of this machine's own network, or a pair of ports
// where the well-known ones are not allowed.
func freePlace() ([]string, error) {
	const tries = 20
	for range tries {
		if os.Geteuid() == 0 {
			b := make([]byte, 2)
			_, _ = rand.Read(b)
			ip := fmt.Sprintf("127.%d.%d.1", 78+int(b[0])%100, b[1])
			if free(ip + ":636") {
				return []string{"SAMBA_AD_MODE=direct", "SAMBA_AD_IP=" + ip}, nil
			}
			continue
		}
		port, err := anyPort()
		if err != nil {
			return nil, err
		}
		if free(fmt.Sprintf("127.0.0.1:%d", port)) && free(fmt.Sprintf("127.0.0.1:%d", port+1)) {
			return []string{"SAMBA_AD_MODE=netns", fmt.Sprintf("SAMBA_AD_PORT=%d", port)}, nil
		}
	}
	return nil, errors.New("no address is free for samba")
}

func anyPort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // answered at once
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return strconv.Atoi(port)
}

func free(address string) bool {
	l, err := net.Listen("tcp", address) //nolint:noctx // answered at once
	if err != nil {
		return false
	}
	return l.Close() == nil
}

func random() string {
	b := make([]byte, 6)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
