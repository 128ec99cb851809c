package entra

import "slices"

// trail is the way through the pages of a list.
type trail struct{ seen []string }

// follow takes the link to the next page; more is false at the last one. A link
// that comes again is an error: a list that turns in circles is not whole.
func (t *trail) follow(next *string) (link string, more bool, err error) {
	if next == nil || *next == "" {
		return "", false, nil
	}
	if slices.Contains(t.seen, *next) {
		return "", false, errCircle
	}
	t.seen = append(t.seen, *next)
	return *next, true, nil
}
