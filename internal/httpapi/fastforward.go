package httpapi

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// FastForwardReport is what came of moving a person's clock.
type FastForwardReport struct {
	PersonID
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Skips counts the timers that were skipped.
	Skips int `json:"skips"`
	// Parked are the tasks that were parked at the end.
	Parked []Parked `json:"parked"`
	// Note says in words why it ended where that is not To.
	Note string `json:"note,omitempty"`
}

// fastForwardRequest is the body of a fast-forward.
type fastForwardRequest struct {
	// Duration is a Go duration, or days and weeks: 36h, 30d, 2w.
	Duration string `json:"duration"`
}

// maxFastForward keeps a slip of the finger from skipping a life.
const maxFastForward = 20 * 366 * 24 * time.Hour

func (a *API) fastForward(w http.ResponseWriter, r *http.Request) error {
	if a.dev == nil {
		return NewProblem(KindNotFound, nil, "time can be moved in a development stack only: this starter runs on real time")
	}
	id, err := personID(r)
	if _, wrong := query(r); err != nil || wrong != nil {
		return firstOf(err, wrong)
	}
	var request fastForwardRequest
	if err := decode(w, r, &request); err != nil {
		return err
	}
	by, err := parseDuration(request.Duration)
	if err != nil {
		return err
	}
	report, err := a.dev.FastForward(r.Context(), id.Realm, id.Key, by)
	if err != nil {
		return err
	}
	report.Parked = list(report.Parked)
	return answer(w, http.StatusOK, report)
}

// parseDuration reads a Go duration, or a whole number of days or weeks.
func parseDuration(text string) (time.Duration, error) {
	const day = 24 * time.Hour
	by, err := time.ParseDuration(text)
	for unit, length := range map[string]time.Duration{"d": day, "w": 7 * day} {
		count, found := strings.CutSuffix(text, unit)
		if !found {
			continue
		}
		var number int
		if number, err = strconv.Atoi(count); err == nil && number <= int(maxFastForward/day) {
			by = time.Duration(number) * length
		}
	}
	if err != nil || by <= 0 || by > maxFastForward {
		return 0, NewProblem(KindInvalid, err, "duration is %q: want more than nothing and at most 20 years, such as 36h, 30d or 2w", shorten(text))
	}
	return by, nil
}
