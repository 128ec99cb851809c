package platform

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
)

// secret returns the base64 text of a key made of one byte.
func secret(b byte) string {
	return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, keySize))
}

// keyFile writes a key and returns its spec entry.
func keyFile(t testing.TB, id string, b byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), id)
	if err := os.WriteFile(path, []byte(secret(b)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return id + "=file:" + path
}

func mustParse(t testing.TB, spec ...string) *Codec {
	t.Helper()
	c, err := ParseCodec(strings.Join(spec, ","))
	if err != nil {
		t.Fatalf("ParseCodec: %v", err)
	}
	return c
}

func encode(t testing.TB, c *Codec, value any) *commonpb.Payload {
	t.Helper()
	p, err := newSealed(c, nil).ToPayload(value)
	if err != nil {
		t.Fatalf("ToPayload(%v): %v", value, err)
	}
	return p
}

func TestCodecRoundTrip(t *testing.T) {
	t.Parallel()
	dc := newSealed(mustParse(t, keyFile(t, "k1", 1)), nil)
	for _, want := range []string{"", "Zoë Müller", strings.Repeat("personal data ", 10_000)} {
		p, err := dc.ToPayload(want)
		if err != nil {
			t.Fatalf("ToPayload: %v", err)
		}
		if got := string(p.GetMetadata()[converter.MetadataEncoding]); got != encodingEncrypted {
			t.Errorf("encoding = %q, want %q", got, encodingEncrypted)
		}
		if got := string(p.GetMetadata()[MetadataKeyID]); got != "k1" {
			t.Errorf("key ID = %q, want k1", got)
		}
		if want != "" && bytes.Contains(p.GetData(), []byte(want)) {
			t.Errorf("payload holds %.20q in clear", want)
		}
		if len(want) > 1000 && len(p.GetData()) > len(want)/2 {
			t.Errorf("payload has %d bytes for a value of %d: it is not compressed", len(p.GetData()), len(want))
		}
		var got string
		if err := dc.FromPayload(p, &got); err != nil {
			t.Fatalf("FromPayload: %v", err)
		}
		if got != want {
			t.Errorf("round trip = %.20q, want %.20q", got, want)
		}
	}
}

func TestCodecHidesNull(t *testing.T) {
	t.Parallel()
	c := mustParse(t, keyFile(t, "k1", 1))
	p := encode(t, c, nil)
	if got := string(p.GetMetadata()[converter.MetadataEncoding]); got != encodingEncrypted {
		t.Errorf("encoding of a null = %q, want %q", got, encodingEncrypted)
	}
	got := new(string)
	if err := newSealed(c, nil).FromPayload(p, &got); err != nil || got != nil {
		t.Errorf("null = %v, %v; want nil", got, err)
	}
}

func TestCodecSamePayloadDiffers(t *testing.T) {
	t.Parallel()
	c := mustParse(t, keyFile(t, "k1", 1))
	if proto.Equal(encode(t, c, "same"), encode(t, c, "same")) {
		t.Error("the same value was encrypted to the same bytes: the nonce repeats")
	}
}

func TestCodecRotation(t *testing.T) {
	t.Parallel()
	k1, k2 := keyFile(t, "k1", 1), keyFile(t, "k2", 2)
	old, both, next := mustParse(t, k1), mustParse(t, k2, k1), mustParse(t, k2)
	if diff := cmp.Diff([]string{"k2", "k1"}, both.KeyIDs()); diff != "" {
		t.Errorf("KeyIDs (-want +got):\n%s", diff)
	}
	for _, tt := range []struct {
		name      string
		from, to  *Codec
		wantKeyID string
		wantErr   error
	}{
		{"old payload, both keys", old, both, "k1", nil},
		{"new payload, both keys", both, next, "k2", nil},
		{"new payload, old key only", both, old, "k2", ErrUnknownKey},
		{"old payload, new key only", old, next, "k1", ErrUnknownKey},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := encode(t, tt.from, "v")
			if got := string(p.GetMetadata()[MetadataKeyID]); got != tt.wantKeyID {
				t.Errorf("key ID = %q, want %q", got, tt.wantKeyID)
			}
			var got string
			err := newSealed(tt.to, nil).FromPayload(p, &got)
			if !errors.Is(err, tt.wantErr) || (err == nil && got != "v") {
				t.Errorf("FromPayload = %q, %v; want error %v", got, err, tt.wantErr)
			}
		})
	}
}

