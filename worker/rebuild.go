package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"

	"tenure/activities"
	"tenure/internal/catalog"
	"tenure/internal/lifecycle"
	"tenure/internal/platform"
	"tenure/internal/store"
	"tenure/workflows"
	"tenure/workflows/contract"
)

// RebuildOptions say how a store is rebuilt from the journeys.
type RebuildOptions struct {
	Options
	// Policy is the document that was active; empty where the store has it.
	Policy        lifecycle.Source
	Actor, Reason string
	// Existing lets a store that is not empty be completed: an older backup.
	Existing bool
	// LeaveOut ends the rebuild though some journeys did not answer.
	LeaveOut bool
}

// RebuildReport is what a rebuild did.
type RebuildReport struct {
	Journeys int `json:"journeys"`
	// Gaps counts the chains whose loss is stated in the ledger.
	Gaps int `json:"gaps"`
	// Open counts tasks whose call may have been made, Mails those of them that
	// are mails: each waits for a human.
	Open  int `json:"open"`
	Mails int `json:"mails"`
	// Taken are claims that another journey has, by journey.
	Taken []string `json:"taken"`
	// Silent are journeys that did not answer.
	Silent        []string `json:"silent"`
	PolicyVersion int      `json:"policyVersion"`
	// Paused are the targets that stand until a human resumes them.
	Paused []string `json:"paused"`
	// Complete is set where workers and starters may run again.
	Complete bool `json:"complete"`
}

// ErrNotEmpty says that a store has something in it.
var ErrNotEmpty = errors.New("the store is not empty")

// ErrNeedsPolicy says that the store does not have the policy.
var ErrNeedsPolicy = errors.New("the store does not have the policy that the journeys plan by")

// Rebuild fills a store that was lost, or completes an older one, with what the
// running journeys know. No worker and no starter may run meanwhile. It may be
// repeated, and goes on where it was interrupted.
func Rebuild(ctx context.Context, o RebuildOptions) (RebuildReport, error) {
	codec, err := platform.ParseCodec(o.Config.Codec)
	if err != nil {
		return RebuildReport{}, fmt.Errorf("rebuild store: %w", err)
	}
	url, err := o.References.Resolve(o.Config.Store)
	if err != nil {
		return RebuildReport{}, fmt.Errorf("rebuild store: %w", err)
	}
	db, err := store.Open(ctx, url)
	if err != nil {
		return RebuildReport{}, fmt.Errorf("rebuild store: %w", err)
	}
	defer func() { _ = db.Close() }()
	temporal, err := dial(ctx, o.Options, codec, nil)
	if err != nil {
		return RebuildReport{}, fmt.Errorf("rebuild store: %w", err)
	}
	defer temporal.Close()
	r := &rebuilder{
		o: o, db: db, temporal: temporal, policies: activities.NewPolicies(db, catalog.LoadStored),
		report: RebuildReport{Taken: []string{}, Silent: []string{}, Paused: []string{}},
	}
	if err := r.run(ctx); err != nil {
		return r.report, fmt.Errorf("rebuild store: %w", err)
	}
	return r.report, nil
}

type rebuilder struct {
	o        RebuildOptions
	db       *store.Store
	temporal client.Client
	policies *activities.Policies

	mu     sync.Mutex
	report RebuildReport
}

func (r *rebuilder) run(ctx context.Context) error {
	if err := r.mayBegin(ctx); err != nil {
		return err
	}
	rebuild, err := r.db.BeginRebuild(ctx, r.o.Actor, r.o.Reason)
	if err != nil {
		return err
	}
	stop, err := r.answer()
	if err != nil {
		return err
	}
	defer stop()
	if err := r.restorePolicy(ctx); err != nil {
		return err
	}
	if err := r.pause(ctx); err != nil {
		return err
	}
	if err := r.restoreJourneys(ctx); err != nil {
		return err
	}
	slices.Sort(r.report.Silent)
	slices.Sort(r.report.Taken)
	if len(r.report.Silent) > 0 && !r.o.LeaveOut {
		return nil
	}
	rebuild.Journeys, rebuild.Gaps = r.report.Journeys, r.report.Gaps
	if err := r.db.EndRebuild(ctx, rebuild); err != nil {
		return err
	}
	r.report.Complete = true
	return nil
}

// mayBegin refuses a store with something in it, unless that is wanted or an
// earlier rebuild did not end.
func (r *rebuilder) mayBegin(ctx context.Context) error {
	held, err := r.db.Contents(ctx)
	if err != nil || held.Empty() || r.o.Existing {
		return err
	}
	earlier, err := r.db.NewestRebuild(ctx)
	switch {
	case err == nil && earlier.Ended.IsZero():
		return nil
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return err
	default:
		return fmt.Errorf("%w: it holds %d policy versions, %d people and %d chains of the ledger", ErrNotEmpty, held.Policies, held.People, held.Chains)
	}
}

// errRebuilding is why a journey gets no plan meanwhile.
var errRebuilding = errors.New("the store is being rebuilt")

