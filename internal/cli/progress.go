package cli

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows how far long work is: at a terminal only, and on stderr, so
// that what is printed can be piped.
type progress struct{ bar *progressbar.ProgressBar }

func (a *app) progress(what string, total int) *progress {
	if !isTerminal(a.env.Stderr) || total <= 0 {
		return &progress{}
	}
	const redraw = 100 * time.Millisecond
	return &progress{progressbar.NewOptions(total,
		progressbar.OptionSetWriter(a.env.Stderr), progressbar.OptionSetDescription(what), progressbar.OptionShowCount(),
		progressbar.OptionThrottle(redraw), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(true),
	)}
}

// to moves the bar. A bar that cannot be drawn is no reason to stop.
func (p *progress) to(done int) {
	if p.bar != nil {
		_ = p.bar.Set(done)
	}
}

// end removes the bar.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
