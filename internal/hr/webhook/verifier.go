package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of Standard Webhooks.
const (
	HeaderID        = "webhook-id"
	HeaderTimestamp = "webhook-timestamp"
	HeaderSignature = "webhook-signature"
)

// MaxBody is the largest body, in bytes, that a handler should read.
const MaxBody = 1 << 20

// DefaultTolerance is how far the sender's clock may be off, both ways.
const DefaultTolerance = 5 * time.Minute

const (
	secretPrefix     = "whsec_"
	signatureVersion = "v1"
	minSecretBytes   = 24
	maxSecretBytes   = 64
	maxIDBytes       = 128
	maxSignatures    = 16
)

// ErrUnverified is in every error of Verify: the request must be refused. The
// text says which check it was and holds nothing of the request.
var ErrUnverified = errors.New("webhook is not verified")

// Verifier checks signatures with a ring of keys. It is immutable and safe for
// concurrent use.
type Verifier struct {
	keys      [][]byte
	tolerance time.Duration
}

// NewVerifier takes the secrets, whsec_ and base64 of 24 to 64 bytes, any of
// which may have signed. Without a usable secret there is no verifier.
func NewVerifier(secrets []string, tolerance time.Duration) (*Verifier, error) {
	if len(secrets) == 0 {
		return nil, errors.New("make webhook verifier: no secret")
	}
	if tolerance < 0 {
		return nil, errors.New("make webhook verifier: tolerance is negative")
	}
	if tolerance == 0 {
		tolerance = DefaultTolerance
	}
	v := &Verifier{tolerance: tolerance}
	for i, secret := range secrets {
		// The decoder's own error would quote a part of the secret.
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
		if err != nil {
			return nil, fmt.Errorf("make webhook verifier: secret %d is not base64", i+1)
		}
		if len(key) < minSecretBytes || len(key) > maxSecretBytes {
			return nil, fmt.Errorf("make webhook verifier: secret %d has %d bytes, want %d to %d", i+1, len(key), minSecretBytes, maxSecretBytes)
		}
		v.keys = append(v.keys, key)
	}
	return v, nil
}

// Verify checks the signature over the raw body and returns the message's ID,
// which stays the same when the sender tries again.
func (v *Verifier) Verify(headers http.Header, body []byte, now time.Time) (string, error) {
	id, err := single(headers, HeaderID)
	if err != nil {
		return "", err
	}
	if !isMessageID(id) {
		return "", fmt.Errorf("%w: %s is not 1 to %d printable characters", ErrUnverified, HeaderID, maxIDBytes)
	}
	stamp, err := single(headers, HeaderTimestamp)
	if err != nil {
		return "", err
	}
	sent, err := parseTimestamp(stamp)
	if err != nil {
		return "", err
	}
	if off := now.Sub(sent); off > v.tolerance || off < -v.tolerance {
		return "", fmt.Errorf("%w: %s is more than %s off", ErrUnverified, HeaderTimestamp, v.tolerance)
	}
	signatures := strings.Fields(strings.Join(headers.Values(HeaderSignature), " "))
	if len(signatures) == 0 || len(signatures) > maxSignatures {
		return "", fmt.Errorf("%w: want 1 to %d signatures", ErrUnverified, maxSignatures)
	}
	if !v.matches(signatures, id+"."+stamp+".", body) {
		return "", fmt.Errorf("%w: no signature matches", ErrUnverified)
	}
	return id, nil
}

// Digest tells a body from others without saying anything of it to whoever lacks
// the secrets: what HR says of a person could be guessed from a plain hash.
func (v *Verifier) Digest(body []byte) string { return digest(v.keys[0], body) }

// Differs reports whether a digest was made of another body. It is false for one
// that was made with a secret which is no longer in the ring: nobody can know.
func (v *Verifier) Differs(made string, body []byte) bool {
	for _, key := range v.keys {
		if own := digest(key, body); strings.HasPrefix(made, own[:keyNameLength]) {
			return !hmac.Equal([]byte(made), []byte(own))
		}
	}
	return false
}

// What the MACs of a digest begin with. No signature is over a text that begins
// like this: an ID holds no line break.
const (
	keyNamePrefix = "tenure-key\n"
	digestPrefix  = "tenure-body\n"
)

// keyNameLength is that of the name by which a digest says what its key was.
const keyNameLength = 16

// digest is a name of the key and the MAC of the body.
func digest(key, body []byte) string {
	return keyed(key, keyNamePrefix, nil)[:keyNameLength] + keyed(key, digestPrefix, body)
}

func keyed(key []byte, prefix string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(prefix))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// matches tries every key on every signature, always all of them.
func (v *Verifier) matches(signatures []string, head string, body []byte) bool {
	matched := false
	for _, key := range v.keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(head))
		mac.Write(body)
		want := mac.Sum(nil)
		for _, signature := range signatures {
			version, text, _ := strings.Cut(signature, ",")
			got, err := base64.StdEncoding.DecodeString(text)
			if err == nil && version == signatureVersion && hmac.Equal(got, want) {
				matched = true
			}
		}
	}
	return matched
}

func single(headers http.Header, name string) (string, error) {
	values := headers.Values(name)
	if len(values) != 1 || values[0] == "" {
		return "", fmt.Errorf("%w: want one header %s", ErrUnverified, name)
	}
	return values[0], nil
}

// parseTimestamp takes digits only: the text is part of what was signed.
func parseTimestamp(text string) (time.Time, error) {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(seconds, 10) != text || seconds < 0 || seconds > 1<<40 {
		return time.Time{}, fmt.Errorf("%w: %s is not a number of seconds", ErrUnverified, HeaderTimestamp)
	}
	return time.Unix(seconds, 0), nil
}

func isMessageID(id string) bool {
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' {
			return false
		}
	}
	return id != "" && len(id) <= maxIDBytes
}
