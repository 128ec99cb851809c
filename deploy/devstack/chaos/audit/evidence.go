package audit

import (
	"tenure/internal/httpapi"
	"tenure/internal/sim/extension"
	"tenure/internal/sim/graph"
	"tenure/internal/sim/mail"
	"tenure/internal/store"
)

// Evidence is everything that can be seen of a person.
type Evidence struct {
	// Live and Deleted are the accounts with the person's employee number, in
	// the simulated tenant.
	Live, Deleted []graph.UserState
	// Mails are the messages about or to the person, as they arrived.
	Mails []mail.Message
	// Calls are those of extensions about the person.
	Calls []extension.Call
	// Deliveries are what Tenure knows of its mails.
	Deliveries []store.Delivery
	// Ledger is the person's chain; Chain is why it does not verify.
	Ledger []store.LedgerRow
	Chain  error
	// Person is what the journey says of itself.
	Person httpapi.PersonDetail
	// SignIns says of the passes that were mailed, the newest first, whether they
	// open the account; nil where nobody tried.
	SignIns []bool
}
