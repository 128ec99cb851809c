package webhook

import (
	"slices"
	"strings"

	"tenure/internal/person"
)

// shape is the nested form of a part of the record: a group of names, or an
// attribute of the catalog.
type shape struct {
	name       string
	definition person.Definition // of an attribute
	group      []*shape          // of a group
	// nullable groups may be null: all their attributes are explicitly empty.
	nullable bool
	// open takes names that feeds declare.
	open bool
}

const extension = "ext"

// shapeOf nests the catalog's attributes of one layer. The attributes of
// employments and assignments lose the first part of their name: it is that of
// the list in which they stand.
func shapeOf(layer person.Layer) *shape {
	root := &shape{}
	for _, definition := range person.Catalog() {
		if definition.Layer != layer {
			continue
		}
		parts := strings.Split(definition.Name, ".")
		if layer != person.PersonLayer {
			parts = parts[1:]
		}
		at := root
		for i, part := range parts[:len(parts)-1] {
			at = at.enter(part)
			at.nullable = layer != person.PersonLayer || i > 0 || part == "managerRef"
		}
		at.group = append(at.group, &shape{name: parts[len(parts)-1], definition: definition})
	}
	if layer == person.PersonLayer {
		root.enter(extension).open = true
	}
	return root
}

func (s *shape) enter(name string) *shape {
	if child := s.child(name); child != nil {
		return child
	}
	child := &shape{name: name}
	s.group = append(s.group, child)
	return child
}

func (s *shape) child(name string) *shape {
	i := slices.IndexFunc(s.group, func(child *shape) bool { return child.name == name })
	if i < 0 {
		return nil
	}
	return s.group[i]
}

func (s *shape) isGroup() bool { return s.definition.Name == "" }

func (s *shape) names() []string {
	var out []string
	for _, child := range s.group {
		out = append(out, child.name)
	}
	return out
}
