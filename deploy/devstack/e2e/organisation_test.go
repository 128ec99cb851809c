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
	"tenure/internal/plan"
	"tenure/internal/sim/graph"
	"tenure/workflows/contract"
)

// sampleSize counts the people of the sample.
const sampleSize = 31

// organisation is the sample at the noon after its day.
type organisation struct {
	*bench
	start time.Time
	date  string
}

// TestSampleOrganisation lets the sample, with its people of the domain, settle and reads every story back.
func TestSampleOrganisation(t *testing.T) {
	start := time.Now().UTC()
	b := begin(t, "", func(o *stack.Options) { o.Day, o.Hybrid = start, true })
	o := organisation{bench: b, start: start, date: start.Format(time.DateOnly)}
	o.settle()
	t.Run("nobody has two accounts", func(t *testing.T) { o.with(t).unique() })
	t.Run("existing staff is left alone", func(t *testing.T) { o.with(t).untouched() })
	t.Run("joiners", func(t *testing.T) { o.with(t).joiners() })
	t.Run("late entries", func(t *testing.T) { o.with(t).late() })
	t.Run("namesakes", func(t *testing.T) { o.with(t).namesakes() })
	t.Run("managers", func(t *testing.T) { o.with(t).managers() })
	t.Run("movers", func(t *testing.T) { o.with(t).movers() })
	t.Run("leavers", func(t *testing.T) { o.with(t).leavers() })
	t.Run("a rehire", func(t *testing.T) { o.with(t).rehired() })
	t.Run("a rescinded hire", func(t *testing.T) { o.with(t).rescinded() })
}

// with lets a subtest fail by itself.
func (o organisation) with(t *testing.T) organisation {
	t.Helper()
	b := *o.bench
	b.t, o.bench = t, &b
	return o
}

// settle waits until both files are with the journeys and everything that was
// due at once is done.
func (o organisation) settle() {
	o.t.Helper()
	o.eventually("both files are imported", func() bool {
		var imports []httpapi.Import
		o.must(http.MethodGet, "/v1/feeds/hr/imports", nil, &imports)
		return len(imports) == 2 && imports[0].State == httpapi.ImportAccepted && imports[1].State == httpapi.ImportAccepted
	})
	var list []httpapi.Person
	o.eventually("everybody is in the people index", func() bool {
		o.must(http.MethodGet, "/v1/people?limit=1000", nil, &list)
		return len(list) == sampleSize
	})
	for _, p := range list {
		o.idle(main, p.Key)
	}
}

// noon is the noon UTC so many days after the sample's day.
func (o organisation) noon(days int) time.Time {
	return time.Date(o.start.Year(), o.start.Month(), o.start.Day()+days, 12, 0, 0, 0, time.UTC)
}

func (o organisation) forwardAll(days int, keys ...string) {
	o.t.Helper()
	for _, key := range keys {
		if o.person(main, key).Now.Before(o.noon(days)) {
			o.forward(main, key, o.noon(days))
		}
	}
}

// seeded is the ID that an existing person's account has had from the beginning.
func (o organisation) seeded(number string) string {
	o.t.Helper()
	for _, account := range sample.Accounts() {
		if account.EmployeeID == number {
			return graph.SeedID(account.UserName)
		}
	}
	o.t.Fatalf("%s had no account", number)
	return ""
}

func (o organisation) unique() {
	o.t.Helper()
	numbers, names := map[any]int{}, map[string]int{}
	state := o.Graph().State()
	for _, user := range state.Users {
		name, _ := user.Props["userPrincipalName"].(string)
		numbers[user.Props["employeeId"]]++
		names[strings.ToLower(name)]++
	}
	for number, count := range numbers {
		if count != 1 || number == nil {
			o.t.Errorf("employee number %v has %d accounts", number, count)
		}
	}
	for name, count := range names {
		if count != 1 {
			o.t.Errorf("%d accounts are named %s", count, name)
		}
	}
	o.t.Logf("%d accounts, %d mails", len(state.Users), len(o.Mail().Messages()))
}

