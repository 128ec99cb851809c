package access

import "context"

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

// callerKey is the key of the caller in a context.
type callerKey struct{}

// With returns a context that knows its caller.
func With(ctx context.Context, caller Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

// From returns the caller of a request. Without one it is a caller without a
// role, who may do nothing.
func From(ctx context.Context) Caller {
	caller, _ := ctx.Value(callerKey{}).(Caller)
	return caller
}