func TestCodecFailsClosed(t *testing.T) {
	t.Parallel()
	c := mustParse(t, keyFile(t, "k1", 1), keyFile(t, "k2", 2))
	sameIDOtherKey := mustParse(t, keyFile(t, "k1", 9))
	plain, err := converter.GetDefaultDataConverter().ToPayload("clear")
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(p *commonpb.Payload)) *commonpb.Payload {
		p := encode(t, c, "v")
		change(p)
		return p
	}
	for _, tt := range []struct {
		name    string
		payload *commonpb.Payload
		want    error
	}{
		{"plain", plain, ErrNotEncrypted},
		{"no metadata", &commonpb.Payload{Data: []byte("x")}, ErrNotEncrypted},
		{"metadata only", &commonpb.Payload{Metadata: map[string][]byte{converter.MetadataEncoding: []byte(converter.MetadataEncodingNil)}}, ErrNotEncrypted},
		{"no data", with(func(p *commonpb.Payload) { p.Data = nil }), ErrCorrupt},
		{"short nonce", with(func(p *commonpb.Payload) { p.Data = p.Data[:nonceSize-1] }), ErrCorrupt},
		{"nonce without tag", with(func(p *commonpb.Payload) { p.Data = p.Data[:nonceSize+tagSize-1] }), ErrCorrupt},
		{"cut", with(func(p *commonpb.Payload) { p.Data = p.Data[:len(p.Data)-1] }), ErrCorrupt},
		{"nonce changed", with(func(p *commonpb.Payload) { p.Data[0] ^= 1 }), ErrCorrupt},
		{"text changed", with(func(p *commonpb.Payload) { p.Data[nonceSize] ^= 1 }), ErrCorrupt},
		{"tag changed", with(func(p *commonpb.Payload) { p.Data[len(p.Data)-1] ^= 1 }), ErrCorrupt},
		{"key ID exchanged", with(func(p *commonpb.Payload) { p.Metadata[MetadataKeyID] = []byte("k2") }), ErrCorrupt},
		{"key ID unknown", with(func(p *commonpb.Payload) { p.Metadata[MetadataKeyID] = []byte("k3") }), ErrUnknownKey},
		{"key ID missing", with(func(p *commonpb.Payload) { delete(p.Metadata, MetadataKeyID) }), ErrUnknownKey},
		{"same ID, other key", encode(t, sameIDOtherKey, "v"), ErrCorrupt},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before := proto.Clone(tt.payload)
			out, err := c.ring.Decode([]*commonpb.Payload{tt.payload})
			if !errors.Is(err, tt.want) {
				t.Errorf("Decode error = %v, want %v", err, tt.want)
			}
			if out != nil {
				t.Errorf("Decode returned %d payloads with its error, want none", len(out))
			}
			if !proto.Equal(before, tt.payload) {
				t.Error("Decode changed its input")
			}
		})
	}
	if _, err := c.ring.Decode([]*commonpb.Payload{nil}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("Decode of nil = %v, want %v", err, ErrCorrupt)
	}
	if out, err := c.ring.Encode([]*commonpb.Payload{nil}); !errors.Is(err, ErrCorrupt) || out != nil {
		t.Errorf("Encode of nil = %v, %v; want %v", out, err, ErrCorrupt)
	}
}

func TestCodecAcceptPlain(t *testing.T) {
	t.Parallel()
	c := mustParse(t, keyFile(t, "k1", 1), CodecAcceptPlain)
	plain := encode(t, NoCodec(), "before")
	var got string
	if err := newSealed(c, nil).FromPayload(plain, &got); err != nil || got != "before" {
		t.Errorf("plain payload = %q, %v; want it read", got, err)
	}
	if got := string(encode(t, c, "after").GetMetadata()[converter.MetadataEncoding]); got != encodingEncrypted {
		t.Errorf("encoding of what is written = %q, want %q", got, encodingEncrypted)
	}
}

