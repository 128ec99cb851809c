package access_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"tenure/internal/access"
)

func TestS19TokensAreTakenUntilTheyExpire(t *testing.T) {
	t.Parallel()
	expires := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	now := expires.Add(-time.Nanosecond)
	first, second := access.NewToken(), access.NewToken()
	tokens := access.NewTokens([]access.Token{
		{Name: "ci", Role: access.Operator, Digest: sha256.Sum256([]byte(first)), Expires: expires},
		{Name: "olga", Role: access.Admin, Digest: sha256.Sum256([]byte(second)), Expires: expires.Add(time.Hour)},
	}, func() time.Time { return now })
	caller, err := tokens.Authenticate(t.Context(), first)
	if want := (access.Caller{Name: "ci", Role: access.Operator, Verified: true}); err != nil || caller != want {
		t.Errorf("Authenticate() = %+v, %v, want %+v", caller, err, want)
	}
	now = expires
	if caller, err := tokens.Authenticate(t.Context(), first); !errors.Is(err, access.ErrExpired) || caller.Role != 0 || caller.Verified {
		t.Errorf("Authenticate() at its expiry = %+v, %v, want ErrExpired and no role", caller, err)
	}
	if caller, err := tokens.Authenticate(t.Context(), second); err != nil || caller.Name != "olga" {
		t.Errorf("Authenticate() of the other = %+v, %v", caller, err)
	}
	for _, wrong := range []string{"", first + "x", first[:len(first)-1], strings.ToUpper(first), access.NewToken(), access.TokenPrefix} {
		if caller, err := tokens.Authenticate(t.Context(), wrong); !errors.Is(err, access.ErrUnknown) || caller != (access.Caller{}) {
			t.Errorf("Authenticate(%q) = %+v, %v, want ErrUnknown", wrong, caller, err)
		}
	}
}

func TestS19NewTokensAre256RandomBits(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 100 {
		token := access.NewToken()
		secret, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(token, access.TokenPrefix))
		if err != nil || len(secret) != 32 || !strings.HasPrefix(token, access.TokenPrefix) || seen[token] {
			t.Fatalf("NewToken() = %q (%d bytes, %v, seen %t)", token, len(secret), err, seen[token])
		}
		seen[token] = true
	}
	sum := sha256.Sum256([]byte("tnr_x"))
	if got := access.Digest("tnr_x"); got != hex.EncodeToString(sum[:]) {
		t.Errorf("Digest() = %s", got)
	}
}

func TestS19CredentialsWithoutAKindRefuseIt(t *testing.T) {
	t.Parallel()
	for _, bearer := range []string{access.NewToken(), "eyJhbGciOiJub25lIn0.e30."} {
		if caller, err := (access.Credentials{}).Authenticate(t.Context(), bearer); !errors.Is(err, access.ErrUnknown) {
			t.Errorf("Authenticate() = %+v, %v, want ErrUnknown", caller, err)
		}
	}
}

func TestS19AStatedActorMustBeTheCaller(t *testing.T) {
	t.Parallel()
	olga := access.Caller{Name: "olga", Role: access.Operator, Verified: true}
	for stated, want := range map[string]string{"": "olga", "olga": "olga"} {
		if got, err := olga.Actor(stated); err != nil || got != want {
			t.Errorf("Actor(%q) = %q, %v, want %q", stated, got, err, want)
		}
	}
	for _, stated := range []string{"kim", "Olga", "unverified: olga"} {
		if got, err := olga.Actor(stated); !errors.Is(err, access.ErrOtherActor) || got != "" {
			t.Errorf("Actor(%q) = %q, %v, want it refused", stated, got, err)
		}
	}
	if got, err := access.Unverified().Actor("kim"); err != nil || got != "unverified: kim" {
		t.Errorf("Actor() without credentials = %q, %v", got, err)
	}
}
