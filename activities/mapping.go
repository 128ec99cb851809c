package activities

import (
	crand "crypto/rand"
	"crypto/sha256"
	"maps"
	"math/rand/v2"
	"slices"

	"tenure/internal/mapping"
	"tenure/internal/person"
	"tenure/internal/plan"
)

// mappingScope is what mappings are applied to for a view of the record.
func (j *job) mappingScope(view person.Attributes) plan.MappingScope {
	return plan.MappingScope{View: view, Zone: j.zone, Now: j.Now}
}

// mapForCreate applies the target's mappings before the account is made. What an
// expression cannot make now would never be written later: then none is made.
func (j *job) mapForCreate(view person.Attributes) (plan.WantedAttributes, error) {
	scope := j.mappingScope(view)
	scope.Creating, scope.Random = true, newRandom()
	wanted := plan.AttributesWanted(&j.rules, scope)
	if wanted.LeftOut != "" {
		return wanted, fail(CodeMapping, "the mapping of "+wanted.LeftOut+" leaves this person out")
	}
	for _, failed := range wanted.Failed {
		if failed.Needed {
			return wanted, fail(CodeMapping, failed.String())
		}
	}
	return wanted, nil
}

// newRandom is a source of random numbers that nobody can guess.
func newRandom() mapping.Random {
	var seed [32]byte
	_, _ = crand.Read(seed[:]) // it never fails
	return rand.NewChaCha8(seed)
}

// sameRandom draws the same for every attempt at an effect, so that a name which
// was reserved is proposed again.
func sameRandom(effect string) mapping.Random { return rand.NewChaCha8(sha256.Sum256([]byte(effect))) }

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
