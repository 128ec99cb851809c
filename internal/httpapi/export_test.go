package httpapi

// Patterns lists every route for the tests.
func Patterns() []string {
	var out []string
	for _, route := range (&API{}).routes() {
		out = append(out, route.pattern)
	}
	return out
}
