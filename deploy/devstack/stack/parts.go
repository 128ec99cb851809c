package stack

import (
	"tenure/internal/sim/ad"
	"tenure/internal/sim/extension"
	"tenure/internal/sim/graph"
	"tenure/internal/sim/mail"
)

// Graph is the simulated tenant, for tests that read it back or break it.
func (s *Stack) Graph() *graph.Server { return s.graph }

// Domain is the simulated domain of Active Directory, nil where the organisation
// has none.
func (s *Stack) Domain() *ad.Server { return s.domain }

// Mail is the simulated mail system.
func (s *Stack) Mail() *mail.Server { return s.mail }

// Badges is the simulated badge office.
func (s *Stack) Badges() *extension.Server { return s.badges }

// StoreURL is where the product keeps its records.
func (s *Stack) StoreURL() string { return s.values["TENURE_STORE"] }

// Settings is the configuration file with which a worker or a starter outside
// joins, and its environment.
func (s *Stack) Settings() (file string, environment map[string]string) {
	return s.configFile(), s.values
}
