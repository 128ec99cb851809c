package stack

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"tenure/deploy/devstack/sample/existing"
)

// startExport writes the file of HR with which an organisation goes live, once:
// an operator corrects it and imports it.
func (s *Stack) startExport(context.Context) error {
	if !s.opts.Onboarding {
		return nil
	}
	path := filepath.Join(s.opts.Dir, exportName)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	content, err := existing.New(s.day()).Export()
	if err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}

// exportName is where the export lies in the stack's folder.
const exportName = "hr.csv"
