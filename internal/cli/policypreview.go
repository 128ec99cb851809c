package cli

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
)

// peopleShown is how many people a preview names for one kind of change.
const peopleShown = 10

func (a *app) policyDiffCommand() *cobra.Command {
	var people bool
	command := leaf("diff A B", "Compare two policies, and for whom they differ",
		`Compare two policies. Each is the number of a version, "active", or a file.

With --people everybody's plan is made with both, and every line that would be newly
due, added, moved or dropped is listed. Nothing is changed. Where B is a file, the
last line is what tenure policy apply B --yes --expect wants.`,
		`  tenure policy diff 3 4
  tenure policy diff active policy.yaml --people`,
		func(c *cobra.Command, args []string) error {
			from, err := policyChoice(args[0])
			if err != nil {
				return err
			}
			to, err := policyChoice(args[1])
			if err != nil {
				return err
			}
			if to.Version == 0 && to.Source == "" {
				return usage("B is the active version: name it first")
			}
			request := httpapi.PolicyPreviewRequest{To: to, People: people}
			if from != (httpapi.PolicyChoice{}) {
				request.From = &from
			}
			preview, err := a.preview(c.Context(), request)
			if err != nil {
				return a.policyProblem(c, err)
			}
			if a.wantsJSON() {
				return a.json(preview)
			}
			a.printPreview(preview, people, people)
			if to.Version == 0 && !preview.Same {
				a.out.line("")
				a.out.line("Expect: %s", preview.Expect)
			}
			return nil
		})
	command.Flags().BoolVar(&people, "people", false, "list what changes for whom")
	return command
}

// policyChoice reads the number of a version, "active", which is the zero choice,
// or a file.
func policyChoice(text string) (httpapi.PolicyChoice, error) {
	if text == activeVersion {
		return httpapi.PolicyChoice{}, nil
	}
	if number, err := strconv.Atoi(text); err == nil {
		if number < 1 {
			return httpapi.PolicyChoice{}, usage("%s is no number of a version: they count from 1", text)
		}
		return httpapi.PolicyChoice{Version: number}, nil
	}
	content, err := readPolicy(text)
	return httpapi.PolicyChoice{Name: filepath.Base(text), Source: string(content)}, err
}

const activeVersion = "active"

func readPolicy(name string) ([]byte, error) {
	content, err := readWhole(name, lifecycle.MaxSourceSize)
	if err != nil {
		return nil, &remedied{cause: err, remedy: "name one policy file: a version of the policy is one document"}
	}
	if len(content) == 0 {
		return nil, &remedied{cause: fmt.Errorf("%s is empty", name), remedy: "name one policy file"}
	}
	return content, nil
}

// preview reads a preview page by page.
func (a *app) preview(ctx context.Context, request httpapi.PolicyPreviewRequest) (httpapi.PolicyPreview, error) {
	api, err := a.client()
	if err != nil {
		return httpapi.PolicyPreview{}, err
	}
	var whole httpapi.PolicyPreview
	var bar *progress
	for first := true; ; first = false {
		page, err := post[httpapi.PolicyPreview](ctx, api, "/v1/policy/preview", request, call{within: longWithin})
		if err != nil {
			return whole, err
		}
		if first {
			whole, bar = page, a.progress("comparing plans", page.Total)
			defer bar.end()
		} else {
			whole.People, whole.Unread = append(whole.People, page.People...), append(whole.Unread, page.Unread...)
			whole.Looked += page.Looked
		}
		bar.to(whole.Looked)
		if page.Next == "" {
			whole.Next = ""
			return whole, nil
		}
		request.Cursor, request.Base = page.Next, page.Base
	}
}

// printPreview says what another policy changes; everybody names all people.
func (a *app) printPreview(p httpapi.PolicyPreview, people, everybody bool) {
	a.out.line("%s", heads(p))
	if p.Same {
		a.out.line("  the same document: nothing changes")
		return
	}
	for _, d := range p.Differences {
		a.out.text("  ", d.Text)
	}
	if len(p.Differences) == 0 {
		a.out.line("  nothing but comments and spacing")
	}
	a.printActivated(p.Activated)
	for _, note := range p.Notes {
		a.out.text("Note: ", note)
	}
	for _, warning := range p.Warnings {
		a.out.text("Warning: ", placed(warning.File, warning.Line, warning.Message))
	}
	if people {
		a.printPeopleChanges(p, everybody)
	}
}

