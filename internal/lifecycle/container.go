package lifecycle

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Container is a part of a domain.
type Container struct {
	Under string
	// Synced parts are taken to the cloud by a synchronisation.
	Synced bool
}

// Syncs reports whether the accounts of a container are synchronised: what the
// nearest one above it says, and where none says anything they are.
func (t Target) Syncs(container string) bool {
	nearest := Container{Synced: true}
	for _, c := range t.Containers {
		if liesIn(container, c.Under) && len(c.Under) > len(nearest.Under) {
			nearest = c
		}
	}
	return nearest.Synced
}

func (l *loader) containers(node *yaml.Node, base string) []Container {
	var out []Container
	for _, item := range l.list(node, "containers") {
		o, ok := l.object(item, shapeContainer)
		if !ok {
			continue
		}
		c := Container{Under: l.below(o.get("under"), "under", base), Synced: l.boolean(o.get("synced"), "synced", true)}
		if slices.ContainsFunc(out, func(other Container) bool { return strings.EqualFold(other.Under, c.Under) }) {
			l.fail(o.get("under"), "%s is there already", quote(c.Under))
			continue
		}
		out = append(out, c)
	}
	return out
}

// loses is the target that loses the account of whoever is moved to a container of
// a domain, "" for none.
func (l *loader) loses(domain Target, container string) string {
	cloud, found := find(l.policy.Targets, func(t Target) bool { return t.SyncedFrom == domain.Name })
	if !found || container == "" || domain.Syncs(container) {
		return ""
	}
	return cloud.Name
}
