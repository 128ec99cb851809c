package directory

// Target is a directory together with the abilities it was found to have. An
// ability that the system lacks is nil; Capabilities says the same in data.
//
// Decorators wrap a Target field by field, so that wrapping never hides an
// ability as it would behind a type assertion.
type Target struct {
	Directory

	Anchors  AnchorFinder
	Writer   AccountWriter
	Remover  AccountRemover
	Groups   GroupWriter
	Licenses LicenseWriter
	Sessions SessionRevoker
	Passes   AccessPassIssuer

	Passwords PasswordReplacer

	Lister      AccountLister
	Protections ProtectionReader
	Inspector   Inspector
}

// Bundle finds the abilities of a connector. A Target is returned as it is.
func Bundle(d Directory) Target {
	if t, ok := d.(Target); ok {
		return t
	}
	t := Target{Directory: d}
	t.Anchors, _ = d.(AnchorFinder)
	t.Writer, _ = d.(AccountWriter)
	t.Remover, _ = d.(AccountRemover)
	t.Groups, _ = d.(GroupWriter)
	t.Licenses, _ = d.(LicenseWriter)
	t.Sessions, _ = d.(SessionRevoker)
	t.Passes, _ = d.(AccessPassIssuer)
	t.Passwords, _ = d.(PasswordReplacer)
	t.Lister, _ = d.(AccountLister)
	t.Protections, _ = d.(ProtectionReader)
	t.Inspector, _ = d.(Inspector)
	return t
}
