package httpapi

import (
	"net/http"
	"time"
)

// PolicyQuestions is a page of the lines that wait for an answer since the policy
// made them due.
type PolicyQuestions struct {
	Lines  []PolicyQuestion `json:"lines"`
	Unread []UnreadPerson   `json:"unread"`
	Next   string           `json:"next,omitempty"`
}

// PolicyQuestion is one such line.
type PolicyQuestion struct {
	PersonID
	DisplayName string    `json:"displayName"`
	Line        string    `json:"line"`
	Workflow    string    `json:"workflow"`
	Task        string    `json:"task"`
	Due         time.Time `json:"due"`
	Zone        string    `json:"zone,omitempty"`
}

// PolicyAnswers answer many questions alike: those that are named, and no others.
type PolicyAnswers struct {
	Decision
	// ID makes the same answers sent twice count once.
	ID string `json:"id"`
	// Answer is approve or skip.
	Answer string           `json:"answer"`
	Lines  []AnsweredPerson `json:"lines"`
}

// AnsweredPerson names one line of a person.
type AnsweredPerson struct {
	PersonID
	Line string `json:"line"`
}

// PolicyAnswered says what became of an answer: Problem is "" where it is in force.
type PolicyAnswered struct {
	AnsweredPerson
	Problem string `json:"problem,omitempty"`
}

// maxAnswers is how many lines one request answers.
const maxAnswers = 200

func (a *API) policyQuestions(w http.ResponseWriter, r *http.Request) error {
	values, err := query(r, paramLimit, paramCursor)
	if err != nil {
		return err
	}
	limit, err := pageLimit(values, maxPreviewPage)
	if err := firstOf(err, text(paramCursor, values.Get(paramCursor), maxText, false)); err != nil {
		return err
	}
	questions, err := a.journeys.PolicyQuestions(r.Context(), values.Get(paramCursor), limit)
	if err != nil {
		return err
	}
	questions.Lines, questions.Unread = list(questions.Lines), list(questions.Unread)
	return answer(w, http.StatusOK, questions)
}

func (a *API) answerPolicyQuestions(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	var answers PolicyAnswers
	if err := decodeUpTo(w, r, &answers, MaxPolicyBytes); err != nil {
		return err
	}
	decision, err := answers.by(r)
	if err != nil {
		return err
	}
	answers.Decision = decision
	switch {
	case answers.Answer != "approve" && answers.Answer != "skip":
		return NewProblem(KindInvalid, nil, "answer is %q: want approve or skip", shorten(answers.Answer))
	case len(answers.Lines) == 0 || len(answers.Lines) > maxAnswers:
		return NewProblem(KindInvalid, nil, "there are %d lines: want 1 to %d", len(answers.Lines), maxAnswers)
	}
	if err := text(paramID, answers.ID, maxName, true); err != nil {
		return err
	}
	for _, line := range answers.Lines {
		if err := firstOf(line.check(), text("line", line.Line, maxText, true)); err != nil {
			return err
		}
	}
	answered, err := a.journeys.AnswerPolicyQuestions(r.Context(), answers)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, list(answered))
}
