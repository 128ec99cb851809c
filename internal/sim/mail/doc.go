// Package mail is a mail system on one machine: it speaks SMTP and SendGrid's `POST /v3/mail/send`, keeps every
// message in a folder and shows them on a page. The devstack runs it, the tests of notify/smtp and notify/sendgrid
// send to it, end-to-end tests read from it.
//
// Over HTTP it serves
//
//	GET  /                    the list, newest first; ?to=ADDRESS filters
//	GET  /mails/{id}          one message; its HTML part in a sandboxed frame
//	GET  /_sim/mails          the same list as JSON
//	POST /v3/mail/send        SendGrid's API with its documented refusals
//
// Faults come from one schedule (tenure/internal/sim/fault). A rule for SMTP has the method SMTP and the path
// /connect, /mail, /rcpt or /data: unavailable and throttled answer 4xx, not-found answers 550, reset drops the
// connection before the message is kept, lost after it, slow waits. A rule about somebody meets the messages that go to
// an address or hold the words, and at /rcpt the address; /connect and /mail are about nobody.
//
// Invariants: a message is on disk before the sender hears of it, one file each, written whole or not at all, and it
// is there after a restart. Everything a message holds is treated as hostile on the page. Nothing is ever delivered to
// anybody. The package must not import the senders.
package mail
