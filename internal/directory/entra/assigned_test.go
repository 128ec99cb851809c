package entra

import (
	"testing"
	"time"

	"tenure/internal/directory"
)

// TestAssignedGroupsAreKeptForAMinute wants a group that somebody mends to be
// believed at once, and one that somebody spoils not for long.
func TestAssignedGroupsAreKeptForAMinute(t *testing.T) {
	t.Parallel()
	var kept assigned
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	if _, found := kept.get("g", now); found {
		t.Error("a group was kept that was never read")
	}
	kept.keep("g", directory.Group{ID: "g", Kind: directory.GroupAssigned}, now)
	if group, found := kept.get("g", now.Add(assignedFor-1)); !found || group.ID != "g" {
		t.Errorf("within the minute: %+v, %t", group, found)
	}
	if _, found := kept.get("g", now.Add(assignedFor)); found {
		t.Error("a group was kept for longer than a minute")
	}
	kept.keep("g", directory.Group{ID: "g", Kind: directory.GroupDynamic}, now)
	if _, found := kept.get("g", now); found {
		t.Error("a dynamic group was kept")
	}
	for i := range 3 * assignedMost {
		kept.keep(time.Duration(i).String(), directory.Group{Kind: directory.GroupAssigned}, now)
	}
	if len(kept.seen) > assignedMost {
		t.Errorf("%d groups are kept, want %d at most", len(kept.seen), assignedMost)
	}
}
