package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"tenure/deploy/devstack/chaos/site"
	"tenure/deploy/devstack/chaos/tally"
	"tenure/internal/config"
)

const (
	// flood is how many statements are sent at once to a starter with so few
	// places.
	flood, places = 300, 16
	firstFlooded  = 500_000
)

// answer is what a sender of HR facts looks at.
type answer struct {
	status     int
	retryAfter string
}

// post delivers a statement once.
func (r *run) post(ctx context.Context, e site.Employee) (answer, error) {
	const within = time.Minute
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	body, err := e.Statement(time.Now())
	if err != nil {
		return answer{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.front+"/v1/feeds/"+site.Feed+"/events", bytes.NewReader(body))
	if err != nil {
		return answer{}, fmt.Errorf("make delivery: %w", err)
	}
	if request.Header, err = site.Signed(e.Key+"-1", time.Now(), body); err != nil {
		return answer{}, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{}, fmt.Errorf("deliver: %w", err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	return answer{status: response.StatusCode, retryAfter: response.Header.Get("Retry-After")}, nil
}

// flooded sends more at once than a starter takes. What it answered 202 is with
// the journeys; what it turned away is told when to come again, and is not.
func (r *run) flooded(ctx context.Context) (err error) {
	front, err := r.crews.Starter(ctx, func(api *config.API) { api.AtOnce.Events, api.Drain = places, 0 })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, front.Stop()) }()
	back, err := r.crews.Worker(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, back.Stop()) }()
	r.front = front.Addr
	r.site.Use(front.Addr)
	var (
		wait           sync.WaitGroup
		mu             sync.Mutex
		wrong          []error
		away, answered []site.Employee
	)
	for i := range flood {
		e := site.Employee{
			Key: fmt.Sprintf("%06d", firstFlooded+i), Given: "Berthe", Family: fmt.Sprintf("Okonkwo-%06d", firstFlooded+i),
			Start: time.Now().AddDate(0, 0, 300).Format(time.DateOnly), Department: "Sales", Title: "Clerk", Manager: site.ChiefKey,
		}
		wait.Go(func() {
			got, err := r.post(ctx, e)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				wrong = append(wrong, err)
			case got.status == http.StatusAccepted:
				answered = append(answered, e)
			case got.status == http.StatusServiceUnavailable && got.retryAfter != "":
				away = append(away, e)
			default:
				wrong = append(wrong, fmt.Errorf("a delivery of the flood was answered with %d, Retry-After %q", got.status, got.retryAfter))
			}
		})
	}
	wait.Wait()
	r.Out.Printf("load: of %d deliveries at once %d were taken in and %d told to come again", flood, len(answered), len(away))
	r.add(tally.Tally{Events: len(answered)}, "")
	if len(away) == 0 || len(answered) == 0 {
		wrong = append(wrong, errors.New("the flood was none: nothing was turned away, or everything"))
	}
	return errors.Join(append(wrong, site.Each(ctx, senders, answered, r.isHeard), site.Each(ctx, senders, away, r.isNot))...)
}

// isHeard wants what was answered 202 to be with a journey.
func (r *run) isHeard(ctx context.Context, e site.Employee) error {
	err := site.Await(ctx, e.Key+" has a journey that heard HR", func(ctx context.Context) (bool, error) {
		got, err := r.site.Evidence(ctx, e)
		return err == nil && len(got.Ledger) > 0, nil
	})
	if errors.Is(err, site.ErrWaited) {
		r.add(tally.Tally{Lost: 1}, "%s was answered 202, and nobody heard it", e.Key)
		return nil
	}
	return err
}

// isNot wants what was turned away not to be half taken in.
func (r *run) isNot(ctx context.Context, e site.Employee) error {
	if _, err := r.site.Person(ctx, e.Key); err == nil {
		r.add(tally.Tally{Doubled: 1}, "%s was turned away, and has a journey", e.Key)
	}
	return nil
}
