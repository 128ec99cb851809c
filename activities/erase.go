package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tenure/internal/plan"
	"tenure/internal/store"
)

// EraseInput is the argument of ErasePerson.
type EraseInput struct {
	Journey string `json:"journey"`
	Realm   string `json:"realm"`
	Key     string `json:"key"`
	// Feeds are those that spoke of the person.
	Feeds []string `json:"feeds,omitempty"`
	By    plan.By  `json:"by"`
}

// Erased tells a journey that an earlier one of the same person was erased.
type Erased struct {
	At  time.Time `json:"at"`
	Seq int64     `json:"seq"`
}

// ErasePerson makes the store forget a person and leave a marker. Already done is
// an order that was carried out.
func (p *Planner) ErasePerson(ctx context.Context, in EraseInput) error {
	_, err := p.store.Erase(ctx, store.Erasure{
		ID: in.By.ID, Journey: in.Journey, Realm: in.Realm, Key: in.Key, Feeds: in.Feeds, Actor: in.By.Actor, Reason: in.By.Reason, At: in.By.At,
	})
	if err != nil {
		p.log.Warn("person could not be erased yet", "journey", in.Journey, "error", err)
		return fmt.Errorf("erase person: %w", err)
	}
	return nil
}

// recall looks for the marker of an erasure, as long as the journey has not
// reached the store.
func (p *Planner) recall(ctx context.Context, in PlanInput, out *PlanOutput) error {
	if in.LedgerSeq > 0 {
		return nil
	}
	marker, err := p.store.Marker(ctx, in.Journey)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for an erasure: %w", err)
	}
	out.Erased = &Erased{At: marker.At, Seq: marker.Seq}
	return nil
}
