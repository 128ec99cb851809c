package plan

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/mapping"
	"tenure/internal/person"
)

// WantedAttributes are the account attributes that a record asks for: values to
// set, and attributes that are to be empty.
type WantedAttributes struct {
	Set   map[string]string
	Clear []string
	// Failed are the attributes whose expression has no value for this record:
	// they stay as they are.
	Failed []FailedMapping
	// LeftOut is the attribute whose expression leaves the whole account out of the
	// change: nothing is set or cleared then.
	LeftOut string
	// Lists are those of Set with several values, which a target gives back in any
	// order.
	Lists []string
}

// FailedMapping is an attribute that cannot be made, and why, without personal
// data.
type FailedMapping struct {
	To  string
	Why string
	// Needed is set where no account is made without the attribute: it would never
	// be written later.
	Needed bool
}

// String names the attribute and what is wrong.
func (f FailedMapping) String() string { return f.To + ": " + f.Why }

// MappingScope is what mappings are applied to.
type MappingScope struct {
	View person.Attributes
	// Zone is the person's, Now the instant of the plan.
	Zone *time.Location
	Now  time.Time
	// Creating is set where the account is about to be made; Random serves what is
	// drawn then.
	Creating bool
	Random   mapping.Random
}

// NewMappingClock is the clock that expressions see: to the hour, so that time
// alone never makes an account differ more often.
func NewMappingClock(now time.Time) time.Time { return now.UTC().Truncate(time.Hour) }

// Expression is what an expression of the target may depend on.
func (s MappingScope) Expression(target *lifecycle.Target) lifecycle.ExpressionScope {
	return lifecycle.ExpressionScope{
		Attributes: s.View.Get, Now: NewMappingClock(s.Now), Zone: s.Zone, Random: s.Random, Domain: target.Domain,
	}
}

// AttributesWanted applies the target's mappings to a view of the record. User
// name and manager are left to their own code. An attribute that is absent
// writes nothing; one that is explicitly empty clears, where the mapping says so.
func AttributesWanted(target *lifecycle.Target, scope MappingScope) WantedAttributes {
	out := WantedAttributes{Set: map[string]string{}}
	for i := range target.Mapping {
		rule := &target.Mapping[i]
		if rule.Reference != "" || rule.IsName() || (rule.OnCreate && !scope.Creating) {
			continue
		}
		switch state, value, why := mappingState(rule, target, scope); state {
		case MappingFailed:
			out.Failed = append(out.Failed, FailedMapping{To: rule.To, Why: why, Needed: isNeeded(rule)})
		case MappingLeavesAll:
			return WantedAttributes{Set: map[string]string{}, LeftOut: rule.To}
		case MappingWrites:
			out.Set[rule.To] = value
			if rule.IsList() {
				out.Lists = append(out.Lists, rule.To)
			}
		case MappingClears:
			out.Clear = append(out.Clear, rule.To)
		default:
		}
	}
	return out
}

// hasExpressions reports whether a mapping of the target may have no value.
func hasExpressions(target *lifecycle.Target) bool {
	return slices.ContainsFunc(target.Mapping, func(rule lifecycle.Mapping) bool { return !rule.Expression.IsZero() })
}

// isNeeded reports whether an account cannot do without the attribute.
func isNeeded(rule *lifecycle.Mapping) bool {
	return rule.OnCreate || rule.To == lifecycle.ProposeDisplayName
}

// mappedValue is what one mapping makes of the record. A civil date becomes the
// instant at which it begins for the person, in UTC: targets keep instants.
func mappedValue(rule *lifecycle.Mapping, target *lifecycle.Target, scope MappingScope) (lifecycle.Made, error) {
	switch {
	case !rule.Expression.IsZero():
		return rule.Expression.Make(scope.Expression(target), rule.Kind)
	case rule.Attribute == "":
		return lifecycle.Made{Value: rule.Constant}, nil
	}
	value, present := scope.View.Get(rule.Attribute)
	if definition, _ := person.Lookup(rule.Attribute); definition.Type == person.Day && value != "" {
		if date, err := person.ParseDate(value); err == nil {
			value = date.At(person.TimeOfDay{}, scope.Zone).UTC().Format(time.RFC3339)
		}
	}
	return lifecycle.Made{Value: value, Unknown: !present}, nil
}

// maxNumber is the last number that is put behind a name.
const maxNumber = 100

// NamesProposed are the names that the expression of a mapping proposes, in order;
// nil where the mapping has none. An error means that it proposes no name at all.
func NamesProposed(rule lifecycle.Mapping, target *lifecycle.Target, scope MappingScope) ([]string, error) {
	if !rule.IsName() || rule.Expression.IsZero() {
		return nil, nil
	}
	out, err := rule.Expression.Candidates(scope.Expression(target))
	out = slices.DeleteFunc(out, func(name string) bool { return !isUserName(name) })
	switch {
	case len(out) == 0 && err != nil:
		return nil, err
	case len(out) == 0:
		return nil, errNoName
	case err == nil && rule.Numbered:
		return append(out, numbered(out[len(out)-1])...), nil
	default:
		return out, nil
	}
}

// isUserName reports whether there is something on both sides of the @, and more
// than a dot before it.
func isUserName(name string) bool {
	local, domain, _ := strings.Cut(name, "@")
	return local != "" && domain != "" && !strings.HasPrefix(local, ".")
}

var errNoName = errors.New("the expression proposes no name for this record")

// numbered are a name with a number behind the part before its @.
func numbered(name string) []string {
	local, domain, found := strings.Cut(name, "@")
	if found {
		domain = "@" + domain
	}
	out := make([]string, 0, maxNumber-1)
	for n := 2; n <= maxNumber; n++ {
		out = append(out, local+strconv.Itoa(n)+domain)
	}
	return out
}

// Difference is what of the wanted attributes is not so in a live account: the
// values to set, by name, and what has a value and is to be empty.
func (w WantedAttributes) Difference(live map[string]string) WantedAttributes {
	out := WantedAttributes{Set: map[string]string{}}
	for name, value := range w.Set {
		if !w.isSame(name, live[name], value) {
			out.Set[name] = value
		}
	}
	for _, name := range w.Clear {
		if live[name] != "" {
			out.Clear = append(out.Clear, name)
		}
	}
	return out
}

// isSame compares values as targets do: a container is the same in any case, and a
// list in any order.
func (w WantedAttributes) isSame(name, a, b string) bool {
	switch {
	case a == b:
		return true
	case slices.Contains(w.Lists, name):
		return slices.Equal(listed(a), listed(b))
	default:
		return name == lifecycle.ContainerAttribute && strings.EqualFold(a, b)
	}
}

// listed are the values of a list, sorted and each once.
func listed(text string) []string {
	var out []string
	for value := range strings.SplitSeq(text, lifecycle.ListSeparator) {
		if value = strings.TrimSpace(value); value != "" {
			out = append(out, value)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Names are the attributes that are spoken of, sorted.
func (w WantedAttributes) Names() []string {
	return slices.Sorted(slices.Values(append(slices.Collect(maps.Keys(w.Set)), w.Clear...)))
}
