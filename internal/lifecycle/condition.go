package lifecycle

// Condition is a compiled CEL expression over the record; the zero Condition
// is always true. It is immutable and safe for concurrent use.
type Condition struct {
	// Source is the text the user wrote.
	Source string
	// program is set by the loader.
	program evaluator
}

// evaluator is the compiled form.
type evaluator interface {
	evaluate(scope Scope) (bool, error)
}

// Scope is what a condition sees: attributes by their name in the record.
// Before and After are nil outside change workflows.
type Scope struct {
	Attributes func(name string) (value string, present bool)
	Before     func(name string) (value string, present bool)
	After      func(name string) (value string, present bool)
}

// IsZero reports whether there is no condition.
func (c Condition) IsZero() bool { return c.Source == "" }

// Holds evaluates the condition. An absent attribute is a typed null and a
// comparison with it is false; an error never counts as out of scope (S10).
func (c Condition) Holds(scope Scope) (bool, error) {
	if c.program == nil {
		return true, nil
	}
	return c.program.evaluate(scope)
}
