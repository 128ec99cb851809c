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
	v := &Verdict{Parked: len(got.Person.Parked)}
	v.accounts(want, got)
	v.mails(want, got)
	v.calls(want, got)
	v.tasks(want, got)
	v.ledger(want, got)
	v.signIns(got)
	if got.Person.Source != httpapi.SourceJourney {
		v.lost(1, "the journey does not answer: %s", got.Person.Note)
	}
	return *v
}

func (v *Verdict) accounts(want Want, got Evidence) {
	live, deleted := map[Presence]int{OneAccount: 1}[want.Account], map[Presence]int{DeletedAccount: 1}[want.Account]
	v.lost(live-len(got.Live), "the account")
	v.doubled(len(got.Live)-live, "%d accounts, want %d", len(got.Live), live)
	v.lost(deleted-len(got.Deleted), "the delete")
	v.doubled(len(got.Deleted)-deleted, "%d deleted accounts, want %d", len(got.Deleted), deleted)
	if want.Account == OneAccount && len(got.Live) == 1 {
		v.account(want, got.Live[0])
	}
}

func (v *Verdict) account(want Want, account graph.UserState) {
	if enabled := account.Props["accountEnabled"] == true; enabled != want.Enabled {
		v.lost(1, "enabled is %t, want %t", enabled, want.Enabled)
	}
	if want.Manager != "" && account.Manager != want.Manager {
		v.lost(1, "the manager is %q", account.Manager)
	}
	for _, name := range slices.Sorted(maps.Keys(want.Attributes)) {
		if got, _ := account.Props[name].(string); got != want.Attributes[name] {
			v.lost(1, "%s is %q, want %q", name, got, want.Attributes[name])
		}
	}
	var licences []string
	for _, licence := range account.Licences {
		licences = append(licences, licence.SkuID)
	}
	v.set("group", want.Groups, account.Groups)
	v.set("licence", want.Licences, licences)
	valid := 0
	for _, pass := range account.Passes {
		if pass.Usable || pass.Reason == notYet {
			valid++
		}
	}
	v.lost(want.Passes-valid, "%d valid passes, want %d", valid, want.Passes)
	v.doubled(valid-want.Passes, "%d valid passes, want %d", valid, want.Passes)
}

// notYet is what the tenant says of a pass whose time will come.
const notYet = "NotYetValid"

// set compares objects that must be held once each. One that is held against
// the plan was not taken away, which is a lost effect too.
func (v *Verdict) set(what string, want, got []string) {
	for _, id := range want {
		if !slices.Contains(got, id) {
			v.lost(1, "%s %s", what, id)
		}
	}
	for i, id := range got {
		switch {
		case !slices.Contains(want, id):
			v.lost(1, "%s %s was not taken away", what, id)
		case slices.Contains(got[:i], id):
			v.doubled(1, "%s %s", what, id)
		}
	}
}

func (v *Verdict) calls(want Want, got Evidence) {
	v.lost(want.Calls-len(got.Calls), "%d calls of extensions, want %d", len(got.Calls), want.Calls)
	v.doubled(len(got.Calls)-want.Calls, "%d calls of extensions, want %d", len(got.Calls), want.Calls)
	for _, call := range got.Calls {
		v.Unknown += call.Repeats
	}
}

// tasks compares what the ledger shows as done. A task that visibly waits is not
// lost. What is done to an account may be looked at again; the tenant tells
// whether that changed anything.
func (v *Verdict) tasks(want Want, got Evidence) {
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
		v.lost(want.Done[name]-done, "the ledger shows %q %d times, want %d", name, done, want.Done[name])
		if !strings.HasPrefix(name, accountLines) {
			v.doubled(done-want.Done[name], "the ledger shows %q %d times, want %d", name, done, want.Done[name])
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

func (v *Verdict) ledger(want Want, got Evidence) {
	if got.Chain != nil {
		v.lost(1, "the ledger does not verify: %v", got.Chain)
	}
	said := map[string]bool{}
	for _, row := range got.Ledger {
		if row.Kind == store.LedgerEvent {
			said[row.Task] = true
		}
	}
	v.lost(want.Said-len(said), "the ledger shows %d statements of HR, want %d", len(said), want.Said)
}

// signIns wants the newest pass to open the account, and no other.
func (v *Verdict) signIns(got Evidence) {
	for i, opens := range got.SignIns {
		switch {
		case i == 0 && !opens:
			v.lost(1, "the pass that was mailed last does not work")
		case i > 0 && opens:
			v.doubled(1, "a pass that was replaced still works")
		}
	}
}
