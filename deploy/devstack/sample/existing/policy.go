package existing

import (
	"bytes"
	"fmt"
	"time"

	"tenure/deploy/devstack/sample"
)

// Policy makes the organisation's copy of the shipped policy: people have a key
// of HR's beside the employee number, the baseline is the day of the export, and
// the target only observes.
func Policy(shipped []byte, day time.Time, badgeOffice string) ([]byte, error) {
	out, err := sample.Policy(shipped, day, badgeOffice)
	if err != nil {
		return nil, err
	}
	for _, edit := range [][2]string{
		{"baseline: " + sample.Baseline(day), "baseline: " + day.Format(time.DateOnly)},
		{"key: WorkerID  ", "key: PersonID  "},
		{"mode: enforce\n", Observe},
	} {
		if bytes.Count(out, []byte(edit[0])) != 1 {
			return nil, fmt.Errorf("adapt policy: the shipped policy has not one line like %q", edit[0])
		}
		out = bytes.Replace(out, []byte(edit[0]), []byte(edit[1]), 1)
	}
	return out, nil
}

// Observe is what the target says of its mode at first. The later modes replace
// the first word.
const Observe = `mode: observe                     # observe, then adopt, then enforce: docs/going-live.md
    match: [employeeId]               # these link an account by themselves
    propose: [mail, userPrincipalName, displayName]   # these only propose: a human accepts
`
