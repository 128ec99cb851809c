package starter

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tenure/internal/httpapi"
	"tenure/internal/lifecycle"
)

// Feeds implements [httpapi.Journeys].
func (s *service) Feeds(ctx context.Context) ([]httpapi.FeedStatus, error) {
	policy, err := s.active(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]httpapi.FeedStatus, 0, len(policy.Feeds))
	for _, feed := range policy.Feeds {
		status, err := s.feedStatus(ctx, feed)
		if err != nil {
			return nil, err
		}
		out = append(out, status)
	}
	return out, nil
}

func (s *service) feedStatus(ctx context.Context, feed lifecycle.Feed) (httpapi.FeedStatus, error) {
	stored, err := s.db.FeedStatus(ctx, feed.Name)
	if err != nil {
		return httpapi.FeedStatus{}, fromStore(err, "status of feed "+feed.Name)
	}
	out := httpapi.FeedStatus{
		Name: feed.Name, Kind: string(feed.Kind), Realm: feed.Realm, Mode: feed.Mode, OwnsStatus: feed.OwnsStatus(),
		People: stored.People, Absent: stored.Absent, Attention: []string{},
	}
	last := stored.LastSuccess
	if stored.LastWebhook.After(last) {
		last = stored.LastWebhook
	}
	if !last.IsZero() {
		age := int64(s.now().Sub(last) / time.Second)
		out.LastSuccess, out.AgeSeconds = instant(last), &age
	}
	if stored.Reused > 0 {
		out.Attention = append(out.Attention, reusedAttention(stored.Reused))
	}
	if stored.LastImport.ID == "" {
		return out, nil
	}
	imported := s.importOf(stored.LastImport)
	out.LastImport = &imported
	out.Rows, out.Accepted, out.Rejected = imported.Rows, imported.Accepted, imported.Rejected
	out.Held = imported.State == httpapi.ImportHeld
	out.Attention = append(out.Attention, feedAttention(imported)...)
	if stored.Absent == 0 {
		return out, nil
	}
	absent, err := s.absentAttention(ctx, feed)
	out.Attention = append(out.Attention, absent...)
	return out, err
}

// feedAttention says what a human should look at in the last file.
func feedAttention(last httpapi.Import) []string {
	out := []string{}
	if last.State == httpapi.ImportHeld {
		out = append(out, fmt.Sprintf("import %s is held: %s", last.ID, strings.Join(last.HeldReasons, "; ")))
	}
	if last.Rejected > 0 {
		out = append(out, fmt.Sprintf("%d rows of import %s were rejected and changed nothing: correct them in HR", last.Rejected, last.ID))
	}
	return out
}

// reusedAttention says that the sender gives IDs away twice.
func reusedAttention(messages int) string {
	return fmt.Sprintf("%d messages came within a week under a webhook-id that another one had, and were refused: "+
		"the sender must give each message an ID of its own and send them again", messages)
}

// absentAttention names who has been missing from two full files or more. That
// is no leave by itself (S11).
func (s *service) absentAttention(ctx context.Context, feed lifecycle.Feed) ([]string, error) {
	const most = 20
	people, err := s.db.FeedPeople(ctx, feed.Name)
	if err != nil {
		return nil, fromStore(err, "presence of people")
	}
	var keys []string
	for _, one := range people {
		if one.AbsentCount >= absentFiles && s.isStillHere(ctx, feed.Realm, one.Key) {
			keys = append(keys, one.Key)
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	text := fmt.Sprintf("%d people are missing from the last %d files or more: set their last day or terminate, or correct the file: %s",
		len(keys), absentFiles, strings.Join(keys[:min(len(keys), most)], ", "))
	if len(keys) > most {
		text += fmt.Sprintf(" and %d more", len(keys)-most)
	}
	return []string{text}, nil
}

// instant is nil for the zero time.
func instant(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}
