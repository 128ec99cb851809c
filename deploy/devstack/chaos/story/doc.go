// Package story holds what HR says of people, day by day, and what must be true
// after each step. Every person has a number of its own, so that hundreds of
// stories are told in one stack at a time.
package story
