package store

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestNoValueIsNotSealed keeps rows that name attributes alone small, and what was
// put in place of nothing is found all the same.
func TestNoValueIsNotSealed(t *testing.T) {
	t.Parallel()
	named := LedgerRow{
		Journey: "journey/main/1", Seq: 1, Kind: LedgerEvent,
		Changes: []AttributeChange{{Attribute: "jobTitle"}, {Attribute: "department", After: "Sales"}},
	}
	sealed, err := seal("", named)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(sealed.digestText, `{"attribute":"jobTitle"}`) || strings.Count(sealed.valueText, "salt") != 2 {
		t.Errorf("digests %s, values %s", sealed.digestText, sealed.valueText)
	}
	if wrong := sealed.broken(LedgerHead{}); wrong != "" {
		t.Errorf("the row does not verify: %s", wrong)
	}
	sealed.values.Changes[0].Before.Value = "put in later"
	if sealed.broken(LedgerHead{}) == "" {
		t.Error("a value that was put in place of nothing was not found")
	}
	var older rowValues // as rows were sealed before
	if err := json.Unmarshal([]byte(`{"reason":{"salt":"00ff","value":""}}`), &older); err != nil {
		t.Fatal(err)
	}
	if got, want := older.Reason.digest(), digest("00ff", ""); got != want {
		t.Errorf("the digest of an older empty value is %q, want %q", got, want)
	}
}
