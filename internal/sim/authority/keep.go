package authority

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tenure/internal/sim/journal"
)

const publicMode = 0o644

// Keep reads the authority that is kept in a folder as STEM.pem and STEM.key, or makes one and keeps it.
func Keep(dir, stem, name string) (*Authority, error) {
	certName, keyName := filepath.Join(dir, stem+".pem"), filepath.Join(dir, stem+".key")
	certPEM, err := os.ReadFile(certName)
	if err == nil {
		keyPEM, err := os.ReadFile(keyName)
		if err != nil {
			return nil, fmt.Errorf("read authority: %w", err)
		}
		return Read(certPEM, keyPEM)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read authority: %w", err)
	}
	ca, err := New(name)
	if err != nil {
		return nil, err
	}
	key, err := ca.KeyPEM()
	if err != nil {
		return nil, err
	}
	// The key first: a certificate without its key would be read as a whole authority.
	if err := journal.WriteFile(keyName, key, journal.FileMode); err != nil {
		return nil, err
	}
	return ca, journal.WriteFile(certName, ca.PEM(), publicMode)
}
