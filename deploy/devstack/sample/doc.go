// Package sample is an invented organisation for the devstack: two HR exports
// whose dates are relative to a day, the accounts that existed before Tenure
// came, and the day's copy of the shipped policy.
//
// The people are invented. The exports are written once into the devstack's
// folder, so that a restart goes on with the same organisation. Nothing here
// imports them; the devstack does.
package sample
