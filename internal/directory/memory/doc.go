// Package memory is a directory that lives in memory. Tests use it in place of
// a tenant, and it is what a run without any target writes to.
//
// It implements every ability of the port with the semantics of Entra ID that
// callers must survive: user names unique among live accounts only, employee
// numbers not unique, deleted accounts restorable for a while, one pass per
// account, licences by group. It passes the conformance suite in dirtest.
// Faults can be injected per verb, before the call or after its success. Its
// clock is injected; nothing is kept when the process ends.
package memory
