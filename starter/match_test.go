package starter

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"tenure/internal/directory"
	"tenure/internal/directory/memory"
	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// unmatchedPerson is somebody of the index who may have an account.
func unmatchedPerson(key, name string, staff bool, names ...string) store.PersonRow {
	return store.PersonRow{
		Realm: "main", Key: key, Journey: contract.JourneyID("main", key), DisplayName: name, EmployeeID: key, Department: "Sales",
		Phase: "active", Revision: 1, Matches: []store.MatchRow{{Target: "entra", Staff: staff, Names: names}},
	}
}

func foreignAccount(id, number, name, display string) directory.Account {
	return directory.Account{
		ID: id, EmployeeID: number, UserName: name + "@contoso.example", Enabled: true,
		Attributes: map[string]string{"displayName": display, "department": "Sales"},
	}
}

func rulesOfEntra() lifecycle.Target {
	return lifecycle.Target{
		Name: "entra", Mode: lifecycle.ModeObserve,
		Propose: []string{lifecycle.ProposeUserName, lifecycle.ProposeMail, lifecycle.ProposeDisplayName},
	}
}

func TestS14ReportSaysHowPeopleAndAccountsStand(t *testing.T) {
	t.Parallel()
	mail := unmatchedPerson("6", "Kim Song", true)
	mail.Email = "kim@contoso.example"
	left := unmatchedPerson("8", "Olga Petrova", true)
	left.Phase = "left"
	outside := unmatchedPerson("9", "Paul Ruiz", true)
	outside.Matches[0].Outside = true
	linked := unmatchedPerson("10", "Rosa Lind", true)
	linked.Accounts = []store.AccountRow{{Target: "entra", ID: "a10", State: "enabled", Linked: "human"}}
	ordered := unmatchedPerson("11", "Sam Roth", true)
	ordered.Matches[0].Ordered = "a11"
	people := []store.PersonRow{
		unmatchedPerson("1", "Ada Byron", true), unmatchedPerson("2", "Ben Carter", true), unmatchedPerson("3", "Cleo Diaz", false),
		unmatchedPerson("4", "Dan Egger", true, "dan.egger@contoso.example"), unmatchedPerson("5", "Eva Frank", true),
		mail, unmatchedPerson("7", "Lea Moser", true), left, outside, linked, ordered, unmatchedPerson("12", "New Hire", false),
	}
	accounts := []directory.Account{
		foreignAccount("a1", "1", "ada", "Byron, Ada"), foreignAccount("a2", "2", "ben", "Ben Carter"), foreignAccount("b2", "2", "ben.old", "Ben Carter"),
		foreignAccount("a3", "3", "cleo", "Cleo Diaz"), foreignAccount("a4", "", "Dan.Egger", "Dan Egger"), foreignAccount("a5", "5", "x", "Somebody Else"),
		foreignAccount("a6", "", "kim", "Song Kim"), foreignAccount("a8", "8", "olga", "Olga Petrova"), foreignAccount("a9", "9", "paul", "Paul Ruiz"),
		foreignAccount("a10", "10", "rosa", "Rosa Lind"), foreignAccount("a11", "", "sam", "Sam Roth"), foreignAccount("s", "", "scanner", "Scanner"),
		foreignAccount("n", "777", "n", "Nobody"),
	}
	claims := []store.Claim{{Target: "entra", Attribute: store.ObjectIDAttribute, Value: "a10", Owner: contract.JourneyID("main", "10"), State: store.ClaimHeld}}
	got := map[string]string{}
	for _, row := range newMatching(rulesOfEntra(), people, accounts, claims).report() {
		got[row.Key+" "+row.ObjectID] = strings.TrimSpace(fmt.Sprintf("%s %s %s %s", row.Kind, row.By, row.Confidence, row.Decision))
	}
	for pair, want := range map[string]string{
		"1 a1": "match employeeId certain", "2 a2": "ambiguous employeeId possible", "2 b2": "ambiguous employeeId possible",
		"3 a3": "proposal employeeId possible", "4 a4": "proposal userPrincipalName likely", "5 a5": "proposal employeeId possible",
		"6 a6": "proposal mail likely", "7 ": "unmatched", "8 a8": "proposal employeeId possible", " a9": "unowned",
		"10 a10": "linked human certain", "11 a11": "match human certain accept", " s": "unowned", " n": "unowned",
	} {
		if strings.Join(strings.Fields(got[pair]), " ") != want {
			t.Errorf("%q = %q, want %q", pair, got[pair], want)
		}
		delete(got, pair)
	}
	if len(got) > 0 {
		t.Errorf("rows that nobody wants: %v", got)
	}
}

