package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"time"
)

// TokenPrefix begins the text of every token, so that one in a log or a
// repository is found.
const TokenPrefix = "tnr_"

// tokenBytes are 256 random bits: nobody guesses them, so that a plain digest
// is enough to keep.
const tokenBytes = 32

// Why a bearer token is not taken. The text of the token is in none of them.
var (
	ErrUnknown     = errors.New("the token is not known")
	ErrExpired     = errors.New("the token has expired")
	ErrUnavailable = errors.New("the issuer does not answer")
)

// NewToken makes a token from chance.
func NewToken() string {
	var secret [tokenBytes]byte
	// Read never fails: the program ends where the system has no randomness.
	_, _ = rand.Read(secret[:])
	return TokenPrefix + base64.RawURLEncoding.EncodeToString(secret[:])
}

// Digest is what a configuration keeps of a token: its SHA-256 in hex.
func Digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Token is a credential that the configuration names.
type Token struct {
	Name string
	Role Role
	// Digest is the SHA-256 of its text.
	Digest [sha256.Size]byte
	// Expires is the first instant at which it is not taken any more.
	Expires time.Time
}

// Tokens verifies named tokens. It is safe for concurrent use.
type Tokens struct {
	tokens []Token
	now    func() time.Time
}

// NewTokens verifies these tokens by this clock.
func NewTokens(tokens []Token, now func() time.Time) *Tokens {
	return &Tokens{tokens: tokens, now: now}
}

// Authenticate says whose token it is. The time it takes tells nothing of the
// tokens that are known: every one of them is compared.
func (t *Tokens) Authenticate(_ context.Context, bearer string) (Caller, error) {
	sum := sha256.Sum256([]byte(bearer))
	found := -1
	for i := range t.tokens {
		if subtle.ConstantTimeCompare(sum[:], t.tokens[i].Digest[:]) == 1 {
			found = i
		}
	}
	if found < 0 {
		return Caller{}, ErrUnknown
	}
	token := t.tokens[found]
	if !t.now().Before(token.Expires) {
		return Caller{Name: token.Name}, ErrExpired
	}
	return Caller{Name: token.Name, Role: token.Role, Verified: true}, nil
}

// Authenticator verifies what a request carries as its bearer token.
type Authenticator interface {
	// Authenticate returns the caller, or ErrUnknown, ErrExpired or
	// ErrUnavailable. The caller of an expired token has its name alone.
	Authenticate(ctx context.Context, bearer string) (Caller, error)
}

// Credentials takes named tokens and those of an issuer. Either may be nil.
type Credentials struct {
	Tokens *Tokens
	Issuer Authenticator
}

// Authenticate tells the kinds of token apart by their first letters.
func (c Credentials) Authenticate(ctx context.Context, bearer string) (Caller, error) {
	switch named := strings.HasPrefix(bearer, TokenPrefix); {
	case named && c.Tokens != nil:
		return c.Tokens.Authenticate(ctx, bearer)
	case !named && c.Issuer != nil:
		return c.Issuer.Authenticate(ctx, bearer)
	default:
		return Caller{}, ErrUnknown
	}
}
