// Package ad is a simulator of the part of Active Directory that Tenure uses: one domain with users, groups, units and
// deleted objects, behind LDAPS and StartTLS with a CA of its own, so that any LDAP client runs against it unchanged.
// The devstack and the Active Directory connector's tests use it.
//
// It answers as strictly as a Windows domain controller is documented to (the Open Specifications MS-ADTS and MS-SAMR),
// also where Samba is laxer: names are compared without case and accents, an account is not enabled without a password,
// a password is not set when an account is made, logon names have 20 characters, an answer has 1000 objects. The codes
// and the hexadecimal numbers are those of Windows; what may be relied on is the code.
//
// Invariants: one mutex guards the whole domain, so each operation is atomic; an operation that answers an error has
// changed nothing; a change that changes nothing does not move uSNChanged; links are kept by objectGUID, so that names
// in them follow renames. Passwords are kept as salted digests and are never listed or logged; the journal holds names
// of attributes and no values. With Options.Dir a change is on disk before it is answered, and outlives a kill. Messages, nesting and the work of one connection are bounded, whatever a client sends.
//
// Domains that share a global catalogue are one forest: a link may lead to an object of another, which is found by its name,
// GUID or SID (MS-ADTS 3.1.1.1.12). The link shows that object as it was when it was made; every two days on the domain's
// clock the domain looks again, takes over a new name and drops what was deleted. No two of them have one user name. The other domain knows of no such link. What
// Windows does while it cannot reach the other domain is not simulated.
//
// Time comes from Options.Now plus what Advance has added. Faults come from the schedule of package fault: a request is
// matched by its operation as the method and by a path that Operation paths explain.
//
// # Operation paths
//
// The path of a write is the class of its object and, for a modify, the attributes that it changes, sorted:
// /user/department/title, /group/member, /deleted/distinguishedname/isdeleted. A search has its scope and the attributes
// of its filter: /sub/employeeid, /base/objectclass. A bind is /simple, an extended operation its number.
//
// It must not import the product's connectors, an LDAP library or the Temporal SDK, and it listens for development only.
package ad
