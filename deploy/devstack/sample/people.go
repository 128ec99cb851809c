package sample

// never marks a date that HR does not state.
const never = 1 << 20

// The departments that have a group.
const (
	sales       = "Sales"
	engineering = "Engineering"
)

// employee is one row of the exports. Dates are days from the sample's day.
type employee struct {
	id, given, family string
	kind              string
	start, last       int
	department, title string
	place             place
	manager           string
	status            string
	// before is how yesterday's export stated it; nil: it was not there, or
	// nothing changed, as the flag new says.
	before *employee
	isNew  bool
	// story says in a line what the person is in the sample for.
	story string
}

// place is where somebody works.
type place struct{ name, country, zone string }

func places() (berlin, newYork, tokyo, perth, saoPaulo, kiritimati, pagoPago place) {
	return place{"Berlin", "DE", "Europe/Berlin"}, place{"New York", "US", "America/New_York"},
		place{"Tokyo", "JP", ""}, place{"Perth", "AU", ""}, place{"São Paulo", "BR", "America/Sao_Paulo"},
		place{"Kiritimati", "KI", "Pacific/Kiritimati"}, place{"Pago Pago", "AS", "Pacific/Pago_Pago"}
}

// The days of existing staff: long before the baseline.
const (
	yearsAgo = -1500
	lastYear = -400
)

// people are the organisation. Managers come first; the exports are shuffled
// nevertheless, since HR does not sort for us.
func people() []employee {
	berlin, newYork, tokyo, perth, saoPaulo, kiritimati, pagoPago := places()
	staff := []employee{
		{id: "1001", given: "Mara", family: "Lindqvist", start: yearsAgo, last: never, department: "Executive", title: "Managing Director", place: berlin, story: "existing staff, nobody above her"},
		{id: "1002", given: "Tobias", family: "Okafor", start: yearsAgo, last: never, department: engineering, title: "Head of Engineering", place: berlin, manager: "1001", story: "existing staff, a manager"},
		{id: "1003", given: "Ingrid", family: "Vasquez", start: yearsAgo, last: never, department: sales, title: "Head of Sales", place: newYork, manager: "1001", story: "existing staff, a manager"},
		{id: "1004", given: "Kenji", family: "Arakawa", start: lastYear, last: never, department: sales, title: "Sales Lead Asia", place: tokyo, manager: "1003", story: "existing staff, a manager in Tokyo"},
		{id: "1005", given: "Nomvula", family: "Brandt", start: lastYear, last: never, department: engineering, title: "Platform Lead", place: perth, manager: "1002", story: "existing staff, a manager in Perth"},
		{id: "1006", given: "Paulo", family: "Teixeira", start: lastYear, last: never, department: sales, title: "Account Manager", place: saoPaulo, manager: "1003", story: "existing staff, stays"},
		{id: "1007", given: "Wiebke", family: "Sørensen", start: lastYear, last: never, department: "Executive", title: "Assistant", place: berlin, manager: "1001", story: "existing staff, stays"},
	}
	return append(append(staff, joiners(berlin, newYork, tokyo, perth, saoPaulo, kiritimati, pagoPago)...),
		others(berlin, newYork, tokyo, perth)...)
}

