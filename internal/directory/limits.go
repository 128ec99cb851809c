package directory

import "time"

// Limits is what a system lets one application do, for the rate limiter.
type Limits struct {
	// Writes and Units are two budgets; each call draws from both.
	Writes, Units Budget
	// Costs says what each verb draws at most. A verb that is missing is free.
	Costs map[Verb]Cost
}

// Budget is an amount per time. A zero Budget does not limit.
type Budget struct {
	Amount int
	Per    time.Duration
}

// Cost is what one call draws from the budgets.
type Cost struct{ Writes, Units int }
