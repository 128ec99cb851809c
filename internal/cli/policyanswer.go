package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tenure/internal/httpapi"
)

func (a *app) policyPendingCommand() *cobra.Command {
	return leaf("pending", "List the lines that ask since the policy made them due",
		`List every account line that waits for an answer because a change of the policy made it
due at once. tenure policy approve and skip answer many, tenure journey approve ID and
skip ID one. Journeys plan again one after the other after an apply: while they do, the
list grows.`,
		`  tenure policy pending`,
		func(c *cobra.Command, _ []string) error {
			questions, err := a.policyQuestions(c.Context())
			if err != nil {
				return err
			}
			if a.wantsJSON() {
				return a.json(questions)
			}
			a.printPending(questions)
			return nil
		})
}

// policyQuestions reads all pages.
func (a *app) policyQuestions(ctx context.Context) (httpapi.PolicyQuestions, error) {
	whole := httpapi.PolicyQuestions{Lines: []httpapi.PolicyQuestion{}, Unread: []httpapi.UnreadPerson{}}
	api, err := a.client()
	if err != nil {
		return whole, err
	}
	query := url.Values{}
	for {
		var page httpapi.PolicyQuestions
		if _, err := api.do(ctx, call{method: http.MethodGet, path: "/v1/policy/questions", query: query, within: longWithin}, &page); err != nil {
			return whole, err
		}
		whole.Lines, whole.Unread = append(whole.Lines, page.Lines...), append(whole.Unread, page.Unread...)
		if page.Next == "" {
			return whole, nil
		}
		query.Set("cursor", page.Next)
	}
}

func (a *app) printPending(questions httpapi.PolicyQuestions) {
	if len(questions.Lines) == 0 {
		a.out.line("Nothing asks.")
	} else {
		t := newTable("ID", "NAME", "LINE", "DUE")
		for _, q := range questions.Lines {
			t.add(showID(q.PersonID), q.DisplayName, q.Workflow+": "+q.Task, or(showLocal(q.Due, q.Zone), showUTC(q.Due)))
		}
		t.print(a.out, "")
	}
	a.printUnread(questions.Unread)
}

// answerFlags are those of the commands that answer many questions.
type answerFlags struct {
	decisionFlags
	except       []string
	line, expect string
	yes          bool
}

func (a *app) policyAnswerCommand(answer, short, long string) *cobra.Command {
	var f answerFlags
	command := leaf(answer, short,
		long+`

It lists whom it answers for, and asks. Only those are answered that are listed: who
begins to ask meanwhile goes on asking. Without a terminal it needs --yes and --expect
with what it printed.`,
		`  tenure policy `+answer+` --reason 'agreed with HR'
  tenure policy `+answer+` --line 'account:entra: delete' --except 1001 --reason 'agreed with HR'`,
		func(c *cobra.Command, _ []string) error { return a.answerPolicy(c, answer, f) })
	f.add(command)
	command.Flags().StringArrayVar(&f.except, "except", nil, "leave out the person with this `ID`; may be repeated")
	command.Flags().StringVar(&f.line, "line", "", "only this `line`, as tenure policy pending shows it")
	command.Flags().BoolVar(&f.yes, "yes", false, "do not ask; needs --expect")
	command.Flags().StringVar(&f.expect, "expect", "", "`what` was printed before: refused where others ask now")
	return command
}

func (a *app) policyApproveCommand() *cobra.Command {
	return a.policyAnswerCommand("approve", "Let the lines run that ask since the policy made them due",
		`Approve many lines that ask since the policy made them due. They are done as if each
was approved by tenure journey approve; the budgets of the target count as ever.`)
}

func (a *app) policySkipCommand() *cobra.Command {
	return a.policyAnswerCommand("skip", "Leave the lines out that ask since the policy made them due",
		`Skip many lines that ask since the policy made them due: they are left out for this
stay, as tenure journey skip does.`)
}

