package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tenure/internal/directory"
	"tenure/internal/lifecycle"
	"tenure/internal/notify"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// lastCall is how long before its validity a pass stops waiting for a recipient
// and goes to the fallback address.
const lastCall = 24 * time.Hour

// IssueAccessPass issues a temporary access pass, or the initial password of a
// domain, and delivers it, in one activity: the secret is never returned or stored.
// Already done is a task whose effect is closed, or a pass that is there and whose
// mail is known to have been sent; where a retry cannot know whether an earlier mail
// arrived, it deletes the old pass and sends a new one that says so (S6). The task
// that withdraws a pass comes here too: already done is an account without it.
func (t *Tasks) IssueAccessPass(ctx context.Context, in TaskInput) (TaskResult, error) {
	return t.run(ctx, in, nil, func(ctx context.Context, j *job, task plan.Task) (string, error) {
		if task.Verb == plan.WithdrawPass {
			return j.withdrawPasses(ctx)
		}
		defined, err := j.definition(task)
		if err != nil {
			return "", err
		}
		if defined.Pass == nil || task.Pass == nil || j.target.Passes == nil {
			return "", fail(CodePolicy, fmt.Sprintf("target %q issues no passes", j.rules.Name))
		}
		request := j.passRequest(*task.Pass, *defined.Pass)
		if !request.Start.Add(request.Lifetime).After(j.Now) {
			return CodePassExpired, nil
		}
		if _, err := j.mustFind(ctx); err != nil {
			return "", err
		}
		if err := j.checkSignIn(ctx); err != nil {
			return "", err
		}
		return j.issue(ctx, task, defined, request)
	})
}

// passRequest makes the validity: relative to the stay's date, as the plan says,
// and from now on where that has begun.
func (j *job) passRequest(terms plan.PassTerms, rule lifecycle.PassRule) directory.PassRequest {
	request := directory.PassRequest{Start: terms.Start, Lifetime: terms.Expires.Sub(terms.Start), Once: rule.Once}
	if request.Start.Before(j.Now) {
		request.Start = j.Now
	}
	return request
}

// checkSignIn refuses a pass for somebody who can sign in already.
func (j *job) checkSignIn(ctx context.Context) error {
	if j.Approved {
		return nil
	}
	facts, err := j.target.Passes.SignInFacts(ctx, j.live.ID)
	if err != nil {
		return fmt.Errorf("read sign-in facts: %w", err)
	}
	switch {
	case facts.HasRole:
		return failForHuman(CodePassRefused, "the account holds a role: retry issues the pass all the same")
	case facts.SignedIn:
		return failForHuman(CodePassRefused, "the account has signed in already: retry issues the pass all the same")
	case facts.OtherMethods > 0:
		return failForHuman(CodePassRefused, "the account has another sign-in method: retry issues the pass all the same")
	default:
		return nil
	}
}

// issue makes the pass and mails it. Whatever ends in between leaves either no
// pass or one that the next attempt replaces.
func (j *job) issue(ctx context.Context, task plan.Task, defined lifecycle.Task, request directory.PassRequest) (string, error) {
	to, fallback, err := j.passRecipient(ctx, task, defined, request)
	if err != nil {
		return "", err
	}
	mailer, err := j.deps.Mail(ctx, j.policy.Policy)
	if err != nil {
		return "", fmt.Errorf("open mail: %w", err)
	}
	values, err := j.values(ctx, task, to)
	if err != nil {
		return "", err
	}
	if code, done, err := j.delivered(ctx, task, request); done || err != nil {
		return code, err
	}
	if err := j.deletePasses(ctx); err != nil {
		return "", err
	}
	pass, secret, err := j.target.Passes.IssuePass(ctx, j.live.ID, request)
	if err != nil {
		return "", fmt.Errorf("issue pass: %w", err)
	}
	words := wordsOf(defined.Kind)
	template := words.template
	if fallback {
		template = words.fallback
		values[notify.TokenFallbackReason] = notify.Text("the recipient could not be reached")
	}
	values[words.secret] = notify.Text(secret.Reveal())
	values[words.start] = notify.Instant(request.Start.In(j.zone))
	values[words.end] = notify.Instant(request.Start.Add(request.Lifetime).In(j.zone))
	// Each pass is a mail of its own: its ID follows from the pass.
	key := j.effectKey(task) + "/" + pass.ID
	message, err := j.message(mailer, key, template, defined.Locale, to, values)
	if err == nil {
		err = j.deliver(ctx, mailer.Sender, key, template, message)
	}
	if err != nil {
		return "", j.takeBack(ctx, pass, err)
	}
	j.account.Passes = []plan.Pass{j.issued(task, pass, request)}
	if fallback {
		return toFallback, nil
	}
	return "", nil
}

