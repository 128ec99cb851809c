package contract_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tenure/workflows/contract"
)

func TestJourneyID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string][2]string{
		"journey/main/2001":             {"main", "2001"},
		"journey/main/a%2Fb":            {"main", "a/b"},
		"journey/north%20sea/%C3%BC%25": {"north sea", "ü%"},
		"journey/main/A-b_c.9":          {"main", "A-b_c.9"},
	} {
		if got := contract.JourneyID(want[0], want[1]); got != id {
			t.Errorf("JourneyID(%q, %q) = %s, want %s", want[0], want[1], got, id)
		}
		if realm, key, err := contract.ParseJourneyID(id); err != nil || realm != want[0] || key != want[1] {
			t.Errorf("ParseJourneyID(%s) = %q, %q, %v, want %q", id, realm, key, err, want)
		}
	}
}

func TestJourneyIDRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		realm, key := rapid.String().Draw(t, "realm"), rapid.String().Draw(t, "key")
		id := contract.JourneyID(realm, key)
		if strings.Count(id, "/") != 2 {
			t.Fatalf("%q has more than two slashes", id)
		}
		gotRealm, gotKey, err := contract.ParseJourneyID(id)
		if err != nil || gotRealm != realm || gotKey != key {
			t.Fatalf("%q reads as %q, %q, %v", id, gotRealm, gotKey, err)
		}
	})
}

func TestParseJourneyIDRefuses(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		"", "journey", "journey/main", "person/main/1", "journey/main/a b", "journey/main/%2", "journey/main/%zz", "journey/main/%41", "journey/main/%2f",
	} {
		if realm, key, err := contract.ParseJourneyID(id); err == nil {
			t.Errorf("ParseJourneyID(%q) = %q, %q, want it refused", id, realm, key)
		}
	}
}

func TestKeyFits(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{
		"": false, "1": true, strings.Repeat("a", 128): true, strings.Repeat("a", 129): false, strings.Repeat("ü", 22): false,
	} {
		if got := contract.KeyFits(key); got != want {
			t.Errorf("KeyFits(%d bytes) = %t, want %t", len(key), got, want)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	by := func(o contract.Override) contract.Override {
		o.Actor, o.Reason = "ines", "asked"
		return o
	}
	to := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		kind contract.Kind
		o    contract.Override
		want string // "" is valid
	}{
		{contract.Hold, by(contract.Override{}), ""},
		{contract.Hold, contract.Override{Reason: "r"}, "actor is missing"},
		{contract.Hold, contract.Override{Actor: "a"}, "reason is missing"},
		{contract.Hold, contract.Override{Actor: strings.Repeat("a", 201), Reason: "r"}, "at most 200"},
		{contract.Skip, by(contract.Override{}), "key is missing"},
		{contract.Skip, by(contract.Override{Key: "a/b/1"}), ""},
		{contract.Postpone, by(contract.Override{Key: "a/b/1"}), "to is missing"},
		{contract.Postpone, by(contract.Override{Key: "a/b/1", To: to}), ""},
		{contract.RunNow, by(contract.Override{}), "key is missing"},
		{contract.RunNow, by(contract.Override{Key: "a/b/1", Workflow: "w"}), "both set"},
		{contract.RunNow, by(contract.Override{Workflow: "w"}), "id is missing"},
		{contract.RunNow, by(contract.Override{ID: "1", Workflow: "w"}), ""},
		{contract.RunNow, by(contract.Override{ID: "1", Workflow: strings.Repeat("w", 513)}), "at most 512"},
		{contract.SetDate, by(contract.Override{On: "startDate", Date: "2026-12-01"}), ""},
		{contract.SetDate, by(contract.Override{On: "birthday", Date: "2026-12-01"}), "want startDate or lastDayOfWork"},
		{contract.SetDate, by(contract.Override{On: "startDate", Date: "2026-02-30"}), "want YYYY-MM-DD"},
		{contract.Rescind, by(contract.Override{What: "hire"}), ""},
		{contract.Rescind, by(contract.Override{What: "all"}), "want hire or termination"},
		{"dance", by(contract.Override{}), "unknown override"},
	} {
		err := tt.o.Validate(tt.kind)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s %+v: %v, want %q", tt.kind, tt.o, err, tt.want)
		}
	}
	if err := (contract.Override{}).Validate(contract.SetDate); strings.Count(err.Error(), "\n") != 3 {
		t.Errorf("error = %v, want all four problems at once", err)
	}
}
