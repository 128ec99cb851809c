// Package config is the one strict configuration of the processes: where the
// store is, how payloads are encoded, where the API listens and how targets are
// reached. Connections to Temporal are not in here: they are Temporal's own
// (envconfig), so that every tool reads the same.
//
// Secrets are only ever references (env:NAME, file:PATH), resolved by
// [References] where they are used and never printed. Every problem is
// reported at once.
package config
