package stack

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
)

// maxLog is the size at which a log file starts anew; one old one is kept.
const maxLog = 16 << 20

// openLog opens a log file for a part that has more to say than a terminal
// should show. Warnings and errors are kept.
func openLog(path string) (*slog.Logger, func() error, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil, nil, fmt.Errorf("open log: %w", err)
		}
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("open log: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open log: %w", err)
	}
	return slog.New(slog.NewTextHandler(f, &slog.HandlerOptions{Level: slog.LevelWarn})), f.Close, nil
}
