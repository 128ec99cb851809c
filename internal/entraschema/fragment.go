package entraschema

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Fragment is the result as YAML: what stands under a target of a policy.
func (r *Result) Fragment() ([]byte, error) {
	root := object()
	if len(r.Match) > 0 {
		root.put("match", texts(r.Match))
	}
	if len(r.Propose) > 0 {
		root.put("propose", texts(r.Propose))
	}
	if len(r.Filters) > 0 {
		root.put("scopingFilters", filters(r.Filters))
	}
	mappings := object()
	for i := range r.Mappings {
		m := &r.Mappings[i]
		mappings.put(m.To, m.node())
	}
	root.put("mapping", mappings.Node)
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(root.Node); err != nil {
		return nil, fmt.Errorf("write fragment: %w", err)
	}
	if err := encoder.Close(); err != nil {
		return nil, fmt.Errorf("write fragment: %w", err)
	}
	return out.Bytes(), nil
}

func filters(all []Filter) *yaml.Node {
	out := &yaml.Node{Kind: yaml.SequenceNode}
	for _, filter := range all {
		one := object()
		if filter.Name != "" {
			one.put("name", quoted(filter.Name))
		}
		clauses := &yaml.Node{Kind: yaml.SequenceNode}
		for _, clause := range filter.Clauses {
			c := object()
			c.Style = yaml.FlowStyle
			c.put("attribute", plain(clause.Attribute))
			c.put("operator", quoted(clause.Operator))
			if len(clause.Values) > 0 {
				values := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
				for _, value := range clause.Values {
					values.Content = append(values.Content, quoted(value))
				}
				c.put("values", values)
			}
			clauses.Content = append(clauses.Content, c.Node)
		}
		one.put("clauses", clauses)
		out.Content = append(out.Content, one.Node)
	}
	return out
}

func (m *Mapping) node() *yaml.Node {
	out := object()
	out.Style = yaml.FlowStyle
	for _, way := range []struct{ key, value string }{
		{"attribute", m.Attribute}, {"expression", m.Expression}, {"reference", m.Reference},
	} {
		if way.value != "" {
			out.put(way.key, quoted(way.value))
		}
	}
	if m.Attribute+m.Expression+m.Reference == "" {
		out.put("constant", quoted(m.Constant))
	}
	if m.Default != "" {
		out.put("default", quoted(m.Default))
	}
	if m.OnCreate {
		out.put("apply", plain("create"))
	}
	return out.Node
}

// mappingNode is a YAML object that is being written.
type mappingNode struct{ *yaml.Node }

func object() mappingNode { return mappingNode{&yaml.Node{Kind: yaml.MappingNode}} }

func (o mappingNode) put(key string, value *yaml.Node) {
	o.Content = append(o.Content, plain(key), value)
}

func plain(text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: text} }

// quoted is a text that nobody can take for something else.
func quoted(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: text, Tag: "!!str", Style: yaml.SingleQuotedStyle}
}

func texts(values []string) *yaml.Node {
	out := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, value := range values {
		out.Content = append(out.Content, plain(value))
	}
	return out
}
