package starter

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tenure/internal/directory"
	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/store"
)

// mailAttribute is where a target keeps an account's address, where it is read.
const mailAttribute = "mail"

// matching compares people with accounts. Everything is found by folded keys,
// so that a whole organisation takes as long as it is large.
type matching struct {
	rules    lifecycle.Target
	people   []store.PersonRow
	accounts []directory.Account

	byID, byUserName           map[string]int
	byNumber, byMail, byPerson map[string][]int
	// words are those of the accounts' names.
	words [][]string
	// owners are the journeys that have an account, by object ID.
	owners map[string]string
	// numbers are those that HR states, by folded number.
	numbers map[string]int
	// rows so far; used accounts are in one.
	rows []httpapi.MatchRow
	used map[int]bool
}

func newMatching(rules lifecycle.Target, people []store.PersonRow, accounts []directory.Account, claims []store.Claim) *matching {
	m := &matching{
		rules: rules, people: people, accounts: accounts,
		byID: map[string]int{}, byUserName: map[string]int{}, byNumber: map[string][]int{}, byMail: map[string][]int{}, byPerson: map[string][]int{},
		owners: map[string]string{}, numbers: map[string]int{}, used: map[int]bool{}, words: make([][]string, len(accounts)),
	}
	add := func(index map[string][]int, key string, i int) {
		if key = store.Fold(key); key != "" && !slices.Contains(index[key], i) {
			index[key] = append(index[key], i)
		}
	}
	for i, account := range accounts {
		m.byID[store.Fold(account.ID)] = i
		m.byUserName[store.Fold(account.UserName)] = i
		m.words[i] = person.NameWords(shownName(account))
		add(m.byNumber, account.EmployeeID, i)
		add(m.byMail, account.Attributes[mailAttribute], i)
		add(m.byMail, account.UserName, i)
		add(m.byPerson, nameKey(shownName(account), account.Attributes["department"]), i)
	}
	for _, claim := range claims {
		if claim.State == store.ClaimHeld {
			m.owners[claim.Value] = claim.Owner
		}
	}
	for _, row := range people {
		if number := store.Fold(row.EmployeeID); number != "" {
			m.numbers[number]++
		}
	}
	return m
}

// report makes every row, questions first.
func (m *matching) report() []httpapi.MatchRow {
	open := []int{}
	for i, row := range m.people {
		if !m.linked(row) {
			open = append(open, i)
		}
	}
	for _, i := range open {
		m.match(m.people[i])
	}
	for i := range m.accounts {
		if !m.used[i] {
			m.unowned(i)
		}
	}
	m.noteShared()
	order := httpapi.MatchKinds()
	slices.SortStableFunc(m.rows, func(a, b httpapi.MatchRow) int {
		return cmp.Or(
			cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind)),
			cmp.Compare(a.Realm, b.Realm), cmp.Compare(a.Key, b.Key), cmp.Compare(a.UserName, b.UserName), cmp.Compare(a.ObjectID, b.ObjectID),
		)
	})
	return m.rows
}

// personRow begins a row about a person.
func personRow(row store.PersonRow, kind httpapi.MatchKind, reason string) httpapi.MatchRow {
	return httpapi.MatchRow{
		Kind: kind, Realm: row.Realm, Key: row.Key, Name: row.DisplayName, EmployeeID: row.EmployeeID, Reason: reason,
	}
}

// with adds an account to a row.
func (m *matching) with(row httpapi.MatchRow, i int) httpapi.MatchRow {
	account := m.accounts[i]
	row.ObjectID, row.UserName, row.AccountName, row.AccountNumber = account.ID, account.UserName, shownName(account), account.EmployeeID
	row.Account, row.Synced = "disabled", account.Synced
	if account.Enabled {
		row.Account = "enabled"
	}
	return row
}

func (m *matching) add(row httpapi.MatchRow, i int) {
	m.used[i] = true
	m.rows = append(m.rows, m.with(row, i))
}

