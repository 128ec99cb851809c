package entra

import (
	"tenure/internal/directory"
	"tenure/internal/directory/entra/schema"
)

// Attributes lists the user properties that a policy may map. Code that must
// stay light imports the schema package instead.
func Attributes() []directory.Attribute { return schema.Attributes() }
