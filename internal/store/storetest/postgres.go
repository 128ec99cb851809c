package storetest

import (
	"bufio"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// The server belongs to the process, so its state is the package's.
var (
	startOnce = sync.OnceValues(func() (*Server, error) { return StartServer(forgetful) })
	databases atomic.Int64
)

// forgetful are the settings of a server whose data lives for a minute: it needs
// no syncing.
const forgetful = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"

var errNotInstalled = errors.New("PostgreSQL's server (initdb, pg_ctl) is not installed")

// Postgres makes a database in the private server. The test is skipped where
// the server is not installed, and fails where CI is set.
func Postgres(t testing.TB) Database {
	t.Helper()
	running, err := startOnce()
	if errors.Is(err, errNotInstalled) && os.Getenv("CI") == "" {
		t.Skipf("SKIPPED ON POSTGRESQL: %v", err)
	}
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	name := fmt.Sprintf("test_%d", databases.Add(1))
	source, err := running.Create(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return Database{URL: source, driver: "pgx", source: source}
}

// Create makes an empty database and returns its URL.
func (s *Server) Create(ctx context.Context, name string) (string, error) {
	admin, err := sql.Open("pgx", s.url("postgres"))
	if err != nil {
		return "", fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer func() { _ = admin.Close() }()
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return "", fmt.Errorf("create database %s: %w", name, err)
	}
	return s.url(name), nil
}

// Folder is where the server keeps its data and its log.
func (s *Server) Folder() string { return s.folder }

// Close ends the server and removes what it kept.
func (s *Server) Close() error {
	return errors.Join(s.life.Close(), s.command.Wait())
}

func (s *Server) url(database string) string {
	return "postgres://tenure@/" + database + "?sslmode=disable&host=" + url.QueryEscape(s.folder)
}

// serverScript makes a server, says that it is ready, and waits for its standard
// input to end: that happens however the test binary ends. Then it leaves
// nothing behind.
const serverScript = `
cd "$2" || exit 1
exec 2>log
trap 'cd /; rm -rf "$2"' EXIT
trap '' INT TERM
"$1/initdb" -D data -U tenure -A trust -E UTF8 --no-locale --no-sync >log || { cat log; exit 1; }
"$1/pg_ctl" -D data -l server.log -w -o "-k '$2' -c listen_addresses= -c max_connections=300 -c shared_buffers=32MB $3" start >log || { cat log server.log; exit 1; }
echo ready
read -r _
"$1/pg_ctl" -D data -m immediate -w stop >log
`

// Server is a private server that ends with this process, or before.
type Server struct {
	// folder holds its socket.
	folder string
	// life is the write end of its standard input. It is kept, and unused, as
	// long as this process lives: a file nobody refers to is closed.
	life    io.Closer
	command *exec.Cmd
}

// StartServer starts a private server with settings in the form "-c name=value".
func StartServer(settings string) (*Server, error) {
	binaries, err := findBinaries()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "tenure-pg-")
	if err != nil {
		return nil, err
	}
	credential, err := unprivileged(folder)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	// Not CommandContext: the server outlives the test that happens to be first.
	command := exec.Command("/bin/sh", "-c", serverScript, "sh", binaries, folder, settings) //nolint:gosec,noctx // our own paths; see above
	command.SysProcAttr = &syscall.SysProcAttr{Credential: credential, Setpgid: true}
	command.Dir = folder
	life, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	said, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	var lines []string
	for scan := bufio.NewScanner(said); scan.Scan(); {
		if scan.Text() == "ready" {
			return &Server{folder: folder, life: life, command: command}, nil
		}
		lines = append(lines, scan.Text())
	}
	return nil, errors.Join(errors.New(strings.Join(lines, "\n")), command.Wait())
}

// findBinaries returns the folder with the newest server: Debian keeps them off
// the search path.
func findBinaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int {
			return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
		})), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", errNotInstalled
	}
	return filepath.Dir(path), nil
}

// unprivileged gives the folder to a user whom PostgreSQL accepts, which root is
// not.
func unprivileged(folder string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil //nolint:nilnil // no other user is needed
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		account, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	if err := os.Chown(folder, int(uid), int(gid)); err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
