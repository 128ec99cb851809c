package platform

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/temporal"

	"tenure/workflows/contract"
)

// Typed keys of the search attributes; the contract names them. They are not
// encrypted by Temporal: no personal data goes into them. SQL visibility has 10
// Keyword, 3 Datetime, 3 Bool and 3 KeywordList slots per namespace.
var (
	// KeyPhase is the person's phase, such as prehire or active.
	KeyPhase = temporal.NewSearchAttributeKeyKeyword(contract.AttributePhase)
	// KeyAttention is the reason code of the oldest open question to a human,
	// or "none".
	KeyAttention = temporal.NewSearchAttributeKeyKeyword(contract.AttributeAttention)
	// KeyRealm is the realm of the person key.
	KeyRealm = temporal.NewSearchAttributeKeyKeyword(contract.AttributeRealm)
	// KeyNextDeadline is the instant at which the journey acts next.
	KeyNextDeadline = temporal.NewSearchAttributeKeyTime(contract.AttributeNextDeadline)
	// KeyHeld says whether a human holds the journey.
	KeyHeld = temporal.NewSearchAttributeKeyBool(contract.AttributeHeld)
	// KeyHolds lists the kinds of the holds.
	KeyHolds = temporal.NewSearchAttributeKeyKeywordList(contract.AttributeHolds)
)

// addWait is the pause between looks at the server after attributes were added.
const addWait = 200 * time.Millisecond

// SearchAttributes returns every search attribute with its type.
func SearchAttributes() map[string]enumspb.IndexedValueType {
	out := make(map[string]enumspb.IndexedValueType)
	for _, k := range []temporal.SearchAttributeKey{KeyPhase, KeyAttention, KeyRealm, KeyNextDeadline, KeyHeld, KeyHolds} {
		out[k.GetName()] = k.GetValueType()
	}
	return out
}

// MissingSearchAttributesError says which search attributes the namespace
// lacks, and which exist with another type.
type MissingSearchAttributesError struct {
	Namespace string
	// Missing and WrongType are sorted.
	Missing   []string
	WrongType []string
}

// Error tells the operator what to register.
func (e *MissingSearchAttributesError) Error() string {
	var parts []string
	for _, name := range e.Missing {
		parts = append(parts, fmt.Sprintf("%s (%s) is missing", name, SearchAttributes()[name]))
	}
	for _, name := range e.WrongType {
		parts = append(parts, fmt.Sprintf("%s has another type than %s", name, SearchAttributes()[name]))
	}
	return fmt.Sprintf("search attributes of namespace %q: %s", e.Namespace, strings.Join(parts, ", "))
}

// CheckSearchAttributes returns nil when the namespace has every search
// attribute with its type, and a [*MissingSearchAttributesError] when it lacks
// some. It changes nothing and is cheap enough for a readiness probe.
func CheckSearchAttributes(ctx context.Context, operator operatorservice.OperatorServiceClient, namespace string) error {
	resp, err := operator.ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return fmt.Errorf("list search attributes of namespace %q: %w", namespace, err)
	}
	want := SearchAttributes()
	lack := &MissingSearchAttributesError{Namespace: namespace}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		got, ok := resp.GetCustomAttributes()[name]
		switch {
		case !ok:
			lack.Missing = append(lack.Missing, name)
		case got != want[name]:
			lack.WrongType = append(lack.WrongType, name)
		}
	}
	if len(lack.Missing)+len(lack.WrongType) > 0 {
		return lack
	}
	return nil
}

// EnsureSearchAttributes registers the search attributes that the namespace
// lacks and waits until the server lists them. Already done means: all are
// there. One of another type is an error: the operator must decide. Temporal
// Cloud refuses the call: register them there with its own tool.
func EnsureSearchAttributes(ctx context.Context, operator operatorservice.OperatorServiceClient, namespace string) error {
	for added := false; ; {
		err := CheckSearchAttributes(ctx, operator, namespace)
		var lack *MissingSearchAttributesError
		if !errors.As(err, &lack) {
			return err
		}
		if len(lack.WrongType) > 0 {
			return lack
		}
		if !added {
			if err := addSearchAttributes(ctx, operator, lack); err != nil {
				return err
			}
			added = true
			continue
		}
		timer := time.NewTimer(addWait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("wait for added search attributes: %w: %w", ctx.Err(), lack)
		case <-timer.C:
		}
	}
}

func addSearchAttributes(ctx context.Context, operator operatorservice.OperatorServiceClient, lack *MissingSearchAttributesError) error {
	types := make(map[string]enumspb.IndexedValueType, len(lack.Missing))
	for _, name := range lack.Missing {
		types[name] = SearchAttributes()[name]
	}
	_, err := operator.AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace:        lack.Namespace,
		SearchAttributes: types,
	})
	if err != nil {
		return fmt.Errorf("add search attributes to namespace %q: %w", lack.Namespace, err)
	}
	return nil
}
