package platform

import (
	"fmt"
	"slices"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"
)

// Opened are payloads that were decoded for somebody to read.
type Opened struct {
	// Text is the payloads in the clear, in the JSON of the remote codec protocol.
	Text []byte
	// Workflows are those that the encrypted payloads belong to, sorted. "" is
	// among them where a payload does not say: it was encrypted by a version that
	// did not write it, or is nobody's.
	Workflows []string
	// Encrypted counts the payloads that were.
	Encrypted int
}

// Open decodes payloads in the JSON of the remote codec protocol, which the
// Temporal Web UI and command line speak. What is not encrypted is returned as
// it came, without being looked at: only what this codec wrote is decompressed.
// One payload that cannot be decrypted refuses all.
func (c *Codec) Open(text []byte) (Opened, error) {
	var in commonpb.Payloads
	if err := protojson.Unmarshal(text, &in); err != nil {
		// The cause may quote what was sent.
		return Opened{}, fmt.Errorf("decode payloads: %w: want {\"payloads\": [...]}", ErrNotPayloads)
	}
	var out Opened
	for i, p := range in.GetPayloads() {
		if string(p.GetMetadata()[converter.MetadataEncoding]) != encodingEncrypted {
			continue
		}
		plain, workflow, err := c.open(p)
		if err != nil {
			return Opened{}, fmt.Errorf("decode payload %d: %w", i, err)
		}
		in.Payloads[i] = plain
		out.Encrypted++
		out.Workflows = append(out.Workflows, workflow)
	}
	slices.Sort(out.Workflows)
	out.Workflows = slices.Compact(out.Workflows)
	var err error
	if out.Text, err = protojson.Marshal(&in); err != nil {
		return Opened{}, fmt.Errorf("encode payloads: %w", err)
	}
	return out, nil
}

// open decrypts and decompresses one payload.
func (c *Codec) open(p *commonpb.Payload) (_ *commonpb.Payload, workflow string, _ error) {
	if c.ring == nil {
		_, err := keyless{}.Decode([]*commonpb.Payload{p})
		return nil, "", err
	}
	packed, workflow, err := c.ring.decode(p)
	if err != nil {
		return nil, "", err
	}
	plain, err := compression().Decode([]*commonpb.Payload{packed})
	if err != nil {
		return nil, "", fmt.Errorf("%w: it does not decompress", ErrCorrupt)
	}
	return plain[0], workflow, nil
}

func compression() converter.PayloadCodec {
	return converter.NewZlibCodec(converter.ZlibCodecOptions{AlwaysEncode: true})
}
