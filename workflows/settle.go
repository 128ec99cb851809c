package workflows

import (
	"slices"
	"strings"
	"time"

	"tenure/activities"
	"tenure/internal/plan"
)

// settle folds the result of a batch into the state. It is pure.
func settle(s *State, batch plan.Batch, result activities.TaskResult, now time.Time) {
	if result.Account != nil {
		putAccount(&s.Facts, *result.Account)
	}
	if result.Told != nil {
		s.putTold(*result.Told)
	}
	if looksForManager(batch, result) {
		s.lower(func(a plan.Attention) bool { return slices.Contains(activities.LookAttention(), a.Code) })
	}
	for _, attention := range result.Attention {
		s.raise(attention)
	}
	for i, task := range batch.Tasks {
		if i >= len(result.Outcomes) {
			return
		}
		settleTask(s, batch, task, result.Outcomes[i], now)
	}
}

// looksForManager reports whether the batch has just read what HR says of the
// manager: what was said of an earlier statement is over.
func looksForManager(batch plan.Batch, result activities.TaskResult) bool {
	for i, task := range batch.Tasks {
		reads := task.Verb == plan.Create || task.Verb == plan.Update || task.Verb == plan.Enable
		if reads && i < len(result.Outcomes) && result.Outcomes[i].Status == activities.Done {
			return true
		}
	}
	return false
}

// looked notes that the account was looked at by a batch that began at an
// instant: a wish that came later is not met by it.
func looked(facts *plan.Facts, batch plan.Batch, result activities.TaskResult, began, now time.Time) {
	saw := false
	for i, task := range batch.Tasks {
		looks := task.Verb == plan.Create || task.Verb == plan.Update || task.Verb == plan.Enable || task.Verb == plan.Cut || task.Verb == plan.Delete
		saw = saw || looks && i < len(result.Outcomes) && result.Outcomes[i].Status == activities.Done
	}
	for i := range facts.Overrides.Checks {
		check := &facts.Overrides.Checks[i]
		if saw && check.Target == batch.Target && check.Looked.IsZero() && !began.Before(check.At) {
			check.Looked = now
		}
	}
}

func settleTask(s *State, batch plan.Batch, task plan.Task, outcome activities.TaskOutcome, now time.Time) {
	switch outcome.Status {
	case activities.Done:
		unpark(&s.Facts, task.Key)
		if activities.IsUnchanged(task, outcome) {
			forget(&s.Facts, task.Key)
			return
		}
		s.Facts.Done = append(s.Facts.Done, plan.Done{Key: task.Key, At: now, Outcome: plan.OutcomeDone, Code: outcome.Code, Shut: task.Verb == plan.Create && !task.Enabled})
		if strings.HasPrefix(task.Workflow, plan.AccountWorkflow) {
			countOperation(&s.Facts, batch.Target)
		}
		forget(&s.Facts, task.Key)
		linked(&s.Facts, batch.Target, task)
		s.lower(func(a plan.Attention) bool { return a.Code == activities.AttentionTaskFailed && a.Key == task.Key })
	case activities.Failed:
		if givesUp(batch, task, outcome) {
			unpark(&s.Facts, task.Key)
			s.Facts.Done = append(s.Facts.Done, plan.Done{Key: task.Key, At: now, Outcome: plan.OutcomeFailed, Code: outcome.Code})
			s.noteFailure(task, activities.NoteFailed, outcome.Code, now)
			s.raise(plan.Attention{
				Code: activities.AttentionTaskFailed, Key: task.Key,
				Text: "could not be done (" + outcome.Code + ") and the run went on: run it now, or approve to acknowledge it",
			})
			return
		}
		if before, found := parkedOf(&s.Facts, task.Key); !found || before.Code != outcome.Code {
			s.noteFailure(task, activities.NoteParked, outcome.Code, now)
		}
		park(&s.Facts, batch, task, outcome, now)
	case activities.NotStarted:
	}
}

