package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"tenure/internal/plan"
)

// ExtensionCall is one signed call of a custom task extension.
type ExtensionCall struct {
	// Name is the extension's in the policy.
	Name string
	// ID is the same in every attempt of a task: the receiver drops repeats by it.
	ID string
	// Body is JSON.
	Body []byte
}

// extensionBody follows the shape of Entra's custom task extension.
type extensionBody struct {
	Type   string        `json:"type"`
	Source string        `json:"source"`
	Data   extensionData `json:"data"`
}

type extensionData struct {
	Subject  extensionSubject  `json:"subject"`
	Task     extensionNamed    `json:"task"`
	Workflow extensionWorkflow `json:"workflow"`
	Change   map[string]change `json:"change,omitempty"`
}

type extensionSubject struct {
	Realm       string `json:"realm"`
	Key         string `json:"key"`
	DisplayName string `json:"displayName,omitempty"`
	Email       string `json:"email,omitempty"`
	EmployeeID  string `json:"employeeId,omitempty"`
	Department  string `json:"department,omitempty"`
	JobTitle    string `json:"jobTitle,omitempty"`
}

type extensionNamed struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
}

type extensionWorkflow struct {
	DisplayName     string `json:"displayName"`
	WorkflowVersion int    `json:"workflowVersion"`
}

type change struct {
	Before string `json:"before"`
	After  string `json:"after"`
}

// CallExtension makes one signed HTTP call. Already done is a task whose effect
// is closed; a repeated call carries the same ID, by which its receiver drops it.
func (t *Tasks) CallExtension(ctx context.Context, in TaskInput) (TaskResult, error) {
	return t.run(ctx, in, nil, func(ctx context.Context, j *job, task plan.Task) (string, error) {
		defined, err := j.definition(task)
		if err != nil {
			return "", err
		}
		call := ExtensionCall{
			Name: defined.Extension, ID: digestID(j.effectKey(task)), Body: mustEncode(j.extensionBody(task)),
		}
		if err := j.deps.Extension(ctx, j.policy.Policy, call); err != nil {
			return "", fmt.Errorf("call extension %s: %w", defined.Extension, err)
		}
		return "", nil
	})
}

func (j *job) extensionBody(task plan.Task) extensionBody {
	view := j.view(task)
	get := func(name string) string {
		value, _ := view.Get(name)
		return value
	}
	body := extensionBody{
		Type: "tenure.customTaskExtensionCallout", Source: "/tenure",
		Data: extensionData{
			Subject: extensionSubject{
				Realm: j.Realm, Key: j.Key, DisplayName: get(displayNameAttribute), Email: get(workEmailAttribute),
				EmployeeID: get(employeeIDAttribute), Department: get("assignment.department.name"), JobTitle: get("assignment.jobTitle"),
			},
			Task:     extensionNamed{ID: task.Key, DisplayName: task.Task},
			Workflow: extensionWorkflow{DisplayName: task.Workflow, WorkflowVersion: j.PolicyVersion},
		},
	}
	if j.Change != nil {
		body.Data.Change = map[string]change{}
		for _, name := range j.Change.Names {
			before, _ := j.Change.Before.Get(name)
			after, _ := j.Change.After.Get(name)
			body.Data.Change[name] = change{Before: before, After: after}
		}
	}
	return body
}

// digestID keeps the person key out of what leaves the house.
func digestID(key string) string {
	sum := sha256.Sum256([]byte("tenure extension " + key))
	return hex.EncodeToString(sum[:16])
}
