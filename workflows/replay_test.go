package workflows_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"tenure/internal/platform"
	"tenure/workflows"
)

const (
	replayFolder = "testdata/replay"
	// nextFolder is recorded again until the tag; folders of tags never change.
	nextFolder = "next"
	// brokenFolder holds histories of code that never was: each must fail.
	brokenFolder = "broken"
	// nextCount is how many fixtures the recorder makes; fewer are an error, so
	// that the corpus cannot shrink unseen.
	nextCount = 20
)

// Recorded journeys must replay on this code. `make fixtures` records them.
func TestReplay(t *testing.T) {
	t.Parallel()
	files := fixtures(t, "*")
	next := 0
	for _, file := range files {
		tag := filepath.Base(filepath.Dir(file))
		if tag == brokenFolder {
			continue
		}
		if tag == nextFolder {
			next++
		}
		t.Run(tag+"/"+filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			if err := replay(t, file); err != nil {
				t.Errorf("replay %s: %v; a journey that was recorded with it would hang", file, err)
			}
		})
	}
	if next < nextCount {
		t.Errorf("%s/%s has %d fixtures, want at least %d: make fixtures records them", replayFolder, nextFolder, next, nextCount)
	}
}

// What must not replay must be seen to fail, else the corpus proves nothing.
func TestReplayOfBrokenHistoriesFails(t *testing.T) {
	t.Parallel()
	files := fixtures(t, brokenFolder)
	if len(files) == 0 {
		t.Fatalf("%s/%s is empty: there is no proof that a replay can fail", replayFolder, brokenFolder)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			err := replay(t, file)
			if err == nil || !strings.Contains(err.Error(), "TMPRL1100") {
				t.Errorf("replay %s: %v, want an error of nondeterminism", file, err)
			}
		})
	}
}

func fixtures(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(replayFolder, folder, "*.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func replay(t *testing.T, file string) error {
	t.Helper()
	return replayHistory(t, codecOf(t, file), readHistory(t, file))
}

func replayHistory(t *testing.T, codec *platform.Codec, history *historypb.History) error {
	t.Helper()
	options, err := platform.ReplayerOptions(codec, workflows.State{})
	if err != nil {
		t.Fatal(err)
	}
	replayer, err := worker.NewWorkflowReplayerWithOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	workflows.Register(replayer)
	return replayer.ReplayWorkflowHistory(quiet{}, history)
}

func readHistory(t *testing.T, file string) *historypb.History {
	t.Helper()
	packed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(fmt.Errorf("unpack %s: %w", file, err))
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(fmt.Errorf("unpack %s: %w", file, err))
	}
	history, err := client.HistoryFromJSON(bytes.NewReader(text), client.HistoryJSONOptions{})
	if err != nil {
		t.Fatal(fmt.Errorf("read history %s: %w", file, err))
	}
	return history
}
