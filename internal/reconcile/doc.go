// Package reconcile compares what a target holds with what Tenure knows and
// wants of it: missing, unowned and drifted accounts, and those that are enabled
// or disabled against what HR says.
//
// It is pure: activities list the target, read the people index and ask the
// journeys; this package only says what differs. It mends nothing and decides
// nothing. What it says names attributes and dates, never their values.
package reconcile
