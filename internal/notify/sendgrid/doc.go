// Package sendgrid sends mail through SendGrid's `POST /v3/mail/send` with github.com/sendgrid/sendgrid-go.
// Composition roots build its Sender from the configuration; activities know it only as a notify.Sender.
//
// One Send is one request on a connection of its own: no retry, no redirect, no idle connection, so that a request
// which fails before a connection exists is known not to have been sent. From then on only an answer decides: 202 is
// sent, a refusal is a refusal, 500, 502, 504 and silence are unknown. SendGrid has no idempotency key; the message's
// ID goes along as Message-ID and as the custom argument tenure_id, which its event webhook and activity feed show.
//
// Invariants: no tracking of opens and clicks is asked for; errors hold the status and the names of refused fields,
// never SendGrid's texts, which repeat addresses, and never the key.
package sendgrid
