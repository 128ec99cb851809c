package platform

import (
	"errors"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
)

type input struct{ Schema int }

// TestSealedWhereARefusalIsRead is the table of the type's comment.
func TestSealedWhereARefusalIsRead(t *testing.T) {
	t.Parallel()
	c := mustParse(t, keyFile(t, "k1", 1))
	plain := encode(t, NoCodec(), input{Schema: 1})
	unknown := encode(t, mustParse(t, keyFile(t, "k9", 9)), input{Schema: 1})
	corrupt := encode(t, c, input{Schema: 1})
	corrupt.Data[3] ^= 1

	client := newSealed(c, []any{input{}})
	ofWorkflow := client.WithSerializationContext(converter.WorkflowSerializationContext{}).(*sealed).WithWorkflowContext(nil)
	ofActivity := client.WithWorkflowContext(nil).(*sealed).WithSerializationContext(converter.ActivitySerializationContext{})

	const (
		asError = "error"
		asPanic = "panic"
		asValue = "value"
	)
	for _, tt := range []struct {
		name    string
		dc      converter.DataConverter
		payload *commonpb.Payload
		into    any
		want    string
	}{
		{"client, plain", client, plain, new(input), asError},
		{"client, plain, raw", client, plain, new(converter.RawValue), asError},
		{"client, unknown key", client, unknown, new(input), asError},
		{"workflow input, plain", ofWorkflow, plain, new(input), asPanic},
		{"workflow input, unknown key", ofWorkflow, unknown, new(input), asPanic},
		{"workflow input, corrupt", ofWorkflow, corrupt, new(input), asPanic},
		{"update, plain", ofWorkflow, plain, new(map[string]any), asError},
		{"update, unknown key", ofWorkflow, unknown, new(map[string]any), asError},
		{"signal, plain", ofWorkflow, plain, new(converter.RawValue), asValue},
		{"signal, corrupt", ofWorkflow, corrupt, new(converter.RawValue), asValue},
		{"signal, unknown key", ofWorkflow, unknown, new(converter.RawValue), asPanic},
		{"activity result, plain", ofActivity, plain, new(string), asPanic},
		{"activity result, unknown key", ofActivity, unknown, new(string), asPanic},
		{"activity result, corrupt", ofActivity, corrupt, new(string), asPanic},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := outcome(tt.dc, tt.payload, tt.into)
			if got != tt.want {
				t.Fatalf("FromPayloads ended with %s (%v), want %s", got, err, tt.want)
			}
			if raw, ok := tt.into.(*converter.RawValue); ok && got == asValue {
				var v any
				err := converter.GetDefaultDataConverter().FromPayload(raw.Payload(), &v)
				if err == nil || !strings.Contains(err.Error(), "refused/") {
					t.Errorf("decoding the raw value = %v, %v; want an error that says it was refused", v, err)
				}
				if len(raw.Payload().GetData()) > 0 {
					t.Error("the refused raw value still holds content")
				}
			}
		})
	}
}

// outcome names how decoding ended.
func outcome(dc converter.DataConverter, p *commonpb.Payload, into any) (how string, err error) {
	defer func() {
		if r := recover(); r != nil {
			how, err = "panic", r.(error)
		}
	}()
	if err := dc.FromPayloads(&commonpb.Payloads{Payloads: []*commonpb.Payload{p}}, into); err != nil {
		return "error", err
	}
	return "value", nil
}

func TestSealedReadsRawValue(t *testing.T) {
	t.Parallel()
	c := mustParse(t, keyFile(t, "k1", 1))
	var raw converter.RawValue
	dc := newSealed(c, nil).WithWorkflowContext(nil)
	if err := dc.FromPayloads(&commonpb.Payloads{Payloads: []*commonpb.Payload{encode(t, c, "v")}}, &raw); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := converter.GetDefaultDataConverter().FromPayload(raw.Payload(), &got); err != nil || got != "v" {
		t.Errorf("raw value = %q, %v; want v", got, err)
	}
}

func TestSealedReadsNothing(t *testing.T) {
	t.Parallel()
	c := mustParse(t, keyFile(t, "k1", 1))
	plain := &commonpb.Payloads{Payloads: []*commonpb.Payload{encode(t, NoCodec(), "ignored")}}
	if err := newSealed(c, nil).FromPayloads(plain); err != nil {
		t.Errorf("FromPayloads into nothing = %v, want nil", err)
	}
}

// TestSealedKeepsClearTextToItself guards against the SDK's habit of returning
// the clear payload beside an error.
func TestSealedKeepsClearTextToItself(t *testing.T) {
	t.Parallel()
	s := newSealed(NoCodec(), nil)
	s.inner = converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), failing{})
	if p, err := s.ToPayload("clear"); err == nil || p != nil {
		t.Errorf("ToPayload = %v, %v; want an error alone", p, err)
	}
	if ps, err := s.ToPayloads("clear"); err == nil || ps != nil {
		t.Errorf("ToPayloads = %v, %v; want an error alone", ps, err)
	}
}

type failing struct{}

func (failing) Encode(p []*commonpb.Payload) ([]*commonpb.Payload, error) {
	return p, errors.New("no key today")
}
func (failing) Decode(p []*commonpb.Payload) ([]*commonpb.Payload, error) { return p, nil }
