package access_test

import (
	"testing"

	"tenure/internal/access"
)

func TestS19RolesAreOrdered(t *testing.T) {
	t.Parallel()
	roles := access.Roles()
	for i, had := range roles {
		for k, least := range roles {
			if got := had.Allows(least); got != (i >= k) {
				t.Errorf("%s allows what asks for %s: %t", had, least, got)
			}
		}
		if !had.Allows(access.Open) {
			t.Errorf("%s may not call an open route", had)
		}
		if had.Allows(0) {
			t.Errorf("%s may call a route that names no role", had)
		}
		if parsed, err := access.ParseRole(had.String()); err != nil || parsed != had {
			t.Errorf("ParseRole(%s) = %s, %v", had, parsed, err)
		}
	}
	var none access.Role
	if none.Allows(access.Viewer) || !none.Allows(access.Open) {
		t.Error("a caller without a role may read, or may not call an open route")
	}
	for _, text := range []string{"", "open", "none", "Admin", "root"} {
		if role, err := access.ParseRole(text); err == nil {
			t.Errorf("ParseRole(%q) = %s, want an error", text, role)
		}
	}
}

func TestCallerTravelsInTheContext(t *testing.T) {
	t.Parallel()
	if caller := access.From(t.Context()); caller.Role.Allows(access.Viewer) {
		t.Errorf("a context without a caller has %+v", caller)
	}
	ctx := access.With(t.Context(), access.Unverified())
	if caller := access.From(ctx); caller.Role != access.Admin || caller.Verified || caller.Name != "" {
		t.Errorf("From() = %+v, want the unverified admin", caller)
	}
}
