package stack

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// The key of a stack that encrypts, and its ID.
const (
	keyName = "codec.key"
	keyID   = "devstack"
	keySize = 32
)

// startKeys makes the key of the payload codec, once, where one is asked for.
func (s *Stack) startKeys(context.Context) error {
	if !s.opts.Encrypt || s.opts.Codec != "" {
		return nil
	}
	dir, err := filepath.Abs(s.opts.Dir)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, keyName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, keySize)
		_, _ = rand.Read(key) // it never fails: it ends the program instead
		if err := os.WriteFile(path, []byte(base64.StdEncoding.EncodeToString(key)+"\n"), 0o600); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	s.opts.Codec = keyID + "=file:" + path
	return nil
}
