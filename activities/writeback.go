package activities

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"tenure/internal/directory"
	"tenure/internal/lifecycle"
	"tenure/internal/plan"
	"tenure/internal/store"
)

// WriteBacks tell feeds of accounts.
type WriteBacks interface {
	// Key is what values told to the feed are digested under.
	Key(feed string) ([]byte, error)
	// Tell makes one signed call. Any answer that is no success is an error.
	Tell(ctx context.Context, call WriteBackCall) error
}

// WriteBackCall is one signed call to the system of a feed.
type WriteBackCall struct {
	Feed string
	// ID is the same in every attempt that tells the same.
	ID string
	// Body is JSON.
	Body []byte
}

// codeUnchanged ends a write-back of which HR knows everything: no call was made.
const codeUnchanged = "unchanged"

// IsUnchanged reports whether a task that is done had nothing to do and is no
// event of anybody's timeline.
func IsUnchanged(task plan.Task, outcome TaskOutcome) bool {
	return task.Verb == plan.WriteBack && outcome.Code == codeUnchanged
}

// writeBackBody is what a feed is told. Null is an attribute without a value.
type writeBackBody struct {
	Type string        `json:"type"`
	At   time.Time     `json:"timestamp"`
	Data writeBackData `json:"data"`
}

type writeBackData struct {
	Realm      string             `json:"realm"`
	Key        string             `json:"key"`
	EmployeeID string             `json:"employeeId,omitempty"`
	Attributes map[string]*string `json:"attributes"`
}

// WriteBack tells HR what the account of a person is. Already done is what HR was
// told before: then no call is made and nothing is recorded. A call whose answer
// was lost is made again with the same ID and the same values, unless the account
// changed meanwhile.
func (t *Tasks) WriteBack(ctx context.Context, in TaskInput) (TaskResult, error) {
	told := plan.WrittenBack{}
	result, known := t.knows(ctx, in, &told)
	var err error
	if !known {
		result, err = t.run(ctx, in, nil, func(ctx context.Context, j *job, task plan.Task) (string, error) {
			var err error
			told, err = j.tell(ctx, task)
			j.told = &told
			return "", err
		})
	}
	// The account is not this activity's to describe: another may be changing it.
	result.Account = nil
	return result, err
}

// knows answers where the feed was told all that the account has. What cannot be
// looked at is left to the task itself.
func (t *Tasks) knows(ctx context.Context, in TaskInput, told *plan.WrittenBack) (TaskResult, bool) {
	task := in.Batch.Tasks[0]
	j, err := t.open(ctx, in)
	if err != nil {
		return TaskResult{}, false
	}
	if _, err := t.deps.Store.Effect(ctx, j.effectKey(task)); !errors.Is(err, store.ErrNotFound) {
		return TaskResult{}, false // an earlier attempt may have told something
	}
	back, err := j.writeBack(ctx, task)
	if err != nil || !back.isKnown(in.Told) {
		return TaskResult{}, false
	}
	*told = back.written(in, task)
	return TaskResult{
		Outcomes: []TaskOutcome{{Key: task.Key, Status: Done, Code: codeUnchanged}}, Told: told, Attention: j.attention,
	}, true
}

// tell makes the call.
func (j *job) tell(ctx context.Context, task plan.Task) (plan.WrittenBack, error) {
	back, err := j.writeBack(ctx, task)
	if err != nil {
		return plan.WrittenBack{}, err
	}
	employeeID, _ := j.Record.Attributes.Get(employeeIDAttribute)
	body := writeBackBody{
		Type: "tenure.writeBack", At: task.Due.UTC(),
		Data: writeBackData{Realm: j.Realm, Key: j.Key, EmployeeID: employeeID, Attributes: back.values},
	}
	call := WriteBackCall{Feed: back.feed, Body: mustEncode(body)}
	call.ID = "wb_" + back.digest(j.effectKey(task), string(call.Body))
	if err := j.deps.WriteBacks.Tell(ctx, call); err != nil {
		return plan.WrittenBack{}, fmt.Errorf("tell feed %s: %w", back.feed, err)
	}
	for _, name := range back.names {
		j.changes = append(j.changes, store.AttributeChange{Attribute: name}) // its value is in the target and at HR
	}
	return back.written(j.TaskInput, task), nil
}

// backValues are what a feed is to be told.
type backValues struct {
	feed   string
	key    []byte
	names  []string // in the order of the policy
	values map[string]*string
	// kept are digests of what HR was told and nothing is said of now.
	kept    []plan.BackDigest
	missing bool
}