// interrupted remembers that a call which was cancelled may have been made: a
// later plan looks before it believes that nothing happened.
func interrupted(facts *plan.Facts, batch plan.Batch, result activities.TaskResult, now time.Time) {
	for i, task := range batch.Tasks {
		if i >= len(result.Outcomes) || result.Outcomes[i].Status == activities.Failed {
			return
		}
		if result.Outcomes[i].Status != activities.NotStarted {
			continue
		}
		switch task.Verb {
		case plan.Create, plan.Enable, plan.Delete:
			park(facts, batch, task, activities.TaskOutcome{Code: activities.CodeCancelled, Retryable: true}, now)
			facts.Parked[len(facts.Parked)-1].Retry = now
		default:
		}
		return
	}
}

// linked drops what a line that found or made an account has answered: the
// order of a human, and the questions about accounts that may be the person's.
func linked(facts *plan.Facts, target string, task plan.Task) {
	if task.Verb != plan.Link && task.Verb != plan.Unlink && task.Verb != plan.Create {
		return
	}
	if task.Verb != plan.Create {
		facts.Overrides.Links = slices.DeleteFunc(facts.Overrides.Links, func(o plan.LinkOverride) bool {
			return o.Target == target && o.ObjectID == task.ObjectID
		})
	}
	facts.Parked = slices.DeleteFunc(facts.Parked, func(parked plan.Parked) bool {
		key, err := plan.ParseKey(parked.Key)
		looks := key.Task == string(plan.Link) || key.Task == string(plan.Create)
		return err == nil && looks && key.Workflow == plan.AccountWorkflow+target && plan.AsksWhenParked(parked.Code)
	})
}

// confirm counts an enable as done that was tried without an answer, when another
// task has seen the account enabled: no plan asks for it any more, and it would
// stay parked for good.
func confirm(facts *plan.Facts, seen plan.Account, running []string, now time.Time) {
	if seen.State != plan.AccountEnabled {
		return
	}
	for _, parked := range slices.Clone(facts.Parked) {
		key, err := plan.ParseKey(parked.Key)
		mine := err == nil && key.Workflow == plan.AccountWorkflow+seen.Target && key.Task == string(plan.Enable)
		if !mine || parked.Attempts == 0 || plan.AsksWhenParked(parked.Code) || slices.Contains(running, parked.Key) {
			continue
		}
		unpark(facts, parked.Key)
		facts.Done = append(facts.Done, plan.Done{Key: parked.Key, At: now, Outcome: plan.OutcomeDone})
		countOperation(facts, seen.Target)
		forget(facts, parked.Key)
	}
}

// givesUp reports whether a task that failed for good is let go. Only what is
// told is: access that could not be given or taken away is tried until it is so
// or a human skips it, while the run goes on.
func givesUp(batch plan.Batch, task plan.Task, outcome activities.TaskOutcome) bool {
	tells := batch.Activity == plan.ActivityMail || batch.Activity == plan.ActivityExtension
	return tells && task.Continue && !outcome.Retryable && !outcome.Human
}

// noteFailure tells the ledger what could not be done.
func (s *State) noteFailure(task plan.Task, outcome, code string, now time.Time) {
	s.note(activities.Note{
		At: now, Kind: activities.NotePlan, Actor: "policy", Reason: code, Outcome: outcome, Task: task.Key,
	})
}

// parkedOf finds the parking of a task: for an account line that under another number
// too, since another operation of the account may have been done in between.
func parkedOf(facts *plan.Facts, key string) (plan.Parked, bool) {
	for _, parked := range facts.Parked {
		if plan.SameLine(parked.Key, key) {
			return parked, true
		}
	}
	return plan.Parked{}, false
}