func joiners(berlin, newYork, tokyo, perth, saoPaulo, kiritimati, pagoPago place) []employee {
	return []employee{
		{id: "2001", given: "Zoë", family: "Müller", start: 0, last: never, department: engineering, title: "Engineer", place: berlin, manager: "1002", story: "starts today"},
		{id: "2002", given: "Arjun", family: "Mehta", start: 0, last: never, department: sales, title: "Account Manager", place: newYork, manager: "1003", story: "starts today, six hours behind Berlin"},
		{id: "2003", given: "Noa", family: "Mizrahi", start: 7, last: never, department: engineering, title: "Engineer", place: berlin, manager: "1002", story: "starts in 7 days: prepared today at 09:00 local time"},
		{id: "2004", given: "José", family: "Núñez", start: 7, last: never, department: sales, title: "Sales Representative", place: saoPaulo, manager: "1003", story: "starts in 7 days in São Paulo"},
		{id: "2005", given: "Jose", family: "Nunez", start: 7, last: never, department: sales, title: "Sales Representative", place: newYork, manager: "1003", story: "the same name without accents: gets the next free user name"},
		{id: "2006", given: "Jôsé", family: "Nuñez", start: 8, last: never, department: sales, title: "Intern", kind: "Intern", place: saoPaulo, manager: "1006", story: "the same name a third time"},
		{id: "2007", given: "Łukasz", family: "Żółć", start: -3, last: never, department: engineering, title: "Engineer", place: berlin, manager: "1002", isNew: true, story: "entered three days late: everything at once"},
		{id: "2008", given: "Aiko", family: "Straßmann", start: -16, last: never, department: sales, title: "Account Manager", place: tokyo, manager: "1004", isNew: true, story: "entered sixteen days late: the preparation asks"},
		{id: "2009", given: "Moana", family: "Kirabati", start: 1, last: never, department: sales, title: "Agent", place: kiritimati, manager: "1004", story: "tomorrow comes first here: UTC+14"},
		{id: "2010", given: "Sina", family: "Tuiasosopo", start: 1, last: never, department: sales, title: "Agent", place: pagoPago, manager: "1003", story: "tomorrow comes last here: UTC-11"},
		{id: "2011", given: "Priya", family: "Raghunathan", start: 14, last: never, department: engineering, title: "Engineer", place: perth, manager: "2012", story: "her manager starts after her"},
		{id: "2012", given: "Callum", family: "O'Rourke", start: 20, last: never, department: engineering, title: "Team Lead", place: perth, manager: "1005", story: "a manager who arrives later"},
		{id: "2013", given: "Odette", family: "van der Meulen", start: 30, last: 120, department: engineering, title: "Consultant", kind: "Contractor", place: berlin, manager: "1002", story: "a contractor for three months: no licence"},
		{id: "2014", given: "Bartholomew-Maximilian", family: "Featherstonehaugh-Cholmondeley", start: 21, last: never, department: sales, title: "Account Manager", place: newYork, manager: "1003", story: "a long name"},
		{id: "2015", given: "Suharto", family: "Suharto", start: 10, last: never, department: sales, title: "Agent", place: tokyo, manager: "2015", story: "HR names him as his own manager"},
	}
}

func others(berlin, newYork, tokyo, perth place) []employee {
	mover := employee{id: "3001", given: "Felicia", family: "Abramowitz", start: lastYear, last: never, department: engineering, title: "Engineer", place: berlin, manager: "1003", story: "moves from Sales to Engineering today"}
	mover.before = &employee{department: sales, title: "Sales Engineer", last: never}
	promoted := employee{id: "3002", given: "Björn", family: "Ek", start: lastYear, last: never, department: engineering, title: "Senior Engineer", place: perth, manager: "1005", story: "a new title today"}
	promoted.before = &employee{department: engineering, title: "Engineer", last: never}
	leaver := employee{id: "4001", given: "Greta", family: "Hallström", start: lastYear, last: 0, department: sales, title: "Account Manager", place: berlin, manager: "1003", story: "leaves today at midnight in Berlin"}
	leaver.before = &employee{department: sales, title: "Account Manager", last: 0}
	early := employee{id: "4002", given: "Hamid", family: "Rezaei", start: lastYear, last: 0, department: sales, title: "Agent", place: tokyo, manager: "1004", story: "leaves today in Tokyo, hours before Berlin"}
	early.before = &employee{department: sales, title: "Agent", last: 0}
	lastWeek := employee{id: "4003", given: "Ludmila", family: "Čapková", start: lastYear, last: -7, department: engineering, title: "Engineer", place: newYork, manager: "1002", status: "Terminated", story: "left last week, HR says so today: cut now"}
	lastWeek.before = &employee{department: engineering, title: "Engineer", last: never, status: "Active"}
	later := employee{id: "4004", given: "Emeka", family: "Dürr", start: lastYear, last: 30, department: engineering, title: "Engineer", place: berlin, manager: "1002", story: "leaves in 30 days, known since today"}
	later.before = &employee{department: engineering, title: "Engineer", last: never}
	rehired := employee{id: "5001", given: "Yusuf", family: "Demir", start: 5, last: never, department: sales, title: "Account Manager", place: berlin, manager: "1003", story: "a rehire: left half a year ago, starts again in 5 days"}
	rehired.before = &employee{department: sales, title: "Agent", start: lastYear, last: -180, status: "Terminated"}
	rescinded := employee{id: "5002", given: "Clémence", family: "Dubois", start: 9, last: never, department: sales, title: "Agent", place: newYork, manager: "1003", status: "Rescinded", story: "hired yesterday, taken back today"}
	rescinded.before = &employee{department: sales, title: "Agent", last: never, status: "Active"}
	away := employee{id: "5003", given: "Rosalind", family: "Achterberg", start: lastYear, last: never, department: engineering, title: "Engineer", place: berlin, manager: "1002", status: "Leave", story: "on leave: keeps her account"}
	return []employee{mover, promoted, leaver, early, lastWeek, later, rehired, rescinded, away}
}
