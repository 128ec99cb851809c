// Package site is the organisation that the chaos program plays in: a stack with
// simulators, the policy of the chaos program, and the hands of HR, of an
// operator and of an auditor on it.
package site
