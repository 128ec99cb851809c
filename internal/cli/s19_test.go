package cli_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tenure/internal/access"
	"tenure/internal/cli"
	"tenure/internal/config"
	"tenure/internal/httpapi"
)

// desk is an operator's machine: a configuration folder and an environment.
type desk struct {
	t     *testing.T
	dir   string
	vars  map[string]string
	stdin string
}

// guarded is the API of an organisation that asks for tokens, and a token.
func guarded(t *testing.T, name string, role access.Role) (http.Handler, string) {
	t.Helper()
	token := access.NewToken()
	o := newOrganisation()
	api, err := httpapi.New(httpapi.Options{
		Journeys: o, Dev: o, Log: slog.New(slog.DiscardHandler),
		Access: access.NewTokens([]access.Token{{
			Name: name, Role: role, Digest: sha256.Sum256([]byte(token)), Expires: time.Now().Add(time.Hour),
		}}, time.Now),
	})
	if err != nil {
		t.Fatal(err)
	}
	return api, token
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	return &desk{t: t, dir: t.TempDir(), vars: map[string]string{}}
}

func (d *desk) file() string { return filepath.Join(d.dir, "tenure", "credentials.json") }

// run runs a command line as olga.
func (d *desk) run(args ...string) outcome {
	d.t.Helper()
	var stdout, stderr bytes.Buffer
	code := cli.Run(d.t.Context(), args, cli.Environment{
		Stdin: strings.NewReader(d.stdin), Stdout: &stdout, Stderr: &stderr, User: "olga", ConfigDir: d.dir, Poll: time.Millisecond,
		Getenv: func(name string) string { return d.vars[name] },
	})
	return outcome{code, stdout.String(), stderr.String()}
}

func TestS19LoginKeepsATokenForOneAPI(t *testing.T) {
	t.Parallel()
	handler, token := guarded(t, "olga@contoso.example", access.Operator)
	server := httptest.NewServer(handler)
	defer server.Close()
	d := newDesk(t)
	d.run("people", "list", "--api", server.URL).expect(t, 1, "a bearer token is needed", "What to do: tenure login")
	d.stdin = token + "\n"
	d.run("login", "--api", server.URL+"/").expect(t, 0, "You are olga@contoso.example, with the role operator.", "is kept for "+server.URL)
	info, err := os.Stat(d.file())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("credentials = %v, %v, want mode 0600", info, err)
	}
	d.run("people", "list", "--api", server.URL).expect(t, 0)
	d.run("whoami", "--api", server.URL, "-o", "json").expect(t, 0, `"name": "olga@contoso.example"`, `"role": "operator"`)
	// The actor is whose token it is, and not who runs the command.
	d.run("journey", "hold", "1001", "--reason", "r", "--api", server.URL).expect(t, 0, "actor olga@contoso.example")
	d.run("journey", "hold", "1001", "--reason", "r", "--actor", "petra", "--api", server.URL).expect(t, 1, `the actor "petra" is not the caller`)
	d.run("journey", "terminate", "1001", "--reason", "r", "--api", server.URL).expect(t, 1, "needs the role approver", "has the role operator", "tenure whoami")
	d.run("logout", "--api", server.URL).expect(t, 0, "is forgotten")
	d.run("logout", "--api", server.URL).expect(t, 0, "No token is kept")
	d.run("people", "list", "--api", server.URL).expect(t, 1, "a bearer token is needed")
}

func TestS19LoginKeepsNoBadToken(t *testing.T) {
	t.Parallel()
	handler, token := guarded(t, "olga", access.Viewer)
	server := httptest.NewServer(handler)
	defer server.Close()
	open := httptest.NewServer(answer(httpapi.Identity{Role: "admin"}))
	defer open.Close()
	for name, c := range map[string]struct {
		stdin, api string
		code       int
		want       string
	}{
		"unknown":       {access.NewToken(), server.URL, 1, "the token is not known"},
		"empty":         {"\n", server.URL, 2, "no token"},
		"nothing":       {"", server.URL, 2, "no token"},
		"two words":     {token + " x\n", server.URL, 2, "no token"},
		"not ASCII":     {token + "ä\n", server.URL, 2, "no token"},
		"huge":          {strings.Repeat("x", 1<<20), server.URL, 2, "no token"},
		"nobody asked":  {token, open.URL, 1, "asks nobody for a token"},
		"plain http":    {token, "http://tenure.contoso.example", 1, "never sent to another machine in the clear"},
		"looks like it": {token, "http://127.0.0.1.contoso.example", 1, "never sent to another machine in the clear"},
	} {
		d := newDesk(t)
		d.stdin = c.stdin
		got := d.run("login", "--api", c.api)
		t.Log(name)
		got.expect(t, c.code, c.want)
		if strings.Contains(got.stdout+got.stderr, token) {
			t.Errorf("%s: the output shows the token", name)
		}
		if _, err := os.Stat(d.file()); err == nil {
			t.Errorf("%s: something was kept", name)
		}
	}
}

