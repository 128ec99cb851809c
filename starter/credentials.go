package starter

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tenure/internal/access"
	"tenure/internal/access/oidc"
	"tenure/internal/config"
)

// credentials are what the configuration says of who may call.
type credentials struct {
	named  []access.Token
	tokens *access.Tokens
	// issuer is nil where the configuration names none.
	issuer *oidc.Issuer
}

func newCredentials(c config.API, now func() time.Time) credentials {
	out := credentials{named: c.Named()}
	if len(out.named) > 0 {
		out.tokens = access.NewTokens(out.named, now)
	}
	if c.OIDC.Issuer != "" {
		out.issuer = oidc.New(oidc.Options{
			Issuer: c.OIDC.Issuer, Audience: c.OIDC.Audience, RoleClaim: c.OIDC.RoleClaim, NameClaim: c.OIDC.NameClaim,
			Roles: c.OIDC.RoleMap(), Now: now,
		})
	}
	return out
}

// authenticator is nil where no credentials are configured.
func (c credentials) authenticator() access.Authenticator {
	if c.tokens == nil && c.issuer == nil {
		return nil
	}
	out := access.Credentials{Tokens: c.tokens}
	if c.issuer != nil {
		out.Issuer = c.issuer
	}
	return out
}

const (
	// expirySoon is how long before its end a token is worth a look.
	expirySoon = 14 * 24 * time.Hour
	// issuerWithin is how long an issuer may take to be discovered.
	issuerWithin = 10 * time.Second
)

// checkCredentials tells the doctor who may call, which tokens end soon, and
// whether the issuer answers.
func (s *service) checkCredentials(ctx context.Context, found *checks) {
	c := s.credentials
	if c.authenticator() == nil {
		found.add("credentials", nil, "none: loopback only, every caller is unverified and may do everything", "")
		return
	}
	var ended, soon []string
	for _, token := range c.named {
		switch left := token.Expires.Sub(s.now()); {
		case left <= 0:
			ended = append(ended, token.Name)
		case left < expirySoon:
			soon = append(soon, token.Name+" on "+token.Expires.Format(time.DateOnly))
		}
	}
	detail := fmt.Sprintf("%d named tokens", len(c.named))
	if len(soon) > 0 {
		detail += "; soon expire: " + strings.Join(soon, ", ")
	}
	var err error
	if len(ended) > 0 {
		err = fmt.Errorf("expired: %s", strings.Join(ended, ", "))
	}
	found.add("credentials", err, detail, "make new ones with tenure token new, or take them out of the configuration")
	if c.issuer == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, issuerWithin)
	defer cancel()
	found.add("token issuer", c.issuer.Ready(ctx), "answers", "check api.oidc.issuer and the network: callers with its tokens are refused")
}
