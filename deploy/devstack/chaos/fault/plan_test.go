package fault

import (
	"slices"
	"testing"
	"time"

	"tenure/internal/sim/fault"
	"tenure/internal/sim/graph"
)

func TestShortCoversEverything(t *testing.T) {
	t.Parallel()
	var seen []string
	for _, c := range slices.Concat(short(), shortSendGrid()) {
		if c.kind.name == "" || !c.kind.fits(c.call) {
			t.Errorf("%s does not fit", c)
		}
		seen = append(seen, c.kind.name, c.call.tale, string(c.call.server))
		told := tell(c.call.tale, 7, time.Now())
		for _, rule := range c.rules(told.Person()) {
			if err := rule.Validate(); err != nil {
				t.Errorf("%s: %v", c, err)
			}
		}
	}
	for _, k := range kinds() {
		if !slices.Contains(seen, k.name) {
			t.Errorf("no call meets %q", k.name)
		}
	}
	for name := range tales() {
		if !slices.Contains(seen, name) {
			t.Errorf("no call of a %s is broken", name)
		}
	}
}

func TestWhatMustBeSeen(t *testing.T) {
	t.Parallel()
	lost := cast{call: onMail(joiner, smtpData, aboutHire), kind: kindOf("lost after success")}
	if err := lost.seen(&person{}); err == nil {
		t.Error("a mail of unknown delivery may be silent")
	}
	if err := lost.seen(&person{codes: []string{"delivery-unknown"}, asked: []string{"delivery-unknown"}}); err != nil {
		t.Errorf("a human who was asked: %v", err)
	}
	pass := cast{call: onMail(joiner, smtpData, aboutPass), kind: lost.kind}
	if err := pass.seen(&person{codes: []string{"unavailable"}}); err != nil {
		t.Errorf("a pass that goes again: %v", err)
	}
	if err := pass.seen(&person{asked: []string{"delivery-unknown"}}); err == nil {
		t.Error("a human may be asked for what mends itself")
	}
}

func TestFired(t *testing.T) {
	t.Parallel()
	if err := fired([]fault.Standing{{Hits: 1}, {}}); err == nil {
		t.Error("a fault that never fired passes")
	}
	if err := fired([]fault.Standing{{Hits: 1}}); err != nil {
		t.Errorf("fired = %v", err)
	}
}

func TestInTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	line := func(second int, path, about, fault string) graph.LogLine {
		return graph.LogLine{At: at.Add(time.Duration(second) * time.Second), Method: "GET", Path: path, About: []string{about}, Fault: fault}
	}
	for name, tt := range map[string]struct {
		log  []graph.LogLine
		fine bool
	}{
		"waited":       {[]graph.LogLine{line(0, "/a?x=1", "1", "throttled"), line(3, "/a", "1", "")}, true},
		"too soon":     {[]graph.LogLine{line(0, "/a?x=1", "1", "throttled"), line(2, "/a?x=2", "1", "")}, false},
		"another call": {[]graph.LogLine{line(0, "/a", "1", "throttled"), line(1, "/b", "1", ""), line(4, "/a", "1", "")}, true},
		"somebody":     {[]graph.LogLine{line(0, "/a", "1", "throttled"), line(1, "/a", "2", "")}, true},
		"other fault":  {[]graph.LogLine{line(0, "/a", "1", "lost"), line(1, "/a", "1", "")}, true},
	} {
		if err := inTime(tt.log, "1", 3*time.Second); (err == nil) != tt.fine {
			t.Errorf("%s: %v, want fine %t", name, err, tt.fine)
		}
	}
}
