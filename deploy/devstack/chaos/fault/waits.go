package fault

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"time"

	"tenure/deploy/devstack/chaos/site"
	simfault "tenure/internal/sim/fault"
	"tenure/internal/sim/graph"
)

// hastily is the least time between a 429 that says nothing and the next attempt.
const hastily = 900 * time.Millisecond

// leastWait is how long the fault asks to wait; 0 where it asks nothing.
func (c cast) leastWait() time.Duration {
	return map[simfault.Kind]time.Duration{simfault.Throttled: asked * time.Second, simfault.ThrottledBare: hastily}[c.kind.rule.Kind]
}

// waited wants a call that was answered with 429 to come again no sooner than it
// was asked to, as the other side itself saw it. Once a clock was moved over the
// waits nobody can tell.
func (c cast) waited(s *site.Site, p *person, armed time.Time) error {
	least := c.leastWait()
	if least == 0 {
		return nil
	}
	if c.call.server == badges {
		for _, call := range s.Badges().Calls() {
			if call.At.Before(armed.Add(least)) && call.At.After(armed) && keyIn(call.Body) == p.key {
				return fmt.Errorf("the call came again within %s", call.At.Sub(armed))
			}
		}
	}
	log := s.Graph().Requests()
	if !p.movedAt.IsZero() {
		log = slices.DeleteFunc(log, func(l graph.LogLine) bool { return !l.At.Before(p.movedAt) })
	}
	return inTime(log, p.key, least)
}

// inTime looks at the requests about one person.
func inTime(log []graph.LogLine, key string, least time.Duration) error {
	for i, line := range log {
		throttled := line.Fault == string(simfault.Throttled) || line.Fault == string(simfault.ThrottledBare)
		if !throttled || !slices.Contains(line.About, key) || readsAccount(line) {
			continue
		}
		for _, next := range log[i+1:] {
			if next.Method == line.Method && plain(next.Path) == plain(line.Path) && slices.Contains(next.About, key) {
				if after := next.At.Sub(line.At); after < least {
					return fmt.Errorf("%s %s came again %s after a 429, want %s or more", line.Method, plain(line.Path), after.Round(time.Millisecond), least)
				}
				break
			}
		}
	}
	return nil
}

// readsAccount: what is done at one time, as mails and a pass, reads the account
// each for itself, and the second may have asked before the first was answered.
func readsAccount(line graph.LogLine) bool {
	found, err := path.Match(graphRoot+"/users/*", plain(line.Path))
	return err == nil && found && line.Method == http.MethodGet
}

// plain is a path without its query.
func plain(uri string) string {
	parsed, err := url.Parse(uri)
	if err != nil {
		return uri
	}
	return path.Clean(parsed.Path)
}

// keyIn is the person whom a call of an extension is about.
func keyIn(body []byte) string {
	var in struct {
		Data struct {
			Subject struct {
				Key string `json:"key"`
			} `json:"subject"`
		} `json:"data"`
	}
	if json.Unmarshal(body, &in) != nil {
		return ""
	}
	return in.Data.Subject.Key
}