// writeBack applies the mappings to the account as it is now.
func (j *job) writeBack(ctx context.Context, task plan.Task) (backValues, error) {
	back := backValues{feed: strings.TrimPrefix(task.Workflow, plan.WriteBackWorkflow), values: map[string]*string{}}
	feed, found := j.policy.Feed(back.feed)
	if !found || feed.WriteBack == nil {
		return back, fail(CodePolicy, fmt.Sprintf("policy version %d writes nothing back to feed %q", j.PolicyVersion, back.feed))
	}
	var err error
	if back.key, err = j.deps.WriteBacks.Key(back.feed); err != nil {
		return back, fail(CodePolicy, err.Error())
	}
	account, err := j.accountToTell(ctx)
	if err != nil {
		return back, err
	}
	j.attention = nil
	scope := lifecycle.ExpressionScope{
		Attributes: j.view(task).Get, Now: plan.NewMappingClock(j.Now), Zone: j.zone, Domain: j.rules.Domain,
	}
	for i := range feed.WriteBack.Mapping {
		rule := &feed.WriteBack.Mapping[i]
		made, err := feed.WriteBack.Value(rule, account, scope)
		switch {
		case err != nil:
			j.attention = append(j.attention, plan.Attention{
				Code: plan.AttentionMapping, Key: plan.WriteBackKey(back.feed, task.Stay),
				Text: rule.To + ": " + err.Error() + ": HR is not told of it; correct the policy or the record",
			})
		case made.LeftObject:
			back.names, back.values = nil, map[string]*string{}
			back.keep(j.Told)
			return back, nil
		case made.Left:
		case made.Value != "":
			back.say(rule.To, &made.Value)
		default:
			back.missing = true
			if rule.Clear && !made.Unknown {
				back.say(rule.To, nil)
			}
		}
	}
	back.keep(j.Told)
	return back, nil
}

// accountToTell is the account as the target shows it, under the target's own
// names.
func (j *job) accountToTell(ctx context.Context) (map[string]string, error) {
	if j.account.ID == "" {
		return nil, failForNow(CodeNoAccount, "this person has no account in "+j.rules.Name)
	}
	live, err := j.target.Account(ctx, j.account.ID)
	switch {
	case errors.Is(err, directory.ErrNotFound):
		return nil, failForNow(CodeNoAccount, "the account is not there, or not visible yet")
	case err != nil:
		return nil, fmt.Errorf("read account: %w", err)
	}
	number, _ := j.Record.Attributes.Get(employeeIDAttribute)
	if live.EmployeeID != "" && live.EmployeeID != number && live.EmployeeID != j.account.Number {
		return nil, fail(CodeLinkDiffers, "the linked account carries another employee number: HR is not told of it")
	}
	out := map[string]string{
		lifecycle.AccountID: live.ID, lifecycle.ProposeUserName: live.UserName, employeeIDAttribute: live.EmployeeID,
		lifecycle.AccountEnabled: strconv.FormatBool(live.Enabled),
	}
	maps.Copy(out, live.Attributes)
	return out, nil
}

func (b *backValues) say(name string, value *string) {
	b.names = append(b.names, name)
	b.values[name] = value
}

// keep remembers what HR was told of attributes that nothing is said of now.
func (b *backValues) keep(told *plan.WrittenBack) {
	if told == nil {
		return
	}
	for _, digest := range told.Values {
		if !slices.Contains(b.names, digest.Name) {
			b.kept = append(b.kept, digest)
		}
	}
}

// digest is a keyed digest of texts.
func (b *backValues) digest(texts ...string) string {
	mac := hmac.New(sha256.New, b.key)
	for _, text := range texts {
		_, _ = fmt.Fprintf(mac, "%q\n", text) // writing to a hash never fails
	}
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

func (b *backValues) digests() []plan.BackDigest {
	out := slices.Clone(b.kept)
	for _, name := range b.names {
		state, value := "null", ""
		if b.values[name] != nil {
			state, value = "text", *b.values[name]
		}
		out = append(out, plan.BackDigest{Name: name, Digest: b.digest(name, state, value)})
	}
	slices.SortFunc(out, func(a, b plan.BackDigest) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// isKnown reports whether the feed was told all of it.
func (b *backValues) isKnown(told *plan.WrittenBack) bool {
	if told == nil {
		return len(b.names) == 0
	}
	return slices.Equal(b.digests(), told.Values)
}

// written is what the journey remembers.
func (b *backValues) written(in TaskInput, task plan.Task) plan.WrittenBack {
	return plan.WrittenBack{
		Feed: b.feed, Stay: task.Stay, Generation: task.Generation, At: in.Now, Basis: task.Digest,
		Missing: b.missing, Values: b.digests(),
	}
}
