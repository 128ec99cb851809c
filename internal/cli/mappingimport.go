package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"tenure/internal/entraschema"
)

// maxSchema is the largest exported schema that is read, in bytes.
const maxSchema = 16 << 20

func (a *app) mappingImportCommand() *cobra.Command {
	var names string
	command := leaf("import FILE", "Turn an exported schema of Entra into mappings of a policy",
		`Read the schema of a synchronization job as Graph gives it
(GET /servicePrincipals/{id}/synchronization/jobs/{id}/schema), and print what
stands under a target of a policy: match, propose, scope and mapping. Behind it
stands what became of each part as comments: taken, translated with what
differs, or refused and why. What a rule writes back to HR comes as a document
of its own, and stands under a webhook feed. With something refused the command ends with 3.

Attributes of the source get the names of the record; those that the record
lacks become ext. attributes, which a feed has to state. --names is a YAML file
of your own names, such as  costCenterCode: assignment.costCenter.id`,
		`  tenure mapping import schema.json
  tenure mapping import schema.json --names names.yaml -o json`,
		func(c *cobra.Command, args []string) error {
			own, err := readNames(c, names)
			if err != nil {
				return err
			}
			content, err := readInput(c, args[0], maxSchema)
			if err != nil {
				return fmt.Errorf("read schema: %w", err)
			}
			result, err := entraschema.Translate(content, own)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			return a.printSchema(result)
		})
	command.Flags().StringVar(&names, "names", "", "`file` of names of the source and the attributes of the record that they stand for")
	return command
}

func readNames(c *cobra.Command, file string) (map[string]string, error) {
	if file == "" {
		return map[string]string{}, nil
	}
	content, err := readInput(c, file, maxAttributes)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	names := map[string]string{}
	if err := yaml.Unmarshal(content, &names); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: read names: %w: want lines such as  costCenterCode: assignment.costCenter.id", file, err)
	}
	return names, nil
}

// importedSchema is what an import prints as JSON.
type importedSchema struct {
	*entraschema.Result
	// Policy is what stands under a target of a policy, Feed what stands under a
	// webhook feed, as YAML.
	Policy string `json:"policy"`
	Feed   string `json:"feed,omitempty"`
}

func (a *app) printSchema(result *entraschema.Result) error {
	fragment, err := result.Fragment()
	if err != nil {
		return fmt.Errorf("write mappings: %w", err)
	}
	told, err := result.WriteBackFragment()
	if err != nil {
		return fmt.Errorf("write mappings: %w", err)
	}
	if a.wantsJSON() {
		if err := a.json(importedSchema{result, string(fragment), string(told)}); err != nil {
			return err
		}
	} else {
		a.out.document(string(fragment))
		if len(told) > 0 {
			a.out.line("---")
			a.out.line("# This stands under a webhook feed:")
			a.out.document(string(told))
		}
		a.out.line("#")
		for _, field := range result.Fields {
			a.out.line("# a feed has to state this field: %s: %s", field.Attribute, field.Source)
		}
		for _, note := range result.Notes {
			a.out.line("# %-10s %s%s", note.Verdict, note.Part, behind(note.Why))
		}
	}
	if n := result.Refused(); n > 0 {
		return &findings{count(n, "part of the schema is", "parts of the schema are") + " refused"}
	}
	return nil
}

// behind is what follows a colon, nothing where there is nothing to say.
func behind(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}
