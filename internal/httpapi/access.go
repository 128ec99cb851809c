package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"golang.org/x/time/rate"

	"tenure/internal/access"
	"tenure/workflows/contract"
)

// Bounds of refused calls: a few at once and then one per second are answered
// and recorded in full. Those of strangers have bounds of their own, so that
// nobody hides what a caller with a token tries. Calls that a caller may make are
// never among them.
const (
	refusalsAtOnce    = 20
	refusalsPerSecond = 1
)

// maxBearer bounds a token: those of issuers carry claims.
const maxBearer = 16 << 10

// Identity is the answer to who the caller is.
type Identity struct {
	// Name is "" where no credentials are configured.
	Name     string `json:"name"`
	Role     string `json:"role"`
	Verified bool   `json:"verified"`
}

func (a *API) whoami(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	caller := access.From(r.Context())
	return answer(w, http.StatusOK, Identity{Name: caller.Name, Role: caller.Role.String(), Verified: caller.Verified})
}

// identify says who calls. Where credentials are configured, a request without
// a good one has no caller and is refused.
func (a *API) identify(r *http.Request) (access.Caller, error) {
	if a.access == nil {
		return access.Unverified(), nil
	}
	bearer, err := bearerOf(r)
	if err != nil {
		return access.Caller{}, err
	}
	caller, err := a.access.Authenticate(r.Context(), bearer)
	switch {
	case err == nil:
		return caller, nil
	case errors.Is(err, access.ErrExpired):
		return caller, NewProblem(KindUnauthorized, err, "the token has expired")
	case errors.Is(err, access.ErrUnavailable):
		return access.Caller{}, NewProblem(KindUnavailable, err, "the issuer of tokens does not answer: who calls cannot be told")
	default:
		return access.Caller{}, NewProblem(KindUnauthorized, err, "the token is not known")
	}
}

// bearerOf reads the one Authorization header of a request (RFC 6750). Tokens in
// a query or a body are not looked for: they would stand in logs.
func bearerOf(r *http.Request) (string, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 {
		return "", NewProblem(KindUnauthorized, nil, "a bearer token is needed")
	}
	scheme, token, found := strings.Cut(headers[0], " ")
	switch {
	case len(headers) > 1:
		return "", NewProblem(KindUnauthorized, nil, "there is more than one Authorization header")
	case !found || !strings.EqualFold(scheme, "Bearer") || token == "" || len(token) > maxBearer || strings.ContainsFunc(token, notInToken):
		return "", NewProblem(KindUnauthorized, nil, "the Authorization header is no bearer token")
	}
	return token, nil
}

// notInToken finds what RFC 6750 allows in no token.
func notInToken(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return false
	default:
		return !strings.ContainsRune("-._~+/=", r)
	}
}

// Permit refuses a caller who lacks a role. What is no request was asked for by
// this program itself and may.
func Permit(ctx context.Context, least access.Role) error {
	if _, request := access.Present(ctx); !request {
		return nil
	}
	return permit(ctx, least)
}

// permit refuses a caller who lacks a role.
func permit(ctx context.Context, least access.Role) error {
	if caller := access.From(ctx); !caller.Role.Allows(least) {
		return NewProblem(KindForbidden, nil, "this needs the role %s, and the caller has the role %s", least, caller.Role)
	}
	return nil
}

// actor is who decides: the verified caller, or whom an unverified one states.
func actor(r *http.Request, stated string) (string, error) {
	caller := access.From(r.Context())
	err := text(paramActor, stated, maxActor-len(access.UnverifiedPrefix), !caller.Verified)
	if err != nil {
		return "", err
	}
	name, err := caller.Actor(stated)
	if err != nil {
		return "", NewProblem(KindForbidden, err, "the actor %q is not the caller, who is %q: leave the actor out", stated, caller.Name)
	}
	noteActor(r.Context(), name)
	return name, nil
}

// OverrideRole is the least role that may send an override. A kind that is not
// named here has none, and nobody may send it. A release that does not name the
// kind of the hold is known by its journey only.
func OverrideRole(kind contract.Kind, o contract.Override) access.Role {
	if kind == contract.Release && o.HoldKind != "" {
		return releaseRole(o.HoldKind)
	}
	return overrideRole(kind)
}

func releaseRole(hold string) access.Role {
	switch hold {
	case contract.HoldHRError:
		return access.Operator
	case contract.HoldSecurity:
		return access.Approver
	default:
		return access.Admin
	}
}

// overrideRole is the least role for any override of a kind.
func overrideRole(kind contract.Kind) access.Role {
	switch kind {
	case contract.Hold, contract.Release, contract.RunNow, contract.Retry, contract.Skip, contract.Postpone,
		contract.ReEvaluate, contract.Renew:
		return access.Operator
	case contract.SetDate, contract.Terminate, contract.Rescind, contract.Approve, contract.Link, contract.Unlink:
		return access.Approver
	case contract.Erase:
		return access.Admin
	default:
		return 0
	}
}

// refuse answers a caller who may not, and says how to authenticate. What comes
// too fast is told so and not recorded.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	problem := problemOf(err)
	if problem.Kind() == KindUnauthorized {
		challenge := `Bearer realm="tenure"`
		if len(r.Header.Values("Authorization")) > 0 {
			challenge += `, error="invalid_token"`
		}
		w.Header().Set("WWW-Authenticate", challenge)
	}
	limit := a.strangers
	if access.From(r.Context()).Verified {
		limit = a.refusals
	}
	if !limit.AllowN(a.now(), 1) {
		w.Header().Del("WWW-Authenticate")
		a.answerError(w, r, NewProblem(KindTooMany, nil, "too many calls were refused lately: wait a second"))
		return
	}
	a.answerError(w, r, err)
	a.record(r, RecordRefused, outcomeOf(err))
}

func newRefusals() *rate.Limiter { return rate.NewLimiter(refusalsPerSecond, refusalsAtOnce) }