// A whole organisation takes seconds, not hours.
func TestS14ReportOfALargeOrganisation(t *testing.T) {
	t.Parallel()
	const many = 5000
	var people []store.PersonRow
	var accounts []directory.Account
	for i := range many {
		key := fmt.Sprintf("%05d", i)
		people = append(people, unmatchedPerson(key, "Ada Byron "+key, true, "ada."+key+"@contoso.example"))
		number := key
		if i%3 == 0 {
			number = ""
		}
		accounts = append(accounts, foreignAccount("a"+key, number, "ada."+key, "Ada Byron "+key))
	}
	begun := time.Now()
	rows := newMatching(rulesOfEntra(), people, accounts, nil).report()
	if took := time.Since(begun); len(rows) != many || took > 5*time.Second {
		t.Errorf("%d rows in %s, want %d in seconds", len(rows), took, many)
	}
}

func TestS14DecisionsAreCheckedTogether(t *testing.T) {
	t.Parallel()
	owned := unmatchedPerson("3", "Cleo Diaz", true)
	owned.Accounts = []store.AccountRow{{Target: "entra", ID: "a3", State: "enabled"}}
	named := unmatchedPerson("4", "Dan Egger", true)
	named.Matches[0].Ordered = "a4"
	people := []store.PersonRow{unmatchedPerson("1", "Ada Byron", true), unmatchedPerson("2", "Ben Carter", true), owned, named}
	accounts := []directory.Account{
		foreignAccount("a1", "", "ada", "Ada Byron"), foreignAccount("a2", "2", "ben", "Ben Carter"), foreignAccount("a3", "3", "cleo", "Cleo Diaz"),
		foreignAccount("a4", "", "dan", "Dan Egger"), foreignAccount("a5", "", "eva", "Eva Frank"),
	}
	claims := []store.Claim{{Value: "a3", Owner: owned.Journey, State: store.ClaimHeld}}
	accept := func(line int, key, object string) httpapi.MatchDecision {
		return httpapi.MatchDecision{Realm: "main", Key: key, ObjectID: object, Decision: httpapi.MatchAccept, Line: line}
	}
	for name, tt := range map[string]struct {
		decisions []httpapi.MatchDecision
		want      []string
	}{
		"fine":                    {[]httpapi.MatchDecision{accept(2, "1", "A1"), accept(3, "2", "a2")}, nil},
		"two people, one account": {[]httpapi.MatchDecision{accept(2, "1", "a1"), accept(3, "2", "a1")}, []string{"3 is given to two people: also on line 2"}},
		"one person, two":         {[]httpapi.MatchDecision{accept(2, "1", "a1"), accept(3, "1", "a5")}, []string{"3 has two accounts: also on line 2"}},
		"somebody's account":      {[]httpapi.MatchDecision{accept(2, "1", "a3")}, []string{"2 belongs to another person", "2 carries the employee number of another person"}},
		"somebody's number":       {[]httpapi.MatchDecision{accept(2, "1", "a2")}, []string{"2 carries the employee number of another person"}},
		"named for another":       {[]httpapi.MatchDecision{accept(2, "1", "a4")}, []string{"2 was accepted for person"}},
		"has another":             {[]httpapi.MatchDecision{accept(2, "3", "a5")}, []string{"2 has another account: unlink it first"}},
		"nobody, nothing, no word": {
			[]httpapi.MatchDecision{accept(2, "99", "a1"), accept(3, "1", "zz"), {Realm: "main", Key: "2", ObjectID: "a2", Decision: "maybe", Line: 4}},
			[]string{"2 there is no person", "3 there is no account", "4 decision"},
		},
	} {
		problems := newMatching(rulesOfEntra(), people, accounts, claims).check(tt.decisions)
		if len(problems) != len(tt.want) {
			t.Errorf("%s: problems %+v, want %d", name, problems, len(tt.want))
			continue
		}
		for i, want := range tt.want {
			line, text, _ := strings.Cut(want, " ")
			if strconv.Itoa(problems[i].Line) != line || !strings.Contains(problems[i].Detail, text) {
				t.Errorf("%s: problem %+v, want %q", name, problems[i], want)
			}
		}
	}
}

