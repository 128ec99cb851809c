package graph

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Kinds of authentication methods beside the password and the temporary access pass.
const (
	MethodPhone         = "phone"
	MethodEmail         = "email"
	MethodFido2         = "fido2"
	MethodAuthenticator = "microsoftAuthenticator"
	MethodSoftwareOath  = "softwareOath"
	MethodHello         = "windowsHelloForBusiness"
)

const codeNoPermission = "Authentication_MSGraphPermissionMissing"

// SignInFacts is what speaks for a person having used the account, or for the account's power.
type SignInFacts struct {
	// LastSignIn is shown as signInActivity; zero means that nobody has signed in.
	LastSignIn time.Time `json:"lastSignIn,omitzero"`
	// Methods are kinds of registered authentication methods; one kind may be there more than once.
	Methods []string `json:"methods,omitempty"`
	// Roles are the directory roles held.
	Roles []string `json:"roles,omitempty"`
	// Eligible are the directory roles that the user may take up.
	Eligible []string `json:"eligible,omitempty"`
}

func methodKinds() []string {
	return []string{MethodPhone, MethodEmail, MethodFido2, MethodAuthenticator, MethodSoftwareOath, MethodHello}
}

// checked returns a copy that is the simulator's own, or what is wrong with the facts.
func (f SignInFacts) checked() (SignInFacts, error) {
	var problems []error
	for _, kind := range f.Methods {
		if !slices.Contains(methodKinds(), kind) {
			problems = append(problems, fmt.Errorf("unknown authentication method %q", kind))
		}
	}
	problems = append(problems, checkRoles(f.Roles, f.Eligible))
	out := SignInFacts{
		Methods: slices.Clone(f.Methods), Roles: slices.Clone(f.Roles), Eligible: slices.Clone(f.Eligible),
	}
	if !f.LastSignIn.IsZero() {
		out.LastSignIn = f.LastSignIn.UTC()
	}
	return out, errors.Join(problems...)
}

// SetSignInFacts replaces the facts of a user, named by ID or userPrincipalName.
func (s *Server) SetSignInFacts(name string, f SignInFacts) error {
	own, err := f.checked()
	if err != nil {
		return fmt.Errorf("set sign-in facts: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.find(name)
	if err != nil {
		return fmt.Errorf("set sign-in facts: %w", err)
	}
	u.Facts = own
	s.touchQuietly(u)
	return s.commit()
}

// activity is signInActivity. The service also writes "" for an instant that is missing, against its own description:
// here it is null.
func (u *user) activity() object {
	if u.Facts.LastSignIn.IsZero() {
		return nil
	}
	at := stamp(u.Facts.LastSignIn)
	return object{
		"lastSignInDateTime": at, "lastSignInRequestId": nil,
		"lastNonInteractiveSignInDateTime": nil, "lastNonInteractiveSignInRequestId": nil,
		"lastSuccessfulSignInDateTime": at, "lastSuccessfulSignInRequestId": nil,
	}
}

// mayAskForActivity checks the two conditions that signInActivity has and no other property: a permission for the audit
// log, and a user named by ID.
func mayAskForActivity(q *request) error {
	if !q.app.allowed(permAuditRead) {
		return refuse(http.StatusForbidden, codeNoPermission,
			"The principal does not have required Microsoft Graph permission(s): AuditLog.Read.All to call this API.")
	}
	if id, ok := q.params[propID]; ok && !guid.MatchString(id) {
		return refuse(http.StatusBadRequest, codeParse, "Get By Key only supports UserId and the key has to be a valid Guid")
	}
	return nil
}

// otherMethods shows the registered methods with the properties that all methods have.
func (u *user) otherMethods() []any {
	var out []any
	for i, kind := range u.Facts.Methods {
		out = append(out, object{
			keyType: "#microsoft.graph." + kind + "AuthenticationMethod",
			propID:  SeedID(fmt.Sprint(u.ID, kind, i)), propCreated: nil,
		})
	}
	return out
}
