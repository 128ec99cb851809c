// Package graphtest checks exchanges with Microsoft Graph against its published OpenAPI description, for the tests of
// the simulator and of the Entra connector: what our client sends must be what the service takes, and what the
// simulator answers must be what the service would.
//
// The descriptions lie outside the repository, in shared/data/graph. Load skips the test aloud when they are absent.
// Operations that they leave out are described in beside.openapi.json, by hand from Microsoft's reference pages. Two variants are used: the published one, and a strict one that refuses unknown property names, which finds typing
// slips.
//
// Only tests import this package.
package graphtest
