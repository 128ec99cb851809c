package ad

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/go-ldap/ldap/v3"

	"tenure/internal/directory"
)

// RefusedFor is how long a password or keytab that a domain has refused is not
// tried again: domains forget wrong passwords after half an hour, unless told
// otherwise, and lock the account after a few.
const RefusedFor = 30 * time.Minute

// Credential proves who the bind account is.
type Credential struct {
	Secret directory.Secret
	// Keytab are the account's keys as a keytab file holds them, for Kerberos.
	Keytab []byte
}

// proof is a credential that can be compared.
type proof struct {
	secret directory.Secret
	keytab string
}

func (c Credential) proof() proof { return proof{secret: c.Secret, keytab: string(c.Keytab)} }

// SignIns keeps the bind account from being locked by our own tries: one connection
// signs in at a time, and a credential that was refused waits. Another one is tried
// at once. All targets that sign in as the same account share one.
type SignIns struct {
	now func() time.Time
	// turn is held while somebody signs in, and with it what follows.
	turn    chan struct{}
	refused map[proof]time.Time // until when it is not tried
}

// NewSignIns knows of no refusal.
func NewSignIns(now func() time.Time) *SignIns {
	return &SignIns{now: now, turn: make(chan struct{}, 1), refused: map[proof]time.Time{}}
}

// try signs in unless the credential was refused.
func (s *SignIns) try(ctx context.Context, c Credential, signIn func() error) error {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("wait for another sign-in: %w", directory.ErrUnavailable)
	}
	defer func() { <-s.turn }()
	maps.DeleteFunc(s.refused, func(_ proof, until time.Time) bool { return !s.now().Before(until) })
	if until, found := s.refused[c.proof()]; found {
		return fmt.Errorf("the credential was refused, and is not tried again before %s, lest the account be locked: %w",
			until.UTC().Format(time.RFC3339), directory.ErrDenied)
	}
	err := signIn()
	s.remember(c, err)
	return err
}

// note remembers what became of a sign-in that nobody waits for any more.
func (s *SignIns) note(c Credential, err error) {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	s.remember(c, err)
}

// remember is for who has the turn.
func (s *SignIns) remember(c Credential, err error) {
	if isWrong(err) {
		s.refused[c.proof()] = s.now().Add(RefusedFor)
	}
}

// isWrong tells a refusal that counts towards a lock-out from one of an account
// whose password is right: that one has expired, say.
func isWrong(err error) bool {
	if isWrongTicket(err) {
		return true
	}
	if !refusedWith(err, ldap.LDAPResultInvalidCredentials) {
		return false
	}
	for _, code := range []string{"525", "530", "531", "532", "533", "701", "773", "775"} {
		if refusedBecause(err, credentialReason(code)) {
			return false
		}
	}
	return true
}

// credential is the one to sign in by, read again where that can be.
func (c Config) credential() (Credential, error) {
	if c.Renew == nil {
		out := Credential{Secret: c.Secret}
		if c.Kerberos != nil {
			out.Keytab = c.Kerberos.Keytab
		}
		return out, nil
	}
	out, err := c.Renew()
	if err != nil {
		return out, fmt.Errorf("read the credential again: %w: %w", directory.ErrUnavailable, err)
	}
	return out, nil
}
