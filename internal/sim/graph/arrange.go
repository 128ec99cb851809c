package graph

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Arrangement changes what an administrator of the tenant decides. What is nil stays as it is; an empty list empties.
type Arrangement struct {
	// Permissions are the granted ones of an application, by its client ID.
	Permissions map[string][]string `json:"permissions,omitempty"`
	// Pass is the policy for temporary access passes.
	Pass *PassPolicy `json:"passPolicy,omitempty"`
	// Seats are the prepaid units of a SKU, by its ID.
	Seats map[string]int `json:"seats,omitempty"`
	// Domains are the verified domains, the first one the default; Federated are those of them whose people sign in
	// elsewhere.
	Domains   []string `json:"domains,omitempty"`
	Federated []string `json:"federated,omitempty"`
	// Principals are enterprise applications with Microsoft's provisioning jobs, Workflows its lifecycle workflows.
	Principals []ServicePrincipal  `json:"servicePrincipals,omitempty"`
	Workflows  []LifecycleWorkflow `json:"lifecycleWorkflows,omitempty"`
}

// PassPolicy is the tenant's policy for temporary access passes. Minutes are 10 to 43200.
type PassPolicy struct {
	Enabled bool `json:"enabled"`
	Minimum int  `json:"minimum"`
	Maximum int  `json:"maximum"`
	Once    bool `json:"once,omitempty"`
	// Include and Exclude are IDs of groups; an empty Include means everybody.
	Include []string `json:"include,omitempty"`
	Exclude []string `json:"exclude,omitempty"`
}

// Arrange changes the tenant, all of the arrangement or nothing.
func (s *Server) Arrange(a Arrangement) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.t.settings
	next.SKUs = slices.Clone(next.SKUs)
	if err := errors.Join(s.arrangeApps(a), arrangeSettings(&next, a)); err != nil {
		return fmt.Errorf("arrange tenant: %w", err)
	}
	for id, granted := range a.Permissions {
		s.apps[folded(id)].Permissions = append([]string{}, granted...)
	}
	s.t.settings = next
	s.dirty.settings = true
	return s.commit()
}

// arrangeApps checks the applications and the names of the permissions.
func (s *Server) arrangeApps(a Arrangement) error {
	var problems []error
	for _, id := range slices.Sorted(maps.Keys(a.Permissions)) {
		if s.apps[folded(id)] == nil {
			problems = append(problems, fmt.Errorf("unknown application %q", id))
		}
		for _, p := range a.Permissions[id] {
			if !slices.Contains(s.known(), p) {
				problems = append(problems, fmt.Errorf("unknown permission %q", p))
			}
		}
	}
	return errors.Join(problems...)
}

func arrangeSettings(next *settings, a Arrangement) error {
	var problems []error
	if a.Pass != nil {
		p := policy{
			State: policyDisabled, Min: a.Pass.Minimum, Max: a.Pass.Maximum, Default: a.Pass.Minimum, Length: next.Policy.Length,
			Once: a.Pass.Once, Include: slices.Clone(a.Pass.Include), Exclude: slices.Clone(a.Pass.Exclude),
		}
		if a.Pass.Enabled {
			p.State = policyEnabled
		}
		next.Policy = p
		problems = append(problems, p.check())
	}
	for _, id := range slices.Sorted(maps.Keys(a.Seats)) {
		i := slices.IndexFunc(next.SKUs, func(k SKU) bool { return k.ID == folded(id) })
		if i < 0 {
			problems = append(problems, fmt.Errorf("unknown sku %q", id))
			continue
		}
		next.SKUs[i].Seats = a.Seats[id]
	}
	if a.Domains != nil {
		next.Domains = slices.Clone(a.Domains)
	}
	if a.Federated != nil {
		next.Federated = slices.Clone(a.Federated)
	}
	if len(next.Domains) == 0 {
		problems = append(problems, errors.New("a tenant has a domain"))
	}
	if a.Principals != nil {
		list, err := checkedPrincipals(a.Principals)
		next.Principals, problems = list, append(problems, err)
	}
	if a.Workflows != nil {
		list, err := checkedWorkflows(a.Workflows)
		next.Workflows, problems = list, append(problems, err)
	}
	return errors.Join(problems...)
}
