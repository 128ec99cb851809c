package platform

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"
)

// wire is payloads as the Temporal Web UI sends them.
func wire(t testing.TB, payloads ...*commonpb.Payload) []byte {
	t.Helper()
	text, err := protojson.Marshal(&commonpb.Payloads{Payloads: payloads})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func forWorkflow(t testing.TB, c *Codec, sc converter.SerializationContext, value any) *commonpb.Payload {
	t.Helper()
	p, err := newSealed(c, nil).WithSerializationContext(sc).ToPayload(value)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Whoever opens a payload is told whose it is, and the payload itself is what it
// was before it was encoded.
func TestOpenNamesTheWorkflow(t *testing.T) {
	t.Parallel()
	c := mustParse(t, keyFile(t, "k2", 2), keyFile(t, "k1", 1))
	plain, err := converter.GetDefaultDataConverter().ToPayload("as it is")
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Open(wire(t,
		forWorkflow(t, c, converter.WorkflowSerializationContext{WorkflowID: "journey/main/2"}, "two"),
		forWorkflow(t, c, converter.ActivitySerializationContext{WorkflowID: "journey/main/1"}, "one"),
		forWorkflow(t, c, converter.WorkflowSerializationContext{WorkflowID: "journey/main/2"}, strings.Repeat("again ", 100)),
		plain, encode(t, c, "nobody's"),
	))
	if err != nil {
		t.Fatalf("Open() = %v", err)
	}
	if diff := cmp.Diff([]string{"", "journey/main/1", "journey/main/2"}, got.Workflows); diff != "" || got.Encrypted != 4 {
		t.Errorf("%d were encrypted, workflows (-want +got):\n%s", got.Encrypted, diff)
	}
	var payloads commonpb.Payloads
	if err := protojson.Unmarshal(got.Text, &payloads); err != nil {
		t.Fatalf("the answer is no payloads: %v", err)
	}
	for i, want := range []string{"two", "one", strings.Repeat("again ", 100), "as it is", "nobody's"} {
		p := payloads.GetPayloads()[i]
		var value string
		if err := json.Unmarshal(p.GetData(), &value); err != nil || value != want || len(p.GetMetadata()) != 1 {
			t.Errorf("payload %d = %.20q %v %v, want %.20q with its encoding alone", i, value, p.GetMetadata(), err, want)
		}
	}
}

// What one worker wrote for a workflow any other reads, whatever it reads it for:
// the label is for the record and decides nothing.
func TestTheLabelDecidesNothing(t *testing.T) {
	t.Parallel()
	c := mustParse(t, keyFile(t, "k1", 1))
	p := forWorkflow(t, c, converter.WorkflowSerializationContext{WorkflowID: "journey/main/1"}, "v")
	for _, sc := range []converter.SerializationContext{
		converter.WorkflowSerializationContext{WorkflowID: "journey/main/2"}, converter.WorkflowSerializationContext{}, converter.ActivitySerializationContext{},
	} {
		var got string
		if err := newSealed(c, nil).WithSerializationContext(sc).FromPayload(p, &got); err != nil || got != "v" {
			t.Errorf("read with %+v = %q, %v", sc, got, err)
		}
	}
	if strings.Contains(p.String(), "journey") {
		t.Error("the label is in the clear")
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	c, stranger := mustParse(t, keyFile(t, "k1", 1)), mustParse(t, keyFile(t, "k9", 9))
	good, damaged := encode(t, c, "v"), encode(t, c, "v")
	damaged.Data[nonceSize] ^= 1
	for name, tt := range map[string]struct {
		codec *Codec
		text  []byte
		want  error
	}{
		"a key that is not there":   {stranger, wire(t, good), ErrUnknownKey},
		"no key at all":             {NoCodec(), wire(t, good), ErrUnknownKey},
		"a damaged one among good":  {c, wire(t, good, damaged), ErrCorrupt},
		"no JSON":                   {c, []byte("payloads"), ErrNotPayloads},
		"JSON of another kind":      {c, []byte(`{"secret":"hunter2"}`), ErrNotPayloads},
		"data that is no base64":    {c, []byte(`{"payloads":[{"data":"hunter2!"}]}`), ErrNotPayloads},
		"metadata without the rest": {c, []byte(`{"payloads":[{"metadata":{"encoding":"YmluYXJ5L2VuY3J5cHRlZA=="}}]}`), ErrUnknownKey},
	} {
		got, err := tt.codec.Open(tt.text)
		if !errors.Is(err, tt.want) || got.Text != nil {
			t.Errorf("%s: Open() = %s, %v; want %v", name, got.Text, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error quotes what was sent: %v", name, err)
		}
	}
}

// A small body must not become a huge answer: what we did not encrypt is never
// decompressed.
func TestOpenDecompressesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	big, err := converter.GetDefaultDataConverter().ToPayload(strings.Repeat("0", 10<<20))
	if err != nil {
		t.Fatal(err)
	}
	packed, err := compression().Encode([]*commonpb.Payload{big})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*Codec{NoCodec(), mustParse(t, keyFile(t, "k1", 1)), mustParse(t, keyFile(t, "k1", 1), CodecAcceptPlain)} {
		got, err := c.Open(wire(t, packed...))
		if err != nil || len(got.Text) > 100<<10 || got.Encrypted != 0 {
			t.Errorf("Open() = %d bytes, %d encrypted, %v; want it as it came", len(got.Text), got.Encrypted, err)
		}
	}
}
