package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

const (
	// FileMode is that of files that only their owner reads.
	FileMode fs.FileMode = 0o600

	dirMode      fs.FileMode = 0o700
	compactAfter             = 16 << 20
)

// State is what is kept. E is a change: everything that one request touched, as it is afterwards; its JSON is an object.
type State[E any] struct {
	// Apply makes a change part of the state.
	Apply func(E)
	// Whole is the change that makes the whole state out of nothing.
	Whole func() E
}

// Journal is an open one. It is not safe for concurrent use.
type Journal[E any] struct {
	dir, stem string
	state     State[E]
	gen       int
	file      *os.File
	size      int64
}

// Open applies what is kept in a folder under a stem, drops leftovers and starts a fresh generation.
func Open[E any](dir, stem string, state State[E]) (*Journal[E], error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("make state folder: %w", err)
	}
	j := &Journal[E]{dir: dir, stem: stem, state: state}
	if err := j.load(); err != nil {
		return nil, err
	}
	if err := j.replay(); err != nil {
		return nil, err
	}
	if err := j.compact(); err != nil {
		return nil, err
	}
	return j, nil
}

func (j *Journal[E]) snapshot() string { return filepath.Join(j.dir, j.stem+"-state.json") }

func (j *Journal[E]) name(gen int) string {
	return filepath.Join(j.dir, j.stem+"-journal-"+strconv.Itoa(gen)+".jsonl")
}

// load applies the snapshot, which is a change with the generation beside it.
func (j *Journal[E]) load() error {
	raw, err := os.ReadFile(j.snapshot())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	var at struct {
		Generation int `json:"generation"`
	}
	var whole E
	if err := errors.Join(json.Unmarshal(raw, &at), json.Unmarshal(raw, &whole)); err != nil {
		return fmt.Errorf("decode state: %w", err)
	}
	j.gen = at.Generation
	j.state.Apply(whole)
	return nil
}

func (j *Journal[E]) replay() error {
	raw, err := os.ReadFile(j.name(j.gen))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	for i, line := range bytes.SplitAfter(raw, []byte("\n")) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break // empty, or torn by a crash
		}
		var e E
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("decode journal line %d: %w", i+1, err)
		}
		j.state.Apply(e)
	}
	return nil
}

// compact writes a snapshot of the next generation and starts its journal.
func (j *Journal[E]) compact() error {
	whole, err := json.Marshal(j.state.Whole())
	if err != nil {
		return fmt.Errorf("encode state: %w", err)
	}
	next := j.gen + 1
	raw := fmt.Appendf(nil, `{"generation":%d`, next)
	if len(whole) > len("{}") {
		raw = append(raw, ',')
	}
	raw = append(raw, whole[1:]...)
	file, err := os.OpenFile(j.name(next), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, FileMode)
	if err != nil {
		return fmt.Errorf("start journal: %w", err)
	}
	if err := WriteFile(j.snapshot(), raw, FileMode); err != nil {
		return errors.Join(err, file.Close())
	}
	if j.file != nil {
		_ = j.file.Close()
	}
	j.file, j.gen, j.size = file, next, 0
	j.dropOld()
	return nil
}

// dropOld removes the journals of other generations; a failure leaves only litter.
func (j *Journal[E]) dropOld() {
	names, err := filepath.Glob(filepath.Join(j.dir, j.stem+"-journal-*.jsonl"))
	if err != nil {
		return
	}
	for _, name := range names {
		if name != j.name(j.gen) {
			_ = os.Remove(name)
		}
	}
}

// Append keeps one change with a single write, so that it is whole or torn, never mixed.
func (j *Journal[E]) Append(e E) error {
	raw, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode change: %w", err)
	}
	n, err := j.file.Write(append(raw, '\n'))
	if err != nil {
		return fmt.Errorf("write change: %w", err)
	}
	j.size += int64(n)
	if j.size > compactAfter {
		return j.compact()
	}
	return nil
}

// Close ends the journal; nothing has to be written then.
func (j *Journal[E]) Close() error {
	if err := j.file.Close(); err != nil {
		return fmt.Errorf("close journal: %w", err)
	}
	return nil
}

// WriteFile replaces a file so that a reader or a crash sees the old or the new one, never a part.
func WriteFile(name string, raw []byte, mode fs.FileMode) error {
	tmp := name + ".tmp"
	file, err := os.OpenFile(tmp, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(name), err)
	}
	w := bufio.NewWriter(file)
	_, err = w.Write(raw)
	err = errors.Join(err, w.Flush(), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(tmp, name)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(name), err)
	}
	return nil
}
