package starter

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"tenure/internal/httpapi"
	"tenure/internal/platform"
	"tenure/workflows/contract"
)

const (
	// keysWithin bounds the look at the histories of what is open.
	keysWithin = time.Minute
	// listPage is how many workflows are listed at a time.
	listPage = 200
	// openWorkflows selects everything that has not ended, journeys and comparisons.
	openWorkflows = "TaskQueue = '" + contract.TaskQueue + "' AND ExecutionStatus = 'Running'"
)

// keyUse says which keys of the codec open workflows need.
type keyUse struct {
	mu sync.Mutex
	// looked counts the workflows, needs those that need a key; of each key one
	// that does is kept in such.
	looked int
	needs  map[string]int
	such   map[string]string
}

// add counts a workflow.
func (u *keyUse) add(workflow string, keys map[string]bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.looked++
	for key := range keys {
		u.needs[key]++
		if known, found := u.such[key]; !found || workflow < known {
			u.such[key] = workflow
		}
	}
}

// text says who needs a key.
func (u *keyUse) text(key string) string {
	named := key
	if key == platform.CodecAcceptPlain {
		named = "what is in the clear"
	}
	return fmt.Sprintf("%s by %d, such as %s", named, u.needs[key], u.such[key])
}

// list lists the workflows that a query selects, page by page.
func (e *engine) list(ctx context.Context, query string, take func(page []*workflowpb.WorkflowExecutionInfo) error) error {
	request := &workflowservice.ListWorkflowExecutionsRequest{Namespace: e.namespace, Query: query, PageSize: listPage}
	for {
		page, err := e.client.WorkflowService().ListWorkflowExecutions(ctx, request)
		if err != nil {
			return fmt.Errorf("list workflows: %w", err)
		}
		if err := take(page.GetExecutions()); err != nil {
			return err
		}
		request.NextPageToken = page.GetNextPageToken()
		if len(request.NextPageToken) == 0 {
			return nil
		}
	}
}

// keysInUse reads the history of every open workflow. The use is that of those
// that could be read until an error.
func (e *engine) keysInUse(ctx context.Context, codec *platform.Codec) (*keyUse, error) {
	use := &keyUse{needs: map[string]int{}, such: map[string]string{}}
	err := e.list(ctx, openWorkflows, func(page []*workflowpb.WorkflowExecutionInfo) error {
		failed := make([]error, len(page))
		atOnce(len(page), func(i int) {
			workflow := page[i].GetExecution().GetWorkflowId()
			keys, err := e.keysOf(ctx, codec, workflow)
			if err == nil {
				use.add(workflow, keys)
			}
			failed[i] = err
		})
		return errors.Join(failed...)
	})
	return use, err
}

// keysOf are the keys that the newest run of a workflow needs. One that has gone
// meanwhile needs none.
func (e *engine) keysOf(ctx context.Context, codec *platform.Codec, workflow string) (map[string]bool, error) {
	keys := map[string]bool{}
	events := e.client.GetWorkflowHistory(ctx, workflow, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if isNotFound(err) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read history: %w", err)
		}
		needs, err := codec.Needs(ctx, event)
		if err != nil {
			return nil, err
		}
		for _, key := range needs {
			keys[key] = true
		}
	}
	return keys, nil
}

// checkKeys tells which keys of the codec may be taken out of the configuration.
func (s *service) checkKeys(ctx context.Context, found *checks) {
	const name = "codec keys"
	if s.codec == nil || !s.codec.Encrypts() {
		found.add(name, nil, "none: payloads are in the clear in Temporal", "")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, keysWithin)
	defer cancel()
	use, err := s.engine.keysInUse(ctx, s.codec)
	check := httpapi.Check{Name: name, OK: true, State: httpapi.CheckOK}
	configured := s.codec.KeyIDs()
	if s.codec.AcceptsPlain() {
		configured = append(configured, platform.CodecAcceptPlain)
	}
	missing, old := use.others(configured)
	switch {
	case len(missing) > 0:
		check.OK, check.State = false, httpapi.CheckFailed
		check.Detail = fmt.Sprintf("of %d open workflows looked at, some stand still since they need what is not configured: %s", use.looked, strings.Join(missing, "; "))
		check.Remedy = "put the key back into codec, behind the first one, in every worker and starter"
	case err != nil:
		check.State = httpapi.CheckUnknown
		check.Detail = fmt.Sprintf("%d open workflows could be looked at and no more: take no key out of codec", use.looked)
		check.Remedy = "ask again when Temporal has less to do"
	case len(old) > 0:
		check.State = httpapi.CheckWarning
		check.Detail = fmt.Sprintf("new payloads have %s; of %d open workflows older ones are needed: %s", configured[0], use.looked, strings.Join(old, "; "))
		check.Remedy = "before a key is taken out of codec: tenure journey renew --all, and again for those that refuse"
	default:
		check.Detail = fmt.Sprintf("all of %d open workflows need %s only", use.looked, configured[0])
		if len(configured) > 1 {
			check.Detail += "; not needed by what is open: " + strings.Join(configured[1:], ", ")
		}
	}
	*found = append(*found, check)
}

// others are the keys in use beside the one that encrypts: those that are not
// configured, and those that are.
func (u *keyUse) others(configured []string) (missing, old []string) {
	for _, key := range slices.Sorted(maps.Keys(u.needs)) {
		switch {
		case key == configured[0]:
		case slices.Contains(configured, key):
			old = append(old, u.text(key))
		default:
			missing = append(missing, u.text(key))
		}
	}
	return missing, old
}
