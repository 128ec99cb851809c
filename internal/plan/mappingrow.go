package plan

import "tenure/internal/lifecycle"

// MappingRow is what one mapping of a target makes of a record.
type MappingRow struct {
	To    string
	State MappingState
	// Value is what is wanted, where the state is [MappingWrites].
	Value string
	// Why says why an expression has no value, without personal data.
	Why string
}

// MappingState says what a mapping does for a record.
type MappingState string

// The states of a mapping.
const (
	MappingWrites MappingState = "writes"
	MappingClears MappingState = "clears"
	// MappingEmpty has no value, and writes nothing.
	MappingEmpty MappingState = "empty"
	// MappingLeftOut is what the expression leaves out of the change, the whole
	// account where MappingLeavesAll.
	MappingLeftOut   MappingState = "left-out"
	MappingLeavesAll MappingState = "leaves-all"
	// MappingOnce is written when the account is made and never again.
	MappingOnce MappingState = "once"
	// MappingDrawn is another value each time: it is drawn when it is written.
	MappingDrawn MappingState = "drawn"
	// MappingNames is the user name, MappingLinks the link to the manager: each has
	// rules of its own.
	MappingNames  MappingState = "names"
	MappingLinks  MappingState = "links"
	MappingFailed MappingState = "failed"
)

// MappingRows says of every mapping of a target, in the order of the policy, what
// it makes of a record.
func MappingRows(target *lifecycle.Target, scope MappingScope) []MappingRow {
	out := make([]MappingRow, 0, len(target.Mapping))
	for i := range target.Mapping {
		rule := &target.Mapping[i]
		row := MappingRow{To: rule.To}
		switch {
		case rule.Reference != "":
			row.State = MappingLinks
		case rule.OnCreate && !scope.Creating:
			row.State = MappingOnce
		case rule.IsName():
			row.State = MappingNames
		case rule.Expression.IsRandom():
			row.State = MappingDrawn
		default:
			row.State, row.Value, row.Why = mappingState(rule, target, scope)
		}
		out = append(out, row)
	}
	return out
}

func mappingState(rule *lifecycle.Mapping, target *lifecycle.Target, scope MappingScope) (state MappingState, value, why string) {
	made, err := mappedValue(rule, target, scope)
	switch {
	case err != nil:
		return MappingFailed, "", err.Error()
	case made.LeftObject:
		return MappingLeavesAll, "", ""
	case made.Left:
		return MappingLeftOut, "", ""
	case made.Value != "":
		return MappingWrites, made.Value, ""
	case rule.Default != "" && scope.Creating:
		return MappingWrites, rule.DefaultFrom(scope.Zone), ""
	case rule.Clear && !made.Unknown && !scope.Creating:
		return MappingClears, "", ""
	default:
		return MappingEmpty, "", ""
	}
}
