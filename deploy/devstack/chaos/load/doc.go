// Package load replaces workers and starters one by one while many journeys are
// under way, and floods a starter. Nobody who sends HR facts may be refused by a
// replacement, nothing that was answered 202 may be lost, and every task is done
// once.
package load
