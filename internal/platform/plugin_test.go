package platform

import (
	"errors"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// echo is the workflow of the replay tests.
func echo(_ workflow.Context, in input) (input, error) { return in, nil }

// history is a completed run of echo as a worker with the codec wrote it.
func history(t *testing.T, c *Codec) *historypb.History {
	t.Helper()
	payloads := &commonpb.Payloads{Payloads: []*commonpb.Payload{encode(t, c, input{Schema: 1})}}
	queue := &taskqueuepb.TaskQueue{Name: TaskQueue}
	return &historypb.History{Events: []*historypb.HistoryEvent{
		{EventId: 1, EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, Attributes: &historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes{
			WorkflowExecutionStartedEventAttributes: &historypb.WorkflowExecutionStartedEventAttributes{
				WorkflowType: &commonpb.WorkflowType{Name: "echo"}, TaskQueue: queue, Input: payloads,
			},
		}},
		{EventId: 2, EventType: enumspb.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, Attributes: &historypb.HistoryEvent_WorkflowTaskScheduledEventAttributes{
			WorkflowTaskScheduledEventAttributes: &historypb.WorkflowTaskScheduledEventAttributes{TaskQueue: queue},
		}},
		{EventId: 3, EventType: enumspb.EVENT_TYPE_WORKFLOW_TASK_STARTED, Attributes: &historypb.HistoryEvent_WorkflowTaskStartedEventAttributes{
			WorkflowTaskStartedEventAttributes: &historypb.WorkflowTaskStartedEventAttributes{ScheduledEventId: 2},
		}},
		{EventId: 4, EventType: enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, Attributes: &historypb.HistoryEvent_WorkflowTaskCompletedEventAttributes{
			WorkflowTaskCompletedEventAttributes: &historypb.WorkflowTaskCompletedEventAttributes{ScheduledEventId: 2, StartedEventId: 3},
		}},
		{EventId: 5, EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED, Attributes: &historypb.HistoryEvent_WorkflowExecutionCompletedEventAttributes{
			WorkflowExecutionCompletedEventAttributes: &historypb.WorkflowExecutionCompletedEventAttributes{WorkflowTaskCompletedEventId: 4, Result: payloads},
		}},
	}}
}

func replay(t *testing.T, c *Codec, h *historypb.History) error {
	t.Helper()
	opts, err := ReplayerOptions(c, input{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := worker.NewWorkflowReplayerWithOptions(opts)
	if err != nil {
		t.Fatal(err)
	}
	r.RegisterWorkflow(echo)
	return r.ReplayWorkflowHistory(nil, h)
}

func TestReplayerReadsWhatAWorkerWrote(t *testing.T) {
	t.Parallel()
	k1, k2 := keyFile(t, "k1", 1), keyFile(t, "k2", 2)
	one := mustParse(t, k1)
	for _, tt := range []struct {
		name        string
		wrote, read *Codec
		want        error
	}{
		{"none", NoCodec(), NoCodec(), nil},
		{"same key", one, one, nil},
		{"rotated", one, mustParse(t, k2, k1), nil},
		{"moving from none", NoCodec(), mustParse(t, k1, CodecAcceptPlain), nil},
		{"key is gone", one, mustParse(t, k2), ErrUnknownKey},
		{"moved from none too early", NoCodec(), one, ErrNotEncrypted},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := replay(t, tt.read, history(t, tt.wrote))
			if tt.want == nil && err != nil {
				t.Fatalf("replay: %v", err)
			}
			// The replayer flattens the panic into text.
			if tt.want != nil && (err == nil || !strings.Contains(err.Error(), tt.want.Error())) {
				t.Errorf("replay = %v, want the task to fail with %v", err, tt.want)
			}
		})
	}
}

func TestPluginGivesClientAndReplayerTheSame(t *testing.T) {
	t.Parallel()
	plugin, err := NewPlugin(mustParse(t, keyFile(t, "k1", 1)))
	if err != nil {
		t.Fatal(err)
	}
	var copts client.Options
	if err := plugin.ConfigureClient(t.Context(), client.PluginConfigureClientOptions{ClientOptions: &copts}); err != nil {
		t.Fatal(err)
	}
	var ropts worker.WorkflowReplayerOptions
	if err := plugin.ConfigureWorkflowReplayer(t.Context(), worker.PluginConfigureWorkflowReplayerOptions{WorkflowReplayerOptions: &ropts}); err != nil {
		t.Fatal(err)
	}
	if copts.DataConverter == nil || copts.DataConverter != ropts.DataConverter {
		t.Errorf("data converters differ: client %p, replayer %p", copts.DataConverter, ropts.DataConverter)
	}
	if copts.FailureConverter == nil || copts.FailureConverter != ropts.FailureConverter {
		t.Errorf("failure converters differ: client %p, replayer %p", copts.FailureConverter, ropts.FailureConverter)
	}
}

func TestPluginEncryptsFailures(t *testing.T) {
	t.Parallel()
	plugin, err := NewPlugin(mustParse(t, keyFile(t, "k1", 1)))
	if err != nil {
		t.Fatal(err)
	}
	var opts client.Options
	if err := plugin.ConfigureClient(t.Context(), client.PluginConfigureClientOptions{ClientOptions: &opts}); err != nil {
		t.Fatal(err)
	}
	const message = "mail zoe@contoso.example"
	failure := opts.FailureConverter.ErrorToFailure(temporal.NewApplicationErrorWithOptions(message, "Conflict", temporal.ApplicationErrorOptions{
		Details: []any{message}, Cause: errors.New(message),
	}))
	if text := failure.String(); strings.Contains(text, "zoe@") {
		t.Errorf("failure holds a person's data in clear: %s", text)
	}
	if got := string(failure.GetEncodedAttributes().GetMetadata()[converter.MetadataEncoding]); got != encodingEncrypted {
		t.Errorf("encoding of the failure's attributes = %q, want %q", got, encodingEncrypted)
	}
	back := opts.FailureConverter.FailureToError(failure)
	var app *temporal.ApplicationError
	if !errors.As(back, &app) || app.Message() != message || app.Type() != "Conflict" {
		t.Errorf("failure read back = %v, want message %q of type Conflict", back, message)
	}
}

func TestPluginWantsACodec(t *testing.T) {
	t.Parallel()
	for _, c := range []*Codec{nil, {}} {
		if _, err := NewPlugin(c); err == nil {
			t.Errorf("NewPlugin(%v) = nil error: it would run without encryption by mistake", c)
		}
	}
}
