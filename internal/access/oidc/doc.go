// Package oidc verifies bearer tokens of an OpenID Connect issuer: any that can
// be discovered. Keys are fetched when a token asks for one that is not known,
// so that a rotation needs nothing, and at most every few seconds, so that bad
// tokens do not make us call the issuer for each.
package oidc
