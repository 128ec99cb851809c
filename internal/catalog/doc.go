// Package catalog tells the policy loader what the connectors know: the
// attributes of each kind of target and the names of the mail templates.
//
// The loader is pure and may not import connectors; this is the one place where
// the two meet, so that the worker, the starter and the command line check a
// policy alike. It imports no vendor SDK.
package catalog
