package plan_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
	"tenure/internal/plan"
)

// story draws what HR and humans do to one person over two years, and checks
// every plan on the way.
type story struct {
	*journey
	rt *rapid.T
}

func TestPlansKeepTheirInvariants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := &story{journey: newJourney(t, "2026-11-10 12:00"), rt: rt}
		for range rapid.IntRange(1, 10).Draw(rt, "steps") {
			s.step()
			s.rest()
		}
	})
}

func (s *story) step() {
	switch rapid.IntRange(0, 9).Draw(s.rt, "step") {
	case 0, 1, 2, 3:
		s.merge(record(s.t, s.words()))
	case 4:
		kind := rapid.SampledFrom([]plan.HoldKind{plan.HoldLegal, plan.HoldSecurity, plan.HoldHRError}).Draw(s.rt, "kind")
		s.facts.Overrides.Holds = append(slices.Clone(s.facts.Overrides.Holds), plan.Hold{By: by(s.journey), Kind: kind})
	case 5:
		s.facts.Overrides.Holds = nil
	case 6:
		s.override()
	case 7:
		verb := rapid.SampledFrom([]plan.Verb{plan.Create, plan.Cut, plan.Enable, plan.Verb(lifecycle.AddUserToGroups)}).Draw(s.rt, "verb")
		if rapid.Bool().Draw(s.rt, "fails") {
			s.fail[verb] = rapid.Bool().Draw(s.rt, "for good")
		} else {
			delete(s.fail, verb)
		}
	default:
		s.pass(time.Duration(rapid.IntRange(1, 40*24).Draw(s.rt, "hours")) * time.Hour)
	}
}

func (s *story) words() string {
	d := func(name string, from, to int) string {
		return fmt.Sprintf("%s=%s ", name, day(s.t, "2026-12-01").AddDays(rapid.IntRange(from, to).Draw(s.rt, name)))
	}
	words := d("start", -60, 60)
	if rapid.Bool().Draw(s.rt, "leaves") {
		words += d("last", -30, 200)
	}
	return words + fmt.Sprintf("status=%s kind=employee dept=%s title=Clerk manager=%d zone=%s",
		rapid.SampledFrom([]string{"active", "active", "active", "terminated", "leave", "rescinded", "odd"}).Draw(s.rt, "status"),
		rapid.SampledFrom([]string{"Sales", "Engineering"}).Draw(s.rt, "dept"),
		rapid.IntRange(1, 3).Draw(s.rt, "manager"),
		rapid.SampledFrom([]string{"Europe/Berlin", "Pacific/Kiritimati", "Etc/GMT+12", ""}).Draw(s.rt, "zone"))
}

func (s *story) override() {
	o, who := &s.facts.Overrides, by(s.journey)
	var key string
	if lines := s.lines(); len(lines) > 0 {
		key = lines[rapid.IntRange(0, len(lines)-1).Draw(s.rt, "line")].Key
	}
	named := plan.KeyOverride{By: who, Key: key}
	switch rapid.IntRange(0, 7).Draw(s.rt, "override") {
	case 0:
		o.Blocked = &who
	case 1:
		o.RunNow = append(slices.Clone(o.RunNow), named)
	case 2:
		o.Skips = append(slices.Clone(o.Skips), named)
	case 3:
		o.Approved = append(slices.Clone(o.Approved), named)
	case 4:
		o.Postponed = append(slices.Clone(o.Postponed), plan.Postponed{By: who, Key: key, To: s.now.Add(48 * time.Hour)})
	case 5:
		o.Dates = append(slices.Clone(o.Dates), plan.DateOverride{By: who, Stay: "s1", On: plan.AnchorLastDay, Date: person.DateOf(s.now).AddDays(rapid.IntRange(-5, 60).Draw(s.rt, "last"))})
	case 6:
		what := rapid.SampledFrom([]string{plan.RescindHire, plan.RescindTermination}).Draw(s.rt, "what")
		rescind := plan.Rescind{By: who, Stay: "s1", What: what}
		if stays := s.facts.Memory.Stays; len(stays) > 0 {
			rescind.Stay, rescind.Date = stays[len(stays)-1].ID, stays[len(stays)-1].LastDay
		}
		o.Rescinded = append(slices.Clone(o.Rescinded), rescind)
	default:
		o.Demands = append(slices.Clone(o.Demands), plan.Demand{By: who, Workflow: "Welcome"})
	}
}

// pass lets time go by, stopping where plans ask to.
func (s *story) pass(d time.Duration) {
	end := s.now.Add(d)
	for range 400 {
		next := plan.Build(s.input()).Next
		if next.IsZero() || next.After(end) {
			break
		}
		s.now = next
		s.rest()
	}
	s.now = end
}

// rest performs plans until nothing is due, and checks each.
func (s *story) rest() {
	for range 80 {
		result := s.checked()
		s.take(result)
		if len(result.Due) == 0 && len(result.Settled) == 0 {
			if again := plan.Build(s.input()); again.Memory != nil || len(again.Settled) > 0 || len(again.Due) > 0 {
				s.rt.Fatalf("not idempotent: a plan applied gives %+v (memory %v)", again, cmp.Diff(s.facts.Memory, again.Memory))
			}
			return
		}
		for _, batch := range result.Due {
			s.perform(batch)
		}
	}
	s.rt.Fatalf("plans do not come to rest: %v", s.log[max(0, len(s.log)-20):])
}

