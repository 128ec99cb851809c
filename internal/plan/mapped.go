package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// advanceMapped follows the digest of what each target's mappings read. What
// is seen first is taken as written: existing staff is not touched for it.
func (p *planner) advanceMapped() {
	c := p.current(p.now)
	if c == nil {
		return
	}
	for i := range p.in.Policy.Targets {
		target := &p.in.Policy.Targets[i]
		account := p.account(target.Name)
		exists := account.State == AccountEnabled || account.State == AccountDisabled
		if !exists && !c.existing || account.State == AccountDeleted {
			continue
		}
		p.follow(account, c.stay.ID, MappedDigest(target, p.mappingScope(c, p.now)))
	}
}

func (p *planner) follow(account Account, stay, digest string) {
	at := slices.IndexFunc(p.memory.Mapped, func(m Mapped) bool { return m.Target == account.Target })
	if at < 0 {
		p.memory.Mapped = append(p.memory.Mapped, Mapped{Target: account.Target})
		at = len(p.memory.Mapped) - 1
	}
	m := &p.memory.Mapped[at]
	if m.Primed == "" && account.Written == "" {
		m.Primed = digest
	}
	if m.Wanted != digest {
		m.Wanted, m.Since, m.Operations = digest, p.now, account.Operations
		if p.running(TaskKey(AccountWorkflow+account.Target, stay, account.Operations, string(Update))) {
			m.Operations++ // the one in flight writes what was wanted before
		}
	}
}

// drift reports since when the account differs from what is wanted; false
// where it does not, or where it was written already.
func (p *planner) drift(account Account, stay string) (Mapped, bool) {
	for _, m := range p.memory.Mapped {
		if m.Target != account.Target {
			continue
		}
		written := account.Written
		if written == "" {
			written = m.Primed
		}
		return m, m.Wanted != written && !p.updatedSince(account, stay, m.Operations)
	}
	return Mapped{}, false
}

// updatedSince reports whether an update was done when the account had had
// this many operations, or later.
func (p *planner) updatedSince(account Account, stay string, operations int) bool {
	for generation := operations; generation <= account.Operations; generation++ {
		done, found := p.decided[TaskKey(AccountWorkflow+account.Target, stay, generation, string(Update))]
		if found && done.Outcome == OutcomeDone {
			return true
		}
	}
	return false
}

// mappingScope is what the mappings of a chapter's account are applied to.
func (p *planner) mappingScope(c *chapter, at time.Time) MappingScope {
	day := person.DateOf(at.In(p.feedZone))
	return MappingScope{View: p.viewAt(c, at), Zone: p.zoneOn(c.stay, day).location, Now: at}
}

// MappedDigest digests what an account's attributes are made of: the target's
// mappings that apply to an existing account, and the values they read. Of an
// expression it is what the expression gives.
func MappedDigest(target *lifecycle.Target, scope MappingScope) string {
	hash := sha256.New()
	for i := range target.Mapping {
		rule := &target.Mapping[i]
		if rule.OnCreate {
			continue
		}
		// Writing to a hash never fails.
		if !rule.Expression.IsZero() {
			made, err := mappedValue(rule, target, scope)
			_, _ = fmt.Fprintf(hash, "%q %t expression %q %t %t %t %t\n", rule.To, rule.Clear, made.Value, made.Unknown, made.Left, made.LeftObject, err != nil)
			continue
		}
		_, _ = fmt.Fprintf(hash, "%q %q %q %q %q %t\n", rule.To, rule.Attribute, rule.Constant, rule.Unique, rule.Reference, rule.Clear)
		for _, a := range scope.View {
			if readsAttribute(rule, a.Name) {
				_, _ = fmt.Fprintf(hash, "%q=%q\n", a.Name, a.Value)
			}
		}
	}
	return hex.EncodeToString(hash.Sum(nil)[:digestBytes])
}

// digestBytes is enough to tell two versions of one person apart.
const digestBytes = 8

func readsAttribute(mapping *lifecycle.Mapping, name string) bool {
	switch {
	case mapping.Reference != "":
		return strings.HasPrefix(name, mapping.Reference+".")
	case len(mapping.Unique) > 0:
		return strings.HasPrefix(name, "person.legalName.") || strings.HasPrefix(name, "person.preferredName.")
	default:
		return mapping.Attribute == name || mapping.Attribute == person.DisplayNameAttribute && isNamePart(name)
	}
}

// isNamePart reports whether a display name may be made of the attribute.
func isNamePart(name string) bool {
	return name == person.DisplayNameAttribute || name == person.GivenNameAttribute || name == person.FamilyNameAttribute
}

// waitsUntil is when the account's manager is looked up again.
func waitsUntil(account Account) time.Time {
	if account.WaitingFor == "" {
		return time.Time{}
	}
	return account.WaitingUntil
}
