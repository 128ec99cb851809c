package tally

import (
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
)

// The databases that a section may be run on.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Options say how a section is run.
type Options struct {
	// Short runs a part that covers every kind, for CI.
	Short bool
	// Seed makes the random choices; it is printed.
	Seed uint64
	// Database is where Temporal and the store keep their state; for the program
	// itself "" leaves the choice to it.
	Database string
	// Dir is a folder of the section's own.
	Dir string
	// Verbose prints what goes well too.
	Verbose bool
	// Out is where a section says what it does.
	Out *Printer
}

// Random returns a source of the random choices of one use.
func (o Options) Random(use uint64) *rand.Rand {
	return rand.New(rand.NewPCG(o.Seed, use)) //nolint:gosec // choices that can be repeated, no secrets
}

// Printer writes whole lines from several goroutines.
type Printer struct {
	mu sync.Mutex
	to io.Writer
}

// NewPrinter returns a printer.
func NewPrinter(to io.Writer) *Printer { return &Printer{to: to} }

// Printf writes one line.
func (p *Printer) Printf(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = fmt.Fprintf(p.to, format+"\n", args...)
}
