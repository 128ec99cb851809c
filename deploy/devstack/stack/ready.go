package stack

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Addresses are where the parts listen, as host:port. A part that does not run
// in this process has none.
type Addresses struct {
	API      string `json:"api,omitempty"`
	Temporal string `json:"temporal,omitempty"`
	UI       string `json:"ui,omitempty"`
	Graph    string `json:"graph,omitempty"`
	Mail     string `json:"mail,omitempty"`
	Domain   string `json:"domain,omitempty"`
}

// writeReady writes the addresses so that a script sees all of them or no file.
func writeReady(path string, a Addresses) error {
	data, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("write ready file: %w", err)
	}
	draft, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write ready file: %w", err)
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	if _, err := draft.Write(append(data, '\n')); err != nil {
		_ = draft.Close()
		return fmt.Errorf("write ready file: %w", err)
	}
	if err := draft.Close(); err != nil {
		return fmt.Errorf("write ready file: %w", err)
	}
	if err := os.Rename(draft.Name(), path); err != nil {
		return fmt.Errorf("write ready file: %w", err)
	}
	return nil
}
