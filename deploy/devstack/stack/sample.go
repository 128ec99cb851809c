package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"tenure/deploy/devstack/sample"
	"tenure/internal/httpapi"
)

// startSample imports the sample organisation once, through the API as an
// operator would. It goes on in the background: the stack is ready before.
func (s *Stack) startSample(ctx context.Context) error {
	done := filepath.Join(s.opts.Dir, "sample-imported")
	wanted := s.opts.Sample && !s.opts.Onboarding && s.opts.Starter && s.opts.Worker && s.opts.Policy == ""
	if _, err := os.Stat(done); err == nil || !wanted {
		return nil
	}
	exports, err := s.exports()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	finished := make(chan error, 1)
	go func() {
		err := s.importAll(ctx, exports)
		if err == nil {
			err = os.WriteFile(done, nil, 0o600)
		}
		if err != nil && ctx.Err() == nil {
			s.log.Error("import sample", "error", err)
		}
		finished <- nil
	}()
	s.onClose("the sample import", func() error { cancel(); return <-finished })
	return nil
}

// exports are the day's files, kept so that a stack interrupted in the middle
// goes on with the same ones, and an operator can edit and import them again.
func (s *Stack) exports() ([]sample.Export, error) {
	exports, err := sample.Exports(s.day())
	if err != nil {
		return nil, err
	}
	for i, export := range exports {
		path := filepath.Join(s.opts.Dir, export.Name)
		kept, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			kept, err = export.CSV, os.WriteFile(path, export.CSV, 0o600)
		}
		if err != nil {
			return nil, err
		}
		exports[i].CSV = kept
	}
	return exports, nil
}

const (
	samplePoll  = 200 * time.Millisecond
	sampleFeed  = "hr"
	sampleActor = "tenure-devstack"
)

// importAll imports one file after the other: the second is about changes, so
// everybody must have been planned for once before.
func (s *Stack) importAll(ctx context.Context, exports []sample.Export) error {
	total := 0
	for _, export := range exports {
		query := url.Values{"asOf": {export.AsOf.Format(time.RFC3339)}, "fileName": {export.Name}, "actor": {sampleActor}}
		var result httpapi.Import
		if err := s.call(ctx, http.MethodPost, "/v1/feeds/"+sampleFeed+"/imports?"+query.Encode(), "text/csv", export.CSV, &result); err != nil {
			return fmt.Errorf("import %s: %w", export.Name, err)
		}
		total = max(total, result.Accepted)
		if err := s.awaitImport(ctx, result.ID, total); err != nil {
			return fmt.Errorf("import %s: %w", export.Name, err)
		}
	}
	return nil
}

func (s *Stack) awaitImport(ctx context.Context, id string, people int) error {
	ticker := time.NewTicker(samplePoll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
		var status httpapi.Import
		if err := s.call(ctx, http.MethodGet, "/v1/feeds/"+sampleFeed+"/imports/"+id, "", nil, &status); err != nil {
			return err
		}
		if status.State == httpapi.ImportHeld {
			return fmt.Errorf("the file is held: %v", status.HeldReasons)
		}
		var list []httpapi.Person
		if err := s.call(ctx, http.MethodGet, "/v1/people?limit=1000", "", nil, &list); err != nil {
			return err
		}
		if status.Finished() && len(list) >= people {
			return nil
		}
	}
}

// call speaks to the stack's own API.
func (s *Stack) call(ctx context.Context, method, path, contentType string, body []byte, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, "http://"+s.addrs.API+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	const limit = 8 << 20
	content, err := io.ReadAll(io.LimitReader(response.Body, limit))
	if err != nil {
		return err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("the API answered %s: %s", response.Status, content)
	}
	return json.Unmarshal(content, into)
}
