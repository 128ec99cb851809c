package webhook

import (
	"fmt"
	"slices"
	"strconv"

	"tenure/internal/hr"
	"tenure/internal/person"
)

// The names of the lists of a record.
const (
	employmentList = "employments"
	assignmentList = "assignments"
)

// record takes the record apart: two lists, and all the rest is the person's.
func (r *reading) record(value node, path string) {
	if !r.want(value, path, object) {
		return
	}
	about := node{kind: object}
	for i, name := range value.names {
		switch name {
		case employmentList:
			r.raw.Employments = r.parts(value.nodes[i], join(path, name), r.decoder.employment, person.EmploymentIDAttribute)
		case assignmentList:
			r.raw.Assignments = r.parts(value.nodes[i], join(path, name), r.decoder.assignment, person.AssignmentIDAttribute)
		default:
			about.names, about.nodes = append(about.names, name), append(about.nodes, value.nodes[i])
		}
	}
	r.group(about, path, r.decoder.person, func(raw hr.Raw) { r.raw.Person = append(r.raw.Person, raw) }, employmentList, assignmentList)
}

// parts reads a list of employments or assignments.
func (r *reading) parts(value node, path string, shape *shape, id string) []hr.RawPart {
	if !r.want(value, path, list) {
		return nil
	}
	if len(value.nodes) > hr.MaxParts {
		r.fail(path, "has %d entries, at most %d are allowed", len(value.nodes), hr.MaxParts)
		return nil
	}
	var out []hr.RawPart
	for i, element := range value.nodes {
		part := hr.RawPart{Path: fmt.Sprintf("%s[%d]", path, i)}
		r.group(element, part.Path, shape, func(raw hr.Raw) {
			if raw.Attribute != id {
				part.Values = append(part.Values, raw)
				return
			}
			part.ID = r.partID(raw.Value, part.Path)
		})
		out = append(out, part)
	}
	return out
}

func (r *reading) partID(raw, path string) string {
	definition, _ := person.Lookup(person.EmploymentIDAttribute)
	id, err := definition.Canonical(raw)
	switch {
	case err != nil:
		r.fail(path, "id: %v", err)
	case id == "":
		r.fail(path, "id is empty: leave it out where there is none")
	}
	return id
}

// group reads an object along its shape and hands on its attributes. Others
// are names that the caller has read, for suggestions.
func (r *reading) group(value node, path string, shape *shape, take func(hr.Raw), others ...string) {
	if value.kind == null && shape.nullable {
		for _, child := range shape.group {
			r.clear(child, take)
		}
		return
	}
	if !r.want(value, path, object) {
		return
	}
	for i, name := range value.names {
		child, at := shape.child(name), join(path, name)
		switch {
		case shape.open:
			r.extension(value.nodes[i], path, name, take)
		case child == nil:
			r.unknown(path, name, slices.Concat(shape.names(), others))
		case child.isGroup():
			r.group(value.nodes[i], at, child, take)
		default:
			r.attribute(value.nodes[i], at, child.definition, take)
		}
	}
}

// clear states everything beneath a shape as explicitly empty.
func (r *reading) clear(shape *shape, take func(hr.Raw)) {
	if !shape.isGroup() {
		take(hr.Raw{Attribute: shape.definition.Name})
		return
	}
	for _, child := range shape.group {
		r.clear(child, take)
	}
}

func (r *reading) extension(value node, path, name string, take func(hr.Raw)) {
	definition, found := person.Lookup(extension + "." + name)
	if !found {
		r.fail(join(path, shown(name)), "is no name for an extension: want a letter, then letters, digits and _")
		return
	}
	r.attribute(value, join(path, name), definition, take)
}

// attribute checks the JSON type; the normaliser checks the value.
func (r *reading) attribute(value node, path string, definition person.Definition, take func(hr.Raw)) {
	if value.kind == null {
		take(hr.Raw{Attribute: definition.Name})
		return
	}
	want := text
	switch definition.Type {
	case person.Bool:
		want = boolean
	case person.Number:
		want = number
	case person.Text, person.Day, person.Enum:
	}
	if !r.want(value, path, want) {
		return
	}
	if value.text == "" && definition.Type != person.Text {
		r.fail(path, "is empty; write null")
		return
	}
	raw := value.text
	if want == number {
		f, err := strconv.ParseFloat(raw, 64)
		if err != nil {
			r.fail(path, "number is out of range")
			return
		}
		raw = strconv.FormatFloat(f, 'f', -1, 64)
	}
	take(hr.Raw{Attribute: definition.Name, Value: raw})
}
