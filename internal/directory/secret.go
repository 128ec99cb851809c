package directory

import "log/slog"

// Secret is a value that must not be printed: formatting, logging and encoding
// show a mask. Reveal is the only way to read it.
type Secret struct{ value string }

const secretMask = "********"

// NewSecret wraps a value.
func NewSecret(value string) Secret { return Secret{value: value} }

// Reveal returns the value for the one call that hands it over.
func (s Secret) Reveal() string { return s.value }

// String returns a mask.
func (s Secret) String() string { return secretMask }

// GoString returns a mask.
func (s Secret) GoString() string { return secretMask }

// LogValue returns a mask.
func (s Secret) LogValue() slog.Value { return slog.StringValue(secretMask) }

// MarshalText returns a mask, so that no encoder can leak the value.
func (s Secret) MarshalText() ([]byte, error) { return []byte(secretMask), nil }
