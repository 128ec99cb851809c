package story

import (
	"maps"
	"time"

	"tenure/deploy/devstack/chaos/audit"
)

// The first days of those who come back after their account was deleted: each a
// few days after what came before, so that everything is due at once.
const (
	backSoon = 35
	backLate = 66
)

// Deleted has left, and the time after which the account goes is over.
func Deleted(number int, today time.Time) Story {
	told := Leaver(number, today)
	told.Name = "deleted"
	told.Steps = over(told.Steps)
	return told
}

// over lets HR agree that an employment is over, since whom it calls active is
// not deleted, and time pass until the account is.
func over(hiredAndLeft []Step) []Step {
	left := hiredAndLeft[1]
	left.Says.Status = "terminated"
	gone := Step{Name: "deleted", Says: left.Says, Want: left.Want, Passes: UntilDue}
	gone.Want.Account = audit.DeletedAccount
	gone.Want.Done = maps.Clone(left.Want.Done)
	gone.Want.Done[remove]++
	return []Step{hiredAndLeft[0], left, gone}
}

// Restored comes back for another employment while the account that was deleted
// can be restored: it is, with another pass.
func Restored(number int, today time.Time) Story {
	told := Rehire(number, today)
	told.Name = "restored"
	told.Steps = append(over(told.Steps), again(told.Steps[2], day(today, backSoon)))
	return told
}

// Anew comes back when the tenant has forgotten the account: there is a new one.
func Anew(number int, today time.Time) Story {
	told := Rehire(number, today)
	told.Name = "anew"
	steps := over(told.Steps)
	purged := steps[2]
	purged.Name, purged.Passes, purged.Want.Account = "purged", UntilPurged, audit.NoAccount
	told.Steps = append(steps, purged, again(told.Steps[2], day(today, backLate)))
	return told
}

// again is a rehire after a delete: the line that makes an account brings it back,
// enabled.
func again(rehired Step, start string) Step {
	rehired.Says.Start = start
	rehired.Want.Done = maps.Clone(rehired.Want.Done)
	rehired.Want.Done[remove]++
	rehired.Want.Done[create]++
	delete(rehired.Want.Done, enable)
	return rehired
}
