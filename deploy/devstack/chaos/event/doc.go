// Package event shuffles what HR says: statements arrive twice, late, out of
// order, in parts and with contradictions, while workers are replaced. The
// simulated tenant must end as if each had come once and in order.
package event
