package existing

import (
	"strings"

	"tenure/deploy/devstack/sample"
	"tenure/internal/sim/graph"
)

// Account is one that somebody made before Tenure came.
type Account struct {
	UserName, Mail, EmployeeID, DisplayName, Given, Family string
	Department, Title, Country, Office                     string
	// Owner is the person key of whom it belongs to, "" for accounts of nobody.
	Owner string
	// Manager is a user name.
	Manager string
	Enabled bool
	// Synced accounts are mastered in an on-premises directory.
	Synced bool
	// Roles are directory roles that it holds.
	Roles []string
	// Groups are names of [Groups].
	Groups []string
	// Licensed accounts hold a licence of their own.
	Licensed bool
}

// ID is the account's object ID in the simulator.
func (a *Account) ID() string { return graph.SeedID(a.UserName) }

// accountOf is the account of a person without mistakes: two of three carry the
// employee number, every fourth is mastered on premises.
func accountOf(n int, w *worker) *Account {
	a := &Account{
		UserName: userName(w.given, w.family), Given: w.given, Family: w.family, DisplayName: w.given + " " + w.family,
		Department: w.department, Title: w.title, Country: w.place.country, Office: w.place.name, Owner: w.key,
		Enabled: n < former, Synced: n%4 == 1, Licensed: n < former,
	}
	a.Mail = a.UserName
	if n%10 > 2 || n < leads {
		a.EmployeeID = w.number
	}
	if a.Enabled {
		a.Groups = groupsOf(n, w.department)
	}
	return a
}

func groupsOf(n int, department string) []string {
	out := []string{AllStaff}
	switch department {
	case sales:
		out = append(out, Sales)
	case engineering:
		out = append(out, Engineering)
	}
	if n%9 == 4 {
		out = append(out, News)
	}
	if n%11 == 5 {
		out = append(out, FileShare)
	}
	return out
}

// ofNobody are accounts without a person: shared, service-like, for emergencies.
func ofNobody() []*Account {
	out := []*Account{
		{UserName: "breakglass", DisplayName: "Emergency access", Roles: []string{graph.RoleGlobalAdmin}, Enabled: true},
		{UserName: "sync", DisplayName: "On-Premises Directory Synchronization Service Account", Enabled: true},
	}
	for _, name := range []string{
		"Reception Berlin", "Reception Hamburg", "Reception Tokyo", "Info", "Careers", "Invoices", "Press", "Helpdesk",
		"Meeting Room Spree", "Meeting Room Elbe", "Meeting Room Hudson", "Scanner First Floor", "Scanner Second Floor",
		"Backup Job", "Build Server", "Test Person One", "Test Person Two", "Kiosk Canteen", "Trainee Pool", "Projector Hall",
	} {
		out = append(out, &Account{UserName: strings.ReplaceAll(strings.ToLower(name), " ", "."), DisplayName: name, Enabled: true})
	}
	for _, a := range out {
		a.UserName += "@" + sample.Domain
		a.Mail, a.Country = a.UserName, "DE"
	}
	return out
}

func userName(given, family string) string {
	return strings.ToLower(given+"."+family) + "@" + sample.Domain
}