func TestS14AcceptTellsTheJourneysOrNobody(t *testing.T) {
	t.Parallel()
	h := newBench(t)
	dir := memory.New(memory.Options{Name: "entra"})
	h.target = func(context.Context, *lifecycle.Policy, string) (directory.Target, error) {
		return directory.Bundle(dir), nil
	}
	one := dir.AddAccount(foreignAccount("", "", "ada", "Ada Byron"))
	for _, row := range []store.PersonRow{unmatchedPerson("1", "Ada Byron", true), unmatchedPerson("2", "Ben Carter", true)} {
		if _, err := h.db.UpsertPerson(t.Context(), row); err != nil {
			t.Fatal(err)
		}
	}
	in := httpapi.MatchDecisions{
		Decision: httpapi.Decision{Actor: "kim", Reason: "checked"}, ID: "f1",
		Decisions: []httpapi.MatchDecision{
			{Realm: "main", Key: "1", ObjectID: one, Decision: httpapi.MatchAccept, Line: 2},
			{Realm: "main", Key: "2", ObjectID: "nothing", Decision: httpapi.MatchAccept, Line: 3},
		},
	}
	_, err := h.AcceptMatches(t.Context(), "entra", in)
	var problem *httpapi.Problem
	if !errors.As(err, &problem) || problem.Kind() != httpapi.KindUnprocessable || len(problem.Errors) != 1 || len(h.temporal.updates) != 0 {
		t.Fatalf("AcceptMatches = %v, %d updates; want one problem and nobody told", err, len(h.temporal.updates))
	}
	in.Decisions = in.Decisions[:1]
	done, err := h.AcceptMatches(t.Context(), "entra", in)
	if err != nil || done.Accepted != 1 || len(h.temporal.updates) != 1 {
		t.Fatalf("AcceptMatches = %+v, %v, %d updates; want one journey told", done, err, len(h.temporal.updates))
	}
	told := h.temporal.updates[0]
	if o, ok := told.Args[0].(contract.Override); !ok || told.UpdateName != string(contract.Link) || o.ObjectID != one || o.Target != "entra" || o.Actor != "kim" || o.ID == "" {
		t.Errorf("update = %+v, want a link of %s", told, one)
	}
	h.temporal.updateErr = errors.New("away")
	if _, err := h.AcceptMatches(t.Context(), "entra", in); !errors.As(err, &problem) || problem.Kind() != httpapi.KindUnavailable || len(problem.Errors) != 1 {
		t.Errorf("AcceptMatches while nobody answers = %v, want who was not told", err)
	}
	if _, err := h.Matches(t.Context(), "nowhere"); !errors.As(err, &problem) || problem.Kind() != httpapi.KindNotFound {
		t.Errorf("matches of a target that is none = %v, want not found", err)
	}
	report, err := h.Matches(t.Context(), "entra")
	if err != nil || report.People != 2 || report.Accounts != 1 || report.Mode != lifecycle.ModeEnforce {
		t.Errorf("matches = %+v, %v, want two people and one account", report, err)
	}
}