// park keeps a failed task for its retry instant.
func park(facts *plan.Facts, batch plan.Batch, task plan.Task, outcome activities.TaskOutcome, now time.Time) {
	parked := plan.Parked{Key: task.Key, Since: now}
	if before, found := parkedOf(facts, task.Key); found {
		parked = before
		parked.Key = task.Key
	}
	unpark(facts, task.Key)
	braked := activities.IsBraked(outcome.Code)
	if !braked {
		parked.Attempts++ // what was stopped before it began was not tried
	}
	switch {
	case braked && isAnswered(facts, parked):
		// The answer stands until the line may go on.
	case !braked && (outcome.Human || plan.AsksWhenParked(outcome.Code)):
		parked.Asked = now
	default:
		parked.Asked = time.Time{}
	}
	parked.Tried = now
	parked.Code, parked.Detail = outcome.Code, outcome.Detail
	parked.Retry = now.Add(max(backoff(parked.Attempts, batch.Urgent, task.Verb, outcome), outcome.After))
	if outcome.Human {
		parked.Retry = time.Time{}
	}
	facts.Parked = append(facts.Parked, parked)
	// What a human agreed to was this attempt, not the next one; what a brake
	// stopped was none.
	if !braked {
		facts.Overrides.Approved = withoutKey(facts.Overrides.Approved, task.Key)
	}
}

// backoff is the slow retry: after the fast one inside an activity has given
// up. Cutting access is never tried less often than every five minutes; who is
// missing may come seconds later with the same file.
func backoff(attempts int, urgent bool, verb plan.Verb, outcome activities.TaskOutcome) time.Duration {
	steps := []time.Duration{5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, time.Hour, time.Hour, 6 * time.Hour}
	switch {
	case outcome.Code == activities.CodePaused:
		return pausedRetry
	case outcome.Code == activities.CodeProtected:
		steps = []time.Duration{15 * time.Minute, time.Hour}
	case outcome.Code == activities.CodeNoCounterpart:
		steps = []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour}
	case urgent:
		steps = []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute}
	case outcome.Code == activities.CodeSynced && (verb == plan.Enable || verb == plan.Delete):
		steps = []time.Duration{15 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, time.Hour, 6 * time.Hour, 24 * time.Hour}
	case outcome.Code == activities.CodeNoRecipient:
		steps = append([]time.Duration{10 * time.Second, time.Minute}, steps...)
	case plan.AsksWhenParked(outcome.Code):
		steps = []time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}
	case !outcome.Retryable:
		steps = []time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour}
	}
	return steps[min(max(attempts, 1), len(steps))-1]
}

// pausedRetry is how often a paused target is asked again, should nobody be told
// that it was resumed.
const pausedRetry = 5 * time.Minute

func unpark(facts *plan.Facts, key string) {
	facts.Parked = slices.DeleteFunc(facts.Parked, func(p plan.Parked) bool { return plan.SameLine(p.Key, key) })
}

// forget drops overrides that a finished task has used up.
func forget(facts *plan.Facts, key string) {
	facts.Overrides.RunNow = withoutKey(facts.Overrides.RunNow, key)
	facts.Overrides.Approved = withoutKey(facts.Overrides.Approved, key)
	facts.Overrides.Postponed = slices.DeleteFunc(facts.Overrides.Postponed, func(p plan.Postponed) bool { return p.Key == key })
}

func putAccount(facts *plan.Facts, account plan.Account) {
	for i := range facts.Accounts {
		if facts.Accounts[i].Target == account.Target {
			facts.Accounts[i] = account
			return
		}
	}
	facts.Accounts = append(facts.Accounts, account)
}

func countOperation(facts *plan.Facts, target string) {
	for i := range facts.Accounts {
		if facts.Accounts[i].Target == target {
			facts.Accounts[i].Operations++
			return
		}
	}
	facts.Accounts = append(facts.Accounts, plan.Account{Target: target, State: plan.AccountNone, Operations: 1})
}

// accountIn is what the journey knows of the account in a target.
func accountIn(facts *plan.Facts, target string) plan.Account {
	for i := range facts.Accounts {
		if facts.Accounts[i].Target == target {
			return facts.Accounts[i]
		}
	}
	return plan.Account{Target: target}
}
