package starter

import (
	"context"
	"fmt"
	"time"

	"tenure/internal/store"
)

// takeOverEvery is how often a starter looks for imports that nobody sends. It
// is long enough for one that is being sent to have moved.
const takeOverEvery = 20 * time.Second

// takeOver goes on with imports whose starter has gone, for as long as this one
// runs: who took the file in may have been replaced by one that started before.
func (s *service) takeOver(ctx context.Context) {
	ticker := time.NewTicker(takeOverEvery)
	defer ticker.Stop()
	stood := map[string]int{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		stands, err := s.takeOverStalled(ctx, stood)
		if err != nil {
			s.log.WarnContext(ctx, "running imports could not be looked at", "error", err)
			continue
		}
		stood = stands
	}
}

// takeOverStalled sends the running imports that stand where they stood at the
// last look, and returns where the others are. Should two starters send one, the
// journeys drop what they hear twice.
func (s *service) takeOverStalled(ctx context.Context, stood map[string]int) (map[string]int, error) {
	imports, err := s.db.Imports(ctx, "")
	if err != nil {
		return nil, err
	}
	stands := map[string]int{}
	for _, in := range imports {
		if in.State != store.ImportRunning || s.sends(in.ID) {
			continue
		}
		sent, err := s.db.SentOfImport(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("take over imports: %w", err)
		}
		if before, seen := stood[in.ID]; !seen || before != sent {
			stands[in.ID] = sent
			continue
		}
		s.log.InfoContext(ctx, "import is taken over", "feed", in.Feed, "import", in.ID, "sent", sent)
		s.sendInBackground(in) //nolint:contextcheck // the work has the process's context
	}
	return stands, nil
}

// sends reports whether this process sends an import.
func (s *service) sends(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found := s.sendings[id]
	return found
}
