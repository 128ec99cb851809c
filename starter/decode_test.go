package starter

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"

	"tenure/internal/httpapi"
	"tenure/internal/platform"
)

// TestDecode: payloads of this namespace and these keys are opened; of anything
// else the caller learns what is missing, and the log nothing of the content.
func TestDecode(t *testing.T) {
	t.Setenv("DECODE_TEST_KEY", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
	codec, err := platform.ParseCodec("k1=env:DECODE_TEST_KEY")
	if err != nil {
		t.Fatal(err)
	}
	encrypting := converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), codec.PayloadCodecs()...)
	payloads, err := converter.WithDataConverterSerializationContext(encrypting, converter.WorkflowSerializationContext{WorkflowID: "journey/main/1"}).
		ToPayloads("Quilla")
	if err != nil {
		t.Fatal(err)
	}
	text, err := protojson.Marshal(payloads)
	if err != nil {
		t.Fatal(err)
	}
	s := &service{codec: codec, engine: &engine{namespace: "people"}}
	for _, namespace := range []string{"", "people"} {
		got, err := s.Decode(t.Context(), namespace, text)
		if err != nil || len(got.Workflows) != 1 || got.Workflows[0] != "journey/main/1" {
			t.Fatalf("Decode() = %+v, %v; want the workflow", got, err)
		}
		var plain commonpb.Payloads
		if err := protojson.Unmarshal(got.Text, &plain); err != nil || string(plain.GetPayloads()[0].GetData()) != `"Quilla"` {
			t.Errorf("Decode() = %s, %v; want the payload in the clear", got.Text, err)
		}
	}
	bare := &service{codec: platform.NoCodec(), engine: &engine{namespace: "people"}}
	damaged := []byte(strings.Replace(string(text), `"data":"`, `"data":"AAAA`, 1))
	for name, tt := range map[string]struct {
		service   *service
		namespace string
		text      []byte
		kind      httpapi.Kind
	}{
		"another namespace": {s, "others", text, httpapi.KindUnprocessable},
		"no key":            {bare, "people", text, httpapi.KindUnprocessable},
		"damaged":           {s, "people", damaged, httpapi.KindUnprocessable},
		"no payloads":       {s, "people", []byte(`{"Quilla":1}`), httpapi.KindInvalid},
	} {
		got, err := tt.service.Decode(t.Context(), tt.namespace, tt.text)
		var problem *httpapi.Problem
		if !errors.As(err, &problem) || problem.Kind() != tt.kind || got.Text != nil || got.Workflows != nil {
			t.Fatalf("%s: Decode() = %+v, %v; want %s", name, got, err, tt.kind)
		}
		if cause := errors.Unwrap(problem); cause != nil && strings.Contains(cause.Error(), "Quilla") {
			t.Errorf("%s: the cause, which is logged, quotes the content: %v", name, cause)
		}
	}
}
