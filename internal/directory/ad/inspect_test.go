package ad_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tenure/internal/directory"
	"tenure/internal/directory/ad/adtest"
)

// TestInspect tells an account that may do everything from one that may only
// read, and names the command for what is missing.
func TestInspect(t *testing.T) {
	t.Parallel()
	place := adtest.Samba(t).NewPlace(t)
	cfg := place.Config(t)
	cfg.RestoreWindow = 1
	ensure(t, connect(t, cfg), joiner(place, 0))
	team := place.AddGroup(t, "team", false)
	admins := place.GUID(t, "CN=Domain Admins,CN=Users,"+place.BaseDN)
	const nobody = "ffffffff-ffff-4fff-8fff-ffffffffffff"
	want := directory.Wanted{
		Verbs:      []directory.Verb{directory.VerbCreateAccount},
		Attributes: []string{"title", "employeeId", "contosoBadge", "cn"},
		Groups:     []string{team, admins, nobody},
	}
	host := cfg.Hosts[0]
	fine := map[string]directory.FindingState{
		"bind account": "warning", "passwords": "ok", "attribute cn": "ok",
		"controller " + host: "ok", "certificate of " + host: "warning", "clock of " + host: "ok", "recycle bin": "ok",
		"container " + place.BaseDN: "ok", "container " + place.OU: "ok",
		"attribute title": "ok", "attribute employeeID": "ok", "attribute userAccountControl": "ok", "attribute contosoBadge": "failed",
		"group " + team: "ok", "group " + admins: "failed", "group " + nobody: "failed",
	}
	found, err := connect(t, cfg).Inspect(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fine, states(found)); diff != "" {
		t.Errorf("findings differ (-want +got):\n%s", diff)
	}
	// A reader.
	cfg.BindName, cfg.Secret = place.AddServiceAccount(t, nil)
	account := place.Entry(t, cfg.BindName).GetAttributeValue("sAMAccountName") + "@" + place.Domain
	cfg.RestoreWindow = 0
	cfg.OU = "OU=nowhere," + place.OU
	found, err = connect(t, cfg).Inspect(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	poor := states(found)
	for name, state := range map[string]directory.FindingState{
		"container OU=nowhere," + place.OU: "failed", "attribute title": "unknown", "group " + team: "failed", "recycle bin": "ok",
	} {
		if poor[name] != state {
			t.Errorf("%s = %s, want %s", name, poor[name], state)
		}
	}
	cfg.OU = place.OU
	found, err = connect(t, cfg).Inspect(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	for name, command := range map[string]string{
		"container " + place.OU: `dsacls "` + place.OU + `" /I:T /G "` + account + `:CCDC;user"`,
		"attribute title":       `/I:S /G "` + account + `:WP;title;user"`,
		"group " + team:         `/G "` + account + `:WP;member"`,
	} {
		for _, f := range found {
			if f.Name == name && (f.State != directory.FindingFailed || !strings.Contains(f.Remedy, command)) {
				t.Errorf("%s = %+v, want it failed with the command %s", name, f, command)
			}
		}
	}
	// Nobody is home.
	cfg.Secret = directory.NewSecret("Wr0ng-Passw0rd!")
	found, err = connect(t, cfg).Inspect(t.Context(), want)
	if err != nil && !errors.Is(err, directory.ErrDenied) || len(found) != 1 || found[0].State != directory.FindingFailed {
		t.Errorf("findings = %+v, %v, want the controller's refusal alone", found, err)
	}
}

func states(found []directory.Finding) map[string]directory.FindingState {
	out := map[string]directory.FindingState{}
	for _, f := range found {
		out[f.Name] = f.State
	}
	return out
}
