package access

import (
	"context"
	"errors"

	"tenure/workflows/contract"
)

// UnverifiedPrefix begins the actor of a decision whose author nothing proves.
const UnverifiedPrefix = contract.UnverifiedPrefix

// Caller is who makes a request.
type Caller struct {
	// Name is verified, and "" where no credentials are configured.
	Name     string
	Role     Role
	Verified bool
}

// Unverified is every caller of an API without credentials, which listens on
// loopback only: whoever reaches it may do everything.
func Unverified() Caller { return Caller{Role: Admin} }

// ErrOtherActor says that a verified caller states to be somebody else.
var ErrOtherActor = errors.New("the actor that is stated is not the caller")

// Actor is who decides, for the ledger: the verified name, which a caller may
// state but not change, or the stated one, marked as unverified.
func (c Caller) Actor(stated string) (string, error) {
	switch {
	case !c.Verified:
		return UnverifiedPrefix + stated, nil
	case stated != "" && stated != c.Name:
		return "", ErrOtherActor
	default:
		return c.Name, nil
	}
}

// callerKey is the key of the caller in a context.
type callerKey struct{}

// With returns a context that knows its caller.
func With(ctx context.Context, caller Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

// From returns the caller of a request. Without one it is a caller without a
// role, who may do nothing.
func From(ctx context.Context) Caller {
	caller, _ := Present(ctx)
	return caller
}

// Present reports too whether the context is that of a request at all.
func Present(ctx context.Context) (Caller, bool) {
	caller, found := ctx.Value(callerKey{}).(Caller)
	return caller, found
}
