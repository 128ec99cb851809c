package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"
)

// profiled writes a CPU profile of work into a folder, which may be "" for none.
func profiled(folder, name string, work func() (time.Duration, error)) (_ time.Duration, err error) {
	if folder == "" {
		return work()
	}
	file, err := os.Create(filepath.Join(folder, name+".pprof"))
	if err != nil {
		return 0, fmt.Errorf("write profile: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := pprof.StartCPUProfile(file); err != nil {
		return 0, fmt.Errorf("write profile: %w", err)
	}
	defer pprof.StopCPUProfile()
	return work()
}
