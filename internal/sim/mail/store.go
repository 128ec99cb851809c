package mail

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

const (
	fileSuffix = ".json"
	tempPrefix = ".new-"
	dirMode    = 0o700
)

// store keeps the messages, in memory for reading and in a folder for ever.
type store struct {
	dir string

	mu       sync.RWMutex
	messages []Message // ascending by ID
}

func openStore(dir string) (*store, error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("create mail folder: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read mail folder: %w", err)
	}
	s := &store{dir: dir}
	for _, e := range entries {
		switch {
		case strings.HasPrefix(e.Name(), tempPrefix):
			// Left by a write that was cut off; its sender was never answered.
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return nil, fmt.Errorf("remove unfinished mail: %w", err)
			}
		case strings.HasSuffix(e.Name(), fileSuffix):
			m, err := readMessage(filepath.Join(dir, e.Name()))
			if err != nil {
				return nil, err
			}
			s.messages = append(s.messages, m)
		}
	}
	slices.SortFunc(s.messages, func(a, b Message) int { return cmp.Compare(a.ID, b.ID) })
	return s, nil
}

func readMessage(path string) (Message, error) {
	var m Message
	body, err := os.ReadFile(path)
	if err != nil {
		return m, fmt.Errorf("read mail: %w", err)
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return m, fmt.Errorf("read mail %s: %w", filepath.Base(path), err)
	}
	return m, nil
}

// add gives the message its ID and returns once it is on disk.
func (s *store) add(m Message) (Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.ID = 1
	if n := len(s.messages); n > 0 {
		m.ID = s.messages[n-1].ID + 1
	}
	body, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return m, fmt.Errorf("encode mail: %w", err)
	}
	if err := writeWhole(s.dir, fmt.Sprintf("%010d%s", m.ID, fileSuffix), body); err != nil {
		return m, fmt.Errorf("keep mail: %w", err)
	}
	s.messages = append(s.messages, m)
	return m, nil
}

// writeWhole writes a file so that a reader, also after a crash, sees all of it or nothing.
func writeWhole(dir, name string, body []byte) error {
	f, err := os.CreateTemp(dir, tempPrefix)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, name))
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// list returns the messages to an address, oldest first.
func (s *store) list(to string) []Message {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]Message, 0, len(s.messages))
	for _, m := range s.messages {
		if m.isTo(to) {
			out = append(out, m)
		}
	}
	return out
}

func (s *store) get(id int64) (Message, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	i, found := slices.BinarySearchFunc(s.messages, id, func(m Message, id int64) int { return cmp.Compare(m.ID, id) })
	if !found {
		return Message{}, false
	}
	return s.messages[i], true
}
