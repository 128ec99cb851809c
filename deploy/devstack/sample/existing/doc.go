// Package existing is an invented organisation on the day it goes live with
// Tenure: a tenant of 300 accounts that others made, and an HR export of 320
// people with the mistakes that such exports have.
//
// A third of the accounts carry no employee number, some are mastered on
// premises, some hold directory roles, some are disabled for a reason, and some
// belong to nobody. Each kind of mistake is named in [Mistakes], with the people
// it hits and where it must be reported, so that tests and docs/going-live.md
// speak of the same rows.
//
// Everything follows from the day alone. The devstack seeds its simulator with
// the tenant and writes the export into its folder; nothing here imports it.
package existing
