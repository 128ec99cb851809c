package sample

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Domain is the organisation's verified domain.
const Domain = "contoso.example"

// baselineDays is how long before the sample's day Tenure was introduced.
const baselineDays = 21

// Account is one that existed before Tenure came.
type Account struct {
	EmployeeID, UserName, DisplayName, Given, Family string
	Department, Title, Country, Office               string
	ManagerID                                        string
	Enabled                                          bool
	// Groups are labels of the shipped policy.
	Groups []string
}

// Accounts are those of existing staff: whoever started before the baseline.
func Accounts() []Account {
	var out []Account
	for _, e := range people() {
		old := e.at(true)
		if !old.existed() {
			continue
		}
		account := Account{
			EmployeeID: e.id, UserName: userName(e), DisplayName: e.given + " " + e.family, Given: e.given, Family: e.family,
			Department: old.department, Title: old.title, Country: e.place.country, Office: e.place.name,
			ManagerID: e.manager, Enabled: old.status != "Terminated", Groups: []string{"all-staff"},
		}
		switch old.department {
		case sales:
			account.Groups = append(account.Groups, "sales")
		case engineering:
			account.Groups = append(account.Groups, "engineering")
		}
		if !account.Enabled {
			account.Groups = nil
		}
		out = append(out, account)
	}
	return out
}

// existed reports whether the person started before the baseline.
func (e employee) existed() bool { return e.start < -baselineDays }

// userName is how the organisation named accounts before: given.family in plain
// letters.
func userName(e employee) string { return plain(e.given) + "." + plain(e.family) + "@" + Domain }

func plain(name string) string {
	var out strings.Builder
	for _, r := range norm.NFKD.String(strings.NewReplacer("ß", "ss", "ø", "o", "ł", "l").Replace(strings.ToLower(name))) {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || r == '-') {
			out.WriteRune(r)
		}
	}
	return out.String()
}