// linked makes the row of a person whose account is known, or named by a human.
func (m *matching) linked(row store.PersonRow) bool {
	for _, account := range row.Accounts {
		if account.Target != m.rules.Name || account.ID == "" || account.State == "deleted" {
			continue
		}
		out := personRow(row, httpapi.MatchLinked, "made by Tenure")
		if account.Linked != "" {
			out.By, out.Reason = account.Linked, "was there before and is linked"
		}
		out.Confidence = httpapi.ConfidenceCertain
		i, found := m.byID[store.Fold(account.ID)]
		if !found {
			out.ObjectID, out.UserName, out.Reason = account.ID, account.UserName, "linked, but not found in the target"
			m.rows = append(m.rows, out)
			return true
		}
		if m.accounts[i].EmployeeID != row.EmployeeID {
			out.Reason += "; carries another employee number than HR states"
		}
		m.add(out, i)
		return true
	}
	ordered := m.factsOf(row).Ordered
	if ordered == "" {
		return false
	}
	out := personRow(row, httpapi.MatchCertain, "a human said so; it is linked as soon as the mode of the target lets it")
	out.By, out.Confidence, out.Decision = "human", httpapi.ConfidenceCertain, httpapi.MatchAccept
	if i, found := m.byID[store.Fold(ordered)]; found {
		m.add(out, i)
		return true
	}
	out.ObjectID, out.Reason = ordered, "a human named this account, but it is not found in the target"
	m.rows = append(m.rows, out)
	return true
}

func (m *matching) factsOf(row store.PersonRow) store.MatchRow {
	for _, match := range row.Matches {
		if match.Target == m.rules.Name {
			return match
		}
	}
	return store.MatchRow{Target: m.rules.Name}
}

// match makes the rows of a person whose account is not known.
func (m *matching) match(row store.PersonRow) {
	facts := m.factsOf(row)
	if facts.Outside {
		return
	}
	hits := m.free(m.byNumber[store.Fold(row.EmployeeID)])
	switch {
	case len(hits) > 1:
		for _, i := range hits {
			out := personRow(row, httpapi.MatchAmbiguous, fmt.Sprintf("%d accounts carry this employee number", len(hits)))
			out.By, out.Confidence = "employeeId", httpapi.ConfidencePossible
			m.add(out, i)
		}
	case len(hits) == 1:
		m.byNumberAlone(row, facts, hits[0])
	case hasGone(row.Phase):
	default:
		m.propose(row, facts)
	}
}

// byNumberAlone is the row of the only account that carries the number.
func (m *matching) byNumberAlone(row store.PersonRow, facts store.MatchRow, i int) {
	out := personRow(row, httpapi.MatchProposal, "")
	out.By, out.Confidence = "employeeId", httpapi.ConfidencePossible
	switch {
	case hasGone(row.Phase) && !m.accounts[i].Enabled:
		return
	case hasGone(row.Phase):
		out.Reason = "HR says that this person has left, and the account is enabled; once linked, Tenure asks whether to disable it"
	case !person.NamesAgree(person.NameWords(row.DisplayName), m.words[i]):
		out.Reason = "the employee number agrees, the name does not: the number may have been somebody else's"
	case !facts.Staff:
		out.Reason = "a new hire: the employee number may have been somebody else's"
	default:
		out.Kind, out.Confidence = httpapi.MatchCertain, httpapi.ConfidenceCertain
		out.Reason = "the only account with this employee number; linked by itself in adopt and enforce"
	}
	m.add(out, i)
}

// candidate is an account that a secondary key leads to.
type candidate struct {
	account        int
	by, confidence string
	reason         string
}

// propose makes the rows of accounts to which secondary keys lead.
func (m *matching) propose(row store.PersonRow, facts store.MatchRow) {
	found := m.candidates(row, facts)
	if len(found) == 0 {
		if facts.Staff {
			m.rows = append(m.rows, personRow(row, httpapi.MatchUnmatched, "no account carries this employee number, user name, mail address or name"))
		}
		return
	}
	for _, c := range found {
		out := personRow(row, httpapi.MatchProposal, c.reason)
		out.By, out.Confidence = c.by, c.confidence
		if len(found) > 1 {
			out.Confidence = httpapi.ConfidencePossible
			out.Reason += fmt.Sprintf("; one of %d accounts", len(found))
		}
		m.add(out, c.account)
	}
}

