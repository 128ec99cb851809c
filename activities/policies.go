package activities

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// PolicyStore is where policy versions are kept.
type PolicyStore interface {
	ActivePolicy(ctx context.Context) (store.PolicyVersion, error)
	Policy(ctx context.Context, number int) (store.PolicyVersion, error)
}

// Policies gives loaded policy versions. Versions never change, so each is
// loaded once. It is safe for concurrent use.
type Policies struct {
	store PolicyStore
	load  func(source []byte) (*lifecycle.Policy, error)

	mu     sync.Mutex
	loaded map[int]LoadedPolicy
	// parsed holds what the sources say, nil for one that this build cannot load.
	parsed map[int]*lifecycle.Policy
	active int
}

// LoadedPolicy is a policy version ready to plan from.
type LoadedPolicy struct {
	*lifecycle.Policy
	Stored store.PolicyVersion
	// Forms are the forms that account lines had in this version and before it,
	// this one's last.
	Forms []plan.Form
}

// Input is what a plan is computed from with this version.
func (l LoadedPolicy) Input(facts plan.Facts, now time.Time) plan.Input {
	return plan.Input{
		Policy: l.Policy, Version: l.Stored.Number, Activations: l.Stored.Activations, Forms: l.Forms, Facts: facts, Now: now,
	}
}

// NewPolicies reads versions from a store and loads them with the given
// function, which knows the attributes of the targets.
func NewPolicies(from PolicyStore, load func(source []byte) (*lifecycle.Policy, error)) *Policies {
	return &Policies{store: from, load: load, loaded: make(map[int]LoadedPolicy), parsed: make(map[int]*lifecycle.Policy)}
}

// Active returns the active version. While the store is away it is the last one
// seen: planning and time go on.
func (p *Policies) Active(ctx context.Context) (LoadedPolicy, error) {
	version, err := p.store.ActivePolicy(ctx)
	if err != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		if last, found := p.loaded[p.active]; found {
			return last, nil
		}
		return LoadedPolicy{}, fmt.Errorf("read active policy: %w", err)
	}
	loaded, err := p.of(ctx, version)
	if err != nil {
		return LoadedPolicy{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active = version.Number
	return loaded, nil
}

// Version returns one version.
func (p *Policies) Version(ctx context.Context, number int) (LoadedPolicy, error) {
	p.mu.Lock()
	loaded, found := p.loaded[number]
	p.mu.Unlock()
	if found {
		return loaded, nil
	}
	version, err := p.store.Policy(ctx, number)
	if err != nil {
		return LoadedPolicy{}, fmt.Errorf("read policy version %d: %w", number, err)
	}
	return p.of(ctx, version)
}

func (p *Policies) of(ctx context.Context, version store.PolicyVersion) (LoadedPolicy, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if loaded, found := p.loaded[version.Number]; found {
		return loaded, nil
	}
	policy, err := p.load(version.Source)
	if err != nil {
		return LoadedPolicy{}, fmt.Errorf("load policy version %d: %w", version.Number, err)
	}
	p.parsed[version.Number] = policy
	forms, err := p.forms(ctx, version.Number-1)
	if err != nil {
		return LoadedPolicy{}, err
	}
	loaded := LoadedPolicy{Policy: policy, Stored: version, Forms: Extend(forms, policy, version)}
	p.loaded[version.Number] = loaded
	return loaded, nil
}

// Preview is a policy as it would be if it were the next version after another,
// or the first one. A zero instant stands for the journey's own.
func Preview(after LoadedPolicy, policy *lifecycle.Policy, next store.PolicyVersion) LoadedPolicy {
	return LoadedPolicy{Policy: policy, Stored: next, Forms: Extend(slices.Clone(after.Forms), policy, next)}
}

// formVersions is how many versions back the forms of account lines are looked
// for. What was due under an older one asks.
const formVersions = 50

// forms are those of the versions up to a number, the oldest first.
func (p *Policies) forms(ctx context.Context, through int) ([]plan.Form, error) {
	var out []plan.Form
	for number := max(1, through-formVersions); number <= through; number++ {
		version, err := p.store.Policy(ctx, number)
		if err != nil {
			return nil, fmt.Errorf("read policy version %d: %w", number, err)
		}
		policy, found := p.parsed[number]
		if !found {
			// One that cannot be loaded any more made nothing due that is known.
			policy, _ = p.load(version.Source)
			p.parsed[number] = policy
		}
		out = Extend(out, policy, version)
	}
	return out, nil
}

// Extend adds the form of a version, unless it is that of the version before.
func Extend(forms []plan.Form, policy *lifecycle.Policy, version store.PolicyVersion) []plan.Form {
	form := plan.Form{Policy: policy, Version: version.Number, Activations: version.Activations}
	if version.Number > 1 {
		form.Since = version.AppliedAt
	}
	if len(forms) == 0 {
		return []plan.Form{form}
	}
	last := &forms[len(forms)-1]
	if policy != nil && last.Policy != nil && lifecycle.AccountForm(last.Policy) == lifecycle.AccountForm(policy) {
		last.Policy, last.Activations = policy, version.Activations
		return forms
	}
	return append(forms, form)
}
