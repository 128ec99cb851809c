package platform

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"

	"go.temporal.io/sdk/converter"
)

const (
	// CodecNone is the spec that runs without encryption. It must be written:
	// an empty spec is an error.
	CodecNone = "none"
	// CodecAcceptPlain is the spec's last entry while a namespace moves from
	// CodecNone to keys: everything is written encrypted, and what was written
	// in clear before is still read. Remove it once every journey was renewed.
	CodecAcceptPlain = "accept-plain"

	maxKeyID = 64

	refEnv  = "env:"
	refFile = "file:"
)

// KeyRef names a key of the payload codec without holding it.
type KeyRef struct {
	// ID is written into every payload: 1 to 64 of A-Z a-z 0-9 . _ -
	ID string
	// Ref says where the key is: env:NAME or file:PATH. The value there is 32
	// bytes in standard base64, for instance from `openssl rand -base64 32`.
	Ref string
}

// String returns the spec entry of the reference.
func (k KeyRef) String() string { return k.ID + "=" + k.Ref }

// Codec is how payloads and failures leave this process: compressed and
// encrypted with AES-256-GCM, or in clear where the operator wrote that.
// The zero value is not usable: a Codec comes from [ParseCodec], [OpenCodec] or
// [NoCodec]. It is immutable and safe for concurrent use.
type Codec struct {
	ring  *keyRing
	ids   []string
	valid bool
}

// key is a resolved key. It has no exported field and prints only its ID.
type key struct {
	id     string
	secret []byte
}

// LogValue keeps key material out of structured logs.
func (k key) LogValue() slog.Value { return slog.StringValue(k.id) }

// String keeps key material out of formatted text.
func (k key) String() string { return k.id }

// GoString keeps key material out of debug output.
func (k key) GoString() string { return k.id }

// NoCodec returns the codec that does not encrypt.
func NoCodec() *Codec { return &Codec{valid: true} }

// ParseCodec reads a codec spec and resolves its keys:
//
//	none
//	2026-11=env:TENURE_CODEC_KEY
//	2026-11=file:/run/secrets/new,2026-05=file:/run/secrets/old
//	2026-11=env:TENURE_CODEC_KEY,accept-plain
//
// The first key encrypts, all decrypt. To rotate, first add the new key behind
// the old one in every process, then put it in front. All problems are
// reported at once.
func ParseCodec(spec string) (*Codec, error) {
	switch strings.TrimSpace(spec) {
	case CodecNone:
		return NoCodec(), nil
	case "":
		return nil, fmt.Errorf("read codec: nothing is set: write %q to run without encryption, or ID=env:NAME or ID=file:PATH", CodecNone)
	}
	var (
		refs        []KeyRef
		acceptPlain bool
		problems    []error
	)
	for entry := range strings.SplitSeq(spec, ",") {
		entry = strings.TrimSpace(entry)
		if entry == CodecAcceptPlain {
			acceptPlain = true
			continue
		}
		id, ref, ok := strings.Cut(entry, "=")
		if !ok {
			// The entry is not quoted: it may be a key that was pasted here.
			problems = append(problems, fmt.Errorf("read codec: entry %d is not ID=env:NAME or ID=file:PATH", len(refs)+len(problems)+1))
			continue
		}
		refs = append(refs, KeyRef{ID: strings.TrimSpace(id), Ref: strings.TrimSpace(ref)})
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return OpenCodec(refs, acceptPlain)
}

// OpenCodec resolves the keys and returns the codec that uses them; the first
// one encrypts. With acceptPlain it also reads payloads in clear, see
// [CodecAcceptPlain]. All problems are reported at once.
func OpenCodec(refs []KeyRef, acceptPlain bool) (*Codec, error) {
	if len(refs) == 0 {
		return nil, fmt.Errorf("read codec: no key: write %q to run without encryption", CodecNone)
	}
	var (
		keys     []key
		problems []error
	)
	for i, ref := range refs {
		k, err := resolve(i+1, ref)
		if err == nil {
			err = distinct(keys, k)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("read codec: %w", err))
			continue
		}
		keys = append(keys, k)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	ring, err := newKeyRing(keys, acceptPlain)
	if err != nil {
		return nil, fmt.Errorf("read codec: %w", err)
	}
	c := &Codec{ring: ring, valid: true}
	for _, k := range keys {
		c.ids = append(c.ids, k.id)
	}
	return c, nil
}

func distinct(keys []key, k key) error {
	for _, other := range keys {
		if other.id == k.id {
			return fmt.Errorf("key %q is named twice", k.id)
		}
		if bytes.Equal(other.secret, k.secret) {
			return fmt.Errorf("keys %q and %q are the same key", other.id, k.id)
		}
	}
	return nil
}

func resolve(n int, ref KeyRef) (key, error) {
	text, err := lookUp(n, ref)
	if err != nil {
		return key{}, err
	}
	if !regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`).MatchString(ref.ID) {
		return key{}, fmt.Errorf("key ID %q is not 1 to %d of A-Z a-z 0-9 . _ -", cut(ref.ID), maxKeyID)
	}
	secret, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return key{}, fmt.Errorf("key %q: its value is not standard base64", ref.ID)
	}
	if len(secret) != keySize {
		return key{}, fmt.Errorf("key %q: its value has %d bytes, want %d", ref.ID, len(secret), keySize)
	}
	return key{id: ref.ID, secret: secret}, nil
}

// lookUp returns the text of the n-th key.
func lookUp(n int, ref KeyRef) (string, error) {
	switch {
	case strings.HasPrefix(ref.Ref, refEnv):
		name := strings.TrimPrefix(ref.Ref, refEnv)
		value := os.Getenv(name)
		if value == "" {
			return "", fmt.Errorf("key %q: environment variable %q is not set", cut(ref.ID), name)
		}
		return value, nil
	case strings.HasPrefix(ref.Ref, refFile):
		data, err := os.ReadFile(strings.TrimPrefix(ref.Ref, refFile))
		if err != nil {
			return "", fmt.Errorf("key %q: %w", cut(ref.ID), err)
		}
		return string(data), nil
	default:
		// Neither part is quoted: each may be a key that was pasted here.
		return "", fmt.Errorf("entry %d: a key is given by reference only: ID=env:NAME or ID=file:PATH", n)
	}
}

// Encrypts reports whether payloads leave this process encrypted.
func (c *Codec) Encrypts() bool { return c.ring != nil }

// KeyIDs returns the IDs of the keys, the encrypting one first.
func (c *Codec) KeyIDs() []string { return append([]string(nil), c.ids...) }

// PayloadCodecs returns the codecs in the order in which
// [converter.NewCodecDataConverter] and [converter.NewPayloadCodecHTTPHandler]
// want them. It is empty without encryption.
func (c *Codec) PayloadCodecs() []converter.PayloadCodec {
	if c.ring == nil {
		return nil
	}
	// Codecs encode last to first: compress, then encrypt.
	return []converter.PayloadCodec{c.ring, compression()}
}
