package activities

import (
	"context"
	"fmt"
	"sync"

	"tenure/internal/lifecycle"
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
	active int
}

// LoadedPolicy is a policy version ready to plan from.
type LoadedPolicy struct {
	*lifecycle.Policy
	Stored store.PolicyVersion
}

// NewPolicies reads versions from a store and loads them with the given
// function, which knows the attributes of the targets.
func NewPolicies(from PolicyStore, load func(source []byte) (*lifecycle.Policy, error)) *Policies {
	return &Policies{store: from, load: load, loaded: make(map[int]LoadedPolicy)}
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
	loaded, err := p.of(version)
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
	return p.of(version)
}

func (p *Policies) of(version store.PolicyVersion) (LoadedPolicy, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if loaded, found := p.loaded[version.Number]; found {
		return loaded, nil
	}
	policy, err := p.load(version.Source)
	if err != nil {
		return LoadedPolicy{}, fmt.Errorf("load policy version %d: %w", version.Number, err)
	}
	loaded := LoadedPolicy{Policy: policy, Stored: version}
	p.loaded[version.Number] = loaded
	return loaded, nil
}