func heads(p httpapi.PolicyPreview) string {
	named := func(number int, otherwise string) string {
		if number == 0 {
			return otherwise
		}
		return fmt.Sprintf("version %d", number)
	}
	if p.From == 0 && p.Base == 0 {
		return "The first policy:"
	}
	return fmt.Sprintf("What differs in %s from %s:", named(p.To, "the file"), named(p.From, "the other file"))
}

// printActivated tells lifecycle workflows, which count from now on, from account
// lines, which ask.
func (a *app) printActivated(names []string) {
	for _, name := range names {
		if line, account := strings.CutPrefix(name, lifecycle.AccountPrefix); account {
			a.out.line("  asks before it runs where it is due at once: %s of the account in %s", after(line), before(line))
		} else {
			a.out.line("  counts from now on: %s", name)
		}
	}
}

func before(line string) string { target, _, _ := strings.Cut(line, "/"); return target }

func after(line string) string { _, verb, _ := strings.Cut(line, "/"); return verb }

// changeGroup is one kind of change of one line of the policy.
type changeGroup struct {
	change, what string
	asks         int
	rows         [][]string
	people       map[httpapi.PersonID]bool
}

func (a *app) printPeopleChanges(p httpapi.PolicyPreview, everybody bool) {
	groups := changeGroups(p.People)
	a.out.line("")
	a.out.line("%s looked at; lines change for %d of them.", count(p.Looked, "person", "people"), len(p.People))
	t := newTable("CHANGE", "LINE", "PEOPLE", "")
	for _, group := range groups {
		asks := ""
		if group.asks > 0 {
			asks = "asks first"
		}
		t.add(group.change, group.what, number(len(group.people)), asks)
	}
	t.print(a.out, "")
	for _, group := range groups {
		a.out.line("")
		a.out.line("%s: %s", group.change, group.what)
		rows := group.rows
		if !everybody {
			rows = rows[:min(peopleShown, len(rows))]
		}
		t := newTable()
		for _, row := range rows {
			t.add(row...)
		}
		t.print(a.out, "  ")
		if more := len(group.rows) - len(rows); more > 0 {
			a.out.line("  and %d more: --people lists all", more)
		}
	}
	a.printUnread(p.Unread)
}

// printUnread names those of whom nothing can be said.
func (a *app) printUnread(unread []httpapi.UnreadPerson) {
	if len(unread) == 0 {
		return
	}
	a.out.line("")
	a.out.line("Nothing can be said of %s:", count(len(unread), "person", "people"))
	t := newTable()
	for _, one := range unread {
		t.add(showID(one.PersonID), one.Reason)
	}
	t.print(a.out, "  ")
}

// changeGroups puts together what is the same change of the same line.
func changeGroups(people []httpapi.PersonChanges) []*changeGroup {
	var out []*changeGroup
	index := map[[2]string]*changeGroup{}
	for _, person := range people {
		for _, line := range person.Lines {
			key := [2]string{line.Change, line.Workflow + ": " + line.Task}
			if line.Deletes != "" {
				key[1] += ", deletes the account in " + line.Deletes
			}
			group, found := index[key]
			if !found {
				group = &changeGroup{change: key[0], what: key[1], people: map[httpapi.PersonID]bool{}}
				index[key], out = group, append(out, group)
			}
			if line.Asks {
				group.asks++
			}
			group.people[person.PersonID] = true
			group.rows = append(group.rows, []string{showID(person.PersonID), person.DisplayName, changeWords(line)})
		}
	}
	order := []string{"newly due", "now deletes", "now asks", "added", "moved", "dropped"}
	slices.SortStableFunc(out, func(a, b *changeGroup) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.change), slices.Index(order, b.change)), cmp.Compare(a.what, b.what))
	})
	return out
}

func changeWords(line httpapi.LineChange) string {
	at := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return or(showLocal(*t, line.Zone), showUTC(*t))
	}
	words := at(line.NewDue)
	switch {
	case line.NewDue == nil:
		words = "was " + at(line.OldDue)
	case line.OldDue != nil:
		words += ", was " + at(line.OldDue)
	}
	if line.Asks {
		words += "; asks first"
	}
	return words
}
