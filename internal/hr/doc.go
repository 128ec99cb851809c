// Package hr turns what an HR source says into events of package person: the
// one place where a feed's words become canonical values.
//
// Each kind of feed reads its own wire form (hr/csv, hr/webhook), hands raw
// values to the [Normaliser] made of the feed's definition, and gets a record
// or the list of everything that is wrong with it. All feeds pass the suite in
// hr/hrtest. Feeds share no interface: a file is pulled apart into many
// events, a webhook is pushed as one.
//
// Invariants: nothing is guessed; an unknown code rejects the whole row (S2);
// attributes that a feed does not own are dropped (S12); values about a person
// never appear in a problem, except a code, date, number or zone that is wrong.
// The package reads no clock, file or network.
package hr