// untouched: whoever was there before and does not change is written nothing
// and hears nothing but what managers hear.
func (o organisation) untouched() {
	o.t.Helper()
	quiet := []string{"1001", "1002", "1003", "1004", "1005", "1006", "1007", "5003"}
	for _, number := range quiet {
		id := o.seeded(number)
		for _, request := range o.Graph().Requests() {
			if request.Method != http.MethodGet && strings.Contains(request.Path, id) {
				o.t.Errorf("%s: %s %s", number, request.Method, request.Path)
			}
		}
	}
	silent := []string{"mara.lindqvist", "wiebke.srensen", "wiebke.sorensen", "rosalind.achterberg"}
	for _, message := range o.Mail().Messages() {
		for _, to := range message.Recipients {
			name, _, _ := strings.Cut(to, "@")
			if slices.Contains(silent, name) {
				o.t.Errorf("%s got %q", to, message.Subject)
			}
		}
	}
}

func (o organisation) joiners() {
	o.t.Helper()
	o.forwardAll(1, "2001", "2002", "2009")
	o.forwardAll(2, "2010")
	for _, number := range []string{"2001", "2002", "2009", "2010"} {
		account := o.account(number)
		if !enabled(account) || len(account.Groups) != 2 || len(account.Licences) != 1 {
			o.t.Errorf("%s after the first day: enabled %t, groups %v, licences %v", number, enabled(account), account.Groups, account.Licences)
		}
	}
	for _, name := range []string{"Zoë Müller", "Arjun Mehta", "Moana Kirabati", "Sina Tuiasosopo"} {
		if count := o.mails(name)[name+" joins your team soon"]; count != 1 {
			o.t.Errorf("the manager heard of %s %d times", name, count)
		}
	}
	o.forwardAll(1, "2003", "2014")
	prepared := o.account("2003")
	o.has(prepared, []string{allStaff, engineering}, []string{licenceE3})
	if enabled(prepared) || len(prepared.Passes) != 1 {
		o.t.Errorf("2003 a week before: enabled %t, passes %+v", enabled(prepared), prepared.Passes)
	}
	o.forwardAll(24, "2013")
	contractor := o.account("2013")
	o.has(contractor, []string{allStaff, engineering}, nil)
	o.forwardAll(15, "2014")
	long := o.account("2014")
	name, _ := long.Props["userPrincipalName"].(string)
	if local, _, _ := strings.Cut(name, "@"); len(local) > 64 || local == "" {
		o.t.Errorf("a long name became %q", name)
	}
}

// late: three days late is done at once, sixteen days late asks.
func (o organisation) late() {
	o.t.Helper()
	early := o.account("2007")
	o.has(early, []string{allStaff, engineering}, []string{licenceE3})
	if !enabled(early) {
		o.t.Error("2007 works since three days and is not enabled")
	}
	late := o.account("2008")
	o.has(late, nil, nil)
	if !enabled(late) || len(late.Passes) != 0 {
		o.t.Errorf("2008: enabled %t, passes %+v", enabled(late), late.Passes)
	}
	if attention := o.person(main, "2008").Attention; !slices.Contains(attention, "late") {
		o.t.Errorf("2008 raises %v, want late", attention)
	}
	if counts := o.mails("Aiko"); len(counts) != 0 {
		o.t.Errorf("mails about 2008: %v", counts)
	}
}

func (o organisation) namesakes() {
	o.t.Helper()
	names := map[string]string{}
	for _, number := range []string{"2004", "2005", "2006"} {
		name, _ := o.account(number).Props["userPrincipalName"].(string)
		if other := names[name]; other != "" || !strings.HasSuffix(name, "@"+sample.Domain) {
			o.t.Errorf("%s is named %q, as %s is", number, name, other)
		}
		names[name] = number
	}
	o.t.Logf("namesakes: %v", names)
}

// managers: one arrives later and is linked then; one is the person.
func (o organisation) managers() {
	o.t.Helper()
	if manager := o.account("2001").Manager; manager != o.seeded("1002") {
		o.t.Errorf("manager of 2001 = %s", manager)
	}
	if manager := o.account("2011").Manager; manager != "" {
		o.t.Errorf("2011 has manager %s before that one has an account", manager)
	}
	o.forwardAll(7, "2012")
	id := o.account("2012").ID
	o.eventually("2011 gets her manager", func() bool { return o.account("2011").Manager == id })
	own := o.person(main, "2015")
	if manager := o.account("2015").Manager; manager != "" || !slices.Contains(own.Attention, "manager-self") {
		o.t.Errorf("2015 names himself: manager %q, attention %v", manager, own.Attention)
	}
}

