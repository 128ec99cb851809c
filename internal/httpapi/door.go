package httpapi

import (
	"net/http"
	"strconv"
	"time"
)

// How much is in hand at a time where nobody says otherwise.
const (
	defaultEvents  = 256
	defaultImports = 4
)

// When to come again. What is missing comes back more slowly than a place that
// is taken.
const (
	busyFor        = 2 * time.Second
	unavailableFor = 5 * time.Second
	tooManyFor     = time.Second
)

// bodyWithin is how long a delivery may take to arrive: it holds a place at the
// door before anybody knows who sends it.
const bodyWithin = 10 * time.Second

// Doors say how much of what HR sends is in hand at a time. What comes beyond is
// turned away before it is read, so that a flood costs neither memory nor an
// event that was answered well. Zero means the usual bound.
type Doors struct{ Events, Imports int }

// door has so many places.
type door chan struct{}

func newDoor(places, usual int) door {
	if places < 1 {
		places = usual
	}
	return make(door, places)
}

// enter takes a place, or says at once that there is none.
func (d door) enter() (leave func(), err error) {
	select {
	case d <- struct{}{}:
		return func() { <-d }, nil
	default:
		return nil, NewProblem(KindBusy, nil, "%d of these are in hand: nothing was taken in, send it again later", cap(d))
	}
}

// Drain tells who asks that the process is about to stop: /readyz fails, so that
// balancers send nothing more, and connections end with their next answer. What
// comes all the same is served.
func (a *API) Drain() { a.draining.Store(true) }

// comeAgain says when to try again what was not taken in for now.
func comeAgain(header http.Header, problem *Problem) {
	var after time.Duration
	switch problem.Kind() {
	case KindBusy:
		after = busyFor
	case KindUnavailable:
		after = unavailableFor
	case KindTooMany:
		after = tooManyFor
	default:
		return
	}
	header.Set("Retry-After", strconv.Itoa(int(after.Seconds())))
}
