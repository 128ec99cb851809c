package lifecycle

import "slices"

// The names of the objects of a policy, which are also those of the schema's
// definitions.
const (
	shapePolicy        = "policy"
	shapeFeed          = "feed"
	shapeKey           = "key"
	shapeField         = "field"
	shapeAsOf          = "asOf"
	shapeHoldWhen      = "holdWhen"
	shapeSignature     = "signature"
	shapeWriteBack     = "writeBack"
	shapeBackMapping   = "backMapping"
	shapeZone          = "zoneRule"
	shapeTarget        = "target"
	shapeCredential    = "credential"
	shapeAccount       = "account"
	shapeLine          = "accountLine"
	shapeDelete        = "deleteLine"
	shapeNames         = "names"
	shapeLimits        = "limits"
	shapeLimit         = "limit"
	shapeProtect       = "protect"
	shapeCounterpart   = "counterpart"
	shapeContainer     = "container"
	shapeValueMap      = "valueMap"
	shapeMapping       = "mapping"
	shapeFilter        = "scopingFilter"
	shapeClause        = "filterClause"
	shapeWorkflow      = "workflow"
	shapeTrigger       = "trigger"
	shapeChange        = "change"
	shapeDemand        = "demand"
	shapeLate          = "late"
	shapeTask          = "task"
	shapePassStart     = "passStart"
	shapeMailTask      = "mailTask"
	shapePassTask      = "passTask"
	shapePasswordTask  = "passwordTask"
	shapeGroupsTask    = "groupsTask"
	shapeAllGroupsTask = "allGroupsTask"
	shapeLicensesTask  = "licensesTask"
	shapeTargetTask    = "targetTask"
	shapeContainerTask = "containerTask"
	shapeHideTask      = "hideTask"
	shapeSetTask       = "setTask"
	shapeSetAttribute  = "setAttribute"
	shapeDeleteTask    = "deleteTask"
	shapeExtensionTask = "extensionTask"
	shapeExtension     = "extension"
	shapeNotifications = "notifications"
)

// shape is an object of the language: which keys it has.
type shape struct {
	name string
	// doc is a sentence for the reference.
	doc  string
	keys []key
}

// key is one key of an object.
type key struct {
	name     string
	required bool
	// form is what to write; standard is what holds without the key.
	form, standard string
	doc            string
	// later is set for keys that this version refuses: what to do instead.
	later string
}

func (s shape) find(name string) (key, bool) {
	i := slices.IndexFunc(s.keys, func(k key) bool { return k.name == name })
	if i < 0 {
		return key{}, false
	}
	return s.keys[i], true
}

// known are the names of the keys that may be written.
func (s shape) known() []string {
	var names []string
	for _, k := range s.keys {
		if k.later == "" {
			names = append(names, k.name)
		}
	}
	return names
}

// shapes is the whole language; the schema and docs/policy.md are tested
// against it.
func shapes() []shape {
	return slices.Concat(policyShapes(), feedShapes(), targetShapes(), workflowShapes(), taskShapes())
}
