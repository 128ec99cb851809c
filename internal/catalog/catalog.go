package catalog

import (
	"tenure/internal/directory"
	"tenure/internal/directory/entra/schema"
	"tenure/internal/lifecycle"
	"tenure/internal/notify"
)

// Options are what the loader cannot know by itself.
func Options() lifecycle.LoadOptions {
	var attributes []lifecycle.AttributeInfo
	for _, attribute := range schema.Attributes() {
		attributes = append(attributes, lifecycle.AttributeInfo{
			Name: attribute.Name, Type: string(attribute.Kind), ReadOnly: !attribute.Writable,
			Multiple: attribute.Kind == directory.KindList && attribute.MaxItems != 1,
		})
	}
	return lifecycle.LoadOptions{
		Catalog:   map[string][]lifecycle.AttributeInfo{"entra": attributes},
		Templates: notify.Names(),
	}
}

// Load reads a policy of one or several files.
func Load(sources ...lifecycle.Source) (*lifecycle.Policy, error) { return Options().Load(sources...) }

// LoadStored reads a policy version as the store keeps it.
func LoadStored(source []byte) (*lifecycle.Policy, error) {
	return Load(lifecycle.Source{Name: "policy.yaml", Content: source})
}