func (o organisation) movers() {
	o.t.Helper()
	for _, key := range []string{"3001", "3002"} {
		o.forward(main, key, o.person(main, key).Now.Add(time.Hour))
	}
	moved := o.account("3001")
	o.has(moved, []string{allStaff, engineering}, []string{licenceE3})
	if moved.Props["department"] != "Engineering" || moved.Props["jobTitle"] != "Engineer" {
		o.t.Errorf("3001: %v, %v", moved.Props["department"], moved.Props["jobTitle"])
	}
	if title := o.account("3002").Props["jobTitle"]; title != "Senior Engineer" {
		o.t.Errorf("3002: %v", title)
	}
	for _, key := range []string{"3001", "3002"} {
		count := 0
		for _, call := range o.Badges().Calls() {
			if strings.Contains(string(call.Body), key) {
				count += 1 + call.Repeats
			}
		}
		if count != 1 {
			o.t.Errorf("the badge office heard %d times of %s", count, key)
		}
	}
	for _, name := range []string{"Felicia", "Björn"} {
		if mails := o.mails(name); len(mails) != 1 {
			o.t.Errorf("mails about %s = %v, want one", name, mails)
		}
	}
}

func (o organisation) leavers() {
	o.t.Helper()
	gone := o.account("4003")
	if enabled(gone) || gone.Revocations == 0 || gone.ID != o.seeded("4003") {
		o.t.Errorf("4003 left last week: %+v", gone)
	}
	o.has(gone, nil, nil)
	o.forwardAll(1, "4001", "4002")
	for _, number := range []string{"4001", "4002"} {
		account := o.account(number)
		if enabled(account) || account.Revocations == 0 {
			o.t.Errorf("%s: enabled %t, %d revocations", number, enabled(account), account.Revocations)
		}
		o.has(account, nil, nil)
	}
	if !enabled(o.account("4004")) {
		o.t.Error("4004 leaves in 30 days and is disabled")
	}
	o.forwardAll(29, "4003") // in two steps: the tenant's clock follows at the end of each, and empties its bin after 30 days
	o.forwardAll(32, "4003")
	if live, deleted := o.accounts("4003"); len(live) != 0 || len(deleted) != 1 {
		o.t.Errorf("4003 a month later: %d accounts, %d deleted ones", len(live), len(deleted))
	}
	for _, name := range []string{"Greta", "Hamid", "Ludmila"} {
		if mails := o.mails(name); len(mails) != 1 {
			o.t.Errorf("mails about %s = %v, want one", name, mails)
		}
	}
}

// rehired: the old account is the new one, once a human said so: its number may
// have been given to somebody new (S14).
func (o organisation) rehired() {
	o.t.Helper()
	before := o.account("5001")
	if enabled(before) || before.ID != o.seeded("5001") {
		o.t.Errorf("before the first day: enabled %t, ID %s", enabled(before), before.ID)
	}
	if attention := o.person(main, "5001").Attention; !slices.Contains(attention, plan.AttentionProposed) {
		o.t.Errorf("5001 raises %v, want proposed", attention)
	}
	if _, problem := o.override(main, "5001", contract.Link, contract.Override{Target: "entra", ObjectID: before.ID}); problem != nil {
		o.t.Fatalf("link 5001: %+v", problem)
	}
	o.idle(main, "5001")
	o.forwardAll(6, "5001")
	after := o.account("5001")
	if !enabled(after) || after.ID != o.seeded("5001") || after.Props["jobTitle"] != "Account Manager" {
		o.t.Errorf("after the first day: enabled %t, ID %s, %v", enabled(after), after.ID, after.Props["jobTitle"])
	}
	o.has(after, []string{allStaff, sales}, []string{licenceE3})
}

// rescinded: what was made for the hire never opens, and goes.
func (o organisation) rescinded() {
	o.t.Helper()
	o.forwardAll(11, "5002")
	account := o.account("5002")
	if enabled(account) || len(account.Passes) != 0 {
		o.t.Errorf("after the day that was taken back: enabled %t, passes %+v", enabled(account), account.Passes)
	}
	o.has(account, nil, nil)
	if mails := o.mails("Clémence"); len(mails) != 0 {
		o.t.Errorf("mails = %v", mails)
	}
	o.forwardAll(40, "5002")
	if live, deleted := o.accounts("5002"); len(live) != 0 || len(deleted) != 1 {
		o.t.Errorf("a month later: %d accounts, %d deleted ones", len(live), len(deleted))
	}
}
