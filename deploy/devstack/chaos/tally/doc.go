// Package tally counts what the chaos program did and what went wrong, and holds
// what its sections share.
package tally
