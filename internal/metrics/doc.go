// Package metrics counts and times what a process does, for Prometheus.
//
// Labels come from closed sets: names of the policy, verbs, codes and routes,
// never a person. A nil [Metrics] counts nothing, so that whoever counts need not
// ask whether anybody looks.
package metrics
