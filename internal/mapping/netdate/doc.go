// Package netdate reads and writes dates by .NET's custom and standard format
// strings, with the invariant culture and UTC as the local zone.
//
// A [Layout] is a format string that was read once; it is immutable and safe for
// concurrent use. The package is pure.
package netdate
