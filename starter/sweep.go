package starter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"

	"tenure/activities"
	"tenure/internal/plan"
	"tenure/internal/store"
)

const (
	// attentionEnded says that somebody ended a journey from outside.
	attentionEnded = "journey-ended"
	endedText      = "somebody ended this journey in Temporal: nothing is done for this person, a leave included; it goes on from where it stood with HR's next statement"
	// sweepEvery is how often a starter looks for such journeys, sweepPage how many
	// people it reads at a time.
	sweepEvery = time.Hour
	sweepPage  = 500
)

// sweep looks for journeys that were ended from outside, at once and then every
// hour: HR may say nothing more of such a person, and nobody else would notice.
func (s *service) sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		if err := s.sweepEnded(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "ended journeys could not be looked for", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// sweepEnded raises attention for everybody in the index whose journey was ended
// from outside, and takes it back where one goes on. It begins no journey.
func (s *service) sweepEnded(ctx context.Context) error {
	running := map[string]bool{}
	err := s.engine.list(ctx, activities.RunningJourneys, func(page []*workflowpb.WorkflowExecutionInfo) error {
		for _, execution := range page {
			running[execution.GetExecution().GetWorkflowId()] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	filter := store.PeopleFilter{Limit: sweepPage}
	for {
		rows, next, err := s.db.People(ctx, filter)
		if err != nil {
			return fmt.Errorf("read people index: %w", err)
		}
		for _, row := range rows {
			if err := s.sweepPerson(ctx, row, running[row.Journey]); err != nil {
				return err
			}
		}
		if filter.Cursor = next; next == "" {
			return nil
		}
	}
}

// sweepPerson tells of one person. A list of workflows lags behind, so that what it
// lacks is looked at.
func (s *service) sweepPerson(ctx context.Context, row store.PersonRow, running bool) error {
	told := slices.Contains(row.Attention, attentionEnded)
	ended := false
	if !running {
		var err error
		if ended, err = s.engine.endedFromOutside(ctx, row.Journey); err != nil {
			return err
		}
	}
	switch {
	case ended == told:
		return nil
	case ended:
		s.log.ErrorContext(ctx, "journey was ended from outside", "realm", row.Realm, "person", row.Key)
		if err := s.hearAgain(ctx, row); err != nil {
			return err
		}
		row.Attention = append(row.Attention, attentionEnded)
	default:
		row.Attention = slices.DeleteFunc(row.Attention, func(code string) bool { return code == attentionEnded })
	}
	// A newer state of the journey wins.
	_, err := s.db.UpsertPerson(ctx, row)
	return err
}

// hearAgain lets the next file of HR tell the journey of somebody of whom it says
// nothing new: that lets the journey go on.
func (s *service) hearAgain(ctx context.Context, row store.PersonRow) error {
	known, err := s.db.FeedPerson(ctx, row.Feed, row.Key)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	known.Hash = ""
	return s.db.UpdateFeedPeople(ctx, row.Feed, []store.FeedPerson{known})
}

// endedFromOutside reports whether a journey neither runs nor ended by itself: one
// that Temporal does not know, too.
func (e *engine) endedFromOutside(ctx context.Context, journey string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, describeWithin)
	defer cancel()
	described, err := e.client.DescribeWorkflowExecution(ctx, journey, "")
	if isNotFound(err) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("describe journey: %w", err)
	}
	switch described.GetWorkflowExecutionInfo().GetStatus() {
	case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED,
		enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW:
		return false, nil
	default:
		return true, nil
	}
}

// endedQuestion is what is asked about a journey that was found ended.
func (f seen) endedQuestion() []plan.Attention {
	if !slices.Contains(f.row.Attention, attentionEnded) {
		return nil
	}
	return []plan.Attention{{Code: attentionEnded, Text: endedText}}
}
