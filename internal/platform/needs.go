package platform

import (
	"context"
	"fmt"
	"slices"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/sdk/converter"
)

// Needs are the IDs of the keys without which an event of a history cannot be read,
// sorted. [CodecAcceptPlain] is among them where something is in the clear. A signal in
// the clear needs nothing of a codec that refuses it: it was refused when it came, and
// will be again.
func (c *Codec) Needs(ctx context.Context, event *historypb.HistoryEvent) ([]string, error) {
	signal := event.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
	var needs []string
	err := proxy.VisitPayloads(ctx, event, proxy.VisitPayloadsOptions{
		SkipSearchAttributes: true,
		Visitor: func(_ *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
			for _, p := range payloads {
				switch {
				case string(p.GetMetadata()[converter.MetadataEncoding]) == encodingEncrypted:
					needs = append(needs, cut(string(p.GetMetadata()[MetadataKeyID])))
				case !signal || c.AcceptsPlain():
					needs = append(needs, CodecAcceptPlain)
				}
			}
			return payloads, nil
		},
	})
	if err != nil {
		return nil, fmt.Errorf("look at event %d: %w", event.GetEventId(), err)
	}
	slices.Sort(needs)
	return slices.Compact(needs), nil
}

// AcceptsPlain reports whether payloads in the clear are read.
func (c *Codec) AcceptsPlain() bool { return c.ring == nil || c.ring.acceptPlain }
