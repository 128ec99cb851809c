package e2e_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tenure/internal/directory/ad/adtest"
	"tenure/internal/sim/graph"
)

// hybridPeople is how many people the organisation has, beside their manager.
const hybridPeople = 200

// crew is a hybrid organisation and its people.
type crew struct {
	*hybrid
	people []hired
}

// TestHybridOrganisation lets 200 people join, a third of them move and a quarter
// leave, in Samba and, through the simulated synchronisation, in the cloud.
func TestHybridOrganisation(t *testing.T) {
	c := beginCrew(t, adtest.Samba(t))
	c.joins()
	c.moves()
	c.leaves()
	counts := c.Graph().Counts()
	for _, never := range []string{"POST /users", "DELETE /users/{id}"} {
		if counts[never] != 0 {
			t.Errorf("%s was called %d times: accounts come and go on premises", never, counts[never])
		}
	}
	// The place of use is the cloud's own; nothing else there is ours to write.
	if wrote := counts["PATCH /users/{id}"]; wrote != hybridPeople {
		t.Errorf("accounts in the cloud were written %d times, want the place of use of %d people and no more", wrote, hybridPeople)
	}
}

func beginCrew(t *testing.T, controller *adtest.Controller) *crew {
	t.Helper()
	c := &crew{hybrid: beginHybrid(t, controller), people: newcomers(t)}
	if err := c.Graph().Seed(graph.Seed{Domains: []string{c.place.Suffix}}); err != nil {
		t.Fatalf("add the domain to the tenant: %v", err)
	}
	if err := c.Graph().Arrange(graph.Arrangement{Seats: map[string]int{licenceE3: hybridPeople}}); err != nil {
		t.Fatalf("buy seats: %v", err)
	}
	return c
}

// cycle is one of the synchronisation.
func (c *crew) cycle() {
	c.t.Helper()
	if _, err := c.sync.Cycle(c.t.Context()); err != nil {
		c.t.Fatalf("synchronise: %v", err)
	}
}

// each does something for some people, several at a time.
func (c *crew) each(what string, people []hired, do func(hired)) {
	c.t.Helper()
	const atOnce = 8
	began := time.Now()
	slots := make(chan struct{}, atOnce)
	var wait sync.WaitGroup
	for _, one := range people {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			do(one)
		})
	}
	wait.Wait()
	if c.t.Failed() {
		c.t.FailNow()
	}
	c.t.Logf("%s: %d people in %s", what, len(people), time.Since(began).Round(time.Millisecond))
}

// newcomers is everybody who joins: some share their names.
func newcomers(t *testing.T) []hired {
	t.Helper()
	given := []string{"Mara", "Jonas", "Zoë", "Emil", "Ada", "Bruno", "Clara", "Dario", "Edda", "Frieda", "Gustav", "Hanna", "Ilse", "Jakob", "Karla", "Leif", "Mila", "Nils", "Olga", "Pavel"}
	family := []string{"Lindqvist", "O'Neill, Jr.", "Søndergård", "Kovács", "Baptista", "Ferrand", "Yıldız", "Nowak", "Thorsen"}
	var out []hired
	for i := range hybridPeople {
		h := joiner(t, strconv.Itoa(5000+i), given[i%len(given)], family[i%len(family)], 20)
		h.Manager = "4001"
		out = append(out, h)
	}
	return out
}

// every is each nth of the people.
func every(people []hired, nth int) []hired {
	var out []hired
	for i := 0; i < len(people); i += nth {
		out = append(out, people[i])
	}
	return out
}

// joins: the account in the domain, the wait for its counterpart, and then what the
// cloud has for them.
func (c *crew) joins() {
	t := c.t
	t.Helper()
	manager := joiner(t, "4001", "Ingrid", "Vasquez", -1)
	manager.Manager = ""
	c.hire(manager)
	c.eventually("the manager has an account in the domain", func() bool { return len(c.onPremises()) == 1 })
	c.cycle()
	c.each("hired", c.people, func(p hired) { c.send("hire-"+p.Key, time.Now(), p) })
	c.eventually("everybody is known", func() bool { return len(c.hybrid.people()) == hybridPeople+1 })
	start := c.people[0].Start
	c.each("two weeks before", c.people, func(p hired) {
		c.forward(hooks, p.Key, berlin(t, day(t, start, -14), "06:05"))
	})
	if live := c.onPremises(); len(live) != hybridPeople+1 {
		t.Fatalf("the domain has %d accounts, want %d", len(live), hybridPeople+1)
	}
	c.cycle()
	c.each("the first day", c.people, func(p hired) { c.forward(hooks, p.Key, berlin(t, start, "08:05")) })
	c.cycle()
	c.each("an hour later", c.people, func(p hired) { c.forward(hooks, p.Key, berlin(t, start, "09:30")) })
	c.want("after the first day", func(hired) hybridState {
		return hybridState{unit: "Sales", department: "Sales", enabled: true, team: true, groups: []string{allStaff}, licences: []string{licenceE3}}
	})
	names := map[string]int{}
	for _, account := range c.inTheCloud() {
		name, _ := account.Props["userPrincipalName"].(string)
		names[name]++
	}
	if len(names) != hybridPeople+1 {
		t.Errorf("%d user names for %d people", len(names), hybridPeople+1)
	}
}

