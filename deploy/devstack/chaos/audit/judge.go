package audit

import (
	"maps"
	"slices"
	"strings"

	"tenure/internal/httpapi"
	"tenure/internal/sim/graph"
	"tenure/internal/store"
)

// Judge compares. It is pure.
func Judge(want Want, got Evidence) Verdict {
	j := &judge{Verdict{Parked: len(got.Person.Parked)}}
	j.accounts(want, got)
	j.mails(want, got)
	j.calls(want, got)
	j.tasks(want, got)
	j.ledger(want, got)
	j.signIns(got)
	if got.Person.Source != httpapi.SourceJourney {
		j.lost(1, "the journey does not answer: %s", got.Person.Note)
	}
	return j.Verdict
}

func (j *judge) accounts(want Want, got Evidence) {
	live, deleted := map[Presence]int{OneAccount: 1}[want.Account], map[Presence]int{DeletedAccount: 1}[want.Account]
	j.lost(live-len(got.Live), "the account")
	j.doubled(len(got.Live)-live, "%d accounts, want %d", len(got.Live), live)
	j.lost(deleted-len(got.Deleted), "the delete")
	j.doubled(len(got.Deleted)-deleted, "%d deleted accounts, want %d", len(got.Deleted), deleted)
	if want.Account == OneAccount && len(got.Live) == 1 {
		j.account(want, got.Live[0])
	}
}

func (j *judge) account(want Want, account graph.UserState) {
	if enabled := account.Props["accountEnabled"] == true; enabled != want.Enabled {
		j.lost(1, "enabled is %t, want %t", enabled, want.Enabled)
	}
	if want.Manager != "" && account.Manager != want.Manager {
		j.lost(1, "the manager is %q", account.Manager)
	}
	for _, name := range slices.Sorted(maps.Keys(want.Attributes)) {
		if got, _ := account.Props[name].(string); got != want.Attributes[name] {
			j.lost(1, "%s is %q, want %q", name, got, want.Attributes[name])
		}
	}
	var licences []string
	for _, licence := range account.Licences {
		licences = append(licences, licence.SkuID)
	}
	j.set("group", want.Groups, account.Groups)
	j.set("licence", want.Licences, licences)
	valid := 0
	for _, pass := range account.Passes {
		if pass.Usable || pass.Reason == notYet {
			valid++
		}
	}
	j.lost(want.Passes-valid, "%d valid passes, want %d", valid, want.Passes)
	j.doubled(valid-want.Passes, "%d valid passes, want %d", valid, want.Passes)
}

// notYet is what the tenant says of a pass whose time will come.
const notYet = "NotYetValid"

// set compares objects that must be held once each. One that is held against
// the plan was not taken away, which is a lost effect too.
func (j *judge) set(what string, want, got []string) {
	for _, id := range want {
		if !slices.Contains(got, id) {
			j.lost(1, "%s %s", what, id)
		}
	}
	for i, id := range got {
		switch {
		case !slices.Contains(want, id):
			j.lost(1, "%s %s was not taken away", what, id)
		case slices.Contains(got[:i], id):
			j.doubled(1, "%s %s", what, id)
		}
	}
}

func (j *judge) calls(want Want, got Evidence) {
	j.lost(want.Calls-len(got.Calls), "%d calls of extensions, want %d", len(got.Calls), want.Calls)
	j.doubled(len(got.Calls)-want.Calls, "%d calls of extensions, want %d", len(got.Calls), want.Calls)
	for _, call := range got.Calls {
		j.Unknown += call.Repeats
	}
}

// tasks compares what the ledger shows as done. A task that visibly waits is not
// lost. What is done to an account may be looked at again; the tenant tells
// whether that changed anything.
func (j *judge) tasks(want Want, got Evidence) {
	for _, name := range slices.Sorted(maps.Keys(want.Done)) {
		done := 0
		for _, row := range got.Ledger {
			if row.Kind == store.LedgerTask && row.Run+"/"+row.Task == name && strings.HasPrefix(row.Outcome, outcomeDone) {
				done++
			}
		}
		if done < want.Done[name] && isParked(got.Person, name) {
			continue
		}
		j.lost(want.Done[name]-done, "the ledger shows %q %d times, want %d", name, done, want.Done[name])
		if !strings.HasPrefix(name, accountLines) {
			j.doubled(done-want.Done[name], "the ledger shows %q %d times, want %d", name, done, want.Done[name])
		}
	}
}

const (
	outcomeDone  = "done"
	accountLines = "account:"
)

// isParked reports whether a task of a run waits, for all to see.
func isParked(person httpapi.PersonDetail, name string) bool {
	return slices.ContainsFunc(person.Parked, func(p httpapi.Parked) bool {
		parts := strings.Split(p.Key, "/")
		return len(parts) > 1 && unescape(parts[0])+"/"+unescape(parts[len(parts)-1]) == name
	})
}

// unescape reads the one character of the chaos policy's names that keys encode.
func unescape(part string) string { return strings.ReplaceAll(part, "%20", " ") }

func (j *judge) ledger(want Want, got Evidence) {
	if got.Chain != nil {
		j.lost(1, "the ledger does not verify: %v", got.Chain)
	}
	said := map[string]bool{}
	for _, row := range got.Ledger {
		if row.Kind == store.LedgerEvent {
			said[row.Task] = true
		}
	}
	j.lost(want.Said-len(said), "the ledger shows %d statements of HR, want %d", len(said), want.Said)
}

// signIns wants the newest pass to open the account, and no other.
func (j *judge) signIns(got Evidence) {
	for i, opens := range got.SignIns {
		switch {
		case i == 0 && !opens:
			j.lost(1, "the pass that was mailed last does not work")
		case i > 0 && opens:
			j.doubled(1, "a pass that was replaced still works")
		}
	}
}
