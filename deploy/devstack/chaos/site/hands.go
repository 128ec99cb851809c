package site

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"tenure/internal/httpapi"
	"tenure/workflows/contract"
)

const (
	// Patience is how long anything may take that takes no virtual time. It is
	// generous: machines that run this may be loaded.
	Patience = 5 * time.Minute
	// shortLook and longLook bound the time between two looks at what is waited
	// for; it grows with the time waited, since a crowd that looks all the time
	// leaves nothing of a small machine to what it waits for.
	shortLook, longLook = 50 * time.Millisecond, 2 * time.Second
	lookShare           = 8
	// operator is who decides what a human must.
	operator = "kim"
)

// ErrWaited says that a condition was waited for in vain.
var ErrWaited = errors.New("waited in vain")

// Await waits until a condition holds. An error of the condition ends it.
func Await(ctx context.Context, what string, holds func(context.Context) (bool, error)) error {
	return AwaitWithin(ctx, Patience, what, holds)
}

// AwaitWithin is Await with a patience of its own.
func AwaitWithin(ctx context.Context, patience time.Duration, what string, holds func(context.Context) (bool, error)) error {
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for began := time.Now(); ; {
		held, err := holds(within)
		switch {
		case err != nil && within.Err() == nil:
			return fmt.Errorf("%s: %w", what, err)
		case held:
			return nil
		}
		look := time.NewTimer(min(max(shortLook, time.Since(began)/lookShare), longLook))
		select {
		case <-within.Done():
			look.Stop()
			return fmt.Errorf("%s: %w for %s", what, ErrWaited, patience)
		case <-look.C:
		}
	}
}

// request speaks to the API once.
func (s *Site) request(ctx context.Context, method, path string, header http.Header, body []byte) (status int, text string, err error) {
	const within = 30 * time.Second
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, "http://"+s.api+path, bytes.NewReader(body))
	if err != nil {
		return 0, "", fmt.Errorf("make request: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	for name := range header {
		request.Header[name] = header[name]
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, "", fmt.Errorf("%s %s: %w", method, path, err)
	}
	return response.StatusCode, string(content), nil
}

// Call speaks to the API and reads the answer; into may be nil.
func (s *Site) Call(ctx context.Context, method, path string, body, into any) error {
	var content []byte
	if body != nil {
		var err error
		if content, err = json.Marshal(body); err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
	}
	status, text, err := s.request(ctx, method, path, nil, content)
	switch {
	case err != nil:
		return err
	case status >= http.StatusBadRequest:
		return fmt.Errorf("%s %s answered %d: %s", method, path, status, text)
	case into == nil:
		return nil
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("%s %s: %w in %s", method, path, err, text)
	}
	return nil
}

func place(key string) string { return httpapi.PersonID{Realm: Realm, Key: key}.Path() }

// Person reads one person.
func (s *Site) Person(ctx context.Context, key string) (httpapi.PersonDetail, error) {
	var detail httpapi.PersonDetail
	err := s.Call(ctx, http.MethodGet, place(key), nil, &detail)
	return detail, err
}

// Timeline reads what was, is and will be with a person.
func (s *Site) Timeline(ctx context.Context, key string) (httpapi.Timeline, error) {
	var timeline httpapi.Timeline
	err := s.Call(ctx, http.MethodGet, place(key)+"/timeline", nil, &timeline)
	return timeline, err
}

// Steer lets the operator decide something.
func (s *Site) Steer(ctx context.Context, key string, kind contract.Kind, o contract.Override) error {
	o.Actor, o.Reason = operator, "seen in the chaos program"
	return s.Call(ctx, http.MethodPost, place(key)+"/overrides/"+string(kind), o, nil)
}

// Quiet reports whether nothing is in flight or due for a person, as the
// journey itself says.
func Quiet(detail httpapi.PersonDetail) bool {
	due := detail.NextDeadline != nil && !detail.NextDeadline.After(detail.Now)
	return len(detail.Running) == 0 && !due && detail.Source == httpapi.SourceJourney
}
