package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// The variable that goes before what was stored.
const tokenVariable = "TENURE_TOKEN"

// maxToken bounds what is read of a token: those of issuers carry claims.
const maxToken = 16 << 10

// credentialStore keeps one token per API in a file of the user's own.
type credentialStore struct{ file string }

// stored is the content of the file.
type stored struct {
	// Tokens are by the address of the API.
	Tokens map[string]string `json:"tokens"`
}

func (a *app) credentials() (credentialStore, error) {
	if a.env.ConfigDir == "" {
		return credentialStore{}, &remedied{
			cause:  errors.New("the machine does not say where the user's configuration is"),
			remedy: "set HOME, or give the token with " + tokenVariable,
		}
	}
	return credentialStore{file: filepath.Join(a.env.ConfigDir, "tenure", "credentials.json")}, nil
}

// open refuses a file that others than the user may read, and does not read it.
func (s credentialStore) open() (stored, error) {
	none := stored{Tokens: map[string]string{}}
	file, err := os.Open(s.file)
	if errors.Is(err, fs.ErrNotExist) {
		return none, nil
	}
	if err != nil {
		return none, fmt.Errorf("read credentials: %w", err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return none, fmt.Errorf("read credentials: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return none, &remedied{
			cause:  fmt.Errorf("read credentials: %s can be read by others than you (mode %04o)", s.file, info.Mode().Perm()),
			remedy: "take the tokens in it out of the starter's configuration, then chmod 600 the file, or remove it and log in again",
		}
	}
	content := none
	if err := json.NewDecoder(file).Decode(&content); err != nil || content.Tokens == nil {
		return none, &remedied{
			cause:  fmt.Errorf("read credentials: %s is not what tenure login writes", s.file),
			remedy: "remove the file and log in again",
		}
	}
	return content, nil
}

// save writes the file anew beside the old one, so that a crash leaves one of them.
func (s credentialStore) save(content stored) error {
	text, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		return fmt.Errorf("encode credentials: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(s.file), 0o700); err != nil {
		return fmt.Errorf("write credentials: %w", err)
	}
	// CreateTemp makes files of mode 0600.
	file, err := os.CreateTemp(filepath.Dir(s.file), "credentials-*")
	if err != nil {
		return fmt.Errorf("write credentials: %w", err)
	}
	_, err = file.Write(append(text, '\n'))
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), s.file)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return fmt.Errorf("write credentials: %w", err)
	}
	return nil
}

// token is what is sent to an API: that of the environment, else the stored one,
// else "".
func (a *app) token(base string) (string, error) {
	if token := a.env.Getenv(tokenVariable); token != "" {
		return token, checkToken(tokenVariable, token)
	}
	if a.env.ConfigDir == "" {
		return "", nil
	}
	store, err := a.credentials()
	if err != nil {
		return "", err
	}
	content, err := store.open()
	if err != nil {
		return "", err
	}
	return content.Tokens[base], nil
}

// checkToken refuses what is no token, without repeating it.
func checkToken(source, token string) error {
	odd := func(r rune) bool { return r <= ' ' || r > '~' }
	if token == "" || len(token) > maxToken || strings.ContainsFunc(token, odd) {
		return usage("%s holds no token: want one line of letters, digits and signs", source)
	}
	return nil
}

// checkWire refuses to send a token in the clear to another machine.
func checkWire(base string) error {
	parsed, err := url.Parse(base)
	if err != nil {
		return fmt.Errorf("read address: %w", err)
	}
	ip := net.ParseIP(parsed.Hostname())
	if parsed.Scheme == "https" || parsed.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return &remedied{
		cause:  fmt.Errorf("a token is never sent to another machine in the clear, and %s is http", base),
		remedy: "name the API by https; the starter needs api.tls in its configuration, or a proxy before it",
	}
}
