package starter

import (
	"context"
	"errors"

	"tenure/internal/httpapi"
	"tenure/internal/platform"
)

// Decode implements [httpapi.Journeys].
func (s *service) Decode(_ context.Context, namespace string, payloads []byte) (httpapi.Decoded, error) {
	if namespace != "" && namespace != s.engine.namespace {
		return httpapi.Decoded{}, httpapi.NewProblem(httpapi.KindUnprocessable, nil,
			"the payloads are of another namespace than that of this starter")
	}
	opened, err := s.codec.Open(payloads)
	switch {
	case err == nil:
		return httpapi.Decoded{Text: opened.Text, Workflows: opened.Workflows}, nil
	case errors.Is(err, platform.ErrNotPayloads):
		return httpapi.Decoded{}, httpapi.NewProblem(httpapi.KindInvalid, err, "the body is no JSON of the form in GET /v1/openapi.yaml")
	case errors.Is(err, platform.ErrUnknownKey):
		return httpapi.Decoded{}, httpapi.NewProblem(httpapi.KindUnprocessable, err,
			"a payload was encrypted with a key that this starter does not have: codec in the configuration lists those it has")
	default:
		return httpapi.Decoded{}, httpapi.NewProblem(httpapi.KindUnprocessable, err, "a payload is damaged, or is none of this namespace")
	}
}