func (a *app) answerPolicy(c *cobra.Command, answer string, f answerFlags) error {
	decision, err := a.decision(f.decisionFlags)
	if err != nil {
		return err
	}
	if f.yes && f.expect == "" {
		return usage("--yes needs --expect: run it without --yes first")
	}
	questions, err := a.policyQuestions(c.Context())
	if err != nil {
		return err
	}
	if questions.Lines, err = f.chosen(questions.Lines); err != nil {
		return err
	}
	if len(questions.Lines) == 0 {
		a.out.line("Nothing asks.")
		return nil
	}
	expect := frozen(questions.Lines)
	if f.expect != "" && f.expect != expect {
		return fmt.Errorf("others ask now than when %s was printed: look at them again; it is %s now", f.expect, expect)
	}
	if !f.yes {
		a.onErrs(func() { a.printPending(questions) })
		if err := a.confirm(c, answer+" "+count(len(questions.Lines), "line", "lines")+"?", "when this is what you want, run it again with --yes --expect "+expect); err != nil {
			return err
		}
	}
	return a.sendAnswers(c.Context(), httpapi.PolicyAnswers{Decision: decision, ID: newOverrideID(), Answer: answer}, questions.Lines)
}

// chosen are the lines that the flags leave. An exception that names nobody is a
// slip that would answer for somebody.
func (f answerFlags) chosen(lines []httpapi.PolicyQuestion) ([]httpapi.PolicyQuestion, error) {
	for _, text := range f.except {
		id, err := parseID(text)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(lines, func(q httpapi.PolicyQuestion) bool { return q.PersonID == id }) {
			return nil, usage("--except %s: nothing asks about this person", text)
		}
		lines = slices.DeleteFunc(lines, func(q httpapi.PolicyQuestion) bool { return q.PersonID == id })
	}
	return slices.DeleteFunc(lines, func(q httpapi.PolicyQuestion) bool { return f.line != "" && f.line != q.Workflow+": "+q.Task }), nil
}

// frozen tells one list of lines from another.
func frozen(lines []httpapi.PolicyQuestion) string {
	keys := make([]string, 0, len(lines))
	for _, q := range lines {
		keys = append(keys, q.Realm+"\n"+q.Key+"\n"+q.Line)
	}
	slices.Sort(keys)
	sum := sha256.Sum256([]byte(strings.Join(keys, "\n\n")))
	return fmt.Sprintf("%d-%s", len(lines), hex.EncodeToString(sum[:])[:hashShown])
}

// answersAtOnce is how many lines one request answers.
const answersAtOnce = 100

func (a *app) sendAnswers(ctx context.Context, answers httpapi.PolicyAnswers, lines []httpapi.PolicyQuestion) error {
	api, err := a.client()
	if err != nil {
		return err
	}
	bar := a.progress("answering", len(lines))
	defer bar.end()
	done := []httpapi.PolicyAnswered{}
	for page := range slices.Chunk(lines, answersAtOnce) {
		answers.Lines = nil
		for _, q := range page {
			answers.Lines = append(answers.Lines, httpapi.AnsweredPerson{PersonID: q.PersonID, Line: q.Line})
		}
		var answered []httpapi.PolicyAnswered
		answered, err = post[[]httpapi.PolicyAnswered](ctx, api, "/v1/policy/answers", answers, call{within: longWithin})
		if err != nil {
			break
		}
		done = append(done, answered...)
		bar.to(len(done))
	}
	told := a.printAnswered(done)
	if err != nil {
		return err
	}
	return told
}

// printAnswered says what is in force, which stays so where a later page failed.
func (a *app) printAnswered(done []httpapi.PolicyAnswered) error {
	failed := slices.DeleteFunc(slices.Clone(done), func(one httpapi.PolicyAnswered) bool { return one.Problem == "" })
	if a.wantsJSON() {
		if err := a.json(done); err != nil {
			return err
		}
	} else {
		a.out.line("%s answered.", count(len(done)-len(failed), "line", "lines"))
	}
	for _, one := range failed {
		a.errs.line("%s %s: %s", showID(one.PersonID), quoted(one.Line), one.Problem)
	}
	if len(failed) > 0 {
		return &findings{"not all were answered"}
	}
	return nil
}
