package platform

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	sdkpb "go.temporal.io/api/sdk/v1"
)

// TestNeedsNamesEveryKeyOfAnEvent looks where payloads can stand: input, what is shown
// of it, and what a failure hides.
func TestNeedsNamesEveryKeyOfAnEvent(t *testing.T) {
	t.Parallel()
	a, b := keyFile(t, "a", 1), keyFile(t, "b", 2)
	older, newer, both := mustParse(t, a), mustParse(t, b), mustParse(t, b, a)
	plain := encode(t, NoCodec(), "clear")
	started := &historypb.HistoryEvent{
		EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
		Attributes: &historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes{
			WorkflowExecutionStartedEventAttributes: &historypb.WorkflowExecutionStartedEventAttributes{
				Input:            &commonpb.Payloads{Payloads: []*commonpb.Payload{encode(t, newer, 1)}},
				SearchAttributes: &commonpb.SearchAttributes{IndexedFields: map[string]*commonpb.Payload{"x": plain}},
			},
		},
		UserMetadata: &sdkpb.UserMetadata{Summary: encode(t, older, "who")},
	}
	failed := &historypb.HistoryEvent{
		EventType: enumspb.EVENT_TYPE_ACTIVITY_TASK_FAILED,
		Attributes: &historypb.HistoryEvent_ActivityTaskFailedEventAttributes{
			ActivityTaskFailedEventAttributes: &historypb.ActivityTaskFailedEventAttributes{
				Failure: &failurepb.Failure{Message: "hidden", EncodedAttributes: encode(t, older, "cause")},
			},
		},
	}
	signal := &historypb.HistoryEvent{
		EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
		Attributes: &historypb.HistoryEvent_WorkflowExecutionSignaledEventAttributes{
			WorkflowExecutionSignaledEventAttributes: &historypb.WorkflowExecutionSignaledEventAttributes{
				Input: &commonpb.Payloads{Payloads: []*commonpb.Payload{plain}},
			},
		},
	}
	result := &historypb.HistoryEvent{
		EventType: enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
		Attributes: &historypb.HistoryEvent_ActivityTaskCompletedEventAttributes{
			ActivityTaskCompletedEventAttributes: &historypb.ActivityTaskCompletedEventAttributes{
				Result: &commonpb.Payloads{Payloads: []*commonpb.Payload{plain}},
			},
		},
	}
	for _, tt := range []struct {
		name  string
		codec *Codec
		event *historypb.HistoryEvent
		want  []string
	}{
		{"input and summary", both, started, []string{"a", "b"}},
		{"failure", newer, failed, []string{"a"}},
		{"result in the clear", both, result, []string{CodecAcceptPlain}},
		{"signal that is refused", both, signal, nil},
		{"signal that is read", mustParse(t, b, CodecAcceptPlain), signal, []string{CodecAcceptPlain}},
	} {
		got, err := tt.codec.Needs(t.Context(), tt.event)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
