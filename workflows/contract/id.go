package contract

import (
	"fmt"
	"strings"
)

const journeyPrefix = "journey/"

// DefaultRealm is the realm of feeds that name none.
const DefaultRealm = "main"

// maxEncodedKey keeps workflow IDs inside the 255 bytes of the server's SQL schema.
const maxEncodedKey = 128

// JourneyID returns the workflow ID of a person's journey. The key is
// percent-encoded outside [A-Za-z0-9._-]. Callers validate keys before.
func JourneyID(realm, key string) string {
	return journeyPrefix + EncodeKey(realm) + "/" + EncodeKey(key)
}

// ReconcilePrefix begins the IDs of the schedules that compare targets, and of
// the workflows they start.
const ReconcilePrefix = "reconcile/"

// ReconcileID returns the ID of the schedule that compares a target.
func ReconcileID(target string) string { return ReconcilePrefix + EncodeKey(target) }

// ParseJourneyID is the inverse of [JourneyID].
func ParseJourneyID(id string) (realm, key string, err error) {
	rest, found := strings.CutPrefix(id, journeyPrefix)
	realm, key, two := strings.Cut(rest, "/")
	if !found || !two {
		return "", "", fmt.Errorf("parse journey ID %q: want %s<realm>/<key>", id, journeyPrefix)
	}
	if realm, err = DecodeKey(realm); err != nil {
		return "", "", fmt.Errorf("parse journey ID %q: %w", id, err)
	}
	if key, err = DecodeKey(key); err != nil {
		return "", "", fmt.Errorf("parse journey ID %q: %w", id, err)
	}
	return realm, key, nil
}

// EncodeKey percent-encodes a key outside [A-Za-z0-9._-].
func EncodeKey(key string) string {
	const hex = "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(key) {
		c := key[i]
		if isPlain(c) {
			out.WriteByte(c)
			continue
		}
		out.WriteByte('%')
		out.WriteByte(hex[c>>4])
		out.WriteByte(hex[c&15])
	}
	return out.String()
}

// DecodeKey is the inverse of [EncodeKey]; it refuses what EncodeKey would not
// have written, so that one person has one ID.
func DecodeKey(text string) (string, error) {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			out.WriteByte(text[i])
			continue
		}
		if i+2 >= len(text) {
			return "", fmt.Errorf("decode key %q: cut escape", text)
		}
		var c byte
		if _, err := fmt.Sscanf(text[i+1:i+3], "%02X", &c); err != nil {
			return "", fmt.Errorf("decode key %q: bad escape", text)
		}
		out.WriteByte(c)
		i += 2
	}
	if EncodeKey(out.String()) != text {
		return "", fmt.Errorf("decode key %q: not in canonical form", text)
	}
	return out.String(), nil
}

// KeyFits reports whether a key is short enough for a workflow ID.
func KeyFits(key string) bool { return key != "" && len(EncodeKey(key)) <= maxEncodedKey }

func isPlain(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	default:
		return c == '.' || c == '_' || c == '-'
	}
}