// moves: a third changes department. The domain hears of it, and the cloud by the
// next synchronisation alone.
func (c *crew) moves() {
	c.t.Helper()
	c.each("moved", every(c.people, 3), func(p hired) {
		p.Department, p.Title = "Engineering", "Engineer"
		c.say("moves-"+p.Key, p)
	})
	for i := range c.people {
		if i%3 == 0 {
			c.people[i].Department, c.people[i].Title = "Engineering", "Engineer"
		}
	}
	c.cycle()
	c.want("after the moves", c.works)
}

// works is the state of somebody who works here.
func (c *crew) works(p hired) hybridState {
	unit := "Others"
	if p.Department == "Sales" {
		unit = "Sales"
	}
	return hybridState{unit: unit, department: p.Department, enabled: true, team: true, groups: []string{allStaff}, licences: []string{licenceE3}}
}

// leaves: a quarter leaves at the end of a day, and is deleted a month later.
func (c *crew) leaves() {
	t := c.t
	t.Helper()
	last := day(t, c.people[0].Start, 10)
	for i := 0; i < len(c.people); i += 4 {
		c.people[i].Last = last
	}
	leavers := every(c.people, 4)
	c.each("leave", leavers, func(p hired) {
		c.say("leaves-"+p.Key, p)
		c.forward(hooks, p.Key, berlin(t, day(t, last, 1), "00:05"))
	})
	c.cycle()
	c.each("an hour later", leavers, func(p hired) { c.forward(hooks, p.Key, berlin(t, day(t, last, 1), "01:30")) })
	c.want("after the last day", func(p hired) hybridState {
		state := c.works(p)
		if p.Last != "" {
			state.enabled, state.team, state.groups, state.licences = false, false, nil, nil
		}
		return state
	})
	for number, account := range c.inTheCloud() {
		if gone := account.Props["accountEnabled"] == false; gone != (account.Revocations > 0) {
			t.Errorf("%s: disabled %t with %d ends of all sessions", number, gone, account.Revocations)
		}
	}
	c.each("a month later", leavers, func(p hired) { c.forward(hooks, p.Key, berlin(t, day(t, last, 32), "00:05")) })
	c.cycle()
	if there, cloud := len(c.onPremises()), len(c.inTheCloud()); there != hybridPeople+1-len(leavers) || cloud != there {
		t.Errorf("a month later the domain has %d accounts and the cloud %d, want %d", there, cloud, hybridPeople+1-len(leavers))
	}
}

// hybridState is what both directories show of a person.
type hybridState struct {
	unit, department         string
	enabled, team            bool
	groups, licences, parked []string
}

// want compares everybody with what is expected: each has one account in the domain
// and one in the cloud, and what the cloud shows is what the domain says.
func (c *crew) want(when string, expected func(hired) hybridState) {
	t := c.t
	t.Helper()
	there, cloud := c.onPremises(), c.inTheCloud()
	const shown = 5
	wrong := 0
	for _, p := range c.people {
		account, mirror := there[p.Key], cloud[p.Key]
		if account == nil || mirror == nil {
			t.Fatalf("%s: %s has %+v in the domain and %+v in the cloud", when, p.Key, account, mirror)
		}
		if mirror.Props["accountEnabled"] != account.enabled {
			t.Errorf("%s: %s is enabled in the domain: %t, in the cloud: %v", when, p.Key, account.enabled, mirror.Props["accountEnabled"])
		}
		diff := cmp.Diff(expected(p), c.state(p, account, mirror), cmp.AllowUnexported(hybridState{}), cmpopts.EquateEmpty())
		if diff == "" {
			continue
		}
		if wrong++; wrong <= shown {
			t.Errorf("%s: %s (-want +got):\n%s", when, p.Key, diff)
		}
	}
	if wrong > 0 {
		t.Fatalf("%s: %d of %d people are not as they must be", when, wrong, len(c.people))
	}
}

// state reads what both directories show of a person, and what waits.
func (c *crew) state(p hired, account *domainAccount, mirror *graph.UserState) hybridState {
	c.t.Helper()
	out := hybridState{enabled: account.enabled, team: len(account.groups) == 1, groups: mirror.Groups}
	for _, unit := range []string{"Sales", "Others"} {
		if account.liesIn(unit) {
			out.unit = unit
		}
	}
	out.department, _ = mirror.Props["department"].(string)
	for _, licence := range mirror.Licences {
		out.licences = append(out.licences, licence.SkuID)
	}
	for _, parked := range c.person(hooks, p.Key).Parked {
		out.parked = append(out.parked, parked.Key+" "+parked.Code)
	}
	return out
}

// onPremises are the accounts of the domain by employee number, each once.
func (c *crew) onPremises() map[string]*domainAccount {
	c.t.Helper()
	out := map[string]*domainAccount{}
	for _, entry := range c.place.Below(c.t) {
		number := entry.GetAttributeValue("employeeID")
		if number == "" {
			continue
		}
		if other := out[number]; other != nil {
			c.t.Fatalf("%s has two accounts: %s and %s", number, other.dn, entry.DN)
		}
		out[number] = domainAccountOf(c.t, entry)
	}
	return out
}

// inTheCloud are the live accounts of the people by employee number, each once.
func (c *crew) inTheCloud() map[string]*graph.UserState {
	c.t.Helper()
	out := map[string]*graph.UserState{}
	for _, account := range c.Graph().State().Users {
		number, _ := account.Props["employeeId"].(string)
		if name, _ := account.Props["userPrincipalName"].(string); number == "" || !strings.HasSuffix(name, "@"+c.place.Suffix) {
			continue
		}
		if out[number] != nil {
			c.t.Fatalf("%s has two accounts in the cloud", number)
		}
		out[number] = &account
	}
	return out
}
