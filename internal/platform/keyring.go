package platform

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"maps"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
)

const (
	// MetadataKeyID is the payload metadata entry that names the key a payload
	// was encrypted with.
	MetadataKeyID = "encryption-key-id"

	// encodingEncrypted marks an encrypted payload. The value is the one that
	// the Temporal UI and other codecs use, so that tools recognise it.
	encodingEncrypted = "binary/encrypted"

	// metadataWorkflow is an entry inside of what is encrypted: the workflow that
	// a payload belongs to, so that whoever decodes one is recorded with it.
	metadataWorkflow = "workflow"

	// additionalData is authenticated with every payload together with the key
	// ID, so that neither the scheme nor the ID can be exchanged unnoticed.
	additionalData = "tenure/aes-256-gcm/1/"

	nonceSize = 12
	tagSize   = 16
	keySize   = 32
)

// Reasons for which a payload is refused. They are matched with [errors.Is].
var (
	// ErrNotEncrypted says that a payload came in clear where encryption is
	// required.
	ErrNotEncrypted = errors.New("payload is not encrypted")
	// ErrUnknownKey says that a payload names a key that is not on the ring.
	ErrUnknownKey = errors.New("payload is encrypted with an unknown key")
	// ErrNotPayloads says that a text is not the JSON of payloads.
	ErrNotPayloads = errors.New("text is not the JSON of payloads")
	// ErrCorrupt says that a payload is damaged, cut or was tampered with.
	ErrCorrupt = errors.New("payload is corrupt")
)

// keyRing is the encrypting [converter.PayloadCodec]: the first key encrypts,
// every key decrypts. It is immutable and safe for concurrent use.
//
// Every payload is encrypted, also an empty one and the null that stands for a
// missing value: what a payload holds cannot be guessed from its shape. Nonces
// are random, which is safe for 2^32 payloads per key.
type keyRing struct {
	first       string
	aeads       map[string]cipher.AEAD
	acceptPlain bool
	// workflow is what is encrypted belongs to, "" where that is not known.
	workflow string
}

var (
	_ converter.PayloadCodec                         = (*keyRing)(nil)
	_ converter.PayloadCodecWithSerializationContext = (*keyRing)(nil)
)

func newKeyRing(keys []key, acceptPlain bool) (*keyRing, error) {
	ring := &keyRing{first: keys[0].id, aeads: make(map[string]cipher.AEAD, len(keys)), acceptPlain: acceptPlain}
	for _, k := range keys {
		block, err := aes.NewCipher(k.secret)
		if err != nil {
			return nil, fmt.Errorf("use key %q: %w", k.id, err)
		}
		// The AEAD draws a fresh nonce for each call and puts it in front.
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("use key %q: %w", k.id, err)
		}
		ring.aeads[k.id] = aead
	}
	return ring, nil
}

// WithSerializationContext implements
// [converter.PayloadCodecWithSerializationContext].
func (r *keyRing) WithSerializationContext(sc converter.SerializationContext) converter.PayloadCodec {
	bound := *r
	switch sc := sc.(type) {
	case converter.WorkflowSerializationContext:
		bound.workflow = sc.WorkflowID
	case converter.ActivitySerializationContext:
		bound.workflow = sc.WorkflowID
	}
	return &bound
}

// Encode encrypts each payload, metadata included, with the first key.
func (r *keyRing) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		if p == nil {
			return nil, fmt.Errorf("encrypt payload %d: %w: it is nil", i, ErrCorrupt)
		}
		plain, err := proto.Marshal(r.labelled(p))
		if err != nil {
			return nil, fmt.Errorf("encrypt payload %d: %w", i, err)
		}
		out[i] = &commonpb.Payload{
			Metadata: map[string][]byte{
				converter.MetadataEncoding: []byte(encodingEncrypted),
				MetadataKeyID:              []byte(r.first),
			},
			Data: r.aeads[r.first].Seal(nil, nil, plain, []byte(additionalData+r.first)), //nolint:gosec // G407: this AEAD draws a random nonce itself and takes none
		}
	}
	return out, nil
}

// labelled is a payload that says to which workflow it belongs.
func (r *keyRing) labelled(p *commonpb.Payload) *commonpb.Payload {
	if r.workflow == "" {
		return p
	}
	metadata := map[string][]byte{metadataWorkflow: []byte(r.workflow)}
	maps.Copy(metadata, p.GetMetadata())
	return &commonpb.Payload{Metadata: metadata, Data: p.GetData(), ExternalPayloads: p.GetExternalPayloads()}
}

// Decode decrypts each payload or refuses all of them. Nothing is passed on as
// it came, except where the ring was told to accept plain payloads.
func (r *keyRing) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		payload, _, err := r.decode(p)
		if err != nil {
			return nil, fmt.Errorf("decrypt payload %d: %w", i, err)
		}
		out[i] = payload
	}
	return out, nil
}

// decode returns what a payload holds, and the workflow it belongs to where it
// says so.
func (r *keyRing) decode(p *commonpb.Payload) (_ *commonpb.Payload, workflow string, _ error) {
	if p == nil {
		return nil, "", fmt.Errorf("%w: it is nil", ErrCorrupt)
	}
	if string(p.GetMetadata()[converter.MetadataEncoding]) != encodingEncrypted {
		if r.acceptPlain {
			return p, "", nil
		}
		return nil, "", ErrNotEncrypted
	}
	id := string(p.GetMetadata()[MetadataKeyID])
	aead, ok := r.aeads[id]
	if !ok {
		return nil, "", fmt.Errorf("%w: %q", ErrUnknownKey, cut(id))
	}
	if len(p.GetData()) < nonceSize+tagSize {
		return nil, "", fmt.Errorf("%w: %d bytes cannot hold a nonce and a tag", ErrCorrupt, len(p.GetData()))
	}
	plain, err := aead.Open(nil, nil, p.GetData(), []byte(additionalData+id))
	if err != nil {
		// The cause says no more than this, and must not help who probes.
		return nil, "", fmt.Errorf("%w: it does not authenticate", ErrCorrupt)
	}
	inner := &commonpb.Payload{}
	if err := proto.Unmarshal(plain, inner); err != nil {
		return nil, "", fmt.Errorf("%w: its content is not a payload", ErrCorrupt)
	}
	workflow = string(inner.GetMetadata()[metadataWorkflow])
	delete(inner.GetMetadata(), metadataWorkflow)
	return inner, workflow, nil
}

// cut keeps an outsider's key ID short enough for an error message.
func cut(id string) string {
	if len(id) > maxKeyID {
		return id[:maxKeyID] + "..."
	}
	return id
}