// answer lets journeys answer: a worker that runs no activity and makes no plan.
func (r *rebuilder) answer() (stop func(), err error) {
	options := platform.WorkerOptions(func(err error) { r.o.Log.Error("the journeys can no longer answer", "error", err) })
	options.LocalActivityWorkerOnly = true
	running := sdkworker.New(r.temporal, contract.TaskQueue, options)
	workflows.Register(running)
	noPlan := func(context.Context, activities.PlanInput) (activities.PlanOutput, error) {
		return activities.PlanOutput{}, errRebuilding
	}
	running.RegisterActivityWithOptions(noPlan, activity.RegisterOptions{Name: "BuildPlan"})
	if err := running.Start(); err != nil {
		return nil, fmt.Errorf("ask journeys: %w", err)
	}
	return running.Stop, nil
}

// restorePolicy makes the numbers of policy versions that journeys know mean
// something again.
func (r *rebuilder) restorePolicy(ctx context.Context) error {
	newest := 1
	err := eachJourney(ctx, r.temporal, func(_ string, view workflows.View, err error) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		newest = max(newest, view.PolicyVersion)
		return nil // whoever keeps silent is told of later
	})
	if err != nil {
		return err
	}
	active, err := r.db.ActivePolicy(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err == nil && active.Number >= newest {
		r.report.PolicyVersion = active.Number
		return nil
	}
	if len(r.o.Policy.Content) == 0 {
		return fmt.Errorf("%w: it has version %d, and they have seen version %d", ErrNeedsPolicy, active.Number, newest)
	}
	if _, err := catalog.Load(r.o.Policy); err != nil {
		return err
	}
	r.report.PolicyVersion = newest
	return r.db.RestorePolicies(ctx, store.PolicyVersion{
		Number: newest, Source: r.o.Policy.Content, Hash: lifecycle.Hash(r.o.Policy), Actor: r.o.Actor, Reason: r.o.Reason,
		AppliedAt: time.Now().UTC(),
	})
}

// pause keeps every target from being written to until a human has looked: what
// gates and pauses had decided, and what budgets had counted, may be lost.
func (r *rebuilder) pause(ctx context.Context) error {
	policy, err := r.policies.Active(ctx)
	if err != nil {
		return err
	}
	for _, target := range policy.Targets {
		_, err := r.db.PauseTarget(ctx, store.Pause{
			Target: target.Name, At: time.Now().UTC(), Actor: r.o.Actor, Reason: "store rebuilt: " + r.o.Reason,
		})
		if err != nil && !errors.Is(err, store.ErrConflict) {
			return err
		}
		r.report.Paused = append(r.report.Paused, target.Name)
	}
	return nil
}

func (r *rebuilder) restoreJourneys(ctx context.Context) error {
	policy, err := r.policies.Active(ctx)
	if err != nil {
		return err
	}
	callers := activities.Callers{Verified: r.o.Config.API.Credentials(), Steer: r.o.Config.API.Signals.Steer}
	planner := activities.NewPlanner(r.policies, r.db, callers, r.o.Log)
	return eachJourney(ctx, r.temporal, func(journey string, view workflows.View, err error) error {
		if err != nil {
			r.o.Log.WarnContext(ctx, "a journey does not answer", "journey", journey, "error", err)
			r.count(func(report *RebuildReport) { report.Silent = append(report.Silent, journey) })
			return nil
		}
		clock, err := r.clock(ctx, journey)
		if err != nil {
			return err
		}
		in := activities.PlanInput{
			Journey: journey, Facts: view.Facts, Now: clock, Attention: view.Raised, Revision: view.Revision,
			LedgerSeq: view.LedgerSeq, LedgerHash: view.LedgerHash,
		}
		known := activities.Remembered(in, policy.Policy, r.o.Reason)
		done, err := r.db.Restore(ctx, known)
		if err != nil {
			return err
		}
		if err := activities.Reindex(ctx, planner, in); err != nil {
			return err
		}
		r.count(func(report *RebuildReport) { report.add(journey, known, done) })
		return nil
	})
}

// clock is the journey's own: a development stack may have moved it.
func (r *rebuilder) clock(ctx context.Context, journey string) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, factsWithin)
	defer cancel()
	described, err := r.temporal.DescribeWorkflowExecution(ctx, journey, "")
	if err != nil {
		return time.Time{}, fmt.Errorf("read clock of %s: %w", journey, err)
	}
	if at := described.GetWorkflowExtendedInfo().GetTimeSkippingInfo().GetCurrentTime(); at != nil {
		return at.AsTime().UTC(), nil
	}
	return time.Now().UTC(), nil
}

func (r *rebuilder) count(change func(*RebuildReport)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.report)
}

func (report *RebuildReport) add(journey string, known store.Restored, done store.Restoration) {
	report.Journeys++
	report.Open += len(known.Open)
	report.Mails += len(known.Unknown)
	if done.Gap {
		report.Gaps++
	}
	if len(done.Taken) > 0 {
		report.Taken = append(report.Taken, journey+": "+strings.Join(done.Taken, ", "))
	}
}
