// Package smtp sends mail over SMTP submission with github.com/wneessen/go-mail. Composition roots build its Sender
// from the configuration; activities know it only as a notify.Sender.
//
// One Send is one connection and one transaction: no pool, no retry, so that what an error says about the delivery
// is said about this message alone. Everything before the final dot is known not to have been sent; from the dot to
// the server's answer the delivery is unknown; a refusal is a refusal.
//
// Invariants: TLS is mandatory except to a loopback address; a transaction that broke inside the data is ended by
// closing the connection, never by a further command, which would end the data and send half a mail; a server's
// answer appears in errors as its code alone, because its text often repeats the recipient.
package smtp
