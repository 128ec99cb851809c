// Package webhook takes HR facts that are pushed as signed HTTP requests.
//
// The starter's handler reads at most [MaxBody] bytes, calls [Verifier.Verify]
// on the raw bytes and only then [Decoder.Decode]. Signatures follow Standard
// Webhooks; the body is {type, timestamp, data: {key, asOf, sequence,
// completeness, record}} as event.schema.json describes it.
//
// Decoding is strict: unknown or repeated names, wrong types and deep nesting
// are refused, and all problems are reported at once. The names under record
// are those of the record's catalog, nested; null is an explicit empty value.
// The package reads no clock: the time of arrival is an argument.
package webhook
