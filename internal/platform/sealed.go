package platform

import (
	"context"
	"errors"
	"reflect"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
)

// Encodings of the payload that a [converter.RawValue] holds when the payload
// that came was refused. No payload converter knows them, so decoding such a
// value fails with an error that names the reason, and the content is gone.
const (
	refusedNotEncrypted = "refused/not-encrypted"
	refusedCorrupt      = "refused/corrupt"
	refusedUnknownKey   = "refused/unknown-key"
)

// sealed is the data converter over the codec. It decides what a refused
// payload means where it is read:
//
//   - An activity's result, or a workflow's input of a type in inputs, read by
//     a workflow: it panics. The SDK then fails the workflow task, which is
//     tried again until a worker with the key comes. An error would reach
//     workflow code as if the activity had failed, or end the journey.
//   - A signal's argument, taken as RawValue: the handler gets a RawValue that
//     cannot be decoded, so it can answer for it. An error would be a lost log
//     line. An unknown key panics here too: once the key is known the same
//     signal would be readable, and a replay must not see another history.
//   - Everything else (updates, queries, results in a client, activity input):
//     an error.
type sealed struct {
	inner      converter.DataConverter
	inputs     map[reflect.Type]bool
	inWorkflow bool
	ofActivity bool
}

var (
	_ converter.DataConverter                         = (*sealed)(nil)
	_ converter.ContextAware                          = (*sealed)(nil)
	_ converter.DataConverterWithSerializationContext = (*sealed)(nil)
)

func newSealed(codec *Codec, inputs []any) *sealed {
	codecs := codec.PayloadCodecs()
	if len(codecs) == 0 {
		codecs = []converter.PayloadCodec{keyless{}}
	}
	s := &sealed{
		inner:  converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), codecs...),
		inputs: make(map[reflect.Type]bool, len(inputs)),
	}
	for _, in := range inputs {
		s.inputs[reflect.PointerTo(reflect.TypeOf(in))] = true
	}
	return s
}

// WithWorkflowContext implements [converter.ContextAware].
func (s *sealed) WithWorkflowContext(converter.WorkflowContext) converter.DataConverter {
	c := *s
	c.inWorkflow = true
	return &c
}

// WithContext implements [converter.ContextAware].
func (s *sealed) WithContext(context.Context) converter.DataConverter { return s }

// WithSerializationContext implements
// [converter.DataConverterWithSerializationContext].
func (s *sealed) WithSerializationContext(sc converter.SerializationContext) converter.DataConverter {
	c := *s
	c.inner = converter.WithDataConverterSerializationContext(s.inner, sc)
	_, c.ofActivity = sc.(converter.ActivitySerializationContext)
	return &c
}

// ToPayload implements [converter.DataConverter].
func (s *sealed) ToPayload(value any) (*commonpb.Payload, error) {
	p, err := s.inner.ToPayload(value)
	if err != nil {
		// The SDK's codec converter returns the clear payload with the error.
		return nil, err
	}
	return p, nil
}

// ToPayloads implements [converter.DataConverter].
func (s *sealed) ToPayloads(values ...any) (*commonpb.Payloads, error) {
	ps, err := s.inner.ToPayloads(values...)
	if err != nil {
		return nil, err
	}
	return ps, nil
}

// FromPayload implements [converter.DataConverter].
func (s *sealed) FromPayload(payload *commonpb.Payload, valuePtr any) error {
	return s.settle(s.inner.FromPayload(payload, valuePtr), valuePtr)
}

// FromPayloads implements [converter.DataConverter].
func (s *sealed) FromPayloads(payloads *commonpb.Payloads, valuePtrs ...any) error {
	if len(valuePtrs) == 0 {
		// Nothing is read, so nothing is refused: a query without parameters
		// that was sent with an empty argument by the Temporal UI.
		return nil
	}
	return s.settle(s.inner.FromPayloads(payloads, valuePtrs...), valuePtrs...)
}

// ToString implements [converter.DataConverter].
func (s *sealed) ToString(payload *commonpb.Payload) string { return s.inner.ToString(payload) }

// ToStrings implements [converter.DataConverter].
func (s *sealed) ToStrings(payloads *commonpb.Payloads) []string { return s.inner.ToStrings(payloads) }

func (s *sealed) settle(err error, valuePtrs ...any) error {
	encoding := refusal(err)
	if encoding == "" {
		return err
	}
	raw := len(valuePtrs) > 0
	for _, ptr := range valuePtrs {
		if _, ok := ptr.(*converter.RawValue); !ok {
			raw = false
		}
	}
	if s.inWorkflow && (s.ofActivity || raw && encoding == refusedUnknownKey || s.isInput(valuePtrs)) {
		panic(err)
	}
	if !raw || !s.inWorkflow {
		return err
	}
	for _, ptr := range valuePtrs {
		if v, ok := ptr.(*converter.RawValue); ok {
			*v = converter.NewRawValue(&commonpb.Payload{
				Metadata: map[string][]byte{converter.MetadataEncoding: []byte(encoding)},
			})
		}
	}
	return nil
}

func (s *sealed) isInput(valuePtrs []any) bool {
	for _, ptr := range valuePtrs {
		if s.inputs[reflect.TypeOf(ptr)] {
			return true
		}
	}
	return false
}

func refusal(err error) string {
	switch {
	case errors.Is(err, ErrNotEncrypted):
		return refusedNotEncrypted
	case errors.Is(err, ErrUnknownKey):
		return refusedUnknownKey
	case errors.Is(err, ErrCorrupt):
		return refusedCorrupt
	}
	return ""
}
