package starter

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"sync"

	"tenure/internal/httpapi"
	"tenure/internal/plan"
	"tenure/internal/store"
	"tenure/workflows/contract"
)

// atOnce does something for each of n, a few at a time, and waits for all.
func atOnce(n int, do func(i int)) {
	var work sync.WaitGroup
	free := make(chan struct{}, previewsAtOnce)
	for i := range n {
		free <- struct{}{}
		work.Go(func() {
			defer func() { <-free }()
			do(i)
		})
	}
	work.Wait()
}

// PolicyQuestions implements [httpapi.Journeys].
func (s *service) PolicyQuestions(ctx context.Context, cursor string, limit int) (httpapi.PolicyQuestions, error) {
	rows, next, err := s.db.People(ctx, store.PeopleFilter{Attention: true, Limit: cmp.Or(limit, previewPage), Cursor: cursor})
	if err != nil {
		return httpapi.PolicyQuestions{}, fromStore(err, "page")
	}
	rows = slices.DeleteFunc(rows, func(row store.PersonRow) bool { return !slices.Contains(row.Attention, plan.AttentionPolicyChange) })
	found := make([]*chronicle, len(rows))
	atOnce(len(rows), func(i int) {
		c, err := s.chronicle(ctx, httpapi.PersonID{Realm: rows[i].Realm, Key: rows[i].Key})
		if err == nil && c.live {
			found[i] = c
		}
	})
	if err := ctx.Err(); err != nil {
		return httpapi.PolicyQuestions{}, err
	}
	out := httpapi.PolicyQuestions{Next: next}
	for i, row := range rows {
		id := httpapi.PersonID{Realm: row.Realm, Key: row.Key}
		if found[i] == nil {
			out.Unread = append(out.Unread, httpapi.UnreadPerson{PersonID: id, Reason: "the journey did not answer"})
			continue
		}
		for _, line := range found[i].lines {
			if asksPolicy(line) {
				out.Lines = append(out.Lines, httpapi.PolicyQuestion{
					PersonID: id, DisplayName: row.DisplayName, Line: line.Key, Workflow: line.Workflow, Task: line.Task, Due: line.Due.UTC(), Zone: line.Zone,
				})
			}
		}
	}
	return out, nil
}

func asksPolicy(line plan.Line) bool {
	return line.State == plan.Asks && line.Code == plan.AttentionPolicyChange
}

// AnswerPolicyQuestions implements [httpapi.Journeys]. Each answer is an override
// of that person, and only on a line that still asks: who is not named, or was
// answered otherwise meanwhile, is left alone.
func (s *service) AnswerPolicyQuestions(ctx context.Context, answers httpapi.PolicyAnswers) ([]httpapi.PolicyAnswered, error) {
	out := make([]httpapi.PolicyAnswered, len(answers.Lines))
	atOnce(len(answers.Lines), func(i int) {
		one := answers.Lines[i]
		out[i].AnsweredPerson = one
		if err := s.answerPolicyQuestion(ctx, answers, one); err != nil {
			out[i].Problem = "the answer could not be delivered"
			if problem, ok := errors.AsType[*httpapi.Problem](err); ok {
				out[i].Problem = cmp.Or(problem.Detail, problem.Title)
			}
		}
	})
	return out, ctx.Err()
}

func (s *service) answerPolicyQuestion(ctx context.Context, answers httpapi.PolicyAnswers, one httpapi.AnsweredPerson) error {
	c, err := s.chronicle(ctx, one.PersonID)
	if err != nil {
		return err
	}
	if !c.live {
		return httpapi.NewProblem(httpapi.KindUnavailable, nil, "no worker answers for this journey: nothing was sent")
	}
	sum := sha256.Sum256([]byte(answers.ID + "\n" + one.Realm + "\n" + one.Key + "\n" + one.Line))
	override := contract.Override{ID: "answer-" + hex.EncodeToString(sum[:16]), Actor: answers.Actor, Reason: answers.Reason, Key: one.Line}
	sent := slices.ContainsFunc(overridesOf(c.view.Facts.Overrides), func(o httpapi.InForce) bool { return o.ID == override.ID })
	asks := slices.ContainsFunc(c.lines, func(line plan.Line) bool { return line.Key == one.Line && asksPolicy(line) })
	if !asks && !sent {
		return httpapi.NewProblem(httpapi.KindConflict, nil, "this line does not ask any more")
	}
	kind := contract.Approve
	if answers.Answer == string(contract.Skip) {
		kind = contract.Skip
	}
	if _, err = s.engine.update(ctx, c.id, kind, override); err != nil {
		return err
	}
	s.log.InfoContext(ctx, "policy question answered", "kind", kind, "realm", c.id.Realm, "person", c.id.Key, "actor", answers.Actor, "id", override.ID)
	return nil
}
