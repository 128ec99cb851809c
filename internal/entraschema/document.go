package entraschema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// document is a synchronizationSchema. What stands beside these members says
// nothing about what is written to users.
type document struct {
	Rules []rule `json:"synchronizationRules"`
}

// rule is a synchronizationRule: one direction between two directories.
type rule struct {
	Name     string          `json:"name"`
	Source   string          `json:"sourceDirectoryName"`
	Target   string          `json:"targetDirectoryName"`
	Mappings []objectMapping `json:"objectMappings"`
}

type objectMapping struct {
	Name       string             `json:"name"`
	Enabled    *bool              `json:"enabled"`
	FlowTypes  string             `json:"flowTypes"`
	Source     string             `json:"sourceObjectName"`
	Target     string             `json:"targetObjectName"`
	Scope      *filter            `json:"scope"`
	Attributes []attributeMapping `json:"attributeMappings"`
}

type attributeMapping struct {
	Default  *string         `json:"defaultValue"`
	Flow     string          `json:"flowType"`
	Behavior string          `json:"flowBehavior"`
	Priority int             `json:"matchingPriority"`
	Target   string          `json:"targetAttributeName"`
	Source   json.RawMessage `json:"source"`
}

// filter is a scoping filter: groups of clauses.
type filter struct {
	Groups   []filterGroup `json:"groups"`
	Input    []filterGroup `json:"inputFilterGroups"`
	Category []filterGroup `json:"categoryFilterGroups"`
}

type filterGroup struct {
	Name    string         `json:"name"`
	Clauses []filterClause `json:"clauses"`
}

type filterClause struct {
	Operator string `json:"operatorName"`
	Operand  string `json:"sourceOperandName"`
	Against  struct {
		Values []string `json:"values"`
	} `json:"targetOperand"`
}

// readDocument reads one JSON object with at least one rule.
func readDocument(content []byte) (document, error) {
	var doc document
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))))
	if err := decoder.Decode(&doc); err != nil {
		return document{}, fmt.Errorf("read schema: %w: want the JSON that Graph gives for .../synchronization/jobs/{id}/schema", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return document{}, errors.New("read schema: something stands behind the JSON object")
	}
	if len(doc.Rules) == 0 {
		return document{}, errors.New("read schema: it has no synchronizationRules: want the JSON that Graph gives for .../synchronization/jobs/{id}/schema")
	}
	return doc, nil
}
