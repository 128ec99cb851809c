package directory

// Protection is what protects an account without being named in a policy.
type Protection struct {
	// Roles are the names of the directory roles it holds, directly or through
	// a group, active or eligible.
	Roles []string
	// RoleGroups are the role-assignable groups it is a member or an owner of.
	RoleGroups []Group
}

// Any reports whether anything protects the account.
func (p Protection) Any() bool { return len(p.Roles) > 0 || len(p.RoleGroups) > 0 }

// Owned is an object that an account owns.
type Owned struct {
	ID string
	// Kind is the target's word for it, such as group or application.
	Kind string
	Name string
}
