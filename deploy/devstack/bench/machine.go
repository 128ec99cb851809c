package main

import (
	"bufio"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// machine is what the figures hang on.
type machine struct {
	Cores  int    `json:"cores"`
	Model  string `json:"model,omitempty"`
	Memory string `json:"memory,omitempty"`
	System string `json:"system"`
	Go     string `json:"go"`
}

func thisMachine() machine {
	return machine{
		Cores: runtime.GOMAXPROCS(0), Model: fact("/proc/cpuinfo", "model name"), Memory: fact("/proc/meminfo", "MemTotal"),
		System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
	}
}

// fact is the value of the first line "name: value" of a file of the kernel, ""
// where there is none.
func fact(path, name string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if key, value, found := strings.Cut(lines.Text(), ":"); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// memory is the resident memory of this process, rubbish taken out: everything,
// since one process holds server, worker, starter and simulators.
func memory() float64 {
	debug.FreeOSMemory()
	text := strings.TrimSuffix(fact("/proc/self/status", "VmRSS"), " kB")
	kilobytes, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0
	}
	const kilobyte = 1024
	return kilobytes * kilobyte
}

// cpu is the processor time that this process has taken.
func cpu() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// percentile of values; 0 of none.
func percentile(values []float64, percent int) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	const whole = 100
	return sorted[min(len(sorted)*percent/whole, len(sorted)-1)]
}
