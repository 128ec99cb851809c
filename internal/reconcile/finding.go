package reconcile

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Kind says what differs.
type Kind string

// The kinds of finding.
const (
	// ActiveShouldBeDisabled is an account that lets somebody in who should be
	// kept out.
	ActiveShouldBeDisabled Kind = "active-should-be-disabled"
	// DisabledShouldBeActive is an account that keeps somebody out who should
	// get in.
	DisabledShouldBeActive Kind = "disabled-should-be-active"
	// Missing is a person who should have an account, and none is there.
	Missing Kind = "missing"
	// Drifted is an account whose attributes are not those that Tenure wrote.
	Drifted Kind = "drifted"
	// Unowned is an account that no journey claims.
	Unowned Kind = "unowned"
)

// Kinds returns every kind, what must be looked at first in front.
func Kinds() []Kind {
	return []Kind{ActiveShouldBeDisabled, DisabledShouldBeActive, Missing, Drifted, Unowned}
}

// Rank orders the kinds as [Kinds] does; a kind of a later version comes last.
func (k Kind) Rank() int {
	if i := slices.Index(Kinds(), k); i >= 0 {
		return i
	}
	return len(Kinds())
}

// Finding is one difference.
type Finding struct {
	Kind Kind
	// Realm and Key are the person's. Of an unowned account they are those of
	// whom it may belong to, or "".
	Realm, Key string
	// ObjectID and UserName are the account's; "" where none is there.
	ObjectID, UserName string
	// Names are the attributes that differ, sorted.
	Names []string
	// Reason says in a sentence why it is one.
	Reason string
	// Waits says which line of the journey stands in between already, "" where
	// none does.
	Waits string
}

// ID names a finding of a target in a short word. The same difference has the
// same ID in every comparison. It tells nothing of the person, and begins with a
// letter so that a spreadsheet does not take it for a number.
func (f Finding) ID(target string) string {
	subject := []string{target, string(f.Kind), f.Realm, f.Key}
	if f.Kind == Unowned {
		subject = []string{target, string(f.Kind), strings.ToLower(f.ObjectID)}
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", subject))
	return "f" + hex.EncodeToString(sum[:6])
}

// Compare orders findings: by kind, then person, then account.
func Compare(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(a.Kind.Rank(), b.Kind.Rank()), cmp.Compare(a.Realm, b.Realm), cmp.Compare(a.Key, b.Key), cmp.Compare(a.ObjectID, b.ObjectID),
	)
}
