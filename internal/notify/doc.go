// Package notify turns a decision to tell somebody something into one mail: it holds the message, the contract of
// a sender, the sentinel errors, and the templates. The activities use it; notify/smtp and notify/sendgrid
// implement Sender and pass the suite in notify/notifytest.
//
// Templates are files, one folder per template name and three files per locale:
//
//	NAME/LOCALE.subject.txt   one line
//	NAME/LOCALE.txt           the text part
//	NAME/LOCALE.html          the HTML part
//
// for example sendEmailOnLastDay/de.subject.txt. NAME is one of Names, LOCALE a language tag such as en, de or
// de-AT. The defaults for en, de and fr are embedded; Load lays an administrator's folder over them, locale by
// locale. A reader gets the exact locale, else its language, else en. `{{name}}` is an attribute and nothing more:
// there are no conditions, loops or functions. A token that the template may not use is a problem at load time.
//
// Invariants: every error says whether the mail was sent, was not sent, or may have been (OutcomeOf); no error
// contains an address, a subject, a body or a credential; no value can start a new header, line or HTML element.
// The package must not know Temporal, the configuration or who receives what: the caller decides.
package notify
