// Package extension calls custom task extensions: one signed HTTP POST to a
// system of the organisation's own.
//
// Calls are signed as Standard Webhooks describe (headers webhook-id,
// webhook-timestamp, webhook-signature), so that receivers verify them with
// any library of that specification. The ID is the same in every attempt of a
// task: receivers drop repeats by it. Redirects are not followed and the body
// of an answer is never kept.
package extension
