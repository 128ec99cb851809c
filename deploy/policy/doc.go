// Package policy holds the policy that ships as the example, so that programs
// can carry it: the devstack activates a copy of it.
//
// It is a file for people first; nothing in here reads it.
package policy
