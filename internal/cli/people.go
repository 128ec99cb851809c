package cli

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
)

func (a *app) peopleCommand() *cobra.Command {
	return group("people", "Look at people and their journeys",
		`Look at people: who is there, what happened, what is next and why; and say which
account is whose.

An ID is [realm/]key, as tenure people list prints it.`,
		a.peopleListCommand(), a.peopleShowCommand(), a.peopleTimelineCommand(), a.peopleExplainCommand(), a.peopleExportCommand(),
		a.peopleAdoptCommand(), a.peopleUnlinkCommand(), a.peopleEraseCommand(), a.reconcileCommand())
}

// peopleFlags narrow a list.
type peopleFlags struct {
	realm, search, phase string
	attention, held      bool
	wide                 bool
	limit                int
}

func (a *app) peopleListCommand() *cobra.Command {
	var f peopleFlags
	command := leaf("list", "List people with what is next for each",
		`List people with their phase, the questions that wait for a human, and what is
next and when: in the person's own zone, and in UTC (with a Z).

--wide shows the accounts too, as target:user name, with its state behind one
that is not enabled. tenure people show ID says everything about one person.`,
		`  tenure people list
  tenure people list --phase pre-hire
  tenure people list --search "lovelace engineering"
  tenure people list --attention -o json`,
		func(c *cobra.Command, _ []string) error { return a.peopleList(c, f) })
	flags := command.Flags()
	flags.StringVar(&f.realm, "realm", "", "only this `realm`")
	flags.StringVar(&f.search, "search", "", "only people with these `words` in name, key, number, mail, department, title or user name")
	flags.StringVar(&f.phase, "phase", "", "only this `phase`: pre-hire, active, leave, left, deleted, rescinded or unknown")
	flags.BoolVar(&f.attention, "attention", false, "only people with open questions")
	flags.BoolVar(&f.held, "held", false, "only people who are held")
	flags.BoolVar(&f.wide, "wide", false, "show the accounts, and names at full length")
	flags.IntVar(&f.limit, "limit", 0, "at most this `number` of people; 0 means all")
	return command
}

// pageSize is how many people are asked for at once.
const pageSize = 500

func (f peopleFlags) query() url.Values {
	query := url.Values{"limit": {strconv.Itoa(pageSize)}}
	if f.limit > 0 && f.limit < pageSize {
		query.Set("limit", strconv.Itoa(f.limit))
	}
	for name, value := range map[string]string{"realm": f.realm, "search": f.search, "phase": f.phase} {
		if value != "" {
			query.Set(name, value)
		}
	}
	for name, set := range map[string]bool{"attention": f.attention, "held": f.held} {
		if set {
			query.Set(name, "true")
		}
	}
	return query
}

func (a *app) peopleList(c *cobra.Command, f peopleFlags) error {
	if f.limit < 0 {
		return usage("--limit is %d: want 0 or more", f.limit)
	}
	api, err := a.client()
	if err != nil {
		return err
	}
	people, more := []httpapi.Person{}, false
	err = api.people(c.Context(), f.query(), func(page []httpapi.Person) error {
		people = append(people, page...)
		if f.limit > 0 && len(people) >= f.limit {
			people, more = people[:f.limit], true
			return errEnough
		}
		return nil
	})
	if err != nil && !more {
		return err
	}
	if a.wantsJSON() {
		return a.json(people)
	}
	a.printPeople(people, f.wide, more)
	return nil
}

// nameWidth is how much of a name a list shows.
const nameWidth = 32

func (a *app) printPeople(people []httpapi.Person, wide, more bool) {
	if len(people) == 0 {
		a.out.line("Nobody.")
		a.out.line("tenure feed status shows what HR has said; tenure feed import FILE says more.")
		return
	}
	t := newTable("ID", "NAME", "PHASE", "ATTENTION", "NEXT", "UTC", "WHAT")
	if wide {
		t = newTable("ID", "NAME", "PHASE", "ATTENTION", "ACCOUNTS", "NEXT", "UTC", "WHAT")
	}
	for _, person := range people {
		t.add(personCells(person, wide)...)
	}
	t.print(a.out, "")
	a.out.line("")
	if more {
		a.out.line("The first %s; there may be more: raise --limit, or narrow with --search.", count(len(people), "person", "people"))
		return
	}
	a.out.line("%s. tenure people timeline ID shows one of them.", count(len(people), "person", "people"))
}

func personCells(person httpapi.Person, wide bool) []string {
	name, local, utc := person.DisplayName, "", ""
	if next := person.NextDeadline; next != nil {
		local, utc = showLocal(*next, person.Zone), showShortUTC(*next)
	}
	cells := []string{showID(person.PersonID), name, showPhase(person), strings.Join(person.Attention, ", ")}
	if wide {
		cells = append(cells, showAccounts(person.Accounts))
	} else {
		cells[1] = shorten(name, nameWidth)
	}
	cells = append(cells, local, utc, person.NextWhat)
	for i := range cells {
		cells[i] = or(cells[i], none)
	}
	return cells
}

func showPhase(person httpapi.Person) string {
	if person.Held && len(person.Holds) > 0 {
		return person.Phase + ", held (" + strings.Join(person.Holds, ", ") + ")"
	}
	if person.Held {
		return person.Phase + ", held"
	}
	return person.Phase
}

func showAccounts(accounts []httpapi.Account) string {
	var out []string
	for _, account := range accounts {
		text := account.Target + ":" + or(account.UserName, account.ID)
		if account.State != "enabled" {
			text = joined(" ", text, account.State)
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}