func TestParseCodecErrors(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PLATFORM_TEST_KEY", secret(1))
	t.Setenv("PLATFORM_TEST_SHORT", base64.StdEncoding.EncodeToString([]byte("too short")))
	t.Setenv("PLATFORM_TEST_TEXT", "not base64!")
	t.Setenv("PLATFORM_TEST_EMPTY", "")
	pasted := secret(7)
	for _, tt := range []struct {
		name, spec string
		want       []string
	}{
		{"empty", "  ", []string{"nothing is set", `"none"`}},
		{"only accept-plain", "accept-plain", []string{"no key"}},
		{"none among keys", "none,k1=env:PLATFORM_TEST_KEY", []string{"entry 1 is not ID=env:NAME"}},
		{"pasted key", pasted, []string{"entry 1", "by reference only"}},
		{"pasted key without padding", strings.TrimRight(pasted, "="), []string{"entry 1 is not ID=env:NAME"}},
		{"pasted key with ID", "k1=" + pasted, []string{"entry 1", "by reference only"}},
		{"unset variable", "k1=env:PLATFORM_TEST_UNSET", []string{`"PLATFORM_TEST_UNSET" is not set`}},
		{"empty variable", "k1=env:PLATFORM_TEST_EMPTY", []string{`"PLATFORM_TEST_EMPTY" is not set`}},
		{"missing file", "k1=file:" + filepath.Join(dir, "absent"), []string{"absent"}},
		{"not base64", "k1=env:PLATFORM_TEST_TEXT", []string{"not standard base64"}},
		{"short", "k1=env:PLATFORM_TEST_SHORT", []string{"9 bytes, want 32"}},
		{"bad ID", "k 1=env:PLATFORM_TEST_KEY", []string{`"k 1"`}},
		{"twice the ID", "k1=env:PLATFORM_TEST_KEY,k1=env:PLATFORM_TEST_KEY", []string{`"k1" is named twice`}},
		{"twice the key", "k1=env:PLATFORM_TEST_KEY,k2=env:PLATFORM_TEST_KEY", []string{`"k1" and "k2" are the same key`}},
		{"all at once", "k1=env:PLATFORM_TEST_UNSET,k2=env:PLATFORM_TEST_SHORT", []string{"PLATFORM_TEST_UNSET", "9 bytes"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := ParseCodec(tt.spec)
			if err == nil {
				t.Fatalf("ParseCodec = %v, want an error", c)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), strings.TrimRight(pasted, "=")) || strings.Contains(err.Error(), "not base64!") {
				t.Errorf("error %q holds key material", err)
			}
		})
	}
}

func TestParseCodecNone(t *testing.T) {
	t.Parallel()
	c := mustParse(t, "none")
	if c.Encrypts() {
		t.Error("Encrypts() = true for none")
	}
	if n := len(c.PayloadCodecs()); n != 0 {
		t.Errorf("%d codecs for none, want 0", n)
	}
}

func TestKeyPrintsNothing(t *testing.T) {
	t.Parallel()
	k := key{id: "k1", secret: []byte("hidden")}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, k); got != "k1" {
			t.Errorf("%s = %q, want k1", verb, got)
		}
	}
}

func FuzzDecode(f *testing.F) {
	c := mustParse(f, keyFile(f, "k1", 1))
	sealed := encode(f, c, "v")
	want, err := c.ring.Decode([]*commonpb.Payload{sealed})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(encodingEncrypted, "k1", sealed.GetData())
	f.Add(encodingEncrypted, "k1", []byte{})
	f.Add("json/plain", "", []byte(`"v"`))
	f.Fuzz(func(t *testing.T, encoding, keyID string, data []byte) {
		p := &commonpb.Payload{
			Metadata: map[string][]byte{converter.MetadataEncoding: []byte(encoding), MetadataKeyID: []byte(keyID)},
			Data:     data,
		}
		// Only what this key sealed comes through, and comes out as it went in.
		out, err := c.ring.Decode([]*commonpb.Payload{p})
		if err == nil && !proto.Equal(out[0], want[0]) {
			t.Fatalf("Decode let %v pass", out)
		}
	})
}
