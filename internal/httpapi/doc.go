// Package httpapi is the HTTP surface of the starter: webhooks and files of HR
// in, operators' reads and overrides, health. The starter and the devstack
// serve it; the command line speaks to it with the types declared here.
//
// Handlers translate between HTTP and the interface [Journeys] and do nothing
// else: no Temporal, no store, no policy. Each returns an error, and one
// function turns errors into RFC 9457 problems. A [*Problem] is what the client
// may see; any other error is an internal one, of which the client gets the
// request ID and the log the cause.
//
// openapi.yaml is written by hand and is the contract; a test walks it and the
// routes both ways. There are no credentials yet: the configuration allows
// loopback addresses only, and requests that a web page could have made on
// another site's behalf are refused.
package httpapi