// passWords are what the mails of a kind of pass are made of.
type passWords struct {
	template, fallback string
	secret, start, end string
}

func wordsOf(kind lifecycle.TaskKind) passWords {
	if kind == lifecycle.GenerateInitialPassword {
		return passWords{
			notify.GenerateInitialPassword, notify.GenerateInitialPasswordFallback,
			notify.TokenPassword, notify.TokenPasswordStart, notify.TokenPasswordEnd,
		}
	}
	return passWords{
		notify.GenerateTemporaryAccessPass, notify.GenerateTemporaryAccessPassFallback,
		notify.TokenPass, notify.TokenPassStart, notify.TokenPassEnd,
	}
}

// delivered finds the pass of an earlier attempt whose mail is known to have been
// sent: only the record of the task is missing, and another pass would be one too
// many.
func (j *job) delivered(ctx context.Context, task plan.Task, request directory.PassRequest) (code string, done bool, err error) {
	if !j.retried {
		return "", false, nil
	}
	passes, err := j.target.Passes.Passes(ctx, j.live.ID)
	if err != nil {
		return "", false, fmt.Errorf("list passes: %w", err)
	}
	for _, pass := range passes {
		delivery, err := j.deps.Store.Delivery(ctx, j.effectKey(task)+"/"+pass.ID)
		switch {
		case errors.Is(err, store.ErrNotFound):
			continue
		case err != nil:
			return "", false, fmt.Errorf("look for the mail of a pass: %w", err)
		case delivery.State != store.DeliverySent:
			continue
		}
		if pass.Lifetime > 0 { // else the target does not keep it
			request.Start, request.Lifetime = pass.Start, pass.Lifetime
		}
		j.account.Passes = []plan.Pass{j.issued(task, pass, request)}
		if delivery.Template == wordsOf(lifecycle.TaskKind(task.Verb)).fallback {
			code = toFallback
		}
		return code, true, nil
	}
	return "", false, nil
}

// toFallback says of a mail or a pass that it went to the fallback address.
const toFallback = "to fallback"

// takeBack deletes a pass whose mail did not surely arrive; the next attempt
// issues a new one.
func (j *job) takeBack(ctx context.Context, pass directory.Pass, cause error) error {
	ctx = context.WithoutCancel(ctx)
	if err := j.target.Passes.DeletePass(ctx, j.live.ID, pass.ID); err != nil {
		return fmt.Errorf("delete pass that was not delivered: %w", err)
	}
	outcome := outcomeOf("", cause)
	if outcome.Code == CodeDeliveryUnknown {
		return failForNow(CodeDeliveryUnknown, "the mail with the pass may not have arrived: the pass is void, a new one follows")
	}
	return cause
}

func (j *job) issued(task plan.Task, pass directory.Pass, request directory.PassRequest) plan.Pass {
	return plan.Pass{
		ID: pass.ID, TaskKey: task.Key, Start: request.Start, Expires: request.Start.Add(request.Lifetime),
		StartDate: task.Pass.StartDate, Manager: task.Pass.Manager,
	}
}

// passRecipient reads the recipient at sending: active in HR, enabled in the
// target, and never the person. It waits for one, then falls back.
func (j *job) passRecipient(ctx context.Context, task plan.Task, defined lifecycle.Task, request directory.PassRequest) (party, bool, error) {
	if defined.To.Kind == "fixed" {
		return party{address: defined.To.Address}, false, nil
	}
	manager, err := j.manager(ctx, j.view(task))
	if err != nil {
		return party{}, false, err
	}
	if manager != nil && manager.active && manager.account != nil && manager.account.Enabled && manager.address != "" {
		return *manager, false, nil
	}
	if address := j.policy.Notifications.Fallback; address != "" && task.Attempt >= recipientTries && !j.Now.Before(request.Start.Add(-lastCall)) {
		return party{address: address}, true, nil
	}
	return party{}, false, failForNow(CodeNoRecipient, "no active manager with an enabled account can receive the pass yet")
}

// withdrawPasses deletes the passes whose reason is gone.
func (j *job) withdrawPasses(ctx context.Context) (string, error) {
	live, err := j.find(ctx)
	if err != nil {
		return "", err
	}
	if live == nil {
		j.account.Passes = nil
		return CodeNoAccount, nil
	}
	if err := j.link(ctx, *live); err != nil {
		return "", err
	}
	if j.target.Passes == nil {
		j.account.Passes = nil
		return "", nil
	}
	for _, pass := range j.account.Passes {
		if err := j.target.Passes.DeletePass(ctx, live.ID, pass.ID); err != nil {
			return "", fmt.Errorf("delete pass: %w", err)
		}
	}
	j.account.Passes = nil
	return "", nil
}