func (s *story) checked() plan.Result {
	in := s.input()
	before := encode(s.rt, in.Facts)
	result := plan.Build(in)
	if after := encode(s.rt, in.Facts); before != after {
		s.rt.Fatalf("the plan changed its facts: %s", cmp.Diff(before, after))
	}
	var decoded plan.Facts
	if err := json.Unmarshal([]byte(before), &decoded); err != nil {
		s.rt.Fatal(err)
	}
	in.Facts = decoded
	if diff := cmp.Diff(encode(s.rt, result), encode(s.rt, plan.Build(in))); diff != "" {
		s.rt.Fatalf("the plan depends on more than the encoded facts: %s", diff)
	}
	s.checkDue(in, result)
	s.checkSettled(in)
	return result
}

// checkSettled: a plan that settles what it can is the one that many plans, each
// settled, come to, and it changes no facts.
func (s *story) checkSettled(in plan.Input) {
	before := encode(s.rt, in.Facts)
	got, _ := plan.BuildSettled(in)
	if after := encode(s.rt, in.Facts); before != after {
		s.rt.Fatalf("settling changed the facts: %s", cmp.Diff(before, after))
	}
	for _, done := range got.Settled {
		in.Facts.Settle(done)
	}
	if got.Memory != nil {
		in.Facts.Memory = *got.Memory
	}
	again := plan.Build(in)
	if len(again.Settled) > 0 || again.Memory != nil {
		s.rt.Fatalf("not settled: %+v (memory %v)", again.Settled, cmp.Diff(in.Facts.Memory, again.Memory))
	}
	if diff := cmp.Diff(encode(s.rt, again.Due), encode(s.rt, got.Due)); diff != "" {
		s.rt.Fatalf("another plan than that of the settled facts: %s", diff)
	}
}

func (s *story) checkDue(in plan.Input, result plan.Result) {
	lines, _, _ := plan.Lines(in)
	seen := map[string]bool{}
	for _, line := range lines {
		if line.State != plan.Future && seen[line.Key] {
			s.rt.Fatalf("line twice: %s\n%s", line.Key, explainAll(lines))
		}
		seen[line.Key] = seen[line.Key] || line.State != plan.Future
	}
	if !result.Next.IsZero() && !result.Next.After(s.now) {
		s.rt.Fatalf("next %s is not after now %s", result.Next, s.now)
	}
	for _, batch := range result.Due {
		for _, task := range batch.Tasks {
			s.checkTask(task, batch, result.Phase, s.facts.Overrides.Blocked != nil)
		}
	}
}

func (s *story) checkTask(task plan.Task, batch plan.Batch, phase person.Phase, blocked bool) {
	if slices.ContainsFunc(s.facts.Done, func(d plan.Done) bool { return d.Key == task.Key && d.Outcome == plan.OutcomeDone }) {
		s.rt.Fatalf("%s is done and due again", task.Key)
	}
	grants := task.Verb == plan.Create || task.Verb == plan.Enable || task.Verb == plan.Restore ||
		task.Workflow == "Prepare a new hire" || task.Workflow == "Department or title changed"
	gone := phase == person.PhaseLeft || phase == person.PhaseDeleted || phase == person.PhaseRescinded
	if grants && (gone || blocked) {
		s.rt.Fatalf("%s is due for a person in phase %s, blocked %t", task.Key, phase, blocked)
	}
	cuts := task.Verb == plan.Cut || task.Verb == plan.WithdrawPass
	kinds := s.facts.Overrides.HoldKinds()
	secure := slices.Contains(kinds, plan.HoldSecurity)
	for _, kind := range kinds {
		if kind.Keeps(task.Verb) && (!blocked && !secure || !cuts) {
			s.rt.Fatalf("%s is due under a hold of kind %s", task.Key, kind)
		}
	}
	if secure && task.Enabled {
		s.rt.Fatalf("%s would make an enabled account under a security hold", task.Key)
	}
	if task.Verb == plan.Cut && (!batch.Urgent || len(batch.Tasks) != 1) {
		s.rt.Fatalf("a cut is not alone and urgent: %+v", batch)
	}
	if task.Verb == plan.Delete {
		account := s.account(batch.Target)
		if account.State != plan.AccountDisabled {
			s.rt.Fatalf("delete of an account that is %s", account.State)
		}
	}
	if task.Due.After(s.now) && !s.ranNow(task.Key) {
		s.rt.Fatalf("%s is due at %s, after now %s", task.Key, task.Due, s.now)
	}
}

func (s *story) ranNow(key string) bool {
	return slices.ContainsFunc(s.facts.Overrides.RunNow, func(o plan.KeyOverride) bool { return o.Key == key })
}

func encode(t interface{ Fatal(args ...any) }, value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestOrderOfEventsIsIrrelevant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		base := newJourney(t, "2026-12-10 12:00")
		s := &story{journey: base, rt: rt}
		var events []person.Event
		for i := range rapid.IntRange(2, 5).Draw(rt, "events") {
			events = append(events, person.Event{
				ID: fmt.Sprintf("e%d", i), Feed: "hr", AsOf: base.now.Add(time.Duration(i) * time.Hour), Sequence: int64(i + 1),
				Completeness: person.Full, OwnsStatus: true, Record: record(t, s.words()),
			})
		}
		planned := func(events []person.Event) string {
			facts := base.facts
			for _, e := range events {
				facts.Person, _ = person.Merge(facts.Person, e)
			}
			facts.Person.Seen = nil
			return encode(rt, plan.Build(plan.Input{Policy: base.policy, Facts: facts, Now: base.now.Add(24 * time.Hour)}))
		}
		if diff := cmp.Diff(planned(events), planned(rapid.Permutation(events).Draw(rt, "order"))); diff != "" {
			rt.Fatalf("the plan depends on the order of events: %s", diff)
		}
	})
}
