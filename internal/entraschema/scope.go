package entraschema

import "fmt"

// scope says what becomes of the scoping filter.
func (t *translator) scope(f *filter) {
	if f == nil {
		return
	}
	for _, group := range append(append(append([]filterGroup{}, f.Groups...), f.Input...), f.Category...) {
		t.note(Refused, fmt.Sprintf("scoping filter %q", group.Name), "")
	}
}
