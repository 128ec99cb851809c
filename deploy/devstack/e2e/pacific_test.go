package e2e_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure/deploy/devstack/sample"
	"tenure/deploy/devstack/stack"
	"tenure/internal/httpapi"
	simulated "tenure/internal/sim/ad"
	"tenure/internal/sim/graph"
)

// sina starts tomorrow in Pago Pago, where accounts are made in the domain.
const sina = "2010"

// TestPacific lives the hybrid part of the sample: the account is made in the
// domain, comes to the tenant, and everything is still there after a restart.
func TestPacific(t *testing.T) {
	start := time.Now().UTC()
	b := begin(t, "", func(o *stack.Options) { o.Day, o.Hybrid = start, true })
	o := organisation{bench: b, start: start, date: start.Format(time.DateOnly)}
	o.settle()
	before := o.inDomain(sina)
	if before == nil || before.Enabled || before.Unit != sample.CorpPeople {
		t.Fatalf("the day before the start the domain has %+v, want a disabled account among the people", before)
	}
	if noa := o.inDomain("2003"); noa != nil {
		t.Errorf("somebody of Berlin is in the domain: %+v", noa)
	}
	o.mayWrite()
	o.forward(main, sina, o.noon(1))
	made := o.inDomain(sina)
	cloud := o.synced(sina)
	if !made.Enabled || len(made.Groups) != 1 || cloud == nil || !enabled(*cloud) {
		t.Fatalf("on the first day the domain has %+v and the tenant %+v, want both enabled", made, cloud)
	}
	if !slices.Contains(cloud.Groups, allStaff) || len(cloud.Licences) != 1 || cloud.Props["usageLocation"] != "AS" {
		t.Errorf("the tenant gave %+v, want the group, the licence and the place of use", cloud)
	}
	if parked := o.person(main, sina).Parked; len(parked) != 0 {
		t.Errorf("parked: %+v", parked)
	}

	o.down()
	o.up()
	if again := o.inDomain(sina); again == nil || again.ID != made.ID || !again.Enabled {
		t.Fatalf("after a restart the domain has %+v, want %+v", again, made)
	}
	o.forward(main, sina, o.noon(2))
	if again := o.synced(sina); again == nil || again.ID != cloud.ID {
		t.Errorf("after a restart the tenant has %+v, want %+v", again, cloud)
	}
}

func (o organisation) inDomain(number string) *simulated.AccountState {
	o.t.Helper()
	accounts := o.Domain().State().Accounts
	if i := slices.IndexFunc(accounts, func(a simulated.AccountState) bool { return a.EmployeeID == number }); i >= 0 {
		return &accounts[i]
	}
	return nil
}

// synced is the account that came from the domain.
func (o organisation) synced(number string) *graph.UserState {
	o.t.Helper()
	users := o.Graph().State().Users
	i := slices.IndexFunc(users, func(u graph.UserState) bool {
		return u.Props["employeeId"] == number && u.Props["onPremisesSyncEnabled"] == true
	})
	if i < 0 {
		return nil
	}
	return &users[i]
}

// mayWrite: the account that Tenure binds with has the rights that the policy
// needs, and no others.
func (o organisation) mayWrite() {
	o.t.Helper()
	var found httpapi.TargetCheck
	o.must(http.MethodGet, "/v1/targets/corp/check", nil, &found)
	for _, check := range found.Checks {
		// The simulator does not tell of its recycle bin.
		if check.State != httpapi.CheckOK && !strings.HasSuffix(check.Name, ": recycle bin") {
			o.t.Errorf("check = %+v, want it ok", check)
		}
	}
}
