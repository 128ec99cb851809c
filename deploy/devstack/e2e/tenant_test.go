package e2e_test

import (
	"maps"
	"reflect"
	"slices"

	"tenure/internal/sim/graph"
)

// byID finds accounts by object ID.
func byID(users []graph.UserState) map[string]graph.UserState {
	out := map[string]graph.UserState{}
	for _, user := range users {
		out[user.ID] = user
	}
	return out
}

// differences are the names of what differs between two states of an account.
func differences(a, b graph.UserState) []string {
	var out []string
	names := slices.Sorted(maps.Keys(a.Props))
	for name := range b.Props {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		if !reflect.DeepEqual(a.Props[name], b.Props[name]) {
			out = append(out, name)
		}
	}
	for name, same := range map[string]bool{
		"manager": a.Manager == b.Manager, "groups": reflect.DeepEqual(a.Groups, b.Groups), "sessions": a.Revocations == b.Revocations,
		"licences": reflect.DeepEqual(a.Licences, b.Licences), "passes": reflect.DeepEqual(a.Passes, b.Passes),
	} {
		if !same {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
