package catalog

import (
	"tenure/internal/directory"
	adschema "tenure/internal/directory/ad/schema"
	"tenure/internal/directory/entra/schema"
	"tenure/internal/lifecycle"
	"tenure/internal/notify"
)

// Options are what the loader cannot know by itself.
func Options() lifecycle.LoadOptions {
	return lifecycle.LoadOptions{
		Catalog: map[string][]lifecycle.AttributeInfo{
			lifecycle.KindEntra: infos(schema.Attributes()),
			lifecycle.KindAD:    infos(adschema.Attributes()),
		},
		Templates: notify.Names(),
	}
}

func infos(attributes []directory.Attribute) []lifecycle.AttributeInfo {
	var out []lifecycle.AttributeInfo
	for _, attribute := range attributes {
		out = append(out, lifecycle.AttributeInfo{
			Name: attribute.Name, Type: string(attribute.Kind), ReadOnly: !attribute.Writable,
			Multiple: attribute.Kind == directory.KindList && attribute.MaxItems != 1,
		})
	}
	return out
}

// Load reads a policy of one or several files.
func Load(sources ...lifecycle.Source) (*lifecycle.Policy, error) { return Options().Load(sources...) }

// LoadStored reads a policy version as the store keeps it.
func LoadStored(source []byte) (*lifecycle.Policy, error) {
	return Load(lifecycle.Source{Name: "policy.yaml", Content: source})
}
