package existing

import "fmt"

// names are forty given and forty family names; [fullName] combines them.
func names() (given, family []string) {
	given = []string{
		"Adaeze", "Anselm", "Birgit", "Bogdan", "Camila", "Cillian", "Dalia", "Dmitri", "Elif", "Enzo",
		"Farida", "Finn", "Gesine", "Giorgos", "Hanneke", "Hiroshi", "Ilse", "Ivo", "Jadwiga", "Joaquim",
		"Katarzyna", "Kofi", "Leonie", "Lorcan", "Mirela", "Mustafa", "Nadja", "Nils", "Oksana", "Oskar",
		"Petra", "Quentin", "Rania", "Ruben", "Saskia", "Stellan", "Tamsin", "Ulrich", "Valeria", "Wendel",
	}
	family = []string{
		"Adeyemi", "Albrecht", "Bakker", "Barros", "Cernik", "Castellan", "Dahlgren", "Dombek", "Eklund", "Engstler",
		"Farkas", "Fontaine", "Galanis", "Grothe", "Haddad", "Hofstra", "Ibsen", "Ionescu", "Jansky", "Joubert",
		"Kallio", "Krueger", "Lacombe", "Lindholm", "Marchetti", "Mbeki", "Nakagawa", "Novotna", "Oduya", "Ostrander",
		"Pavlik", "Pereira", "Quist", "Rasmussen", "Rokossa", "Steiner", "Szabo", "Tanaka", "Ulvestad", "Wexler",
	}
	return given, family
}

// fullName gives each of the first 1600 numbers a name of its own.
func fullName(n int) (string, string) {
	given, family := names()
	return given[n%len(given)], family[(n/len(given)+7*n)%len(family)]
}

// place is where somebody works.
type place struct{ name, country, zone string }

func placeOf(n int) place {
	places := []place{
		{"Berlin", "DE", "Europe/Berlin"},
		{"Berlin", "DE", "Europe/Berlin"},
		{"Hamburg", "DE", "Europe/Berlin"},
		{"New York", "US", "America/New_York"},
		{"Tokyo", "JP", ""},
		{"London", "GB", "Europe/London"},
	}
	return places[n%len(places)]
}

func jobOf(n int) (department, title string) {
	jobs := [][2]string{
		{sales, "Account Manager"},
		{engineering, "Engineer"},
		{"Operations", "Clerk"},
		{sales, "Agent"},
		{engineering, "Senior Engineer"},
		{"Finance", "Controller"},
		{"Operations", "Planner"},
		{"People", "Recruiter"},
	}
	job := jobs[n%len(jobs)]
	return job[0], job[1]
}

func keyOf(n int) string { return fmt.Sprintf("P%05d", 10000+n) }

// numberOf is an employee number; leading zeros belong to it.
func numberOf(n int) string { return fmt.Sprintf("%06d", 4000+n) }
