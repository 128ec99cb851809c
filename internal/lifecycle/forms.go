package lifecycle

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"tenure/internal/person"
)

// AccountPrefix begins the names of account lines: `account:<target>/<line>`.
const AccountPrefix = "account:"

// WriteBackPrefix begins the names of the lines that tell HR of accounts:
// `writeBack:<feed>`.
const WriteBackPrefix = "writeBack:"

// The account lines as the policy names them.
const (
	lineCreate  = "create"
	lineEnable  = "enable"
	lineDisable = "disable"
	lineDelete  = "delete"
)

// Activate gives what is new or changed in a policy the instant now, and what
// stayed as it was the instant it had (S1, S15): lifecycle workflows by their
// name, account lines as `account:<target>/<create|enable|disable|delete>`. Of a
// policy that follows none, nothing is activated: the feeds' baselines count. The
// names of what is new or changed are sorted.
func Activate(before *Policy, had map[string]time.Time, after *Policy, now time.Time) (instants map[string]time.Time, activated []string) {
	var old map[string]string
	if before != nil {
		old = forms(before)
	}
	instants = map[string]time.Time{}
	present := forms(after)
	for _, name := range slices.Sorted(maps.Keys(present)) {
		form, known := old[name]
		if known && form == present[name] {
			if at, found := had[name]; found {
				instants[name] = at
			}
			continue
		}
		instants[name] = now
		activated = append(activated, name)
	}
	return instants, activated
}

// forms are the definitions of lifecycle workflows and account lines as texts.
func forms(p *Policy) map[string]string {
	out := map[string]string{}
	for _, workflow := range p.Workflows {
		out[workflow.Name] = text(workflow)
	}
	maps.Copy(out, accountForms(p))
	return out
}

// AccountForm is all of a policy on which it depends when account lines are due,
// as text: two policies of the same form make the same account lines due.
func AccountForm(p *Policy) string { return text(accountForms(p)) }

// accountForms are the definitions of the account lines by their name, each with
// what all of them depend on: who is existing staff, what is one stay, and
// whose clock counts.
func accountForms(p *Policy) map[string]string {
	type feed struct {
		Name, Realm, Zone string
		Baseline          person.Date
		Bridge            int
		Owns              []string
	}
	type line struct {
		Feeds   []feed
		Zones   []ZoneRule
		Scope   Condition
		Rule    *DateRule
		Minimum Duration
		Leave   string
		Rehire  string
		// OutOfScope is stated where it disables.
		OutOfScope string `json:",omitempty"`
	}
	var feeds []feed
	for _, f := range p.Feeds {
		feeds = append(feeds, feed{f.Name, f.Realm, f.ZoneName, f.Baseline, f.Bridge, f.Owns})
	}
	out := map[string]string{}
	for i := range p.Targets {
		target := &p.Targets[i]
		account := target.Account
		common := line{Feeds: feeds, Zones: p.Zones}
		create, enable, disable, remove := common, common, common, common
		create.Rule, create.Scope = account.Create, target.Scope
		enable.Rule, enable.Leave, enable.Rehire = account.Enable, account.Leave, account.Rehire
		disable.Rule, disable.Leave = account.Disable, account.Leave
		if target.OutOfScope == OutOfScopeDisable {
			disable.Scope, disable.OutOfScope = target.Scope, target.OutOfScope
		}
		remove.Rule, remove.Minimum = account.Delete, account.Minimum
		for name, form := range map[string]line{lineCreate: create, lineEnable: enable, lineDisable: disable, lineDelete: remove} {
			out[AccountPrefix+target.Name+"/"+name] = text(form)
		}
	}
	return out
}

// text is a whole definition as text: conditions by their source, zones by their
// name.
func text(definition any) string {
	out, err := json.Marshal(definition)
	if err != nil {
		return fmt.Sprintf("%+v", definition)
	}
	return string(out)
}
