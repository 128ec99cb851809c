// Package person holds the canonical record of a human as HR states it, and
// the pure rules on it: civil dates, instants in a zone, the merge of records
// from several feeds, stays, what of a record counts on a day of a stay, and
// the words for the phase of a person.
//
// Everything else builds on it: feeds fill records, policies and plans read
// them. A record is flat on purpose: an attribute has one name, the same in
// feeds, policies, templates, the API and messages, listed by [Catalog].
//
// The package is pure and deterministic: no clock, no network, no map
// iteration, so that workflow code may call it. Instants come in as arguments.
package person