func TestS19CredentialsThatOthersCanReadAreRefused(t *testing.T) {
	t.Parallel()
	handler, token := guarded(t, "olga", access.Viewer)
	server := httptest.NewServer(handler)
	defer server.Close()
	d := newDesk(t)
	d.stdin = token
	d.run("login", "--api", server.URL).expect(t, 0)
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o660, 0o644, 0o777} {
		if err := os.Chmod(d.file(), mode); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"people", "list"}, {"login"}, {"logout"}} {
			d.run(append(args, "--api", server.URL)...).expect(t, 1, "can be read by others", "chmod 600")
		}
	}
	if err := os.Chmod(d.file(), 0o600); err != nil {
		t.Fatal(err)
	}
	d.run("people", "list", "--api", server.URL).expect(t, 0)
	if err := os.WriteFile(d.file(), []byte("tnr_x"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.run("people", "list", "--api", server.URL).expect(t, 1, "is not what tenure login writes")
}

func TestS19TheVariableGoesBeforeWhatIsKept(t *testing.T) {
	t.Parallel()
	handler, token := guarded(t, "olga", access.Viewer)
	server := httptest.NewServer(handler)
	defer server.Close()
	d := newDesk(t)
	d.vars["TENURE_TOKEN"] = token
	d.run("whoami", "--api", server.URL).expect(t, 0, "You are olga")
	d.stdin = token
	d.run("login", "--api", server.URL).expect(t, 0)
	d.vars["TENURE_TOKEN"] = access.NewToken()
	d.run("whoami", "--api", server.URL).expect(t, 1, "the token is not known")
	d.vars["TENURE_TOKEN"] = "a\r\nX-Role: admin"
	d.run("whoami", "--api", server.URL).expect(t, 2, "TENURE_TOKEN holds no token")
	d.vars["TENURE_TOKEN"] = token
	d.run("whoami", "--api", "http://tenure.contoso.example").expect(t, 1, "never sent to another machine in the clear")
}

// TestS19ATokenStaysWithItsHost: not behind a redirect, and not for another API.
func TestS19ATokenStaysWithItsHost(t *testing.T) {
	t.Parallel()
	var seen []string
	thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Authorization"))
		answer(httpapi.Identity{})(w, r)
	}))
	defer thief.Close()
	handler, token := guarded(t, "olga", access.Viewer)
	redirects := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if redirects {
			http.Redirect(w, r, thief.URL+r.URL.Path, http.StatusTemporaryRedirect)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	defer server.Close()
	d := newDesk(t)
	d.stdin = token
	d.run("login", "--api", server.URL).expect(t, 0)
	redirects = true
	d.run("whoami", "--api", server.URL).expect(t, 1, "as a starter does not")
	if len(seen) != 0 {
		t.Errorf("a redirect was followed: %q", seen)
	}
	d.run("whoami", "--api", thief.URL).expect(t, 0)
	if len(seen) != 1 || seen[0] != "" {
		t.Errorf("another API got %q, want no token", seen)
	}
}

func TestS19NewTokensFitTheConfiguration(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	made := d.run("token", "new", "--name", "nightly-import", "--role", "operator", "--expires", "90d")
	made.expect(t, 0, "shown this once")
	token := regexp.MustCompile(`tnr_[A-Za-z0-9_-]{43}`).FindString(made.stdout)
	_, snippet, found := strings.Cut(made.stdout, "under api.tokens:\n\n")
	if token == "" || !found || strings.Contains(snippet, token) {
		t.Fatalf("output = %q, want a token and a line without it", made.stdout)
	}
	c, err := config.Load("tenure.yaml", strings.NewReader("codec: none\napi:\n  tokens:\n  "+snippet))
	if err != nil {
		t.Fatalf("Load() of the line = %v", err)
	}
	tokens := c.API.Named()
	if want := time.Now().AddDate(0, 0, 90); tokens[0].Expires.Before(want) || tokens[0].Expires.After(want.AddDate(0, 0, 1)) {
		t.Errorf("the token expires at %s, want the end of the day in 90 days", tokens[0].Expires)
	}
	caller, err := access.NewTokens(tokens, time.Now).Authenticate(t.Context(), token)
	if want := (access.Caller{Name: "nightly-import", Role: access.Operator, Verified: true}); err != nil || caller != want {
		t.Errorf("Authenticate() = %+v, %v, want %+v", caller, err, want)
	}
	var asJSON map[string]string
	if err := json.Unmarshal([]byte(d.run("token", "new", "--name", "x", "--role", "viewer", "--expires", "2099-01-31", "-o", "json").stdout), &asJSON); err != nil {
		t.Fatal(err)
	}
	if asJSON["expires"] != "2099-01-31" || asJSON["sha256"] != access.Digest(asJSON["token"]) {
		t.Errorf("token new -o json = %v", asJSON)
	}
	for want, args := range map[string][]string{
		"name is":      {"--role", "viewer"},
		"role is":      {"--name", "x"},
		"is over":      {"--name", "x", "--role", "viewer", "--expires", "2020-01-31"},
		"the duration": {"--name", "x", "--role", "viewer", "--expires", "soon"},
		`role is "x"`:  {"--name", "hr:x", "--role", "x"},
	} {
		got := d.run(append([]string{"token", "new"}, args...)...)
		got.expect(t, 2, want)
		if strings.Contains(got.stdout, access.TokenPrefix) {
			t.Errorf("token new %q printed a token all the same", args)
		}
	}
}

func TestS19WithoutAConfigurationFolder(t *testing.T) {
	t.Parallel()
	handler, token := guarded(t, "olga", access.Viewer)
	server := httptest.NewServer(handler)
	defer server.Close()
	d := newDesk(t)
	d.dir, d.stdin = "", token
	d.run("login", "--api", server.URL).expect(t, 1, "does not say where the user's configuration is", "TENURE_TOKEN")
	d.vars["TENURE_TOKEN"] = token
	d.run("whoami", "--api", server.URL).expect(t, 0, "You are olga")
}