// candidates are looked for in the order of the policy; the first key that leads
// to an account names it.
func (m *matching) candidates(row store.PersonRow, facts store.MatchRow) []candidate {
	var out []candidate
	own := person.NameWords(row.DisplayName)
	take := func(by, reason string, hits []int) {
		for _, i := range m.free(hits) {
			if slices.ContainsFunc(out, func(c candidate) bool { return c.account == i }) || !person.NamesAgree(own, m.words[i]) || m.isSomebodysNumber(i) {
				continue
			}
			c := candidate{account: i, by: by, confidence: httpapi.ConfidenceLikely, reason: reason}
			if number := m.accounts[i].EmployeeID; number != "" {
				c.confidence, c.reason = httpapi.ConfidencePossible, reason+"; carries an employee number that nobody in HR has"
			} else if by == lifecycle.ProposeDisplayName {
				c.confidence = httpapi.ConfidencePossible
			}
			out = append(out, c)
		}
	}
	for _, by := range m.rules.Propose {
		switch by {
		case lifecycle.ProposeUserName:
			for _, name := range facts.Names {
				if i, found := m.byUserName[store.Fold(name)]; found {
					take(by, "has the user name that this person would get", []int{i})
				}
			}
		case lifecycle.ProposeMail:
			take(by, "has the mail address that HR states", m.byMail[store.Fold(row.Email)])
		case lifecycle.ProposeDisplayName:
			take(by, "has the same name and department", m.byPerson[store.Fold(nameKey(row.DisplayName, row.Department))])
		}
	}
	return out
}

// free are the accounts that no journey has.
func (m *matching) free(hits []int) []int {
	return slices.DeleteFunc(slices.Clone(hits), func(i int) bool { return m.owners[store.Fold(m.accounts[i].ID)] != "" })
}

// isSomebodysNumber reports whether an account carries a number that HR states.
func (m *matching) isSomebodysNumber(i int) bool {
	return m.numbers[store.Fold(m.accounts[i].EmployeeID)] > 0
}

func (m *matching) unowned(i int) {
	out := httpapi.MatchRow{Kind: httpapi.MatchUnowned, Reason: "nobody in HR fits it"}
	account := m.accounts[i]
	switch {
	case m.owners[store.Fold(account.ID)] != "":
		out.Reason = "belongs to a journey that the people index does not show with it"
	case account.EmployeeID == "":
		out.Reason = "carries no employee number, and nobody in HR fits it"
	case m.isSomebodysNumber(i):
		out.Reason = "carries the employee number of somebody who has left, or is not in the target's scope"
	default:
		out.Reason = "carries an employee number that nobody in HR has"
	}
	m.add(out, i)
}

// noteShared says of accounts that are in several rows that they are.
func (m *matching) noteShared() {
	people := map[string]int{}
	for _, row := range m.rows {
		if row.ObjectID != "" {
			people[row.ObjectID]++
		}
	}
	for i := range m.rows {
		row := &m.rows[i]
		if people[row.ObjectID] > 1 && row.Kind != httpapi.MatchLinked && row.Decision == "" {
			row.Confidence = httpapi.ConfidencePossible
			row.Reason += fmt.Sprintf("; the account fits %d people", people[row.ObjectID])
		}
	}
}

func hasGone(phase string) bool {
	return phase == string(person.PhaseLeft) || phase == string(person.PhaseDeleted) || phase == string(person.PhaseRescinded)
}

func shownName(account directory.Account) string {
	return account.Attributes[lifecycle.ProposeDisplayName]
}

// nameKey is a name and a department as one key; "" where one of them is not
// known: a name alone fits too many.
func nameKey(name, department string) string {
	if name == "" || department == "" {
		return ""
	}
	return strings.Join(person.NameWords(name), " ") + "\x00" + department
}
