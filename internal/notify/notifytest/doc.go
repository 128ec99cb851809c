// Package notifytest is the suite that every notify.Sender passes: what is delivered, how often, and what each error
// says about the delivery. A sender's own test builds a Fixture on a server that can fail on demand and calls Run.
//
// The suite knows no protocol and no simulator. It must not be imported outside tests.
package notifytest
