package platform

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"google.golang.org/grpc"

	"tenure/workflows/contract"
)

// operator is a server that knows search attributes only.
type operator struct {
	operatorservice.OperatorServiceClient
	has   map[string]enumspb.IndexedValueType
	stale int // lists that do not yet show what was added
	added []string
	shown map[string]enumspb.IndexedValueType
}

func (o *operator) ListSearchAttributes(context.Context, *operatorservice.ListSearchAttributesRequest, ...grpc.CallOption) (*operatorservice.ListSearchAttributesResponse, error) {
	if o.stale > 0 && o.added != nil {
		o.stale--
	} else {
		o.shown = maps.Clone(o.has)
	}
	return &operatorservice.ListSearchAttributesResponse{CustomAttributes: o.shown}, nil
}

func (o *operator) AddSearchAttributes(_ context.Context, req *operatorservice.AddSearchAttributesRequest, _ ...grpc.CallOption) (*operatorservice.AddSearchAttributesResponse, error) {
	for name, kind := range req.GetSearchAttributes() {
		o.has[name] = kind
		o.added = append(o.added, name)
	}
	return &operatorservice.AddSearchAttributesResponse{}, nil
}

func TestSearchAttributes(t *testing.T) {
	t.Parallel()
	want := map[string]enumspb.IndexedValueType{
		"TenurePhase":        enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		"TenureAttention":    enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		"TenureRealm":        enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		"TenureNextDeadline": enumspb.INDEXED_VALUE_TYPE_DATETIME,
		"TenureHeld":         enumspb.INDEXED_VALUE_TYPE_BOOL,
		"TenureHolds":        enumspb.INDEXED_VALUE_TYPE_KEYWORD_LIST,
	}
	if diff := cmp.Diff(want, SearchAttributes()); diff != "" {
		t.Errorf("search attributes (-want +got):\n%s", diff)
	}
}

func TestEnsureSearchAttributesAddsOnlyWhatIsMissing(t *testing.T) {
	t.Parallel()
	has := SearchAttributes()
	delete(has, contract.AttributeHeld)
	o := &operator{has: has, stale: 2}
	if err := EnsureSearchAttributes(t.Context(), o, "people"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{contract.AttributeHeld}, o.added); diff != "" {
		t.Errorf("added (-want +got):\n%s", diff)
	}
	if o.stale != 0 {
		t.Error("it returned before the server listed the addition")
	}
}

func TestCheckSearchAttributesSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	has := SearchAttributes()
	delete(has, contract.AttributePhase)
	has[contract.AttributeHeld] = enumspb.INDEXED_VALUE_TYPE_TEXT
	o := &operator{has: has}
	err := CheckSearchAttributes(t.Context(), o, "people")
	var lack *MissingSearchAttributesError
	if !errors.As(err, &lack) {
		t.Fatalf("CheckSearchAttributes = %v, want a MissingSearchAttributesError", err)
	}
	want := &MissingSearchAttributesError{Namespace: "people", Missing: []string{contract.AttributePhase}, WrongType: []string{contract.AttributeHeld}}
	if diff := cmp.Diff(want, lack); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	for _, text := range []string{"TenurePhase (Keyword) is missing", "TenureHeld has another type than Bool"} {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q does not say %q", err, text)
		}
	}
	if err := EnsureSearchAttributes(t.Context(), o, "people"); !errors.As(err, &lack) || o.added != nil {
		t.Errorf("EnsureSearchAttributes = %v and added %v; want a refusal to touch a wrong type", err, o.added)
	}
}
