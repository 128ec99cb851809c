package graphtest

import (
	"bytes"
	"context"
	_ "embed" // the description beside the published one
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"tenure/internal/sim/fault"
	"tenure/internal/sim/graph"
)

const (
	apiRoot    = "/v1.0"
	dataFolder = "shared/data/graph"
)

// ErrUnknownOperation says that the description has no such operation.
var ErrUnknownOperation = errors.New("operation is not in the contract")

// Contract is the published description of the service, in both variants, and what stands beside it.
type Contract struct {
	docs []document
	// beside describes operations that the published subset leaves out, written from Microsoft's reference pages.
	beside document
}

//go:embed beside.openapi.json
var besideContent []byte

type document struct {
	name string
	spec *openapi3.T
}

// ErrNoData says that the folder of descriptions is absent.
var ErrNoData = errors.New("shared data folder absent")

// Open reads the descriptions.
func Open() (*Contract, error) {
	dir, err := dataDir()
	if err != nil {
		return nil, err
	}
	c := &Contract{}
	for _, name := range []string{"graph-subset.openapi.json", "graph-subset.strict.openapi.json"} {
		spec, err := openapi3.NewLoader().LoadFromFile(filepath.Join(dir, name))
		if err != nil {
			return nil, fmt.Errorf("load %s: %w", name, err)
		}
		c.docs = append(c.docs, document{name: name, spec: spec})
	}
	spec, err := openapi3.NewLoader().LoadFromData(besideContent)
	if err != nil {
		return nil, fmt.Errorf("load beside.openapi.json: %w", err)
	}
	c.beside = document{name: "beside.openapi.json", spec: spec}
	return c, nil
}

// Load is Open for a test: it skips the test when the descriptions are absent.
func Load(tb testing.TB) *Contract {
	tb.Helper()
	c, err := Open()
	if errors.Is(err, ErrNoData) {
		tb.Skipf("%v: no exchange was checked against the published description of Graph", err)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// dataDir searches upward from the working directory for the folder of descriptions.
func dataDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find working directory: %w", err)
	}
	for {
		found := filepath.Join(dir, dataFolder)
		if _, err := os.Stat(found); err == nil {
			return found, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("%w: no %s above the test's directory", ErrNoData, dataFolder)
		}
		dir = parent
	}
}

// Check checks the request and the answer of an exchange. Exchanges outside /v1.0 and answers that are faults outside
// the contract (a gateway's page, a dropped connection) are passed over.
func (c *Contract) Check(ex graph.Exchange) error {
	return c.check(ex, true)
}

// CheckAnswer checks the answer only, for tests that send bad requests on purpose.
func (c *Contract) CheckAnswer(ex graph.Exchange) error {
	return c.check(ex, false)
}

func (c *Contract) check(ex graph.Exchange, request bool) error {
	path, ok := strings.CutPrefix(ex.URL.Path, apiRoot+"/")
	if !ok {
		return nil
	}
	docs := c.docs
	if template, _ := c.beside.find(ex.Method, "/"+path); template != "" {
		docs = []document{c.beside}
	}
	var problems []error
	for _, doc := range docs {
		if err := doc.check(ex, "/"+path, request); err != nil {
			problems = append(problems, fmt.Errorf("%s: %s %s -> %d: %w", doc.name, ex.Method, ex.Route, ex.Status, err))
		}
	}
	return errors.Join(problems...)
}

func (d document) check(ex graph.Exchange, path string, request bool) error {
	template, params := d.find(ex.Method, path)
	if template == "" {
		return ErrUnknownOperation
	}
	item := d.spec.Paths.Value(template)
	in := &openapi3filter.RequestValidationInput{
		Request: requestOf(ex), PathParams: params, QueryParams: ex.URL.Query(),
		Route: &routers.Route{
			Spec: d.spec, Path: template, PathItem: item, Method: ex.Method, Operation: item.GetOperation(ex.Method),
		},
		Options: options(),
	}
	ctx := context.WithoutCancel(in.Request.Context())
	if request {
		if err := openapi3filter.ValidateRequest(ctx, in); err != nil {
			return fmt.Errorf("request: %w", err)
		}
	}
	if ex.Status == 0 || ex.Fault == string(fault.GatewayPage) {
		return nil
	}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: ex.Status, Header: ex.ResponseHeader,
		Body: io.NopCloser(bytes.NewReader(ex.ResponseBody)), Options: in.Options,
	}
	if err := openapi3filter.ValidateResponse(ctx, out); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}

// options leaves the schema and the value out of the messages: the schemas are as long as a book.
func options() *openapi3filter.Options {
	o := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, MultiError: true, IncludeResponseStatus: true}
	o.WithCustomSchemaErrorFunc(func(err *openapi3.SchemaError) string {
		return "/" + strings.Join(err.JSONPointer(), "/") + ": " + err.Reason
	})
	return o
}

// find matches a path to a template of the description, preferring literal segments.
func (d document) find(method, path string) (string, map[string]string) {
	got := strings.Split(strings.Trim(path, "/"), "/")
	best, most := "", -1
	var params map[string]string
	for template, item := range d.spec.Paths.Map() {
		if item.GetOperation(method) == nil {
			continue
		}
		found, literals, ok := match(strings.Split(strings.Trim(template, "/"), "/"), got)
		if ok && literals > most {
			best, most, params = template, literals, found
		}
	}
	return best, params
}

func match(template, got []string) (map[string]string, int, bool) {
	if len(template) != len(got) {
		return nil, 0, false
	}
	params, literals := map[string]string{}, 0
	for i, want := range template {
		switch {
		case strings.HasPrefix(want, "{"):
			params[strings.Trim(want, "{}")] = got[i]
		case strings.EqualFold(want, got[i]):
			literals++
		default:
			return nil, 0, false
		}
	}
	return params, literals, true
}

func requestOf(ex graph.Exchange) *http.Request {
	header := ex.RequestHeader.Clone()
	header.Del("Content-Encoding")
	body := ex.RequestBody
	if strings.HasSuffix(ex.URL.Path, "/$batch") {
		body = withoutNullBodies(body)
	}
	return &http.Request{
		Method: ex.Method, URL: ex.URL, Header: header, ContentLength: int64(len(body)),
		Body: io.NopCloser(bytes.NewReader(body)),
	}
}

// withoutNullBodies drops the "body": null that the Graph SDK writes into items of a $batch: the service takes it,
// the description does not.
func withoutNullBodies(raw []byte) []byte {
	var batch struct {
		Requests []map[string]any `json:"requests"`
	}
	if err := json.Unmarshal(raw, &batch); err != nil {
		return raw
	}
	for _, item := range batch.Requests {
		if v, ok := item["body"]; ok && v == nil {
			delete(item, "body")
		}
	}
	out, err := json.Marshal(batch)
	if err != nil {
		return raw
	}
	return out
}

// Recorder collects exchanges of a simulator; give its Record to graph.Options.
type Recorder struct {
	mu  sync.Mutex
	all []graph.Exchange
}

// Record keeps one exchange. It is safe for concurrent use.
func (r *Recorder) Record(ex graph.Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, ex)
}

// Exchanges returns what was recorded so far.
func (r *Recorder) Exchanges() []graph.Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]graph.Exchange(nil), r.all...)
}

// Verify checks every recorded exchange in full and reports each that breaks the contract. It returns how many were
// checked.
func (r *Recorder) Verify(tb testing.TB, c *Contract) int {
	tb.Helper()
	all := r.Exchanges()
	for _, ex := range all {
		if err := c.Check(ex); err != nil {
			tb.Errorf("exchange breaks the contract: %v", err)
		}
	}
	return len(all)
}
