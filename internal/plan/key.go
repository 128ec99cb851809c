package plan

import (
	"fmt"
	"strconv"
	"strings"

	"tenure/internal/lifecycle"
)

// AccountWorkflow begins the workflow of account lines; the target follows.
const AccountWorkflow = lifecycle.AccountPrefix

// Key is a task key in its parts.
type Key struct {
	Workflow   string
	Stay       string
	Generation int
	// Demand is the ID of the override that started an on-demand run.
	Demand string
	Task   string
}

// TaskKey is `<workflow>/<stay>/<generation>/<task>`. A part's slashes, percent
// signs and control characters are percent-encoded, so that [ParseKey] reads
// back what was written.
func TaskKey(workflow, stay string, generation int, task string) string {
	return Key{Workflow: workflow, Stay: stay, Generation: generation, Task: task}.String()
}

// String writes the key.
func (k Key) String() string { return k.Run() + "/" + escape(k.Task) }

// Run is the prefix that all tasks of a run share; overrides accept it.
func (k Key) Run() string {
	run := RunPrefix(k.Workflow, k.Stay) + strconv.Itoa(k.Generation)
	if k.Demand != "" {
		run += ":" + escape(k.Demand)
	}
	return run
}

// RunPrefix begins the keys of every run of a workflow in a stay.
func RunPrefix(workflow, stay string) string { return escape(workflow) + "/" + escape(stay) + "/" }

// ParseKey reads a task key, or a run key, whose Task is "".
func ParseKey(text string) (Key, error) {
	parts := strings.Split(text, "/")
	if len(parts) != 3 && len(parts) != 4 {
		return Key{}, fmt.Errorf("parse key %q: want workflow/stay/generation/task", text)
	}
	number, demand, _ := strings.Cut(parts[2], ":")
	generation, err := strconv.Atoi(number)
	if err != nil {
		return Key{}, fmt.Errorf("parse key %q: generation %q is no number", text, number)
	}
	key := Key{Generation: generation}
	into := []*string{&key.Workflow, &key.Stay, &key.Demand}
	escaped := []string{parts[0], parts[1], demand}
	if len(parts) == 4 {
		into, escaped = append(into, &key.Task), append(escaped, parts[3])
	}
	for i, part := range escaped {
		if *into[i], err = unescape(part); err != nil {
			return Key{}, fmt.Errorf("parse key %q: %w", text, err)
		}
	}
	return key, nil
}

// covers reports whether an override's key names the task or its run.
func covers(override, task string) bool {
	return override == task || strings.HasPrefix(task, override+"/")
}

// sameDemand reports whether two keys are one on-demand task: the override's
// ID decides, whatever its place in the list.
func (k Key) sameDemand(other Key) bool {
	return k.Demand != "" && k.Demand == other.Demand &&
		k.Workflow == other.Workflow && k.Stay == other.Stay && k.Task == other.Task
}

// SameLine reports whether two keys are one line: an account line has another number
// once another operation of the account was done, and is the same by its verb.
func SameLine(one, other string) bool {
	if one == other {
		return true
	}
	a, errA := ParseKey(one)
	b, errB := ParseKey(other)
	return errA == nil && errB == nil && strings.HasPrefix(a.Workflow, AccountWorkflow) &&
		a.Workflow == b.Workflow && a.Stay == b.Stay && a.Task == b.Task
}

func escape(part string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(part) {
		if c := part[i]; c == '/' || c == '%' || c < ' ' || c == 0x7f {
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
			continue
		}
		b.WriteByte(part[i])
	}
	return b.String()
}

func unescape(part string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(part); i++ {
		if part[i] != '%' {
			b.WriteByte(part[i])
			continue
		}
		if i+3 > len(part) {
			return "", fmt.Errorf("unescape %q: cut short", part)
		}
		code, err := strconv.ParseUint(part[i+1:i+3], 16, 8)
		if err != nil {
			return "", fmt.Errorf("unescape %q: %w", part, err)
		}
		b.WriteByte(byte(code))
		i += 2
	}
	return b.String(), nil
}
