// Package ad connects Tenure to one domain of Active Directory over LDAP.
// Composition roots make a [Directory] with [New]; nobody else imports it.
//
// Invariants: every connection is encrypted and its certificate verified;
// every call has a deadline, and a connection that timed out or broke is thrown
// away; one call speaks to one domain controller, so it reads what it wrote;
// nothing is repeated, since a write whose answer was lost may have been made:
// the caller looks and asks again. An account is known by its objectGUID, which
// survives renames and moves. What a result code means is decided in errors.go
// alone, by the number: texts and hexadecimal codes differ between servers, and
// texts quote names and values.
//
// It writes for the strictest server: what only some refuse is refused here. A
// password is made here, told to the domain controller and to nobody else. It
// must not know policies or people, must not retry, and must not write an
// attribute it was not asked to write.
package ad
