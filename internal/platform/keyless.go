package platform

import (
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
)

// keyless is the codec of a process that encrypts nothing. It changes no
// payload, but tells an encrypted one from a damaged one: a worker that was
// started without keys beside others must block tasks, not fail journeys.
type keyless struct{}

var _ converter.PayloadCodec = keyless{}

// Encode implements [converter.PayloadCodec].
func (keyless) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	return payloads, nil
}

// Decode implements [converter.PayloadCodec].
func (keyless) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	for _, p := range payloads {
		if string(p.GetMetadata()[converter.MetadataEncoding]) == encodingEncrypted {
			return nil, fmt.Errorf("%w: %q, and this process has none", ErrUnknownKey, cut(string(p.GetMetadata()[MetadataKeyID])))
		}
	}
	return payloads, nil
}
