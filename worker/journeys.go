package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"tenure/activities"
	"tenure/internal/platform"
	"tenure/internal/store"
	"tenure/workflows"
	"tenure/workflows/contract"
)

const (
	// askedAtOnce is how many journeys are asked at the same time.
	askedAtOnce = 8
	// journeyPage is how many are listed at once.
	journeyPage = 500
)

// Heads are the ends of ledger chains that journeys keep in their state.
type Heads struct {
	// Journeys holds those of the journeys that answered and have seen one.
	Journeys map[string]store.LedgerHead
	// Silent did not answer.
	Silent []string
}

// enoughSilence is how many journeys may keep silent before nobody answered.
const enoughSilence = 20

// errNobody says that no worker runs.
var errNobody = errors.New("no journey answers: a worker must run")

// ReadHeads asks one journey, or with "" every running one, for the head it keeps.
// A worker must run.
func ReadHeads(ctx context.Context, o Options, journey string) (Heads, error) {
	codec, err := platform.ParseCodec(o.Config.Codec)
	if err != nil {
		return Heads{}, fmt.Errorf("read heads: %w", err)
	}
	temporal, err := dial(ctx, o, codec, nil)
	if err != nil {
		return Heads{}, fmt.Errorf("read heads: %w", err)
	}
	defer temporal.Close()
	out := Heads{Journeys: map[string]store.LedgerHead{}}
	if journey != "" {
		view, err := ask(ctx, temporal, journey)
		err = out.take(journey, view, err)
		return out, err
	}
	var mu sync.Mutex
	err = eachJourney(ctx, temporal, func(journey string, view workflows.View, err error) error {
		mu.Lock()
		defer mu.Unlock()
		return out.take(journey, view, err)
	})
	if err != nil {
		return Heads{}, fmt.Errorf("read heads: %w", err)
	}
	return out, nil
}

// take keeps what a journey answered. One that has ended keeps no head.
func (h *Heads) take(journey string, view workflows.View, err error) error {
	var gone *serviceerror.NotFound
	switch {
	case errors.As(err, &gone):
	case err != nil:
		h.Silent = append(h.Silent, journey)
	case view.LedgerSeq > 0:
		h.Journeys[journey] = store.LedgerHead{Seq: view.LedgerSeq, Hash: view.LedgerHash}
	}
	if len(h.Journeys) == 0 && len(h.Silent) >= enoughSilence {
		return errNobody
	}
	return nil
}

// dial connects as every process does.
func dial(ctx context.Context, o Options, codec *platform.Codec, metrics client.MetricsHandler) (client.Client, error) {
	options, err := platform.ClientOptions(platform.ClientConfig{
		HostPort: o.HostPort, Logger: o.Log, Codec: codec, Inputs: []any{workflows.State{}}, Metrics: metrics,
	})
	if err != nil {
		return nil, err
	}
	return platform.Dial(ctx, o.Around.dial(options), dialWithin, o.Log)
}

// eachJourney asks every running journey what it knows, a few at a time, and
// hands over each answer or why there is none. It ends with the first error that
// take returns.
func eachJourney(ctx context.Context, temporal client.Client, take func(journey string, view workflows.View, err error) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	journeys := make(chan string)
	var group sync.WaitGroup
	for range askedAtOnce {
		group.Go(func() {
			for journey := range journeys {
				view, err := ask(ctx, temporal, journey)
				if ctx.Err() != nil {
					continue
				}
				if err := take(journey, view, err); err != nil {
					cancel(err)
				}
			}
		})
	}
	err := listJourneys(ctx, temporal, journeys)
	close(journeys)
	group.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

func listJourneys(ctx context.Context, temporal client.Client, into chan<- string) error {
	request := &workflowservice.ListWorkflowExecutionsRequest{Query: activities.RunningJourneys, PageSize: journeyPage}
	for {
		page, err := temporal.ListWorkflow(ctx, request)
		if err != nil {
			return fmt.Errorf("list journeys: %w", err)
		}
		for _, execution := range page.GetExecutions() {
			select {
			case into <- execution.GetExecution().GetWorkflowId():
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		request.NextPageToken = page.GetNextPageToken()
		if len(request.NextPageToken) == 0 {
			return nil
		}
	}
}

// errSilent is why a journey did not answer, where Temporal does not say more.
var errSilent = errors.New("the journey did not answer")

func ask(ctx context.Context, temporal client.Client, journey string) (workflows.View, error) {
	ctx, cancel := context.WithTimeout(ctx, factsWithin)
	defer cancel()
	var view workflows.View
	answer, err := temporal.QueryWorkflow(ctx, journey, "", contract.QueryFacts)
	if err == nil {
		err = answer.Get(&view)
	}
	if err != nil {
		return view, errors.Join(errSilent, err)
	}
	return view, nil
}
